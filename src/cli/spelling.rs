//! Arguments as they are typed → as `clap` reads them: switches that take `true`, `false`, `no-` before them, or nothing.
//!
//! Prism reads its arguments by other rules than `clap`: `--cors`, `--no-cors`, `--cors=false` and `--cors false` all mean
//! something. To declare each switch twice would say the same, and show twice as many options.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

/// With switches that may be there without a value; of options given twice the last one counts.
pub(super) fn switches(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let switch = |arg: Arg| {
        if !is_switch(&arg) {
            return arg;
        }
        arg.num_args(0..=1).default_missing_value("true").require_equals(true)
    };
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |command| command.args_override_self(true).mut_args(switch))
    })
}

fn is_switch(arg: &Arg) -> bool {
    let values = arg.get_possible_values();
    let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
    matches!(arg.get_action(), ArgAction::Set) && names == ["true", "false"]
}

/// The arguments, each switch with its value after an equals sign.
pub(super) fn spelled(typed: Vec<OsString>, command: &Command) -> Vec<OsString> {
    let asked = typed.iter().find_map(|argument| command.find_subcommand(argument));
    let Some(command) = asked else { return typed };
    let names = names(command);
    let mut spelled: Vec<OsString> = Vec::new();
    let mut typed = typed.into_iter().peekable();
    while let Some(argument) = typed.next() {
        let text = argument.to_str().unwrap_or_default();
        if text == "--" {
            spelled.push(argument);
            break;
        }
        let negated = text.strip_prefix("--no-").map(|name| format!("--{name}"));
        let value =
            typed.peek().and_then(|next| next.to_str()).filter(|next| matches!(*next, "true" | "false"));
        match (negated.filter(|name| names.contains(name)), value) {
            (Some(name), _) => spelled.push(format!("{name}=false").into()),
            (None, Some(value)) if names.iter().any(|name| name == text) => {
                spelled.push(format!("{text}={value}").into());
                typed.next();
            }
            _ => spelled.push(argument),
        }
    }
    spelled.extend(typed);
    spelled
}

/// Every spelling of every switch, with its dashes.
fn names(command: &Command) -> Vec<String> {
    let switches = command.get_arguments().filter(|arg| is_switch(arg));
    let spellings = switches.flat_map(|arg| {
        let long = arg.get_long().into_iter().chain(arg.get_all_aliases().unwrap_or_default());
        let long = long.map(|name| format!("--{name}"));
        long.chain(arg.get_short().map(|name| format!("-{name}"))).collect::<Vec<_>>()
    });
    spellings.collect()
}
