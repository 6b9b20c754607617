//! The header fields of an answer: those that the document declares, and the challenge of a 401.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Answer;
use crate::{
    api::{Parameter, SchemeKind},
    finding::{Code, Finding, Location, Part, Pointer},
    schema::Dice,
    wire,
};

/// How often a value is generated anew where a field cannot hold the first.
const ATTEMPTS: usize = 4;

/// Fields that the server itself writes, from what is really sent (RFC 9110, sections 6.6.1, 7.6.1, 8.4 and 8.6).
const OWN: [HeaderName; 9] = [
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
    /// The declared header fields, each with a value of its schema.
    ///
    /// # Errors
    /// A finding where one that must be there has no value that a field can hold.
    pub(super) fn declared_headers(&self, dice: &mut Dice) -> Result<HeaderMap, Box<Finding>> {
        let mut headers = HeaderMap::new();
        for declared in self.response.iter().flat_map(|response| &response.headers) {
            let name = HeaderName::from_bytes(declared.name.as_bytes()).ok();
            if name.as_ref().is_some_and(|name| OWN.contains(name)) {
                continue;
            }
            let value = value(declared, dice);
            match name.zip(value) {
                Some((name, value)) => drop(headers.insert(name, value)),
                None if declared.is_required => return Err(Box::new(impossible(declared))),
                None => {}
            }
        }
        Ok(headers)
    }
}

/// The value of a declared field: its first example that a field can hold, else such a value of its schema.
fn value(declared: &Parameter, dice: &mut Dice) -> Option<HeaderValue> {
    let held = |value: &serde_json::Value| {
        let text = wire::write_parameter(declared, value).ok()?.text();
        HeaderValue::from_str(&text).ok()
    };
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

/// What a 401 asks for (RFC 9110, section 11.6.1), for each scheme that HTTP has a name for.
pub(crate) fn challenge(schemes: &[&SchemeKind]) -> Option<(HeaderName, HeaderValue)> {
    let mut challenges: Vec<String> = Vec::new();
    for scheme in schemes {
        let challenge = match scheme {
            SchemeKind::Http(name) if name == "bearer" => "Bearer".to_owned(),
            SchemeKind::Http(name) if name == "basic" => "Basic realm=\"*\"".to_owned(),
            SchemeKind::Http(name) => name.clone(),
            SchemeKind::Bearer(_) => "Bearer".to_owned(),
            SchemeKind::ApiKey { .. } | SchemeKind::Unseen => continue,
        };
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    field(header::WWW_AUTHENTICATE.as_str(), &challenges.join(", ")).filter(|(_, value)| !value.is_empty())
}
