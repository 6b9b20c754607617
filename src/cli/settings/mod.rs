//! `standin.yaml` → options, where neither the command line nor a variable says otherwise.
//!
//! The command of `clap` is the only table of options: what has a long name there is a key here. A key at the top means
//! what the variable of its name means, in every command that reads it; one below the name of a command is for that
//! command alone, and wins. Read [`completed`] first.

mod kind;
mod read;
mod schema;
mod table;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{ArgMatches, Command, parser::ValueSource};

use self::read::Settings;
pub(super) use self::{
    kind::Kind,
    table::{Setting, has_settings, settings},
};
use super::{Failure, colour};
use crate::{
    document::{self, Refused, Source},
    report,
};

/// The file that is read where none is named.
pub(super) const FILE: &str = "standin.yaml";

/// The JSON Schema of `standin.yaml`.
pub fn schema() -> serde_json::Value {
    schema::schema(&super::command())
}

/// The arguments, with what the file says and nobody else does.
///
/// They are added as if they had been typed, so that whatever an option needs or excludes is judged as ever.
pub(super) fn completed(typed: Vec<OsString>, command: &Command) -> Result<Vec<OsString>, Failure> {
    let Some(at) = typed.iter().position(|argument| command.find_subcommand(argument).is_some()) else {
        return Ok(typed);
    };
    let Some(asked) = command.find_subcommand(&typed[at]).filter(|asked| has_settings(asked)) else {
        return Ok(typed);
    };
    // What is wrong with the arguments is told when they are read in earnest.
    let Ok(matches) = command.clone().ignore_errors(true).try_get_matches_from(&typed) else {
        return Ok(typed);
    };
    let Some(matches) = matches.subcommand_matches(asked.get_name()) else { return Ok(typed) };
    let named = matches.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let Some(read) = load(named, command)? else { return Ok(typed) };
    let mut arguments = typed;
    let rest = arguments.split_off(at + 1);
    arguments.extend(added(&read, asked, matches));
    arguments.extend(rest);
    Ok(arguments)
}

/// What the file says and nobody else does, as arguments of the command `asked`.
fn added(read: &Settings, asked: &Command, matches: &ArgMatches) -> Vec<OsString> {
    let is_said = |setting: &Setting<'_>| {
        let source = matches.value_source(setting.arg.get_id().as_str());
        matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
    };
    let all: Vec<Setting<'_>> = settings(asked).collect();
    // An argument without a name is known by its place: a part of them cannot be added.
    let has_named = all.iter().any(|setting| setting.arg.is_positional() && is_said(setting));
    let mut added = Vec::new();
    for setting in all {
        let is_open = if setting.arg.is_positional() { !has_named } else { !is_said(&setting) };
        if let Some(values) = read.get(asked.get_name(), &setting).filter(|_| is_open) {
            added.extend(values.iter().filter_map(|value| setting.argument(value)));
        }
    }
    added
}

/// Reads the file that is named, or the one of the working directory where there is one.
fn load(named: Option<&Path>, command: &Command) -> Result<Option<Settings>, Failure> {
    let path = named.unwrap_or(Path::new(FILE));
    if named.is_none() && !path.exists() {
        return Ok(None);
    }
    let refused = |Refused { findings, texts }: Refused| {
        let text = |uri: &str| texts.get(uri).cloned();
        eprint!("{}", report::findings(&findings, &text, &report::Rules::new(), colour(&std::io::stderr())));
        Failure::Settings(path.display().to_string())
    };
    let file = document::alone(&Source::Path(path.to_owned())).map_err(refused)?;
    let (settings, findings) = Settings::read(&file, command);
    if findings.is_empty() {
        return Ok(Some(settings));
    }
    let texts =
        file.files().iter().map(|(uri, file)| (Arc::clone(uri), (file.name.clone(), Arc::clone(&file.text))));
    Err(refused(Refused { findings, texts: texts.collect() }))
}
