//! Findings → text for people, with the line of the source underlined.
//!
//! Nothing else in the program draws source lines. It reads findings and never makes one.

mod contracts;
mod curl;
mod json;
mod mask;
mod ran;
mod verified;
mod violations;

use std::{collections::HashMap, fmt, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity as MietteSeverity,
    SourceCode,
};

pub use self::{
    contracts::{breaches, performed},
    curl::curl,
    json::{json, json_schema},
    ran::{Ended, Ran, ran_schema},
    verified::{Verified, verified_schema},
    violations::{summary, violations},
};
use crate::finding::{Finding, Location, Place, Severity, Span};

/// Whether the text may have colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It goes to a terminal.
    Allowed,
    /// It goes elsewhere, or `NO_COLOR` is set.
    Plain,
}

/// Finds the name and the text of a file by its URI.
pub type Texts<'a> = &'a dyn Fn(&str) -> Option<(String, Arc<str>)>;

/// Where the rules stand that findings name, as far as that is known.
pub type Rules = HashMap<Place, Span>;

/// The findings as text, one after the other, each with its rule where `rules` knows where that stands.
pub fn findings(findings: &[Finding], texts: Texts<'_>, rules: &Rules, colour: Colour) -> String {
    let theme = match colour {
        Colour::Allowed => GraphicalTheme::unicode(),
        Colour::Plain => GraphicalTheme::unicode_nocolor(),
    };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(110).with_context_lines(1).with_links(false);
    let mut text = String::new();
    for finding in findings {
        let annotated = Annotated::new(finding, texts, rules);
        // Writing to a string does not fail; a finding that could not be drawn is told plainly.
        if handler.render_report(&mut text, &annotated).is_err() {
            text.push_str(&finding.to_string());
        }
        text.push('\n');
    }
    text
}

/// A finding with the text that it points into.
#[derive(Debug)]
struct Annotated<'f> {
    finding: &'f Finding,
    message: String,
    source: Option<NamedSource<Arc<str>>>,
    labels: Vec<LabeledSpan>,
    elsewhere: Option<Elsewhere>,
}

/// The rule of a finding, where it stands in another file.
#[derive(Debug)]
struct Elsewhere {
    message: String,
    source: NamedSource<Arc<str>>,
    label: LabeledSpan,
}

impl<'f> Annotated<'f> {
    fn new(finding: &'f Finding, texts: Texts<'_>, rules: &Rules) -> Self {
        let message = finding.message.clone();
        let mut annotated = Self { finding, message, source: None, labels: Vec::new(), elsewhere: None };
        if let Location::Document(place, span) = &finding.location {
            // A file without a text could not be read; the message names it.
            let Some((name, text)) = texts(&place.file) else { return annotated };
            annotated.message = format!("{}: {}", told(&name, *span), finding.message);
            if let Some(span) = span {
                annotated.source = Some(NamedSource::new(name, text));
                annotated.labels.push(label("here", *span));
                annotated.add_rule(place, *span, texts, rules);
            }
        }
        annotated
    }

    fn add_rule(&mut self, place: &Place, span: Span, texts: Texts<'_>, rules: &Rules) {
        let Some(rule) = &self.finding.rule else { return };
        let Some(ruling) = rules.get(rule).filter(|ruling| rule.file != place.file || **ruling != span)
        else {
            return;
        };
        if rule.file == place.file {
            self.labels.push(label("by this", *ruling));
        } else if let Some((name, text)) = texts(&rule.file) {
            self.elsewhere = Some(Elsewhere {
                message: format!("{}: the rule", told(&name, Some(*ruling))),
                source: NamedSource::new(name, text),
                label: label("by this", *ruling),
            });
        }
    }
}

fn told(name: &str, span: Option<Span>) -> String {
    span.map_or_else(|| name.to_owned(), |span| format!("{name}:{}:{}", span.line, span.column))
}

fn label(text: &str, span: Span) -> LabeledSpan {
    LabeledSpan::new(Some(text.to_owned()), span.offset, span.length.max(1))
}

impl fmt::Display for Annotated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Annotated<'_> {}

impl Diagnostic for Annotated<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.finding.code))
    }

    fn severity(&self) -> Option<MietteSeverity> {
        Some(match self.finding.severity {
            Severity::Note => MietteSeverity::Advice,
            Severity::Warning => MietteSeverity::Warning,
            Severity::Error => MietteSeverity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.finding.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let elsewhere = self.elsewhere.as_ref()?;
        Some(Box::new(std::iter::once(elsewhere as &dyn Diagnostic)))
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Elsewhere {}

impl Diagnostic for Elsewhere {
    fn severity(&self) -> Option<MietteSeverity> {
        Some(MietteSeverity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}
