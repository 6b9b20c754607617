//! Problem documents (RFC 9457) made from findings.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::{
    exchange::Response,
    finding::{Finding, Location},
};

/// The problem document of `findings`: one entry in `errors` for each.
pub(super) fn document(status: StatusCode, findings: &[Finding]) -> Value {
    let Some(first) = findings.first() else {
        return json!({ "type": "about:blank", "status": status.as_u16() });
    };
    json!({
        "type": format!("urn:standin:problem:{}", first.code),
        "title": first.code.meaning().replace('`', "").trim_end_matches('.'),
        "status": status.as_u16(),
        "detail": detail(first),
        "errors": findings.iter().map(entry).collect::<Vec<Value>>(),
    })
}

/// What is wrong, in one sentence.
pub(super) fn detail(finding: &Finding) -> String {
    format!("{}: {}", finding.location, finding.message)
}

fn entry(finding: &Finding) -> Value {
    let mut members = Map::new();
    members.insert("kind".to_owned(), finding.code.name().into());
    if let Location::Request(part, pointer) | Location::Response(part, pointer) = &finding.location {
        members.insert("in".to_owned(), part.to_string().into());
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

/// A response that is the problem document of `findings`, with the status that their kind usually gets.
pub fn problem(findings: &[Finding]) -> Response {
    let usual = findings.first().map_or(500, |finding| super::choose::usual(finding.code)[0]);
    let status = StatusCode::from_u16(usual).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, findings)
}

pub(super) fn response(status: StatusCode, findings: &[Finding]) -> Response {
    let mut response = Response::empty(status);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.body = Bytes::from(document(status, findings).to_string());
    response
}
