//! Arguments → options → the parts, put together; and the exit code.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the command line reads the environment, writes the files it is told to, talks to people, and measures its own work"
)]

mod banner;
mod check;
mod contracts;
mod init;
mod late;
mod lines;
mod mock;
mod options;
mod pace;
mod ports;
mod progress;
mod proxy;
mod regressions;
mod reports;
mod run;
mod settings;
mod shell;
mod signal;
mod spelling;
mod verify;
mod watch;

use std::{ffi::OsString, io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

pub use self::settings::schema as settings_schema;
use crate::report::Colour;

/// Stands in for an HTTP API, from its OpenAPI document.
#[derive(Debug, Parser)]
#[command(name = "standin", version, disable_help_flag = true, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print help
    #[arg(long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// File with options, instead of the `standin.yaml` of the working directory
    #[arg(long, global = true, value_name = "PATH", env = "STANDIN_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a mock of the documents, or of the built-in APIs where none is given
    Mock(mock::Arguments),
    /// Serve a mock while a command runs, and tell whether the command kept to the documents
    Run(run::Arguments),
    /// Forward to a real provider, and tell in what it and its clients break the document
    Proxy(proxy::Arguments),
    /// Test a provider: send what its document allows and forbids, and tell in what it breaks the document
    Verify(verify::Arguments),
    /// Judge documents: structure, references, schemas nothing can satisfy, examples that break their schema
    Check(check::Arguments),
    /// Write a `standin.yaml` in which every option is explained
    Init(init::Arguments),
    /// Write what completes a command line, for a shell
    Completions(shell::Completions),
    /// Write a page of the manual
    Man(shell::Manual),
}

/// A command that cannot be done.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// Documents were refused; the findings have been shown.
    #[error("serve anything: {0} document(s) refused")]
    Refused(usize),
    /// Nothing could be answered; most likely it is not the document that was meant.
    #[error("serve anything: {0} has no operations")]
    Idle(String),
    /// Something was found, and has been shown.
    #[error("find nothing")]
    Found,
    #[error("run the contracts: {0} refused")]
    Contracts(usize),
    #[error("find a contract in {0}: none of its files begins with `arazzo`")]
    NoContract(String),
    /// What is wrong with the options has been shown.
    #[error("read the options in {0}")]
    Settings(String),
    #[error("write {0}: it is there already, and `--force` overwrites it")]
    Held(String),
    #[error("find the command `{0}`: `standin --help` lists them")]
    NoCommand(String),
    #[error("judge everything: {0} document(s) cannot be read")]
    Unread(usize),
    #[error(transparent)]
    Net(#[from] crate::net::Error),
    #[error(transparent)]
    Upstream(#[from] crate::net::upstream::Error),
    #[error(transparent)]
    Rule(#[from] crate::proxy::Meaningless),
    /// Nothing has the identity that was given.
    #[error("find the case {0}: it is of another document, or another version of standin told of it")]
    Unknown(crate::verify::Replay),
    #[error("read {path}")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("write {path}")]
    Write {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("reach {0}: nothing could be tried")]
    Unreachable(String),
    /// The command that was run ended with this code.
    #[error("find the command content")]
    Command(u8),
    #[error("start {command}")]
    Start {
        command: String,
        #[source]
        source: std::io::Error,
    },
    #[error("give a verdict: `--journal-bytes 0` keeps nothing to judge")]
    NoJournal,
    #[error("run the server")]
    Serve(#[source] std::io::Error),
}

/// Runs the program with the arguments it was started with, and tells its exit code: 0 done, 1 findings, 2 could not be done, or
/// that of a command which was run.
pub fn run() -> ExitCode {
    match perform(std::env::args_os().collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Found) => ExitCode::from(1),
        Err(Failure::Command(code)) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: failed to {}", told(&failure));
            ExitCode::from(2)
        }
    }
}

/// All that can be typed.
fn command() -> clap::Command {
    spelling::switches(run::defaults(Arguments::command()))
}

fn perform(typed: Vec<OsString>) -> Result<(), Failure> {
    let command = command();
    let typed = settings::completed(spelling::spelled(typed, &command), &command)?;
    let matches = command.clone().get_matches_from(typed);
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match arguments.command {
        Command::Mock(arguments) => mock::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Proxy(arguments) => proxy::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Init(wanted) => init::run(&wanted, arguments.config, &command),
        Command::Completions(wanted) => shell::complete(&wanted, command),
        Command::Man(wanted) => shell::manual(&wanted, command),
    }
}

/// An error and its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// Whether a stream takes colour: standard error for what is told, standard output for results.
fn colour(stream: &impl IsTerminal) -> Colour {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if !plain && stream.is_terminal() { Colour::Allowed } else { Colour::Plain }
}
