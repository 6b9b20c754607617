//! `standin check`: judges documents and tells what is wrong with them.

use std::{path::PathBuf, sync::Arc};

use clap::ValueEnum;

use super::{Failure, colour};
use crate::{
    check::{self, Judged},
    document::Source,
    finding::{Code, Finding, Severity},
    net, report,
};

/// What the user typed.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// OpenAPI documents, JSON or YAML
    #[arg(required = true)]
    documents: Vec<PathBuf>,
    /// How the findings are told, on standard output
    #[arg(long, value_enum, default_value_t = Format::Text, env = "STANDIN_FORMAT")]
    format: Format,
    /// From which severity on findings make the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Warning, env = "STANDIN_FAIL_ON")]
    fail_on: FailOn,
    /// Follow references to other hosts
    #[arg(long, env = "STANDIN_ALLOW_REMOTE_REFS")]
    allow_remote_refs: bool,
}

/// How findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the line of the source
    Text,
    /// For programs, as `docs/check.schema.json` describes
    Json,
}

/// The least severity that makes the exit code 1.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    /// Something is broken
    Error,
    /// Something is worth knowing
    Warning,
    /// Something is perhaps not what was meant
    Note,
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Note,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let judge = |path: &PathBuf| {
        let source = Source::Path(path.clone());
        let judged = match arguments.allow_remote_refs {
            true => check::judge_with(&source, &net::fetch),
            false => check::judge(&source),
        };
        (path.display().to_string(), judged)
    };
    let judged: Vec<(String, Judged)> = arguments.documents.iter().map(judge).collect();
    tell(&judged, arguments.format);
    eprint!("{}", summary(&judged));
    let all = || judged.iter().flat_map(|(_, judged)| &judged.findings);
    let unread = judged.iter().filter(|(_, judged)| is_unread(judged)).count();
    let counted = all().filter(|finding| finding.severity >= arguments.fail_on.severity()).count();
    match (unread, counted) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::Found),
        (unread, _) => Err(Failure::Unread(unread)),
    }
}

/// Whether there was no text to judge.
fn is_unread(judged: &Judged) -> bool {
    judged.texts.is_empty() && judged.findings.iter().any(|finding| finding.code == Code::UnreadableFile)
}

fn tell(judged: &[(String, Judged)], format: Format) {
    let texts = |judged: &Judged| {
        let texts = judged.texts.clone();
        move |uri: &str| -> Option<(String, Arc<str>)> { texts.get(uri).cloned() }
    };
    match format {
        Format::Text => {
            for (_, judged) in judged {
                print!(
                    "{}",
                    report::findings(
                        &judged.findings,
                        &texts(judged),
                        &judged.rules,
                        colour(&std::io::stdout())
                    )
                );
            }
        }
        Format::Json => {
            let texts: Vec<_> = judged.iter().map(|(_, judged)| texts(judged)).collect();
            let parts = judged.iter().zip(&texts).map(|((_, judged), text)| {
                (judged.findings.as_slice(), text as report::Texts<'_>, &judged.rules)
            });
            println!("{}", report::json(parts));
        }
    }
}

/// One line for each document.
fn summary(judged: &[(String, Judged)]) -> String {
    let line = |(name, judged): &(String, Judged)| match judged.findings.as_slice() {
        [] => format!("{name}: nothing found\n"),
        findings => format!("{name}: {}\n", counted(findings)),
    };
    judged.iter().map(line).collect()
}

fn counted(findings: &[Finding]) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")];
    let told = words.into_iter().filter_map(|(severity, word)| match count(severity) {
        0 => None,
        1 => Some(format!("1 {word}")),
        number => Some(format!("{number} {word}s")),
    });
    told.collect::<Vec<_>>().join(", ")
}
