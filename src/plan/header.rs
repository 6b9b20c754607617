//! The header fields of an answer: those that the document declares, and the challenge of a 401.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use super::Answer;
use crate::{
    api::Parameter,
    finding::{Code, Finding, Location, Part, Pointer},
    schema::Dice,
    wire::{self, Spelled},
};

/// How often a value is generated anew where a field cannot hold the first.
const ATTEMPTS: usize = 4;

/// Fields that the server itself writes, from what is really sent (RFC 9110, sections 6.6.1, 7.6.1, 8.4 and 8.6).
pub(super) const OWN: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_ENCODING,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::DATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

impl Answer<'_> {
    /// The declared header fields, each with a value of its schema, and the challenge of a 401 (RFC 9110, section 15.5.2).
    ///
    /// An example of `WWW-Authenticate` is the document's own word on what is sent; a value that is made up is not.
    ///
    /// # Errors
    /// A finding where one that must be there has no value that a field can hold.
    pub(super) fn declared_headers(&self, dice: &mut Dice) -> Result<HeaderMap, Box<Finding>> {
        let mut headers = HeaderMap::new();
        let asked = challenge(self.status, &self.findings);
        for declared in self.response.iter().flat_map(|response| &response.headers) {
            let name = HeaderName::from_bytes(declared.name.as_bytes()).ok();
            if name.as_ref().is_some_and(|name| OWN.contains(name)) {
                continue;
            }
            let asked =
                asked.filter(|asked| name == Some(header::WWW_AUTHENTICATE) && suits(declared, asked));
            let asked = asked.and_then(|asked| HeaderValue::from_str(asked).ok());
            let value = asked.or_else(|| value(declared, dice));
            match name.zip(value) {
                Some((name, value)) => drop(headers.insert(name, value)),
                None if declared.is_required => return Err(Box::new(impossible(declared))),
                None => {}
            }
        }
        if let Some(asked) = asked.and_then(|asked| HeaderValue::from_str(asked).ok()) {
            headers.entry(header::WWW_AUTHENTICATE).or_insert(asked);
        }
        Ok(headers)
    }
}

/// The value of a declared field: its first example that a field can hold, else such a value of its schema.
fn value(declared: &Parameter, dice: &mut Dice) -> Option<HeaderValue> {
    spelled(declared, dice, |spelled| HeaderValue::from_str(&spelled.text()).ok())
}

/// What a parameter is sent with, where it can be had and `held` takes it: its first example, else a value of its schema.
pub(super) fn spelled<T>(
    declared: &Parameter,
    dice: &mut Dice,
    held: impl Fn(Spelled) -> Option<T>,
) -> Option<T> {
    let held = |value: &Value| held(wire::write_parameter(declared, value).ok()?);
    let example = declared.examples.iter().find_map(|example| held(&example.value));
    example.or_else(|| (0..ATTEMPTS).find_map(|_| held(&declared.schema.as_ref()?.generate(dice)?)))
}

fn impossible(declared: &Parameter) -> Finding {
    let location = Location::Response(Part::Header, Pointer::root().join(&declared.name));
    let message = "required, but no value of its schema was found that a header field can hold";
    let right = "give the header an example, or a schema whose values are texts, numbers, or lists of them";
    Finding::error(Code::NoValidResponse, location, message).help(right).ruled_by(&declared.place)
}

pub(super) fn field(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
    Some((name, HeaderValue::from_str(value).ok()?))
}

/// What a 401 asks for because of the findings.
pub(super) fn challenge(status: StatusCode, findings: &[Finding]) -> Option<&str> {
    let asked = findings.iter().find_map(|finding| finding.challenge.as_deref());
    asked.filter(|_| status == StatusCode::UNAUTHORIZED)
}

/// Whether a declared field that has no example of its own may have this value.
fn suits(declared: &Parameter, value: &str) -> bool {
    declared.examples.is_empty()
        && declared.schema.as_ref().is_none_or(|schema| schema.is_valid(&value.into()))
}
