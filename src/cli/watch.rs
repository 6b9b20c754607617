//! Files of documents that change → a new mock in the place of the old one, while requests are answered.
//!
//! What is broken replaces nothing: the last good version stays, and the log, the live page and the control interface say
//! why. Folders are watched and not files, for most editors put a new file in the place of the old one. Read
//! [`Watch::renew`] first.

use std::{
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

use notify::{Config, Event, PollWatcher, RecursiveMode, Watcher};

use super::{
    colour, late,
    mock::{self, Read},
    options::Level,
};
use crate::{
    api::Api,
    document::{self, Refused, Source},
    exchange::Handler,
    mock::Mock,
    net::{Findings, Renewal, Shown},
    report,
};

/// How long nothing may change before the files are read: whoever saves writes more than once.
const QUIET: Duration = Duration::from_millis(100);
/// How often that is waited for at most, where something changes all the time.
const MOST: usize = 20;
/// How often the files are looked at where the system tells of no changes.
const POLL: Duration = Duration::from_secs(1);

/// Makes what answers from a new mock; why it cannot, in words.
type Make<H> = Box<dyn Fn(&Arc<Mock>) -> Result<Arc<H>, String> + Send>;

/// Watches the files of what is served.
pub(super) struct Watch<H> {
    pub(super) sources: Vec<Source>,
    /// Whether references to other hosts are followed.
    pub(super) remote: bool,
    pub(super) level: Level,
    pub(super) mock: Arc<Mock>,
    pub(super) renewal: Renewal<H>,
    pub(super) make: Make<H>,
    /// What is served, and what is told of it.
    pub(super) served: Vec<(Arc<Api>, Arc<Findings>)>,
    /// Files of a version that was refused: they too may be mended.
    pub(super) tried: BTreeSet<PathBuf>,
}

/// What is served of each document, and what is told of it.
pub(super) fn served(shown: &[Shown]) -> Vec<(Arc<Api>, Arc<Findings>)> {
    shown.iter().map(|shown| (Arc::clone(&shown.api), Arc::clone(&shown.findings))).collect()
}

impl<H: Handler + 'static> Watch<H> {
    /// Watches on a thread of its own, as long as the program runs.
    pub(super) fn begin(self) {
        if self.paths().is_empty() {
            return;
        }
        // Without a thread to spare the documents are served as they are.
        let _ = thread::Builder::new().name("watch".to_owned()).spawn(move || self.follow());
    }

    fn follow(mut self) {
        let (sender, news) = mpsc::channel();
        let mut eyes = Eyes::new(&sender);
        loop {
            let paths = self.paths();
            let is_link =
                |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".."));
            let is_about = |path: &PathBuf| paths.contains(path) || is_link(path);
            // What changed before its folder was watched is looked for, what changes from then on is told.
            if !eyes.look_at(&paths) {
                let Some(changed) = next(&news) else { return };
                // A file that was not there may be what a broken version lacks.
                if self.tried.is_empty() && !changed.iter().any(is_about) {
                    continue;
                }
            }
            if !self.tried.is_empty() || self.is_changed() {
                self.renew();
            }
        }
    }

    /// Whether a file holds something else than what is served.
    fn is_changed(&self) -> bool {
        let mut files = self.served.iter().flat_map(|(api, _)| api.document.files());
        files.any(|(uri, file)| {
            let path = document::path(uri);
            path.is_some_and(|path| std::fs::read_to_string(path).map_or(true, |text| *text != *file.text))
        })
    }

    /// The files of what is served, and of what was tried last.
    fn paths(&self) -> BTreeSet<PathBuf> {
        let files = self.served.iter().flat_map(|(api, _)| api.document.files().keys());
        files.filter_map(|uri| document::path(uri)).chain(self.tried.iter().cloned()).collect()
    }

    /// Reads everything again, and serves it where all of it can be served.
    fn renew(&mut self) {
        let read: Vec<Result<Read, Refused>> =
            self.sources.iter().map(|source| mock::load(source, self.remote)).collect();
        if read.iter().any(Result::is_err) {
            return self.refuse(read);
        }
        let read: Vec<Read> = read.into_iter().flatten().collect();
        let was_refused = !std::mem::take(&mut self.tried).is_empty();
        if self.served.iter().zip(&read).all(|((held, _), (api, _))| are_alike(held, api)) {
            if was_refused {
                self.served.iter().for_each(|(_, findings)| findings.refuse(None));
                tracing::info!("the documents are again as they are served");
                self.renewal.tell();
            }
            return;
        }
        // What has lost all its operations is a file that is not written yet, and not what somebody wants to have served.
        if read.iter().all(|(api, _)| api.operations.is_empty()) {
            self.tried = self.paths();
            tracing::error!(
                "not served: the documents have no operations any more; the last good version is"
            );
            return;
        }
        self.serve(read);
    }

    fn serve(&mut self, mut read: Vec<Read>) {
        let (mock, found) = self.mock.again(read.iter().map(|(api, _)| Arc::clone(api)).collect());
        mock::assign(found, &mut read);
        let mock = Arc::new(mock);
        let handler = match (self.make)(&mock) {
            Ok(handler) => handler,
            Err(why) => {
                self.tried = self.paths();
                return tracing::error!("not served: {why}; the last good version is");
            }
        };
        let shown = mock::shown(read.clone());
        let level = self.level;
        late::anew(read, &shown, level, move |read| read.iter().for_each(|read| tell(read, level)));
        self.served = served(&shown);
        self.mock = Arc::clone(&mock);
        self.renewal.replace(handler, mock, shown);
    }

    /// Tells what is wrong with the documents that cannot be served, and leaves what is.
    fn refuse(&mut self, read: Vec<Result<Read, Refused>>) {
        self.tried.clear();
        let mut told = String::new();
        for (read, (api, findings)) in read.into_iter().zip(&self.served) {
            let refused = read.err();
            if let Some(Refused { findings, texts }) = &refused {
                let text = |uri: &str| texts.get(uri).cloned();
                let _ = writeln!(told, "{}: not served, the last good version is", api.name());
                let rules = report::Rules::new();
                told.push_str(&report::findings(findings, &text, &rules, colour(&std::io::stderr())));
                let own = api.document.files().keys();
                self.tried.extend(texts.keys().chain(own).filter_map(|uri| document::path(uri)));
            }
            findings.refuse(refused);
        }
        tracing::error!("{}", told.trim_end());
        self.renewal.tell();
    }
}

/// Tells that a document is served anew, and what was found in it.
fn tell((api, findings): &Read, level: Level) {
    let told = findings.iter().filter(|finding| level.tells(finding.severity)).cloned();
    let files = api.document.files();
    let text = |uri: &str| files.get(uri).map(|file| (file.name.clone(), Arc::clone(&file.text)));
    let colour = colour(&std::io::stderr());
    let told = report::findings(&told.collect::<Vec<_>>(), &text, &report::Rules::new(), colour);
    let line = format!("{}: served anew, {} operation(s)\n{told}", api.name(), api.operations.len());
    tracing::info!("{}", line.trim_end());
}

fn are_alike(one: &Api, other: &Api) -> bool {
    let (one, other) = (one.document.files(), other.document.files());
    one.len() == other.len()
        && one.iter().all(|(uri, file)| other.get(uri).is_some_and(|same| same.text == file.text))
}

/// What has changed, once nothing does any more; `None` where nobody watches.
fn next(news: &Receiver<Vec<PathBuf>>) -> Option<Vec<PathBuf>> {
    let mut changed = news.recv().ok()?;
    for _ in 0..MOST {
        match news.recv_timeout(QUIET) {
            Ok(more) => changed.extend(more),
            Err(_) => break,
        }
    }
    Some(changed)
}

/// Whoever tells of changes: the system, or where it does not, a look at the files from time to time.
struct Eyes {
    watcher: Option<Box<dyn Watcher>>,
    is_polling: bool,
    watched: BTreeSet<PathBuf>,
}

impl Eyes {
    fn new(sender: &Sender<Vec<PathBuf>>) -> Self {
        let told = || {
            let sender = sender.clone();
            move |event: notify::Result<Event>| {
                // That a file is read changes nothing, and it is read here.
                if let Ok(event) = event
                    && !event.kind.is_access()
                {
                    // Nobody listens any more when the program ends.
                    let _ = sender.send(event.paths);
                }
            }
        };
        let told_by_system = notify::recommended_watcher(told());
        let is_polling = told_by_system.is_err();
        let watcher: notify::Result<Box<dyn Watcher>> = if let Ok(watcher) = told_by_system {
            Ok(Box::new(watcher))
        } else {
            let often = Config::default().with_poll_interval(POLL).with_compare_contents(true);
            PollWatcher::new(told(), often).map(|watcher| Box::new(watcher) as _)
        };
        if let Err(error) = &watcher {
            tracing::warn!("the documents are not watched: {error}");
        }
        Self { watcher: watcher.ok(), is_polling, watched: BTreeSet::new() }
    }

    /// Watches these files too; whether there were new ones among them.
    fn look_at(&mut self, paths: &BTreeSet<PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let before = self.watched.len();
        let folder = |path: &PathBuf| path.parent().map_or_else(|| path.clone(), Path::to_owned);
        let wanted: BTreeSet<PathBuf> =
            if self.is_polling { paths.clone() } else { paths.iter().map(folder).collect() };
        for path in wanted {
            if self.watched.contains(&path) {
                continue;
            }
            match watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(path);
                }
                Err(error) => tracing::debug!("{} is not watched: {error}", path.display()),
            }
        }
        self.watched.len() > before
    }
}
