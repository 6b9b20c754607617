//! Requests and answers → what a report shows of them: fields and texts, the bodies cut where they are long.
//!
//! It knows nothing of what was wrong with them.

use std::fmt::Write as _;

use http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::exchange::{Request, Response};

/// How many characters of a body are shown.
const SHOWN: usize = 4000;

/// A request.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Asked {
    /// The method.
    method: String,
    /// The path and the query.
    target: String,
    /// What it carries.
    #[serde(flatten)]
    content: Content,
}

/// An answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Answered {
    /// The status.
    status: u16,
    /// The status with its usual name.
    #[serde(skip)]
    line: String,
    /// What it carries.
    #[serde(flatten)]
    content: Content,
}

/// Header fields and a body.
#[derive(Debug, Serialize, JsonSchema)]
struct Content {
    /// The header fields.
    headers: Vec<Field>,
    /// The body as a text; bytes that are not UTF-8 are replaced.
    body: String,
    /// Whether there is more of the body than is shown.
    is_cut: bool,
}

/// A header field.
#[derive(Debug, Serialize, JsonSchema)]
struct Field {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

impl Asked {
    pub(super) fn new(request: &Request) -> Self {
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Self {
            method: request.method.to_string(),
            target: format!("{}{query}", request.path),
            content: Content::new(&request.headers, request.bytes()),
        }
    }

    /// As it goes over the wire, about.
    pub(super) fn text(&self) -> String {
        self.content.below(&format!("{} {}", self.method, self.target))
    }
}

impl Answered {
    pub(super) fn new(response: &Response) -> Self {
        Self {
            status: response.status.as_u16(),
            line: response.status.to_string(),
            content: Content::new(&response.headers, &response.body),
        }
    }

    /// As it came over the wire, about.
    pub(super) fn text(&self) -> String {
        self.content.below(&self.line)
    }
}

impl Content {
    fn new(headers: &HeaderMap, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let body: String = text.chars().take(SHOWN).collect();
        let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| Field {
            name: name.to_string(),
            value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        };
        Self { headers: headers.iter().map(field).collect(), is_cut: body.len() < text.len(), body }
    }

    fn below(&self, line: &str) -> String {
        let fields = self.headers.iter().fold(String::new(), |mut fields, field| {
            // Writing to a string does not fail.
            let _ = writeln!(fields, "{}: {}", field.name, field.value);
            fields
        });
        let body = match (self.body.as_str(), self.is_cut) {
            ("", _) => String::new(),
            (body, false) => format!("\n{body}"),
            (body, true) => format!("\n{body}…"),
        };
        format!("{line}\n{fields}{body}")
    }
}
