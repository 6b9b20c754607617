//! Findings → text for people, with the line of the source underlined.
//!
//! Nothing else in the program draws source lines. It reads findings and never makes one.

use std::{fmt, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity as MietteSeverity,
    SourceCode,
};

use crate::finding::{Finding, Location, Severity, Span};

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

/// The findings as text, one after the other.
pub fn findings(findings: &[Finding], texts: Texts<'_>, colour: Colour) -> String {
    let theme = match colour {
        Colour::Allowed => GraphicalTheme::unicode(),
        Colour::Plain => GraphicalTheme::unicode_nocolor(),
    };
    let handler =
        GraphicalReportHandler::new_themed(theme).with_width(110).with_context_lines(1).with_links(false);
    let mut text = String::new();
    for finding in findings {
        let annotated = Annotated::new(finding, texts);
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
    span: Option<Span>,
}

impl<'f> Annotated<'f> {
    fn new(finding: &'f Finding, texts: Texts<'_>) -> Self {
        let mut annotated = Self { finding, message: finding.message.clone(), source: None, span: None };
        if let Location::Document(place, span) = &finding.location {
            // A file without a text could not be read; the message names it.
            let Some((name, text)) = texts(&place.file) else { return annotated };
            let at = span.map_or_else(String::new, |span| format!(":{}:{}", span.line, span.column));
            annotated.message = format!("{name}{at}: {}", finding.message);
            if let Some(span) = span {
                annotated.source = Some(NamedSource::new(name, text));
                annotated.span = Some(*span);
            }
        }
        annotated
    }
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
        let span = self.span?;
        Some(Box::new(std::iter::once(LabeledSpan::new(
            Some("here".to_owned()),
            span.offset,
            span.length.max(1),
        ))))
    }
}
