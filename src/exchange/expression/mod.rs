//! Runtime expressions (OAS 3.1, section 4.8.20.4; Arazzo 1.0, section 4.7): text → [`Expression`] → a value of an exchange.
//!
//! Reading tells what is wrong and at which character; what a source is, a [`Context`] says, so that links, callbacks and
//! workflows share one reader. Nothing here knows a document. Read [`Expression::parse`] first.

mod over;
mod parse;
mod template;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use serde_json::Value;

pub use self::{
    over::Exchange,
    template::{Piece, Template},
};
use crate::finding::Pointer;

/// An expression: where a value comes from, and which part of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// Where the value comes from.
    pub source: Source,
    /// The part of it; `None` where no `#` stands there.
    pub pointer: Option<Pointer>,
}

/// Where the value of an expression comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `$url`.
    Url,
    /// `$method`.
    Method,
    /// `$statusCode`.
    StatusCode,
    /// `$request.…`.
    Request(Field),
    /// `$response.…`.
    Response(Field),
    /// What a workflow knows by a name, such as `$steps.login.outputs.token`. The name is not cut at its dots, for names of
    /// outputs may hold some.
    Named(Root, String),
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// A header field.
    Header(String),
    /// A query parameter; only requests have them.
    Query(String),
    /// A path parameter; only requests have them.
    Path(String),
    /// The body.
    Body,
}

/// What a workflow knows by name (Arazzo 1.0, section 4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// `$inputs`.
    Inputs,
    /// `$outputs`.
    Outputs,
    /// `$steps`.
    Steps,
    /// `$workflows`.
    Workflows,
    /// `$sourceDescriptions`.
    SourceDescriptions,
    /// `$components`.
    Components,
}

/// Which sources there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Those of one exchange.
    OpenApi,
    /// Those of workflows as well.
    Arazzo,
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at character {at}")]
pub struct Malformed {
    /// The number of the first character that does not fit, from 1; one past the last where the text ends too early.
    pub at: usize,
    /// What is.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// What says what the sources are.
pub trait Context {
    /// The value of a source; `None` where it has none.
    fn value(&self, source: &Source) -> Option<Cow<'_, Value>>;
}

impl Expression {
    /// Reads an expression.
    ///
    /// ```
    /// use standin::exchange::expression::{Expression, Field, Grammar, Source};
    ///
    /// let read = Expression::parse("$request.body#/user/uuid", Grammar::OpenApi).expect("it is one");
    /// assert_eq!(read.source, Source::Request(Field::Body));
    /// assert_eq!(read.to_string(), "$request.body#/user/uuid");
    ///
    /// let malformed = Expression::parse("$request.cookie.id", Grammar::OpenApi).expect_err("it is none");
    /// assert_eq!(malformed.to_string(), "`$request` has no `cookie`, at character 10");
    /// ```
    ///
    /// # Errors
    /// [`Malformed`] where the grammar does not know it.
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Malformed> {
        parse::expression(text, grammar)
    }

    /// Its value; `None` where the source has none, or nothing stands at the pointer.
    pub fn evaluate<'c>(&self, context: &'c impl Context) -> Option<Cow<'c, Value>> {
        let value = context.value(&self.source)?;
        let Some(pointer) = &self.pointer else { return Some(value) };
        match value {
            Cow::Borrowed(value) => value.pointer(pointer.as_str()).map(Cow::Borrowed),
            Cow::Owned(value) => value.pointer(pointer.as_str()).cloned().map(Cow::Owned),
        }
    }
}

impl Root {
    const ALL: [Self; 6] = [
        Self::Inputs,
        Self::Outputs,
        Self::Steps,
        Self::Workflows,
        Self::SourceDescriptions,
        Self::Components,
    ];

    /// Its name, without the dollar sign.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inputs => "inputs",
            Self::Outputs => "outputs",
            Self::Steps => "steps",
            Self::Workflows => "workflows",
            Self::SourceDescriptions => "sourceDescriptions",
            Self::Components => "components",
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        self.pointer.as_ref().map_or(Ok(()), |pointer| write!(f, "#{pointer}"))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => f.write_str("$url"),
            Self::Method => f.write_str("$method"),
            Self::StatusCode => f.write_str("$statusCode"),
            Self::Request(field) => write!(f, "$request.{field}"),
            Self::Response(field) => write!(f, "$response.{field}"),
            Self::Named(root, name) => write!(f, "${}.{name}", root.name()),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Query(name) => write!(f, "query.{name}"),
            Self::Path(name) => write!(f, "path.{name}"),
            Self::Body => f.write_str("body"),
        }
    }
}
