//! Which answer? The declared response for what was found, and in it the media type and the example.

use http::StatusCode;
use serde_json::Value;

use super::{Route, example};
use crate::{
    api::{Content, Example, Response, Status},
    exchange::{Accept, Request},
    finding::{Code, Finding, Location, Part, Pointer},
};

/// The answer that was chosen, not yet written.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The status.
    pub status: StatusCode,
    /// The declared response; `None` where the document declares none that fits.
    pub response: Option<&'p Response>,
    /// The declared content of it; `None` where it has no body, or there is no declared response.
    pub content: Option<&'p Content>,
    /// Where its body comes from.
    pub source: Source<'p>,
    /// What was wrong with the request.
    pub findings: Vec<Finding>,
    /// Why it was chosen, in a few words.
    pub why: String,
}

/// Where a body comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'p> {
    /// A declared example that satisfies its schema.
    Example(&'p Example),
    /// The schema.
    Generated,
    /// There is no body.
    Empty,
    /// A problem document (RFC 9457), for want of a declared response.
    Problem,
}

/// Where bodies of successful answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// The first example where there is one.
    #[default]
    Examples,
    /// The schema, always.
    Generated,
}

impl Route<'_> {
    /// Chooses the answer to a request about which `findings` were made.
    pub fn choose(&self, request: &Request, findings: Vec<Finding>, bodies: Bodies) -> Answer<'_> {
        let accept = Accept::parse(&request.header_values("accept"));
        if findings.is_empty() {
            return self.success(&accept, bodies).unwrap_or_else(|finding| self.failure(vec![*finding]));
        }
        self.failure(findings)
    }

    /// The lowest 2xx, then `2XX`, then the default, then the first of any kind.
    fn success(&self, accept: &Accept, bodies: Bodies) -> Result<Answer<'_>, Box<Finding>> {
        let responses = &self.operation.responses;
        let rank = |response: &&Response| match response.status {
            Status::Exact(code @ 200..=299) => (0, code),
            Status::Range(2) => (1, 0),
            Status::Default => (2, 0),
            Status::Exact(code) => (3, code),
            Status::Range(hundred) => (3, hundred * 100),
        };
        // A 1xx comes before an answer and is none (RFC 9110, section 15.2).
        let final_ones = responses.iter().filter(|response| !response.status.is_interim());
        let Some(response) = final_ones.min_by_key(rank) else {
            return Ok(undeclared());
        };
        let code = match response.status {
            Status::Exact(code) => code,
            Status::Range(hundred) => hundred * 100,
            Status::Default => 200,
        };
        // These have no body, whatever a document gives them (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
        let offered = if matches!(code, 204 | 205 | 304) { &[] } else { response.content.as_slice() };
        let content = accept.choose(offered, |content| &content.media_type);
        if content.is_none() && !offered.is_empty() {
            return Err(Box::new(not_acceptable(response)));
        }
        let source = match (content, content.and_then(|content| example::sound(content).next())) {
            (Some(_), Some(example)) if bodies == Bodies::Examples => Source::Example(example),
            (Some(_), _) => Source::Generated,
            (None, _) => Source::Empty,
        };
        Ok(Answer {
            status: status(code),
            response: Some(response),
            content,
            source,
            findings: Vec::new(),
            why: format!("valid request, {}", source.told()),
        })
    }

    fn failure(&self, findings: Vec<Finding>) -> Answer<'_> {
        let code = findings.first().map_or(Code::InvalidParam, |finding| finding.code);
        let first = unsaid(code);
        let exact = |status: u16| Some((status, self.declared(Status::Exact(status))?));
        let found = self
            .named(code)
            .or_else(|| usual(code).iter().find_map(|status| exact(*status)))
            .or_else(|| Some((first, self.declared(Status::Range(first / 100))?)))
            .or_else(|| Some((first, self.declared(Status::Default)?)));
        let Some((sent, response)) = found else {
            return Answer {
                why: format!("{code}, no response is declared for it"),
                ..problem_answer(first, findings)
            };
        };
        let content =
            response.content.iter().find(|content| content.media_type.is_json()).or(response.content.first());
        let source = content.map_or(Source::Empty, |content| {
            let named = example::sound(content).find(|example| is_for(example, code));
            named.or_else(|| example::sound(content).next()).map_or(Source::Generated, Source::Example)
        });
        Answer {
            status: status(sent),
            response: Some(response),
            content,
            source,
            why: format!("{code}, {}", source.told()),
            findings,
        }
    }

    fn declared(&self, status: Status) -> Option<&Response> {
        self.operation.responses.iter().find(|response| response.status == status)
    }

    /// The first declared failure that names the kind: in an example, its description, or its key under `components`.
    fn named(&self, code: Code) -> Option<(u16, &Response)> {
        self.operation.responses.iter().find_map(|response| {
            let status = match response.status {
                Status::Exact(status) if status >= 400 => status,
                Status::Range(hundred @ 4..) if unsaid(code) / 100 == hundred => unsaid(code),
                Status::Default => unsaid(code),
                _ => return None,
            };
            let mut examples = response.content.iter().flat_map(|content| &content.examples);
            let is_named = examples.any(|example| is_for(example, code))
                || names(&response.description, code)
                || response.place.pointer.last().is_some_and(|key| names(&key, code));
            is_named.then_some((status, response))
        })
    }
}

/// The answer of an operation that declares no response at all.
fn undeclared<'p>() -> Answer<'p> {
    Answer {
        status: StatusCode::OK,
        response: None,
        content: None,
        source: Source::Empty,
        findings: Vec::new(),
        why: "valid request, no response is declared".to_owned(),
    }
}

/// An answer that is a problem document with this status.
pub(super) fn problem_answer<'p>(code: u16, findings: Vec<Finding>) -> Answer<'p> {
    Answer {
        status: status(code),
        response: None,
        content: None,
        source: Source::Problem,
        why: findings.first().map(|finding| finding.code.to_string()).unwrap_or_default(),
        findings,
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The statuses that a kind usually gets, the usual one first.
pub(super) fn usual(code: Code) -> &'static [u16] {
    match code {
        Code::MissingBody | Code::InvalidBody => &[422, 400],
        Code::UnsupportedMediaType => &[415],
        Code::NotAcceptable => &[406],
        Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired => &[401, 403],
        Code::InsufficientScope => &[403],
        Code::UnknownRoute => &[404],
        Code::MethodNotAllowed => &[405],
        Code::BodyTooLarge => &[413],
        Code::BodyInterrupted => &[408, 400],
        Code::NoValidResponse => &[500],
        _ => &[400, 422],
    }
}

/// The status that a kind gets where the document names none, as in `4XX`, `default` and problem documents.
///
/// A document that tells 400 from 422 says which it means; where it does not, everything that was read and is not right is
/// a 422, as it is with Prism.
pub(super) fn unsaid(code: Code) -> u16 {
    match code {
        Code::MissingParam | Code::InvalidParam | Code::Undeclared => 422,
        code => usual(code)[0],
    }
}

/// Whether an example is one of the kind: its name or one of its texts says so.
pub(super) fn is_for(example: &Example, code: Code) -> bool {
    example.name.as_deref().is_some_and(|name| names(name, code)) || says(&example.value, code)
}

/// Whether one of the texts in a value is the kind's name and nothing else.
fn says(value: &Value, code: Code) -> bool {
    match value {
        Value::String(text) => text.len() < 40 && words(text) == words(code.name()),
        Value::Array(items) => items.iter().any(|item| says(item, code)),
        Value::Object(members) => members.values().any(|member| says(member, code)),
        _ => false,
    }
}

/// Whether a text names a kind, however it joins the words: `token-expired`, `TokenExpired`, `Token expired`.
fn names(text: &str, code: Code) -> bool {
    words(text).contains(&words(code.name()))
}

/// The words of a text in lower case, a space around each.
fn words(text: &str) -> String {
    let mut words = String::from(" ");
    let mut previous = ' ';
    for character in text.chars() {
        let begins = !character.is_alphanumeric() || (character.is_uppercase() && previous.is_lowercase());
        if begins && !words.ends_with(' ') {
            words.push(' ');
        }
        if character.is_alphanumeric() {
            words.extend(character.to_lowercase());
        }
        previous = character;
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

fn not_acceptable(response: &Response) -> Finding {
    let types: Vec<String> =
        response.content.iter().map(|content| format!("`{}`", content.media_type)).collect();
    let location = Location::Request(Part::Header, Pointer::root().join("accept"));
    Finding::error(
        Code::NotAcceptable,
        location,
        "the operation answers in none of the media types asked for",
    )
    .help(format!("accept {}", types.join(" or ")))
    .ruled_by(&response.place)
}

impl Source<'_> {
    fn told(&self) -> String {
        match self {
            Self::Example(example) => match &example.name {
                Some(name) => format!("example `{name}`"),
                None => "its example".to_owned(),
            },
            Self::Generated => "generated".to_owned(),
            Self::Empty => "no body".to_owned(),
            Self::Problem => "a problem document".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_however_its_words_are_joined() {
        for text in [
            "token-expired",
            "token_expired",
            "TokenExpired",
            "Token expired",
            "401 token-expired: log in again",
        ] {
            assert!(names(text, Code::TokenExpired), "{text}");
        }
        assert!(!names("token", Code::TokenExpired));
        assert!(!names("missing-params", Code::MissingParam));
    }
}
