//! What the sources of an expression are in one exchange.

use std::borrow::Cow;

use http::header;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Context, Field, Source};
use crate::exchange::{Request, Response};

/// A request and, once there is one, its response; with their bodies as values, which only those can read who know what
/// was declared.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'x> {
    /// The request.
    pub request: &'x Request,
    /// Its body.
    pub request_body: Option<&'x Value>,
    /// The values of the path's templates by name, percent-encoded as they were sent.
    pub path_values: &'x [(String, String)],
    /// The response.
    pub response: Option<&'x Response>,
    /// Its body.
    pub response_body: Option<&'x Value>,
}

impl Context for Exchange<'_> {
    fn value(&self, source: &Source) -> Option<Cow<'_, Value>> {
        match source {
            Source::Url => Some(Cow::Owned(self.url().into())),
            Source::Method => Some(Cow::Owned(self.request.method.as_str().into())),
            Source::StatusCode => Some(Cow::Owned(self.response?.status.as_u16().into())),
            Source::Request(field) => self.of_request(field),
            Source::Response(field) => self.of_response(field),
            Source::Named(..) => None,
        }
    }
}

impl Exchange<'_> {
    /// The URL of the request. A server does not see the scheme by which it was reached, and itself speaks `http`.
    fn url(&self) -> String {
        let host = self.request.header_values(header::HOST.as_str());
        let origin = host.first().map(|host| format!("http://{host}")).unwrap_or_default();
        let query = self.request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{origin}{}{query}", self.request.path)
    }

    /// Only single values can be had of a query (OAS 3.1, section 4.8.20.4), so of several it is the first.
    fn of_request(&self, field: &Field) -> Option<Cow<'_, Value>> {
        let text = match field {
            Field::Body => return self.request_body.map(Cow::Borrowed),
            Field::Header(name) => joined(&self.request.header_values(name))?,
            Field::Query(name) => self.request.query_values(name).into_iter().next()?,
            Field::Path(name) => {
                let (_, value) = self.path_values.iter().find(|(known, _)| known == name)?;
                percent_decode_str(value).decode_utf8_lossy().into_owned()
            }
        };
        Some(Cow::Owned(text.into()))
    }

    fn of_response(&self, field: &Field) -> Option<Cow<'_, Value>> {
        match field {
            Field::Body => self.response_body.map(Cow::Borrowed),
            Field::Header(name) => {
                let values = self.response?.headers.get_all(name.as_str()).iter();
                let texts: Vec<String> =
                    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
                Some(Cow::Owned(joined(&texts)?.into()))
            }
            Field::Query(_) | Field::Path(_) => None,
        }
    }
}

/// Several fields of one name are one field with a list (RFC 9110, section 5.2).
fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(", "))
}
