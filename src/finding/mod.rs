//! What is wrong, where, how bad: one type for documents, requests, responses and changes.
//!
//! A [`Finding`] is data and never travels as an error. Its [`Code`] is stable, its [`Location`] says where the fault is,
//! its message what is, its help what would be right. Source lines are drawn elsewhere, from [`Location`] alone.

mod code;
mod pointer;

use std::{fmt, sync::Arc};

pub use self::{
    code::Code,
    pointer::{Pointer, Trail},
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Legal and harmless, and perhaps not what was meant.
    Note,
    /// Worth knowing; everything goes on.
    Warning,
    /// Something is broken; what it concerns cannot be used as it is.
    Error,
}

/// A part of an HTTP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The request line: method and target.
    Line,
    /// A value in the path.
    Path,
    /// A value in the query.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "request line",
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        })
    }
}

/// A stretch of text in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Where it starts, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub length: usize,
}

/// Where in a document something stands: the file and the pointer in it. The span is found when it is to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The URI of the file.
    pub file: Arc<str>,
    /// Where in the file.
    pub pointer: Pointer,
}

/// Where the fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In a document; the span is there where it is known already (text that cannot be parsed has no pointers).
    Document(Place, Option<Span>),
    /// In a request.
    Request(Part, Pointer),
    /// In a response.
    Response(Part, Pointer),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(place, _) => write!(f, "{}#{}", place.file, place.pointer),
            Self::Response(Part::Line, _) => write!(f, "status line"),
            Self::Request(part, pointer) | Self::Response(part, pointer) => match part {
                Part::Path | Part::Query | Part::Header | Part::Cookie => {
                    write!(f, "{part} `{}`", pointer.tokens().next().unwrap_or_default())
                }
                Part::Line | Part::Body if pointer.as_str().is_empty() => write!(f, "{part}"),
                Part::Line | Part::Body => write!(f, "{part} at `{pointer}`"),
            },
        }
    }
}

/// Something wrong, as data.
///
/// ```
/// use standin::finding::{Code, Finding, Location, Part, Pointer};
///
/// let finding = Finding::error(
///     Code::MissingParam,
///     Location::Request(Part::Header, Pointer::root().join("x-api-key")),
///     "required, but absent",
/// )
/// .help("send the header `x-api-key`");
/// assert_eq!(finding.to_string(), "missing-param: header `x-api-key`: required, but absent");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable name of what is wrong.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub location: Location,
    /// What is.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// The place in the document that rules it, where that is not the location itself.
    pub rule: Option<Place>,
    /// The keyword of the schema that is broken, such as `minLength`, where it is a schema that is.
    pub keyword: Option<String>,
    /// What a 401 asks for because of it: the value of `WWW-Authenticate` (RFC 9110, section 11.6.1).
    pub challenge: Option<String>,
}

impl Finding {
    /// Something that cannot be used as it is.
    pub fn error(code: Code, location: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            location,
            message: message.into(),
            help: None,
            rule: None,
            keyword: None,
            challenge: None,
        }
    }

    /// Something worth knowing.
    pub fn warning(code: Code, location: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, location, message) }
    }

    /// Something legal that is perhaps not what was meant.
    pub fn note(code: Code, location: Location, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(code, location, message) }
    }

    /// With what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the keyword of the schema that is broken.
    #[must_use]
    pub fn breaking(mut self, keyword: impl Into<String>) -> Self {
        self.keyword = Some(keyword.into());
        self
    }

    /// With what a 401 asks for because of it.
    #[must_use]
    pub fn asking(mut self, challenge: Option<String>) -> Self {
        self.challenge = challenge;
        self
    }

    /// With the place in the document that rules it.
    #[must_use]
    pub fn ruled_by(mut self, place: &Place) -> Self {
        self.rule = Some(place.clone());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.code, self.location, self.message)
    }
}
