//! The options that `mock` and `proxy` have in common, and what they mean to the parts.
//!
//! Those of Prism have its names and meanings; its camel case is understood and not shown.

use std::{io::IsTerminal, path::PathBuf, time::Duration};

use clap::{
    ArgAction, ValueEnum,
    builder::{NonEmptyStringValueParser, StringValueParser, TypedValueParser},
};
use tracing_subscriber::filter::LevelFilter;

use super::Failure;
use crate::{
    credential::Foreign,
    document::Source,
    finding::Severity,
    mock,
    net::{self, Callbacks},
    plan::{self, Faults, Undeclared},
    sandbox::{self, Fault},
    schema::Temper,
};

/// What the user typed of what is common to all that serve.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct Serving {
    /// Port to listen on; 0 picks a free one
    #[arg(short, long, default_value_t = 4010, env = "STANDIN_PORT")]
    pub(super) port: u16,
    /// Host to listen on
    #[arg(short = 'h', long, default_value = "127.0.0.1", env = "STANDIN_HOST")]
    pub(super) host: String,
    /// Whether pages of other origins may read the answers
    #[arg(long, default_value_t = true, action = ArgAction::Set, env = "STANDIN_CORS")]
    cors: bool,
    /// Answer with an error where something breaks the document, and not only tell so
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_ERRORS")]
    errors: bool,
    /// Taken as Prism takes it: one process uses all cores anyway
    #[arg(short, long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_MULTIPROCESS")]
    multiprocess: bool,
    /// From which level on something is told
    #[arg(short, long, alias = "verboseLevel", value_enum, default_value_t = Level::Info,
          env = "STANDIN_VERBOSE_LEVEL")]
    verbose_level: Level,
    /// Changes every generated value; a number or any text
    #[arg(long, default_value = "0", value_parser = StringValueParser::new().map(|text| plan::seed(&text)), env = "STANDIN_SEED")]
    seed: u64,
    /// Refuse what the documents do not declare: query parameters, properties, bodies, a last slash
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_STRICT")]
    strict: bool,
    /// Follow references to other hosts
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_ALLOW_REMOTE_REFS")]
    pub(super) allow_remote_refs: bool,
    /// Signs the tokens; replicas with the same secret take each other's
    #[arg(long, default_value = "standin", env = "STANDIN_SECRET", hide_env_values = true)]
    secret: String,
    /// What becomes of tokens that were not issued here
    #[arg(long, value_enum, default_value_t = Tokens::Lenient, env = "STANDIN_TOKENS")]
    tokens: Tokens,
    /// The most bytes of a body that are looked at: a longer one is refused by the mock, and passed on by the proxy
    #[arg(long, default_value_t = net::Options::default().body_limit, env = "STANDIN_BODY_LIMIT")]
    pub(super) body_limit: usize,
    /// Where the control interface stands
    #[arg(long, default_value = "/_standin", env = "STANDIN_CONTROL_PREFIX")]
    control_prefix: String,
    /// Serve no control interface
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_NO_CONTROL")]
    no_control: bool,
    /// Serve the control interface at an address of its own, such as `localhost:4011`, and not beside the mock
    #[arg(long, value_name = "HOST:PORT", value_parser = address, env = "STANDIN_CONTROL_ADDR")]
    control_addr: Option<(String, u16)>,
    /// Let only those use the control interface who send this token, as `Authorization: Bearer TOKEN`
    #[arg(long, value_name = "TOKEN", value_parser = NonEmptyStringValueParser::new(), env = "STANDIN_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// Let pages of other origins use the control interface
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_CORS_CONTROL")]
    cors_control: bool,
    /// The most bytes that the journal of requests takes, where the oldest go first; 0 keeps none
    #[arg(long, default_value_t = net::Options::default().journal_bytes, env = "STANDIN_JOURNAL_BYTES")]
    journal_bytes: usize,
    /// How many sandboxes there may be beside the default one; the one that was not used for longest goes first
    #[arg(long, default_value_t = mock::Options::default().max_sandboxes, env = "STANDIN_MAX_SANDBOXES")]
    max_sandboxes: usize,
    /// Serve the documents as their files are now, each time these change; if nothing is said, on a terminal only
    #[arg(long, action = ArgAction::Set, env = "STANDIN_WATCH")]
    watch: Option<bool>,
    /// What goes wrong on purpose, such as `delay=300ms`, `listPets: error=503 at 5%`, `drop at 1%`; see docs/faults.md
    #[arg(long, value_delimiter = ';', env = "STANDIN_FAULT")]
    fault: Vec<Fault>,
    /// Answer as few expect: optional properties absent, nulls, long texts, empty and long lists, declared errors
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_SURPRISE")]
    surprise: bool,
    /// Send no callbacks
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_NO_CALLBACKS")]
    no_callbacks: bool,
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

/// From which level on something is told; the later ones tell more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Level {
    /// Nothing at all
    Silent,
    /// Only why it cannot start
    Fatal,
    /// Faults
    Error,
    /// Faults and warnings
    Warn,
    /// Every request as well
    Info,
    /// As `info`
    Debug,
    /// As `info`
    Trace,
}

impl Level {
    pub(super) fn filter(self) -> LevelFilter {
        match self {
            Self::Silent | Self::Fatal => LevelFilter::OFF,
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }

    /// Whether a finding of this severity is told.
    pub(super) fn tells(self, severity: Severity) -> bool {
        let needed = match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warn,
            Severity::Note => Self::Info,
        };
        self >= needed
    }
}

impl Serving {
    pub(super) fn level(&self) -> Level {
        self.verbose_level
    }

    pub(super) fn is_watched(&self) -> bool {
        self.watch.unwrap_or_else(|| std::io::stdout().is_terminal())
    }

    pub(super) fn faults(&self) -> Faults {
        if self.errors { Faults::Answered } else { Faults::Told }
    }

    pub(super) fn mock_options(&self) -> mock::Options {
        mock::Options {
            seed: self.seed,
            secret: self.secret.clone(),
            foreign: match self.tokens {
                Tokens::Lenient => Foreign::Accepted,
                Tokens::Strict => Foreign::Refused,
            },
            faults: self.faults(),
            keeps: None,
            troubles: self.fault.clone(),
            temper: if self.surprise { Temper::Surprising } else { Temper::Usual },
            max_sandboxes: self.max_sandboxes,
            plan: plan::Options {
                undeclared: if self.strict { Undeclared::Refused } else { Undeclared::Ignored },
                ..plan::Options::default()
            },
            ..mock::Options::default()
        }
    }

    pub(super) fn net_options(&self) -> net::Options {
        let prefix = format!("/{}", self.control_prefix.trim_matches('/'));
        net::Options {
            body_limit: self.body_limit,
            cors: self.cors,
            control_prefix: (!self.no_control).then_some(prefix),
            control_token: self.control_token.clone(),
            cors_control: self.cors_control,
            // Without the control interface nobody could read it.
            journal_bytes: if self.no_control { 0 } else { self.journal_bytes },
            callbacks: if self.no_callbacks { Callbacks::Withheld } else { Callbacks::Sent },
            ..net::Options::default()
        }
    }

    /// The most bytes that a journal takes that is read here, with or without a control interface.
    pub(super) fn journal_bytes(&self) -> usize {
        self.journal_bytes
    }

    /// The host and the port of the control interface, where it has its own.
    pub(super) fn control_address(&self) -> Option<(&str, u16)> {
        let (host, port) = self.control_addr.as_ref().filter(|_| !self.no_control)?;
        Some((host, *port))
    }

    /// Tells the base URL where that was asked for: the port is bound, and whoever connects from here on is answered.
    pub(super) fn tell_ready(&self, url: &str) -> Result<(), Failure> {
        let Some(path) = &self.ready_file else { return Ok(()) };
        let failed = |source| Failure::Write { path: path.display().to_string(), source };
        std::fs::write(path, format!("{url}\n")).map_err(failed)
    }
}

/// A document as it is named: by URL or by path.
pub(super) fn source(name: &str) -> Source {
    let is_url = ["http://", "https://"].iter().any(|scheme| name.starts_with(scheme));
    if is_url { Source::Url(name.to_owned()) } else { Source::Path(name.into()) }
}

/// A host and a port; a host with colons stands in brackets (RFC 3986, section 3.2.2).
fn address(text: &str) -> Result<(String, u16), String> {
    let right = "write a host and a port, as in `127.0.0.1:4011` or `[::1]:4011`";
    let (host, port) = text.rsplit_once(':').ok_or(right)?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = bare.unwrap_or(host);
    if host.is_empty() || (bare.is_none() && host.contains(':')) {
        return Err(right.to_owned());
    }
    Ok((host.to_owned(), port.parse().map_err(|_| right)?))
}

/// A length of time: `30s`, `1m30s`, or a number of seconds.
pub(super) fn time(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().map(Duration::try_from_secs_f64);
    match seconds {
        Some(time) => time.map_err(|error| error.to_string()),
        None => Duration::try_from(sandbox::duration(text)?).map_err(|error| error.to_string()),
    }
}
