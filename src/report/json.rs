//! Findings → JSON for programs; its form is described by a JSON Schema, which is kept in `docs/`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Rules, Texts};
use crate::finding::{Finding, Location, Place, Severity, Span};

/// What `standin check --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
struct Report {
    /// Everything that was found, by document, file and line.
    findings: Vec<Told>,
    /// How many of them are errors.
    errors: usize,
    /// How many of them are warnings.
    warnings: usize,
    /// How many of them are notes.
    notes: usize,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// The stable name of what is wrong.
    code: &'static str,
    /// How bad it is.
    severity: Level,
    /// What is.
    message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// Where it is.
    #[serde(flatten)]
    at: At,
    /// The place in a document that rules it, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<At>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// Something is broken; what it concerns cannot be used as it is.
    Error,
    /// Worth knowing; everything goes on.
    Warning,
    /// Legal and harmless, and perhaps not what was meant.
    Note,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

/// A place in a file.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct At {
    /// The file, as it was named.
    pub(super) file: String,
    /// The line, from 1; absent where the file could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<usize>,
    /// The length in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    /// The JSON Pointer (RFC 6901) in the file.
    pub(super) pointer: String,
}

/// The findings as JSON, in the form that [`json_schema`] describes; each part with its own texts and rules.
pub fn json<'a>(parts: impl IntoIterator<Item = (&'a [Finding], Texts<'a>, &'a Rules)>) -> String {
    let mut report = Report { findings: Vec::new(), errors: 0, warnings: 0, notes: 0 };
    for (findings, texts, rules) in parts {
        for finding in findings {
            match finding.severity {
                Severity::Error => report.errors += 1,
                Severity::Warning => report.warnings += 1,
                Severity::Note => report.notes += 1,
            }
            report.findings.push(told(finding, texts, rules));
        }
    }
    // Writing to a string does not fail, and the report has texts for keys.
    serde_json::to_string_pretty(&report).unwrap_or_default()
}

/// The JSON Schema of what [`json`] writes.
pub fn json_schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

fn told(finding: &Finding, texts: Texts<'_>, rules: &Rules) -> Told {
    Told {
        code: finding.code.name(),
        severity: finding.severity.into(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        at: match &finding.location {
            Location::Document(place, span) => at(place, *span, texts),
            Location::Request(..) | Location::Response(..) => At::default(),
        },
        rule: finding.rule.as_ref().map(|rule| at(rule, rules.get(rule).copied(), texts)),
    }
}

pub(super) fn at(place: &Place, span: Option<Span>, texts: Texts<'_>) -> At {
    At {
        file: texts(&place.file).map_or_else(|| place.file.to_string(), |(name, _)| name),
        line: span.map(|span| span.line),
        column: span.map(|span| span.column),
        length: span.map(|span| span.length),
        pointer: place.pointer.as_str().to_owned(),
    }
}
