//! `standin init`: writes a `standin.yaml` in which every option stands as a comment, with what it means.
//!
//! It is made from the same table as `--help`, so what it shows is what there is.

use std::{fmt::Write, path::PathBuf};

use clap::Command;

use super::{
    Failure, mock,
    options::{self, Level},
    settings::{self, Kind, Setting, settings},
};
use crate::{
    api::Api,
    credential::{self, Foreign},
};

/// What stands above all else.
const HEAD: &str = "\
# Options of standin. One at the top is for every command that has it, one below the name of a command for that command
# alone. The command line wins over `STANDIN_…` variables, and they over this file. What is a comment shows the default;
# `standin COMMAND --help` tells more.
";

/// What the user typed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// OpenAPI document that the commands are to be about, by path or URL
    document: Option<String>,
    /// Write the file even where there is one
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, config: Option<PathBuf>, command: &Command) -> Result<(), Failure> {
    let path = config.unwrap_or_else(|| settings::FILE.into());
    let name = path.display().to_string();
    if path.exists() && !arguments.force {
        return Err(Failure::Held(name));
    }
    let sources: Vec<_> = arguments.document.iter().map(|document| options::source(document)).collect();
    let read = if sources.is_empty() { Vec::new() } else { mock::read(&sources, false, Level::Info)? };
    let about = arguments.document.as_deref().zip(read.first().map(|(api, _)| &**api));
    std::fs::write(&path, text(command, about))
        .map_err(|source| Failure::Write { path: name.clone(), source })?;
    eprintln!("wrote {name}");
    Ok(())
}

/// The whole file, about a document where there is one.
fn text(command: &Command, about: Option<(&str, &Api)>) -> String {
    let mut text = String::from(HEAD);
    match about {
        Some((name, api)) => {
            text.push_str(&told(api));
            let _ = write!(text, "\ndocuments:\n  - {}\n", quoted(name));
        }
        None => text.push_str("\n# OpenAPI documents; without any, `mock` serves the built-in ones\n# documents: [my-api.yaml]\n"),
    }
    let commands: Vec<&Command> =
        command.get_subcommands().filter(|one| settings::has_settings(one)).collect();
    let having = |setting: &Setting<'_>| {
        let has = |command: &&&Command| {
            settings(command).any(|other| other.key == setting.key && other.is_common())
        };
        commands.iter().filter(has).count()
    };
    let is_shared = |setting: &Setting<'_>| setting.is_common() && having(setting) > 1;
    let mut seen = vec!["documents"];
    for setting in commands.iter().flat_map(|command| settings(command)).filter(is_shared) {
        if !seen.contains(&setting.key) {
            seen.push(setting.key);
            text.push_str(&commented(&setting, "", None));
        }
    }
    for command in &commands {
        let _ = write!(text, "\n# Only for `standin {}`.\n{}:\n", command.get_name(), command.get_name());
        for setting in settings(command).filter(|setting| !is_shared(setting)) {
            let value = about.and_then(|(name, api)| value_for(&setting, name, api));
            text.push_str(&commented(&setting, "  ", value));
        }
    }
    text
}

/// What is known of a document, as a comment.
fn told(api: &Api) -> String {
    let mut text = format!("#\n# {}: {} operation(s).\n", api.title, api.operations.len());
    // Of the tokens only the names and times are told, so any secret will do.
    let (book, _) = credential::infer(api, b"", Foreign::default());
    for known in book.credentials() {
        let issuer = known.issued_by.as_deref().map_or("nobody".to_owned(), |issuer| format!("`{issuer}`"));
        let _ = writeln!(text, "# Token `{}`: issued by {issuer}, lives {}.", known.name, known.lifetime);
    }
    text
}

/// What a document says of a setting that has no default.
fn value_for(setting: &Setting<'_>, name: &str, api: &Api) -> Option<String> {
    match setting.key {
        "document" => Some(name.to_owned()),
        "url" | "upstream" => {
            let servers = api.document.root();
            let url = servers.value().pointer("/servers/0/url")?.as_str()?;
            url.starts_with("http").then(|| url.to_owned())
        }
        _ => None,
    }
}

/// A setting as a comment, with its help; `value` stands in for a default that it has not.
fn commented(setting: &Setting<'_>, indent: &str, value: Option<String>) -> String {
    let help = setting.arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text = String::from("\n");
    for line in help.lines() {
        let _ = writeln!(text, "{indent}# {line}");
    }
    if let Kind::Choice(words) = Kind::of(setting.arg) {
        let _ = writeln!(text, "{indent}# One of: {}", words.join(", "));
    }
    let defaults: Vec<String> =
        setting.arg.get_default_values().iter().map(|value| quoted(&value.to_string_lossy())).collect();
    let value = match (value, defaults.as_slice(), Kind::of(setting.arg)) {
        (Some(value), ..) => quoted(&value),
        (None, [one], _) => one.clone(),
        (None, [], Kind::Switch) => "false".to_owned(),
        (None, [], _) if setting.is_list() => "[]".to_owned(),
        (None, [], _) => "…".to_owned(),
        (None, many, _) => format!("[{}]", many.join(", ")),
    };
    let _ = writeln!(text, "{indent}# {}: {value}", setting.key);
    text
}

/// A text as YAML takes it for a text, with quotes where it needs them.
fn quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_./-".contains(character);
    let is_safe = text.chars().all(is_plain) && !text.is_empty() && !text.starts_with('-');
    if is_safe { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
