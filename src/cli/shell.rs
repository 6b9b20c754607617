//! `standin completions` and `standin man`: what a shell and a reader of manuals want to know of the command line.

use std::io::{Write, stdout};

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use super::Failure;

/// What the user typed for `standin completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell that reads them
    shell: Shell,
}

/// What the user typed for `standin man`.
#[derive(Debug, clap::Args)]
pub(super) struct Manual {
    /// The command that the page is about; without one it is about all
    command: Option<String>,
}

/// Writes what completes a command line, to standard output.
pub(super) fn complete(arguments: &Completions, mut command: Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "standin", &mut text);
    tell(&text)
}

/// Writes a page of the manual, to standard output.
pub(super) fn manual(arguments: &Manual, mut command: Command) -> Result<(), Failure> {
    command.build();
    let about = match &arguments.command {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name);
            let found = found.ok_or_else(|| Failure::NoCommand(name.clone()))?;
            found.clone()
        }
    };
    let mut text = Vec::new();
    Man::new(about).render(&mut text).map_err(unwritten)?;
    tell(&text)
}

fn tell(text: &[u8]) -> Result<(), Failure> {
    stdout().write_all(text).map_err(unwritten)
}

fn unwritten(source: std::io::Error) -> Failure {
    Failure::Write { path: "standard output".to_owned(), source }
}
