//! Which responses a kind of finding is for: by their statuses, and by what their examples, descriptions and keys say.

use serde_json::Value;

use crate::{
    api::{Example, Operation, Response, Status},
    finding::Code,
};

/// The first declared failure that names the kind: in an example, its description, or its key under `components`.
pub(super) fn named(operation: &Operation, code: Code) -> Option<(u16, &Response)> {
    operation.responses.iter().find_map(|response| {
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

/// The statuses that a kind usually gets, the usual one first.
pub(super) fn usual(code: Code) -> &'static [u16] {
    match code {
        Code::MissingBody | Code::InvalidBody => &[422, 400],
        Code::UnsupportedMediaType => &[415, 422, 400],
        Code::NotAcceptable => &[406],
        Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired => &[401, 403],
        Code::InsufficientScope => &[403],
        Code::UnknownRoute | Code::UnmetPreference => &[404],
        Code::UnknownResource => &[404, 410],
        Code::RepeatedKey => &[409],
        Code::OutdatedState => &[412],
        Code::MethodNotAllowed => &[405],
        Code::BodyTooLarge => &[413],
        Code::BodyInterrupted => &[408, 400],
        Code::UpstreamUnreachable | Code::UpstreamBroken => &[502],
        Code::UpstreamTimeout => &[504],
        Code::NoValidResponse
        | Code::UndeclaredStatus
        | Code::ContentType
        | Code::BodyMissing
        | Code::BodyUnreadable
        | Code::ResponseSchema
        | Code::ResponseHeader => &[500],
        _ => &[400, 422],
    }
}

/// The status that a kind gets where the document names none, as in `4XX`, `default` and problem documents.
///
/// A document that tells 400 from 422 says which it means; where it does not, everything that was read and is not right is
/// a 422, as it is with Prism.
pub(super) fn unsaid(code: Code) -> u16 {
    match code {
        Code::MissingParam | Code::InvalidParam | Code::Undeclared | Code::InvalidPreference => 422,
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
        Value::String(text) => text.len() < 40 && may_name(text, code) && words(text) == words(code.name()),
        Value::Array(items) => items.iter().any(|item| says(item, code)),
        Value::Object(members) => members.values().any(|member| says(member, code)),
        _ => false,
    }
}

/// Whether a text names a kind, however it joins the words: `token-expired`, `TokenExpired`, `Token expired`.
fn names(text: &str, code: Code) -> bool {
    may_name(text, code) && words(text).contains(&words(code.name()))
}

/// Whether a text has the first letter of each of the kind's words: next to none has, and need not be cut into words.
fn may_name(text: &str, code: Code) -> bool {
    let name = code.name();
    let has = |letter: u8| {
        let (lower, upper) = (letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
        // A character such as the Kelvin sign is a letter in lower case.
        !text.is_ascii() || memchr::memchr2(lower, upper, text.as_bytes()).is_some()
    };
    text.len() >= name.len() - name.matches('-').count()
        && name.bytes().filter(u8::is_ascii_alphabetic).all(has)
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
