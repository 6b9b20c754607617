//! `standin mock`: serves documents until it is told to stop.

use std::{path::PathBuf, sync::Arc};

use clap::ValueEnum;
use include_dir::{Dir, include_dir};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

use super::{Failure, colour, late};
use crate::{
    api::{self, Api},
    credential::Foreign,
    document::{self, Document, Refused, Source},
    finding::{Finding, Location, Severity},
    mock::{self, Mock},
    net::{self, Findings, Listener, Shown, Site},
    plan::{self, Bodies, Undeclared},
    report::{self, Colour},
    sandbox::Clock,
};

/// The documents of the built-in APIs.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/openapi");

/// What the user typed.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct Arguments {
    /// OpenAPI documents, JSON or YAML; without any, the built-in APIs
    documents: Vec<PathBuf>,
    /// Port to listen on; 0 picks a free one
    #[arg(short, long, default_value_t = 4010, env = "STANDIN_PORT")]
    port: u16,
    /// Host to listen on
    #[arg(short = 'h', long, default_value = "127.0.0.1", env = "STANDIN_HOST")]
    host: String,
    /// Changes every generated value
    #[arg(long, default_value_t = 0, env = "STANDIN_SEED")]
    seed: u64,
    /// Generate every answer, even where there is an example
    #[arg(short, long, env = "STANDIN_DYNAMIC")]
    dynamic: bool,
    /// Serve everything below this path, such as `/api`
    #[arg(long, default_value = "", env = "STANDIN_PREFIX")]
    prefix: String,
    /// Refuse what the documents do not declare: query parameters, properties, bodies, a last slash
    #[arg(long, env = "STANDIN_STRICT")]
    strict: bool,
    /// Follow references to other hosts
    #[arg(long, env = "STANDIN_ALLOW_REMOTE_REFS")]
    allow_remote_refs: bool,
    /// Signs the tokens; replicas with the same secret take each other's
    #[arg(long, default_value = "standin", env = "STANDIN_SECRET", hide_env_values = true)]
    secret: String,
    /// What becomes of tokens that were not issued here
    #[arg(long, value_enum, default_value_t = Tokens::Lenient, env = "STANDIN_TOKENS")]
    tokens: Tokens,
    /// The most bytes that a request's body may have
    #[arg(long, default_value_t = net::Options::default().body_limit, env = "STANDIN_BODY_LIMIT")]
    body_limit: usize,
    /// Whether pages of other origins may use the mock
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1,
          default_missing_value = "true", require_equals = true, env = "STANDIN_CORS")]
    cors: bool,
    /// Where the control interface stands
    #[arg(long, default_value = "/_standin", env = "STANDIN_CONTROL_PREFIX")]
    control_prefix: String,
    /// Serve no control interface
    #[arg(long, env = "STANDIN_NO_CONTROL")]
    no_control: bool,
    /// Write the base URL to this file, one line, once it answers
    #[arg(long, env = "STANDIN_READY_FILE")]
    ready_file: Option<PathBuf>,
}

/// What becomes of tokens that nobody here issued.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tokens {
    /// A JWT is held to its own `exp`; any other is accepted
    Lenient,
    /// They are refused
    Strict,
}

impl Arguments {
    fn mock_options(&self) -> mock::Options {
        mock::Options {
            seed: self.seed,
            secret: self.secret.clone(),
            foreign: match self.tokens {
                Tokens::Lenient => Foreign::Accepted,
                Tokens::Strict => Foreign::Refused,
            },
            bodies: if self.dynamic { Bodies::Generated } else { Bodies::Examples },
            plan: plan::Options {
                prefix: match self.prefix.trim_matches('/') {
                    "" => String::new(),
                    path => format!("/{path}"),
                },
                undeclared: if self.strict { Undeclared::Refused } else { Undeclared::Ignored },
            },
        }
    }

    fn net_options(&self) -> net::Options {
        let prefix = format!("/{}", self.control_prefix.trim_matches('/'));
        net::Options {
            body_limit: self.body_limit,
            cors: self.cors,
            control_prefix: (!self.no_control).then_some(prefix),
            ..net::Options::default()
        }
    }

    fn sources(&self) -> Vec<Source> {
        if !self.documents.is_empty() {
            return self.documents.iter().cloned().map(Source::Path).collect();
        }
        let mut files: Vec<_> = BUILT_IN.files().collect();
        files.sort_by_key(|file| file.path());
        let texts = files
            .into_iter()
            .filter_map(|file| Some((file.path().display().to_string(), file.contents_utf8()?)));
        texts.map(|(name, text)| Source::Text { name, text: text.into() }).collect()
    }
}

/// A document that was read, and what was found in it.
pub(super) type Read = (Arc<Api>, Vec<Finding>);

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Serve)?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    let mut read = read(&arguments.sources(), arguments.allow_remote_refs, colour(&std::io::stderr()))?;
    let open = late::soon(&mut read);
    let apis = read.iter().map(|(api, _)| Arc::clone(api)).collect();
    let (mock, found) = Mock::new(apis, Arc::new(Clock::system()), arguments.mock_options());
    assign(found, &mut read);
    let options = arguments.net_options();
    let listener = Listener::bind(&arguments.host, arguments.port).await?;
    let url = listener.url();
    // The port is bound: whoever connects from here on is answered.
    if let Some(path) = &arguments.ready_file {
        let failed = |source| Failure::Write { path: path.display().to_string(), source };
        std::fs::write(path, format!("{url}\n")).map_err(failed)?;
    }
    eprint!("{}", banner(&mock, &read, &url, options.control_prefix.as_deref(), colour(&std::io::stderr())));
    log();
    let shown = shown(read);
    late::beside(&shown, &open, colour(&std::io::stderr()));
    let site = Site::new(Arc::new(mock), shown, options);
    net::serve(listener, site, stop()).await.map_err(Failure::Serve)
}

/// The documents under names that tell them apart: the second `openapi` is `openapi-2`.
fn shown(read: Vec<Read>) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for (api, findings) in read {
        let alike = (2..).map(|number| format!("{}-{number}", api.name()));
        let mut names = std::iter::once(api.name().to_owned()).chain(alike);
        let is_free = |name: &String| !shown.iter().any(|other| other.name == *name);
        let name = names.find(is_free).expect("there are more numbers than documents");
        shown.push(Shown { name, api, findings: Arc::new(Findings::new(findings)) });
    }
    shown
}

/// Reads all documents, and shows what is wrong with those that are refused.
fn read(sources: &[Source], remote: bool, colour: Colour) -> Result<Vec<Read>, Failure> {
    let load =
        |source| if remote { document::load_with(source, &net::fetch) } else { document::load(source) };
    let mut read = Vec::new();
    let mut refused = 0;
    for source in sources {
        match load(source).and_then(understood) {
            Ok(one) => read.push(one),
            Err(Refused { findings, texts }) => {
                refused += 1;
                let text = |uri: &str| texts.get(uri).cloned();
                eprint!("{}", report::findings(&findings, &text, &report::Rules::new(), colour));
            }
        }
    }
    if refused > 0 { Err(Failure::Refused(refused)) } else { Ok(read) }
}

fn understood(document: Document) -> Result<Read, Refused> {
    let document = Arc::new(document);
    match api::read(Arc::clone(&document)) {
        Ok((api, findings)) => Ok((Arc::new(api), findings)),
        Err(findings) => {
            let files = document.files().iter();
            let texts =
                files.map(|(uri, file)| (Arc::clone(uri), (file.name.clone(), Arc::clone(&file.text))));
            Err(Refused { findings, texts: texts.collect() })
        }
    }
}

/// Puts each finding with the document that it is about.
fn assign(findings: Vec<Finding>, read: &mut [Read]) {
    for finding in findings {
        let Location::Document(place, _) = &finding.location else { continue };
        let about = read.iter_mut().find(|(api, _)| api.document.files().contains_key(&place.file));
        if let Some((api, held)) = about {
            held.push(finding);
            let at = held.len() - 1;
            api.document.locate(&mut held[at..]);
        }
    }
}

/// What is served, what was found, and which tokens live here and why.
fn banner(mock: &Mock, read: &[Read], url: &str, control: Option<&str>, colour: Colour) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for ((api, findings), book) in read.iter().zip(mock.books()) {
        let name =
            |uri: &str| api.document.files().get(uri).map(|file| (file.name.clone(), Arc::clone(&file.text)));
        let shown = report::findings(findings, &name, &report::Rules::new(), colour);
        if !shown.is_empty() {
            line(shown.trim_end().to_owned());
        }
        line(format!("{} ({})", api.title, api.name()));
        for operation in &api.operations {
            line(format!(
                "  {:<7} {url}{}{}  {}",
                operation.method,
                mock.plan().prefix(),
                operation.path,
                first_line(&operation.summary)
            ));
        }
        for credential in book.credentials() {
            let issuer =
                credential.issued_by.as_deref().map_or("nobody".to_owned(), |issuer| format!("`{issuer}`"));
            line(format!("  token `{}`: issued by {issuer}, lives {}", credential.name, credential.lifetime));
            for reason in &credential.reasons {
                line(format!("    because {reason}"));
            }
        }
        line(String::new());
    }
    if let Some(prefix) = control {
        line(format!("Swagger UI   {url}{prefix}/docs"));
        line(format!("control      {url}{prefix}/openapi.json"));
    }
    let faults =
        read.iter().flat_map(|(_, findings)| findings).filter(|finding| finding.severity == Severity::Error);
    match faults.count() {
        0 => {}
        faults => line(format!("{faults} part(s) of the documents cannot be used, see above")),
    }
    line(format!("standin is listening on {url}"));
    text
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Requests are told on standard error, one line each, and each finding under its request.
fn log() {
    let plain = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colour(&std::io::stderr()) == Colour::Allowed)
        .with_target(false)
        .with_level(false);
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), tracing::Level::INFO);
    // A second start in one process keeps the first one's log.
    let _ = tracing_subscriber::registry().with(plain).with(own).try_init();
}

/// Ends with Ctrl-C, or with SIGTERM.
async fn stop() {
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
