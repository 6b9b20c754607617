//! Findings about an exchange as JSON that a machine reads: ours, and in the form that Prism gives them.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::finding::{Code, Finding, Location, Part, Severity};

/// The header field in which Prism tells of violations, and the most bytes of it. Together with the other it is less than
/// the 16 KiB that some clients take for all fields of an answer.
const OF_PRISM: (HeaderName, usize) = (HeaderName::from_static("sl-violations"), 8 * 1024);
/// The header field in which we do.
const OWN: (HeaderName, usize) = (HeaderName::from_static("standin-violations"), 4 * 1024);
/// What is said of something that has to be there and is not.
pub(super) const ABSENT: &str = "required, but absent";

/// The header fields that tell what was wrong with an exchange; none where nothing was.
///
/// Each is a JSON array in ASCII, request before response. One that would be too long holds as many entries as fit, and
/// says so in front as Prism does.
pub fn violations(findings: &[Finding]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let of_prism = |finding: &Finding| {
        let mut entry = of_prism(finding)?;
        let side = if matches!(finding.location, Location::Response(..)) { "response" } else { "request" };
        entry["location"].as_array_mut()?.insert(0, side.into());
        Some(entry)
    };
    let mut ordered: Vec<&Finding> = findings.iter().collect();
    ordered.sort_by_key(|finding| matches!(finding.location, Location::Response(..)));
    headers.extend(field(OF_PRISM, ordered.iter().filter_map(|finding| of_prism(finding))));
    headers.extend(field(OWN, ordered.iter().map(|finding| entry(finding))));
    headers
}

fn field(
    (name, most): (HeaderName, usize),
    entries: impl Iterator<Item = Value>,
) -> Option<(HeaderName, HeaderValue)> {
    let mut written = String::new();
    let mut entries = entries.map(|entry| ascii(entry.to_string())).peekable();
    entries.peek()?;
    for entry in entries {
        if written.len() + entry.len() > most {
            let cut = format!("Too many violations! [{written}]");
            return HeaderValue::try_from(cut).ok().map(|value| (name, value));
        }
        if !written.is_empty() {
            written.push(',');
        }
        written.push_str(&entry);
    }
    HeaderValue::try_from(format!("[{written}]")).ok().map(|value| (name, value))
}

/// The same JSON in ASCII, as all header fields are (RFC 9110, section 5.5); only texts can hold anything else.
fn ascii(json: String) -> String {
    if json.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return json;
    }
    let mut written = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        if (' '..='~').contains(&character) {
            written.push(character);
        } else {
            let escaped = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
            written.extend(escaped);
        }
    }
    written
}

/// A finding as an entry of ours.
pub(super) fn entry(finding: &Finding) -> Value {
    let mut members = Map::new();
    members.insert("kind".to_owned(), finding.code.name().into());
    if let Location::Request(part, pointer) | Location::Response(part, pointer) = &finding.location {
        let part = match (&finding.location, part) {
            (Location::Response(..), Part::Line) => "status line".to_owned(),
            (_, part) => part.to_string(),
        };
        members.insert("in".to_owned(), part.into());
        members.insert("pointer".to_owned(), pointer.as_str().into());
    }
    members.insert("message".to_owned(), finding.message.clone().into());
    if let Some(help) = &finding.help {
        members.insert("expected".to_owned(), help.clone().into());
    }
    if let Some(rule) = &finding.rule {
        members.insert("document".to_owned(), format!("{}#{}", rule.file, rule.pointer).into());
    }
    Value::Object(members)
}

/// A finding in the form that Prism gives it; `None` of what is about no message, or is only a note.
///
/// A violation is located by the part of the message and the steps into it, names of header fields in lower case; what is
/// absent, by where it should be: a parameter in its part, a body in the request.
pub(super) fn of_prism(finding: &Finding) -> Option<Value> {
    let (Location::Request(part, pointer) | Location::Response(part, pointer)) = &finding.location else {
        return None;
    };
    if finding.severity == Severity::Note {
        return None;
    }
    let part_name = match (&finding.location, part) {
        (Location::Response(..), Part::Line) => None,
        _ if finding.code == Code::MissingBody => None,
        (_, Part::Line) => Some("path".to_owned()),
        (_, part) => Some(part.to_string()),
    };
    let mut location: Vec<Value> = part_name.into_iter().map(Value::from).collect();
    let is_absent = finding.code == Code::MissingParam
        || (finding.code == Code::ResponseHeader && finding.message == ABSENT);
    if !is_absent {
        location.extend(pointer.tokens().map(|token| step(*part, &token)));
    }
    let severity = if finding.severity == Severity::Error { "Error" } else { "Warning" };
    let mut entry = json!({ "location": location, "severity": severity });
    if let Some(code) = code(finding) {
        entry["code"] = code;
    }
    entry["message"] = if is_absent {
        format!("`{}` is {}", pointer.last().unwrap_or_default(), finding.message).into()
    } else {
        finding.message.clone().into()
    };
    Some(entry)
}

/// A step into a value: a number in lists, else a name.
fn step(part: Part, token: &str) -> Value {
    match token.parse::<u32>() {
        Ok(index) => index.into(),
        Err(_) if part == Part::Header => token.to_ascii_lowercase().into(),
        Err(_) => token.into(),
    }
}

/// The keyword that is broken, or the status that it stands for.
fn code(finding: &Finding) -> Option<Value> {
    match finding.code {
        Code::MissingParam | Code::MissingBody | Code::BodyMissing => Some("required".into()),
        Code::ResponseHeader if finding.message == ABSENT => Some("required".into()),
        Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired => Some(401.into()),
        Code::UnsupportedMediaType => Some(415.into()),
        Code::Deprecated => Some("deprecated".into()),
        _ => finding.keyword.clone().map(Value::from),
    }
}
