//! `Document` → [`Api`]: operations, parameters, bodies, responses and security, the same for every version.
//!
//! Schemas are compiled and examples judged here, so that nothing later meets a schema that cannot be used or an example
//! that must not be sent. What cannot be read is a finding and left out. Nothing here knows a request. Read [`read()`] first.

mod callback;
mod example;
mod read;
mod security;
mod server;

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use http::Method;
use indexmap::IndexMap;
use serde_json::Value;

pub use self::{
    callback::{Callback, expression_fault},
    example::{AsWritten, Examples},
    read::{read, read_unjudged},
    security::{Needed, Requirement, SchemeKind, SecurityScheme},
};
use crate::{
    document::Document,
    exchange::MediaType,
    finding::{Finding, Part, Place},
    schema::Schema,
};

/// What a document says of an API.
#[derive(Debug)]
pub struct Api {
    /// The document it was read from.
    pub document: Arc<Document>,
    /// The title that the document gives it.
    pub title: String,
    /// The paths of its servers, such as `/v1` or `/{tenant}`, longest first; the root is not among them.
    pub base_paths: Vec<String>,
    /// The operations, in the document's order.
    pub operations: Vec<Operation>,
    /// The declared security schemes, by name.
    pub schemes: IndexMap<String, SecurityScheme>,
}

/// One method on one path.
#[derive(Debug)]
pub struct Operation {
    /// Its `operationId`, or its method and path where it has none.
    pub id: String,
    /// The method.
    pub method: Method,
    /// The path template, such as `/pets/{petId}`.
    pub path: String,
    /// The paths of the servers that hold for it, as those of the API.
    pub base_paths: Vec<String>,
    /// Its summary, else its description, else nothing.
    pub summary: String,
    /// Every text that tells of it: summary and description.
    pub description: String,
    /// The parameters, those of the path item included.
    pub parameters: Vec<Parameter>,
    /// The body that it takes.
    pub body: Option<Body>,
    /// The responses, in the document's order.
    pub responses: Vec<Response>,
    /// What is asked of others because of it.
    pub callbacks: Vec<Arc<Callback>>,
    /// Whether it is to be used no more.
    pub is_deprecated: bool,
    /// The alternatives of which one must be met; empty where nothing is asked for.
    pub security: Vec<Requirement>,
    /// Where it stands.
    pub place: Place,
}

/// A parameter (OAS 3.1, section 4.8.12).
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field that the standard has")]
pub struct Parameter {
    /// Its name; of a header, in the case in which it was written.
    pub name: String,
    /// Where in the request it stands.
    pub part: Part,
    /// Whether it must be there.
    pub is_required: bool,
    /// Whether it is to be used no more.
    pub is_deprecated: bool,
    /// What it means.
    pub description: String,
    /// What it must satisfy.
    pub schema: Option<Schema>,
    /// How its value is written.
    pub style: Style,
    /// Whether each item or property of its value is written by itself.
    pub explode: bool,
    /// Whether its value may hold reserved characters as they are.
    pub allow_reserved: bool,
    /// Whether it may be there without a value.
    pub allow_empty: bool,
    /// What its text is, where the document gives it `content` and not a `schema`.
    pub media_type: Option<MediaType>,
    /// What `x-standin-token` says at this place.
    pub token: Option<Value>,
    /// Its examples that satisfy the schema.
    pub examples: Examples,
    /// Where it stands in the document.
    pub place: Place,
}

/// How a parameter's value is written (OAS 3.1, section 4.8.12.3, and RFC 6570).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `;color=blue`, in the path.
    Matrix,
    /// `.blue`, in the path.
    Label,
    /// `blue,black`, in the path and in header fields.
    Simple,
    /// `color=blue`, in the query, in cookies and in forms.
    Form,
    /// `color=blue%20black`.
    SpaceDelimited,
    /// `color=blue%7Cblack`.
    PipeDelimited,
    /// `color=blue%09black` (Swagger 2.0, `tsv`).
    TabDelimited,
    /// `color[R]=100`.
    DeepObject,
    /// `color=blue`, in cookies, nothing of it escaped (OAS 3.2).
    Cookie,
    /// The whole query, as its media type says (OAS 3.2, `in: querystring`).
    QueryString,
}

/// A request body.
#[derive(Debug)]
pub struct Body {
    /// Whether it must be there.
    pub is_required: bool,
    /// What it may be.
    pub content: Vec<Content>,
    /// Where it stands in the document.
    pub place: Place,
}

/// One media type of a body or response.
#[derive(Debug)]
pub struct Content {
    /// The media type, or range, as written.
    pub media_type: MediaType,
    /// What it must satisfy.
    pub schema: Option<Schema>,
    /// What each item of a stream must satisfy (OAS 3.2, section 4.14.2).
    pub item_schema: Option<Schema>,
    /// How the properties of a form are written, by name.
    pub encoding: IndexMap<String, Encoding>,
    /// How the first parts of a list of parts are written, in order (OAS 3.2, section 4.14.5).
    pub prefix_encoding: Vec<Encoding>,
    /// How the parts after those are written.
    pub item_encoding: Option<Encoding>,
    /// Its examples that satisfy the schema, in the document's order.
    pub examples: Examples,
    /// All its examples as they are written, for those who trust them.
    pub as_written: AsWritten,
    /// Where it stands in the document.
    pub place: Place,
}

/// How one property of a form is written (OAS 3.1, section 4.8.15).
#[derive(Debug, Default)]
pub struct Encoding {
    /// The media types and ranges that the part may be of; empty where the document leaves it to the schema.
    pub content_types: Vec<MediaType>,
    /// The header fields of the part.
    pub headers: Vec<Parameter>,
    /// How its value is written, where `style`, `explode` or `allowReserved` says that it is not by its content type.
    pub style: Option<Style>,
    /// Whether each item or property is written by itself, where that is said.
    pub explode: Option<bool>,
    /// Whether its value may hold reserved characters as they are.
    pub allow_reserved: bool,
    /// Whether the document writes out, beside a `style`, that it may not.
    pub forbids_reserved: bool,
    /// Where it stands in the document.
    pub place: Option<Place>,
}

/// An example: of a value that satisfies its schema, or of a text that is yet to be read and judged.
#[derive(Debug)]
pub struct Example {
    /// Its key under `examples`; `None` of a single `example`.
    pub name: Option<String>,
    /// What was written: the value, or the text.
    pub value: Arc<Value>,
    /// Which of the two.
    pub form: Form,
    /// The value that it shows, kept by the first who judges it with its media type; `None` of one that is not sent.
    pub meaning: OnceLock<Option<Arc<Value>>>,
    /// Its media type and bytes as it is sent, kept by the first who judges and writes it; `None` where it is not sent.
    pub sent: OnceLock<Option<(String, Bytes)>>,
    /// Where it stands in the document.
    pub place: Place,
}

/// What an example shows (OAS 3.2, section 4.19).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The value, which satisfies the schema.
    Value,
    /// The text that a message would hold; what it means is not known here.
    Serialized,
}

/// The status that a response is declared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Exactly this one.
    Exact(u16),
    /// The hundred that begins with this digit, such as `4XX`.
    Range(u16),
    /// Every other one.
    Default,
}

/// A declared response.
#[derive(Debug)]
pub struct Response {
    /// The status that it is declared for.
    pub status: Status,
    /// What it means.
    pub description: String,
    /// What it holds; empty where it has no body.
    pub content: Vec<Content>,
    /// The header fields that come with it.
    pub headers: Vec<Parameter>,
    /// What can be done with it next.
    pub links: Vec<Link>,
    /// Where it stands in the document.
    pub place: Place,
}

/// What can be done next with what a response says (OAS 3.1, section 4.8.20).
#[derive(Debug)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// The `operationId` of the operation that it leads to, where it is named so.
    pub operation_id: Option<String>,
    /// The place of that operation, as written, where it is named so.
    pub operation_ref: Option<String>,
    /// What the operation's parameters take: values, and runtime expressions as texts.
    pub parameters: IndexMap<String, Value>,
    /// What the operation's body takes.
    pub body: Option<Value>,
    /// Where it stands in the document.
    pub place: Place,
}

impl Style {
    /// The style of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "matrix" => Self::Matrix,
            "label" => Self::Label,
            "simple" => Self::Simple,
            "form" => Self::Form,
            "spaceDelimited" => Self::SpaceDelimited,
            "pipeDelimited" => Self::PipeDelimited,
            "tabDelimited" => Self::TabDelimited,
            "deepObject" => Self::DeepObject,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }

    /// Its name in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Matrix => "matrix",
            Self::Label => "label",
            Self::Simple => "simple",
            Self::Form => "form",
            Self::SpaceDelimited => "spaceDelimited",
            Self::PipeDelimited => "pipeDelimited",
            Self::TabDelimited => "tabDelimited",
            Self::DeepObject => "deepObject",
            Self::Cookie => "cookie",
            Self::QueryString => "querystring",
        }
    }

    /// The style of a parameter that names none.
    pub fn usual(part: Part) -> Self {
        match part {
            Part::Query | Part::Cookie | Part::Body => Self::Form,
            Part::Path | Part::Header | Part::Line => Self::Simple,
        }
    }
}

impl Api {
    /// The name of its document, as shown to people.
    pub fn name(&self) -> &str {
        self.document.name()
    }

    /// Judges every example, and tells what is wrong with those that break their schema. A large document takes its time, so
    /// `pause` is called after each operation.
    pub fn judge_examples(&self, pause: &dyn Fn()) -> Vec<Finding> {
        let mut findings = Vec::new();
        for operation in &self.operations {
            findings.extend(operation.examples().into_iter().flat_map(Examples::findings).cloned());
            pause();
        }
        read::told_once(&mut findings);
        self.document.locate(&mut findings);
        findings
    }
}

impl Operation {
    /// Its method and path, as in `GET /pets/{petId}`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The examples of all its parts, its callbacks' included.
    fn examples(&self) -> Vec<&Examples> {
        let received = self.responses.iter().flat_map(|response| &response.content);
        let contents: Vec<&Content> =
            self.body.iter().flat_map(|body| &body.content).chain(received).collect();
        let of_responses = self.responses.iter().flat_map(|response| &response.headers);
        let of_parts = contents.iter().flat_map(|content| content.encodings()).flat_map(|one| &one.headers);
        let fields = self.parameters.iter().chain(of_responses).chain(of_parts);
        let own = fields.map(|field| &field.examples).chain(contents.iter().map(|content| &content.examples));
        own.chain(self.callbacks.iter().flat_map(|callback| callback.operation.examples())).collect()
    }

    /// The declared response for a status: exact, then its range, then the default.
    pub fn response(&self, status: u16) -> Option<&Response> {
        let declared = |wanted: Status| self.responses.iter().find(|response| response.status == wanted);
        declared(Status::Exact(status))
            .or_else(|| declared(Status::Range(status / 100)))
            .or_else(|| declared(Status::Default))
    }
}

impl Content {
    fn encodings(&self) -> impl Iterator<Item = &Encoding> {
        self.encoding.values().chain(&self.prefix_encoding).chain(&self.item_encoding)
    }
}

impl Status {
    /// Whether it only comes before an answer (RFC 9110, section 15.2).
    pub fn is_interim(self) -> bool {
        matches!(self, Self::Exact(100..=199) | Self::Range(1))
    }

    /// Whether it is one of success, 2xx.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Exact(200..=299) | Self::Range(2))
    }

    /// Reads `404`, `4XX` or `default`.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |at: usize| text.as_bytes().get(at).map(|digit| u16::from(digit.wrapping_sub(b'0')));
        match text {
            "default" => Some(Self::Default),
            _ if text.len() == 3 && text.ends_with("XX") => {
                digit(0).filter(|d| (1..=5).contains(d)).map(Self::Range)
            }
            _ => text.parse().ok().filter(|code| (100..=599).contains(code)).map(Self::Exact),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(code) => write!(f, "{code}"),
            Self::Range(hundred) => write!(f, "{hundred}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}
