//! `standin run`: serves a mock while a command runs, and tells whether the command kept to the documents.

use std::{ffi::OsString, process::ExitStatus, sync::Arc, time::Duration};

use tokio::{
    process::{Child, Command},
    sync::oneshot,
};

use super::{
    Failure,
    mock::{Mocking, Started, start},
    ports::Ports,
    reports::{self, Kind, Wanted},
    signal::Signals,
};
use crate::{
    finding::Code,
    net,
    report::{Ended, Ran},
};

/// How long open requests may take to end when the command has.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the user typed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// OpenAPI documents, JSON or YAML, by path or URL; without any, the built-in APIs
    #[arg(long = "doc", value_name = "DOC", num_args = 1..)]
    documents: Vec<String>,
    #[command(flatten)]
    mocking: Mocking,
    /// Pass over findings of this code, such as `token-expired` where that is what is tested; may be said more than once
    #[arg(long, value_name = "CODE", value_parser = code)]
    except: Vec<Code>,
    /// Write what came of it: `junit=PATH` or `json=PATH`, where `-` is standard output; may be said more than once
    #[arg(long = "report", value_name = "KIND=PATH", value_parser = wanted)]
    reports: Vec<Wanted>,
    /// The command and its arguments; it finds the mock at `STANDIN_URL`
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// What is usual for a server that lives as long as a command: a port that is free, room for a long journal, and no word on
/// each request among what the command says.
pub(super) fn defaults(command: clap::Command) -> clap::Command {
    command.mut_subcommand("run", |command| {
        command
            .mut_arg("port", |arg| arg.default_value("0"))
            .mut_arg("journal_bytes", |arg| arg.default_value("67108864"))
            .mut_arg("verbose_level", |arg| arg.default_value("warn"))
    })
}

fn code(name: &str) -> Result<Code, String> {
    let known = Code::ALL.iter().find(|code| code.name() == name);
    known.copied().ok_or_else(|| "there is no such finding; `docs/findings.md` lists them".to_owned())
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let right = "it is one of `junit` and `json` with a path";
    match text.parse()? {
        Wanted::Annotations | Wanted::Written(Kind::Html, _) => Err(right.to_owned()),
        wanted @ Wanted::Written(..) => Ok(wanted),
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::Serve)?;
    runtime.block_on(ran(arguments))
}

async fn ran(arguments: &Arguments) -> Result<(), Failure> {
    let serving = &arguments.mocking.serving;
    let mut options = serving.net_options();
    options.patience = PATIENCE;
    options.journal_bytes = serving.journal_bytes();
    if options.journal_bytes == 0 {
        return Err(Failure::NoJournal);
    }
    // Whoever is told to stop while it starts has nothing to pass on.
    let signals = Signals::new().map_err(Failure::Serve)?;
    let Started { ports, site, mock, lines } =
        start(&arguments.documents, &arguments.mocking, options).await?;
    let (url, control) = (ports.url(), ports.control_url(&site));
    let journal = Arc::clone(site.journal());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(ports, site, stopped));
    let status = match spawned(&arguments.command, &url, control.as_deref()) {
        Ok(child) => ended(child, signals).await,
        Err(failure) => Err(failure),
    };
    // It is gone already where the server could not serve.
    let _ = stop.send(());
    server.await.map_err(|error| Failure::Serve(error.into()))??;
    lines.end();
    let status = status?;
    let words = arguments.command.iter().map(|word| word.to_string_lossy().into_owned());
    let ended = Ended { command: words.collect(), succeeded: status.success(), how: how(status) };
    let ran = Ran::new(ended, &journal, &arguments.except, mock.plan().apis());
    eprint!("{}", ran.text());
    reports::write(&arguments.reports, &|kind| match kind {
        Kind::Junit => ran.junit(),
        Kind::Json | Kind::Html => ran.json(),
    })?;
    match exit(status) {
        0 if ran.is_satisfied() => Ok(()),
        0 => Err(Failure::Found),
        code => Err(Failure::Command(code)),
    }
}

async fn serve(
    ports: Ports,
    site: net::Site<crate::mock::Mock>,
    stopped: oneshot::Receiver<()>,
) -> Result<(), Failure> {
    ports.serve(site, async { drop(stopped.await) }).await
}

fn spawned(words: &[OsString], url: &str, control: Option<&str>) -> Result<Child, Failure> {
    let (program, arguments) = words.split_first().expect("clap wants at least one word");
    let mut command = Command::new(program);
    command.args(arguments).env("STANDIN_URL", url);
    if let Some(control) = control {
        command.env("STANDIN_CONTROL_URL", control);
    }
    let failed = |source| Failure::Start { command: program.to_string_lossy().into_owned(), source };
    command.kill_on_drop(true).spawn().map_err(failed)
}

/// Waits until the command ends, and passes on to it what this program is told.
async fn ended(mut child: Child, mut signals: Signals) -> Result<ExitStatus, Failure> {
    loop {
        tokio::select! {
            status = child.wait() => return status.map_err(Failure::Serve),
            signal = signals.next() => {
                if let Some(id) = child.id() {
                    signal.pass_on(id);
                }
            }
        }
    }
}

fn how(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("exit code {code}"))
}

/// The exit code of a command; one that was killed by a signal has 128 and its number, as shells have it.
fn exit(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal: Option<i32> = None;
    let code = status.code().or(signal.map(|signal| 128 + signal)).unwrap_or(1);
    // Some systems have codes that are larger; none of them is a success here.
    if code == 0 { 0 } else { u8::try_from(code).unwrap_or(1).max(1) }
}
