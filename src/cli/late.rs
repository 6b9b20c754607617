//! Documents that are served → the examples in them that break their schema and the schemas that nothing satisfies, told when
//! they are found.
//!
//! All of it is done beside the server: no request waits for it. A small document is looked through before the banner; any
//! other after it, at leisure. It must not know how a request is answered. Read [`beside`].

use std::{
    cell::Cell,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{banner::Banner, colour, mock::Read, options::Level};
use crate::{
    api::Api,
    check,
    document::Document,
    finding::Finding,
    net::{Findings, Shown},
    plan,
    report::{self, Colour},
};

/// How many bytes of text a document has, at most, that is looked through before it is served.
const SMALL: usize = 256 * 1024;
/// How long the start waits for that: only a document that was made to be hard takes longer.
const START: Duration = Duration::from_secs(2);
/// How long a document is looked through beside the server; the largest in use take a few seconds.
const LATER: Duration = Duration::from_secs(120);

/// Looks through the documents on a thread of its own, and writes the banner when it comes to that; `shown` are the
/// findings of the same documents as they are shown to whoever asks.
pub(super) fn beside(mut banner: Banner, shown: &[Shown], level: Level) {
    let read = std::mem::take(&mut banner.read);
    anew(read, shown, level, move |read| {
        banner.read = read.to_vec();
        banner.write(level);
    });
}

/// The same for documents that are served anew; `tell` tells what is found in small ones.
pub(super) fn anew(
    mut read: Vec<Read>,
    shown: &[Shown],
    level: Level,
    tell: impl FnOnce(&[Read]) + Send + 'static,
) {
    let shown: Vec<Arc<Findings>> = shown.iter().map(|one| Arc::clone(&one.findings)).collect();
    let work = move || {
        let open = soon(&mut read);
        for (api, found) in &mut read {
            api.document.locate(found);
        }
        for ((_, found), shown) in read.iter().zip(&shown) {
            shown.settle(found.clone());
        }
        tell(&read);
        let colour = colour(&std::io::stderr());
        for (api, findings) in open.into_iter().map(|at| (&read[at].0, &shown[at])) {
            let search = Search { found: examples(api, LATER), is_whole: true };
            search.tell(&api.document, level, colour);
            findings.add(search.found);
            let search = Search::of(&api.document, LATER, LATER);
            search.tell(&api.document, level, colour);
            findings.add(search.found);
        }
    };
    // Without a thread to spare the documents are served all the same, and `standin check` tells what is wrong.
    let _ = thread::Builder::new().name("late".to_owned()).spawn(work);
}

/// Adds to each small document what is found in it; the indices of the documents that are still to be looked through.
fn soon(read: &mut [Read]) -> Vec<usize> {
    let mut open = Vec::new();
    for (index, (api, findings)) in read.iter_mut().enumerate() {
        if size(&api.document) > SMALL {
            open.push(index);
            continue;
        }
        findings.extend(examples(api, Duration::ZERO));
        let search = Search::of(&api.document, START, Duration::ZERO);
        if search.is_whole {
            findings.extend(search.found);
        } else {
            open.push(index);
        }
    }
    open
}

/// What is wrong with the examples of a document; after each operation the thread rests, as in [`Search::of`].
fn examples(api: &Arc<Api>, rest: Duration) -> Vec<Finding> {
    let last = Cell::new(Instant::now());
    let pause = || {
        thread::sleep(last.get().elapsed().min(rest));
        last.set(Instant::now());
    };
    let mut found = api.judge_examples(&pause);
    let mut of_texts = plan::judge_examples(std::slice::from_ref(api));
    api.document.locate(&mut of_texts);
    found.extend(of_texts);
    found
}

fn size(document: &Document) -> usize {
    document.files().values().map(|file| file.text.len()).sum()
}

/// What was found in a document, and whether there was time for all of it.
struct Search {
    found: Vec<Finding>,
    is_whole: bool,
}

impl Search {
    /// Looks for as long as `limit`. After each proof the thread rests as long as the proof took, but for no longer than
    /// `rest`: on a machine with one processor that time is for the requests.
    fn of(document: &Document, limit: Duration, rest: Duration) -> Self {
        let (start, last) = (Instant::now(), Cell::new(Instant::now()));
        let is_whole = Cell::new(true);
        let goes_on = || {
            thread::sleep(last.get().elapsed().min(rest));
            last.set(Instant::now());
            is_whole.set(is_whole.get() && start.elapsed() < limit);
            is_whole.get()
        };
        let found = check::unsatisfiable(document, &goes_on);
        Self { found, is_whole: is_whole.get() }
    }

    /// Tells it, where the level lets it through.
    fn tell(&self, document: &Document, level: Level, colour: Colour) {
        if level >= Level::Warn {
            eprint!("{}", self.text(document, colour));
        }
    }

    fn text(&self, document: &Document, colour: Colour) -> String {
        let files = document.files();
        let text = |uri: &str| files.get(uri).map(|file| (file.name.clone(), Arc::clone(&file.text)));
        let mut told = report::findings(&self.found, &text, &report::Rules::new(), colour);
        if !self.is_whole {
            told.push_str(&document.uri());
            told.push_str(
                ": not every schema was looked through, which would take long; `standin check` does it\n",
            );
        }
        told
    }
}
