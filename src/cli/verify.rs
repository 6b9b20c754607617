//! `standin verify`: tries a provider and tells in what it breaks its document.

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::{
    ArgAction,
    builder::{StringValueParser, TypedValueParser},
};
use serde_json::Value;

use super::{
    Failure, colour, contracts,
    mock::read,
    options::{self, Level},
    pace::{self, Watch},
    progress::{Loudness, Progress},
    regressions::{self, Kept},
    reports::{self, Wanted},
};
use crate::{
    mask::Mask,
    mock::{self, Mock},
    net::{Upstream, upstream},
    plan,
    report::{self, Verified},
    sandbox::Clock,
    verify::{self, Check, Outcome, Paced, Phase, Regression, Replay, Shard, Verifier},
};

/// What the user typed.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that the user has")]
pub(super) struct Arguments {
    /// OpenAPI documents, JSON or YAML, by path or URL
    #[arg(required_unless_present = "contracts")]
    documents: Vec<String>,
    /// URL of the provider; its path stands before the path of each request
    #[arg(long, env = "STANDIN_URL")]
    pub(super) url: String,
    /// Arazzo documents whose workflows are run: a file, or a folder of such files
    #[arg(long, env = "STANDIN_CONTRACTS")]
    pub(super) contracts: Option<PathBuf>,
    /// URL of a source of the contracts that is not at `--url`, as in `control=http://127.0.0.1:4010/_standin`
    #[arg(long = "server", value_parser = pair, env = "STANDIN_SERVER")]
    pub(super) servers: Vec<(String, String)>,
    /// An input of a workflow, as in `log-in.user=ann`; JSON is read as such
    #[arg(long = "input", value_parser = input, env = "STANDIN_INPUT")]
    pub(super) inputs: Vec<((String, String), Value)>,
    /// A header field of every request, such as `Authorization: Bearer …`
    #[arg(short = 'H', long = "header", value_parser = field, env = "STANDIN_HEADER")]
    pub(super) headers: Vec<(String, String)>,
    /// Decides on every made-up value; a number or any text
    #[arg(long, default_value = "0", value_parser = StringValueParser::new().map(|text| plan::seed(&text)), env = "STANDIN_SEED")]
    seed: u64,
    /// How many random requests are made for each operation, after all others
    #[arg(long, default_value_t = verify::Options::default().fuzz, env = "STANDIN_FUZZ")]
    fuzz: usize,
    /// The most requests that are sent to make one that fails smaller; 0 leaves it as it is
    #[arg(long, default_value_t = verify::Options::default().shrink, env = "STANDIN_SHRINK")]
    shrink: usize,
    /// Only one part of the cases, as in `2/5`: five jobs, each with another part, send every case once
    #[arg(long, value_name = "K/N", env = "STANDIN_SHARD")]
    shard: Option<Shard>,
    /// Only the case with this id, which is told with each violation; the seed is in it
    #[arg(long, value_name = "ID", env = "STANDIN_REPLAY")]
    replay: Option<Replay>,
    /// Folder where cases that fail are kept, one file each, to be tried first the next time; the file of one that passes
    /// then is removed. `none` keeps nothing
    #[arg(long, value_name = "FOLDER", default_value = ".standin/regressions", env = "STANDIN_REGRESSIONS")]
    regressions: Kept,
    /// How many requests are sent in a second at most, in the whole run; 0.5 is one in two seconds
    #[arg(long, value_name = "N", value_parser = pace::between, env = "STANDIN_RATE")]
    rate: Option<Duration>,
    /// How many requests are under way at once; without it as many as there are processors
    #[arg(long, env = "STANDIN_WORKERS")]
    workers: Option<usize>,
    /// The most cases that are sent; what they need, and what makes them smaller, is not counted
    #[arg(long, default_value_t = verify::Options::default().most, env = "STANDIN_MAX_CASES")]
    max_cases: usize,
    /// How long requests are sent, those of contracts among them, as in `5m`
    #[arg(long, default_value = "10m", value_parser = options::time, env = "STANDIN_MAX_TIME")]
    max_time: Duration,
    /// How long the provider may take to answer, as in `5s`
    #[arg(long, default_value = "10s", value_parser = options::time, env = "STANDIN_TIMEOUT")]
    timeout: Duration,
    /// Only these checks count; can be given several times
    #[arg(long = "check", value_parser = check, env = "STANDIN_CHECK")]
    checks: Vec<Check>,
    /// These checks do not count; can be given several times
    #[arg(long = "exclude-check", value_parser = check, env = "STANDIN_EXCLUDE_CHECK")]
    excluded: Vec<Check>,
    /// Only these parts of the run: `examples`, `coverage`, `fuzz` or `stateful`; can be given several times
    #[arg(long = "phase", value_parser = phase, value_delimiter = ',', env = "STANDIN_PHASE")]
    phases: Vec<Phase>,
    /// Fail where an operation never answered with a success
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_VERIFY_STRICT")]
    strict: bool,
    /// Certificates, as PEM, of further authorities that the provider may be vouched for by
    #[arg(long, env = "STANDIN_CA")]
    ca: Option<PathBuf>,
    /// Also write a report: `junit=PATH`, `json=PATH` or `html=PATH`, `-` for standard output; or `github`, which marks the lines
    /// of the document and is told in its jobs anyway; can be given several times
    #[arg(long = "report", value_name = "KIND=PATH", env = "STANDIN_REPORT", value_delimiter = ',')]
    reports: Vec<Wanted>,
    /// Tell credentials on the terminal as they are sent, so that a `curl` line can be used as it is; never in a report
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_SHOW_SECRETS")]
    show_secrets: bool,
    /// Tell nothing while it goes on
    #[arg(short, long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_QUIET")]
    quiet: bool,
    /// Follow references to other hosts
    #[arg(long, default_value_t = false, action = ArgAction::Set, env = "STANDIN_ALLOW_REMOTE_REFS")]
    pub(super) allow_remote_refs: bool,
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header field is written as in `name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is written as in `name=value`")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn input(text: &str) -> Result<((String, String), Value), String> {
    let written = || "it is written as in `workflow.name=value`";
    let (name, value) = pair(text).map_err(|_| written())?;
    let (workflow, name) = name.split_once('.').ok_or_else(written)?;
    let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
    Ok(((workflow.to_owned(), name.to_owned()), value))
}

fn check(name: &str) -> Result<Check, String> {
    let names = || Check::ALL.iter().map(|check| check.name()).collect::<Vec<_>>().join(", ");
    Check::named(name).ok_or_else(|| format!("it is one of {}", names()))
}

fn phase(name: &str) -> Result<Phase, String> {
    let names = || Phase::ALL.map(Phase::name).join(", ");
    Phase::named(name).ok_or_else(|| format!("it is one of {}", names()))
}

impl Arguments {
    fn options(&self) -> verify::Options {
        let is_asked_for = |check: &&Check| self.checks.is_empty() || self.checks.contains(check);
        let checks = Check::ALL.iter().filter(is_asked_for).filter(|check| !self.excluded.contains(check));
        let processors = std::thread::available_parallelism().map_or(4, std::num::NonZero::get);
        verify::Options {
            seed: self.replay.map_or(self.seed, |id| id.seed()),
            workers: self.workers.unwrap_or(processors),
            most: self.max_cases,
            headers: self.headers.clone(),
            checks: checks.copied().collect(),
            phases: if self.phases.is_empty() { Phase::ALL.to_vec() } else { self.phases.clone() },
            fuzz: self.fuzz,
            shrink: self.shrink,
            shard: self.shard,
            only: self.replay,
            // One case is tried by itself.
            regressions: if self.replay.is_some() {
                Vec::new()
            } else {
                regressions::load(&self.regressions)
            },
        }
    }

    /// How long is left between two requests.
    pub(super) fn between(&self) -> Duration {
        self.rate.unwrap_or_default()
    }

    /// Whoever answers at a URL.
    pub(super) fn upstream(&self, url: &str) -> Result<Upstream, Failure> {
        let authorities = self.ca.as_ref().map(|path| {
            let failed = |source| Failure::Read { path: path.display().to_string(), source };
            std::fs::read(path).map_err(failed)
        });
        let options =
            upstream::Options { timeout: self.timeout, proxy: None, authorities: authorities.transpose()? };
        Ok(Upstream::new(url, &options)?)
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Serve)?;
    runtime.block_on(verified(arguments))
}

async fn verified(arguments: &Arguments) -> Result<(), Failure> {
    let watch = Watch::new(arguments.max_time);
    // What is wrong with a contract is told before anything is sent.
    let contracts =
        arguments.contracts.as_deref().map(|path| contracts::load(path, arguments)).transpose()?;
    let tried = if arguments.documents.is_empty() { Ok(()) } else { tried(arguments, watch).await };
    let kept = match contracts {
        Some(contracts) if !matches!(&tried, Err(failure) if !matches!(failure, Failure::Found)) => {
            contracts::run(&contracts, arguments, watch).await
        }
        _ => Ok(()),
    };
    tried.and(kept)
}

async fn tried(arguments: &Arguments, watch: Watch) -> Result<(), Failure> {
    let sources: Vec<_> = arguments.documents.iter().map(|document| options::source(document)).collect();
    let upstream = arguments.upstream(&arguments.url)?;
    let read = read(&sources, arguments.allow_remote_refs, Level::Warn)?;
    let apis = read.into_iter().map(|(api, _)| api).collect();
    // What a mock knows of the documents is what a client of the provider has to know.
    let (mock, _) = Mock::unjudged(apis, Arc::new(Clock::system()), mock::Options::default());
    let options = arguments.options();
    let before = options.regressions.clone();
    let target = Paced::new(upstream, arguments.between(), watch);
    let verifier = Verifier::new(mock.plan(), mock.books(), target, options);
    let loudness = if arguments.quiet { Loudness::Quiet } else { Loudness::Told };
    let progress = Progress::new(watch, loudness);
    let outcome = verifier.run(&progress).await;
    progress.end();
    if let Some(id) =
        arguments.replay.filter(|_| outcome.operations.iter().all(|(_, tally)| tally.cases == 0))
    {
        return Err(Failure::Unknown(id));
    }
    tell(&outcome, &mock, arguments, &before)
}

fn tell(outcome: &Outcome, mock: &Mock, arguments: &Arguments, before: &[Regression]) -> Result<(), Failure> {
    let mask = Mask::new(mock.plan(), mock.books(), &arguments.headers);
    let base = arguments.url.trim_end_matches('/');
    let (masked, masked_base) = (mask.outcome(outcome), mask.url(base));
    let verified = Verified::new(&masked, mock.plan(), &masked_base);
    let (shown, shown_base) =
        if arguments.show_secrets { (outcome, base) } else { (&masked, masked_base.as_str()) };
    let text = |colour| report::violations(shown, mock.plan(), shown_base, colour);
    let annotations =
        if reports::are_annotated(&arguments.reports) { verified.github() } else { String::new() };
    if reports::take_output(&arguments.reports) {
        eprint!("{}{annotations}", text(colour(&std::io::stderr())));
    } else {
        print!("{}{annotations}", text(colour(&std::io::stdout())));
    }
    eprint!("{}", report::summary(outcome, mock.plan()));
    if arguments.replay.is_some() {
        if let Some(status) = answered(outcome) {
            eprintln!("answered: {status}");
        }
    } else {
        regressions::keep(&arguments.regressions, before, outcome, &mask);
    }
    // What was found is told already where a report cannot be written.
    reports::write(&arguments.reports, &|kind| kind.text(&verified))?;
    let is_silent = |violation: &verify::Violation| violation.check == Check::Unreachable;
    let has_answered = outcome.operations.iter().any(|(_, tally)| tally.open < tally.cases);
    // A small part of a small run may have no case at all.
    let is_empty_part =
        arguments.shard.is_some() && outcome.operations.iter().all(|(_, tally)| tally.cases == 0);
    if !has_answered && !is_empty_part && outcome.violations.iter().all(is_silent) {
        return Err(Failure::Unreachable(masked_base));
    }
    let is_lacking = arguments.strict && !outcome.is_covered();
    if outcome.violations.is_empty() && !is_lacking { Ok(()) } else { Err(Failure::Found) }
}

/// The status that came, where it is one: a sequence is answered with several.
fn answered(outcome: &Outcome) -> Option<u16> {
    let sent: usize = outcome.operations.iter().map(|(_, tally)| tally.cases).sum();
    let mut operations = outcome.operations.iter().filter(|_| sent == 1);
    operations.find_map(|(_, tally)| tally.statuses.keys().next().copied())
}
