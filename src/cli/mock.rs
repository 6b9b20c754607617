//! `standin mock`: serves documents until it is told to stop.

use std::{collections::BTreeSet, sync::Arc};

use clap::{ArgAction, ValueEnum};
use include_dir::{Dir, include_dir};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use super::{
    Failure,
    banner::Banner,
    colour, late,
    lines::Lines,
    options::{self, Level, Serving},
    ports::Ports,
    watch::{self, Watch},
};
use crate::{
    api::{self, Api},
    document::{self, Document, Refused, Source},
    finding::{Finding, Location},
    mock::{self, Mock},
    net::{self, Findings, Shown, Site},
    plan::Bodies,
    report::{self, Colour},
    sandbox::{Clock, Room},
};

/// The documents of the built-in APIs.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/openapi");

/// What the user typed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// OpenAPI documents, JSON or YAML, by path or URL; without any, the built-in APIs
    documents: Vec<String>,
    #[command(flatten)]
    mocking: Mocking,
}

/// What the user typed of how a mock answers.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct Mocking {
    #[command(flatten)]
    pub(super) serving: Serving,
    /// Generate every answer, even where there is an example
    #[arg(short, long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_DYNAMIC")]
    dynamic: bool,
    /// Pass over the examples of the documents
    #[arg(long, alias = "ignoreExamples", default_value_t = false, action = ArgAction::Set,
          env = "STANDIN_IGNORE_EXAMPLES")]
    ignore_examples: bool,
    /// What becomes of examples that break their schema
    #[arg(long, value_enum, default_value_t = Examples::Mend, env = "STANDIN_EXAMPLES")]
    examples: Examples,
    /// Taken as Prism takes it: what is generated has no undeclared properties either way
    #[arg(long, alias = "json-schema-faker-fillProperties", default_value_t = true, action = ArgAction::Set,
          env = "STANDIN_JSON_SCHEMA_FAKER_FILL_PROPERTIES")]
    json_schema_faker_fill_properties: bool,
    /// Serve everything below this path, such as `/api`
    #[arg(long, default_value = "", env = "STANDIN_PREFIX")]
    prefix: String,
    /// Keep what is given: what was posted can be read, listed, changed and deleted, and is gone then
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_STATEFUL")]
    stateful: bool,
    /// The most things that are kept, where the oldest go first
    #[arg(long, default_value_t = Room::default().things, env = "STANDIN_STATE_THINGS")]
    state_things: usize,
    /// The most bytes that they take
    #[arg(long, default_value_t = Room::default().bytes, env = "STANDIN_STATE_BYTES")]
    state_bytes: usize,
}

/// What becomes of examples that break their schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Examples {
    /// They are mended to the nearest value that does not
    Mend,
    /// They are sent as they are written
    Trust,
}

impl Mocking {
    fn mock_options(&self) -> mock::Options {
        let mut options = self.serving.mock_options();
        options.bodies = match self.examples {
            _ if self.dynamic || self.ignore_examples => Bodies::Generated,
            Examples::Mend => Bodies::Examples,
            Examples::Trust => Bodies::Trusted,
        };
        let room = Room { things: self.state_things, bytes: self.state_bytes };
        options.keeps = self.stateful.then_some(room);
        options.plan.prefix = match self.prefix.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        };
        options
    }
}

/// The documents of these names, or the built-in ones where there are none.
fn sources(documents: &[String]) -> Vec<Source> {
    if !documents.is_empty() {
        return documents.iter().map(|document| options::source(document)).collect();
    }
    let mut files: Vec<_> = BUILT_IN.files().collect();
    files.sort_by_key(|file| file.path());
    let texts =
        files.into_iter().filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)));
    texts.map(|(name, text)| Source::Text { name, text: text.into() }).collect()
}

/// A document that was read, and what was found in it.
pub(super) type Read = (Arc<Api>, Vec<Finding>);

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Serve)?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let options = arguments.mocking.serving.net_options();
    let Started { ports, site, lines, .. } = start(&arguments.documents, &arguments.mocking, options).await?;
    let served = ports.serve(site, stop()).await;
    lines.end();
    served
}

/// A mock that has its ports and has told what it serves.
pub(super) struct Started {
    pub(super) ports: Ports,
    pub(super) site: Site<Mock>,
    pub(super) mock: Arc<Mock>,
    /// The log, which is written out when all is over.
    pub(super) lines: Lines,
}

/// Reads the documents, binds the ports, and tells what is served there.
pub(super) async fn start(
    documents: &[String],
    mocking: &Mocking,
    options: net::Options,
) -> Result<Started, Failure> {
    let serving = &mocking.serving;
    // Who connects before the documents are read waits, and is not refused. What is wrong with them is told first.
    let ports = Ports::bind(serving).await;
    let sources = sources(documents);
    let mut read = read(&sources, serving.allow_remote_refs, serving.level())?;
    let apis = read.iter().map(|(api, _)| Arc::clone(api)).collect();
    let (mock, found) = Mock::unjudged(apis, Arc::new(Clock::system()), mocking.mock_options());
    assign(found, &mut read);
    let ports = ports?;
    let (url, mock) = (ports.url(), Arc::new(mock));
    serving.tell_ready(&url)?;
    let shown = shown(read.clone());
    let site = Site::new(Arc::clone(&mock), Arc::clone(&mock), shown.clone(), options);
    let control = ports.control_url(&site);
    let banner = Banner { mock: Arc::clone(&mock), read, url, control, upstream: None };
    let lines = log(serving.level());
    late::beside(banner, &shown, serving.level());
    if serving.is_watched() {
        let (remote, level, renewal) = (serving.allow_remote_refs, serving.level(), site.renewal());
        let (make, tried) = (Box::new(|mock: &Arc<Mock>| Ok(Arc::clone(mock))), BTreeSet::new());
        let (mock, served) = (Arc::clone(&mock), watch::served(&shown));
        Watch { sources, remote, level, mock, renewal, make, served, tried }.begin();
    }
    Ok(Started { ports, site, mock, lines })
}

/// The documents under names that tell them apart: the second `openapi` is `openapi-2`.
pub(super) fn shown(read: Vec<Read>) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for (api, findings) in read {
        let alike = (2..).map(|number| format!("{}-{number}", api.name()));
        let mut names = std::iter::once(api.name().to_owned()).chain(alike);
        let is_free = |name: &String| !shown.iter().any(|other| other.name == *name);
        let name = names.find(is_free).expect("there are more numbers than documents");
        shown.push(Shown { name, api, findings: Arc::new(Findings::open(findings)) });
    }
    shown
}

/// Reads all documents, and shows what is wrong with those that are refused.
pub(super) fn read(sources: &[Source], remote: bool, level: Level) -> Result<Vec<Read>, Failure> {
    let mut read = Vec::new();
    let mut refused = 0;
    for source in sources {
        match load(source, remote) {
            Ok(one) => read.push(one),
            Err(Refused { findings, texts }) => {
                refused += 1;
                let text = |uri: &str| texts.get(uri).cloned();
                if level > Level::Silent {
                    let colour = colour(&std::io::stderr());
                    eprint!("{}", report::findings(&findings, &text, &report::Rules::new(), colour));
                }
            }
        }
    }
    if refused > 0 {
        return Err(Failure::Refused(refused));
    }
    if read.iter().all(|(api, _)| api.operations.is_empty()) {
        let names: Vec<String> = read.iter().map(|(api, _)| format!("`{}`", api.name())).collect();
        return Err(Failure::Idle(names.join(", ")));
    }
    Ok(read)
}

/// Reads one document.
pub(super) fn load(source: &Source, remote: bool) -> Result<Read, Refused> {
    let loaded = match source {
        _ if remote => document::load_with(source, &net::fetch),
        // Its own host is no other one.
        Source::Url(url) => document::load_with(source, &|other| same_host(url, other)),
        _ => document::load(source),
    };
    loaded.and_then(understood)
}

/// Fetches a file from the host that a document is from.
fn same_host(url: &str, other: &str) -> Result<String, String> {
    let origin = |url: &str| url.split('/').take(3).map(str::to_ascii_lowercase).collect::<Vec<_>>();
    if origin(url) != origin(other) {
        return Err("it is on another host; `--allow-remote-refs` follows it".to_owned());
    }
    net::fetch(other)
}

fn understood(document: Document) -> Result<Read, Refused> {
    let document = Arc::new(document);
    match api::read_unjudged(Arc::clone(&document)) {
        Ok((api, findings)) => Ok((Arc::new(api), findings)),
        Err(findings) => {
            let files = document.files().iter();
            let texts =
                files.map(|(uri, file)| (Arc::clone(uri), (file.name.clone(), Arc::clone(&file.text))));
            Err(Refused { findings, texts: texts.collect() })
        }
    }
}

/// Puts each finding with the document that it is about; where in the text it stands is found beside the server.
pub(super) fn assign(findings: Vec<Finding>, read: &mut [Read]) {
    for finding in findings {
        let Location::Document(place, _) = &finding.location else { continue };
        let about = read.iter_mut().find(|(api, _)| api.document.files().contains_key(&place.file));
        if let Some((_, held)) = about {
            held.push(finding);
        }
    }
}

/// Requests are told on standard error, one line each, and each finding under its request.
pub(super) fn log(level: Level) -> Lines {
    let lines = Lines::start();
    let writer = lines.clone();
    let plain = tracing_subscriber::fmt::layer()
        .with_writer(move || writer.clone())
        .with_ansi(colour(&std::io::stderr()) == Colour::Allowed)
        .with_target(false)
        .with_level(false);
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level.filter());
    // A second start in one process keeps the first one's log.
    let _ = tracing_subscriber::registry().with(plain).with(own).try_init();
    lines
}

/// Ends with Ctrl-C, or with SIGTERM.
pub(super) async fn stop() {
    let interrupted = async {
        // Without a handler there is only the default one, which ends the program at once.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else { return interrupted.await };
        tokio::select! {
            () = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}
