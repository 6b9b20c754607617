//! Commands of `clap` → the settings of each: their keys, their variables, how they are written as arguments.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

/// The commands that take nothing from the file.
const WITHOUT: [&str; 4] = ["init", "completions", "man", "help"];
/// The options that cannot stand in the file.
const NEVER: [&str; 3] = ["help", "version", "config"];

/// An option, or an argument without a name, as the file may hold it.
#[derive(Clone)]
pub(in crate::cli) struct Setting<'c> {
    /// Its key in the file.
    pub(in crate::cli) key: &'c str,
    /// What `clap` knows of it.
    pub(in crate::cli) arg: &'c Arg,
}

/// Whether a command takes anything from the file.
pub(in crate::cli) fn has_settings(command: &Command) -> bool {
    !WITHOUT.contains(&command.get_name())
}

/// What the file may hold for a command, in the order in which `--help` shows it.
pub(in crate::cli) fn settings(command: &Command) -> impl Iterator<Item = Setting<'_>> {
    let arguments = command.get_arguments().filter(|arg| !NEVER.contains(&arg.get_id().as_str()));
    arguments.map(|arg| Setting { key: arg.get_long().unwrap_or(arg.get_id().as_str()), arg })
}

/// The commands that take something from the file.
pub(in crate::cli) fn commands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| has_settings(command))
}

impl Setting<'_> {
    /// Whether it may stand at the top of the file: there a key means what the variable of its name means.
    pub(in crate::cli) fn is_common(&self) -> bool {
        let variable = format!("STANDIN_{}", self.key.to_uppercase().replace('-', "_"));
        self.arg.is_positional() || self.arg.get_env().is_some_and(|env| *env == *variable)
    }

    /// Whether it takes more than one value.
    pub(in crate::cli) fn is_list(&self) -> bool {
        let many = self.arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        matches!(self.arg.get_action(), ArgAction::Append) || many
    }

    /// A value as it would be typed; nothing where a flag is off.
    pub(super) fn argument(&self, value: &str) -> Option<OsString> {
        let argument = match self.arg.get_action() {
            ArgAction::SetTrue => {
                return (value == "true").then(|| format!("--{}", self.key).into());
            }
            _ if self.arg.is_positional() => value.to_owned(),
            _ => format!("--{}={value}", self.key),
        };
        Some(argument.into())
    }
}
