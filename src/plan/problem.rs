//! Problem documents (RFC 9457) made from findings.
//!
//! Their types are those of Prism where it has one that means the same, so that a client that tells problems apart by
//! their type goes on doing so; `validation` lists the findings in its form, `errors` in ours.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{
    header::{challenge, field},
    violation,
};
use crate::{
    exchange::Response,
    finding::{Code, Finding},
};

/// The problem document of `findings`: one entry in `errors` for each.
pub(super) fn document(status: StatusCode, findings: &[Finding]) -> Value {
    let Some(first) = findings.first() else {
        return json!({ "type": "about:blank", "status": status.as_u16() });
    };
    let mut document = json!({
        "type": kind(first.code),
        "title": title(first.code),
        "status": status.as_u16(),
        "detail": detail(first),
        "errors": findings.iter().map(violation::entry).collect::<Vec<Value>>(),
        "validation": findings.iter().filter_map(violation::of_prism).collect::<Vec<Value>>(),
    });
    if let Some(challenge) = challenge(status, findings) {
        document["headers"] = json!({ "WWW-Authenticate": challenge });
    }
    document
}

/// The URI of a type of problem.
fn kind(code: Code) -> String {
    match known(code) {
        Some((name, _)) => format!("https://stoplight.io/prism/errors#{name}"),
        None => format!("urn:standin:problem:{code}"),
    }
}

/// What problems of a type have in common, in words.
fn title(code: Code) -> String {
    match known(code) {
        Some((_, title)) => title.to_owned(),
        None => code.meaning().replace('`', "").trim_end_matches('.').to_owned(),
    }
}

/// The name that a problem has in Prism, and what such problems have in common.
fn known(code: Code) -> Option<(&'static str, &'static str)> {
    Some(match code {
        Code::MissingParam
        | Code::InvalidParam
        | Code::MissingBody
        | Code::InvalidBody
        | Code::InvalidPreference
        | Code::Undeclared => ("UNPROCESSABLE_ENTITY", "The request is not what the document asks for"),
        Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired => {
            ("UNAUTHORIZED", "The request lacks a credential that is right")
        }
        Code::UnsupportedMediaType => {
            ("INVALID_CONTENT_TYPE", "The operation takes no body of this media type")
        }
        Code::NotAcceptable => {
            ("NOT_ACCEPTABLE", "The operation answers in none of the media types asked for")
        }
        Code::UnmetPreference => ("NOT_FOUND", "The operation has not what is asked for"),
        Code::UndeclaredStatus
        | Code::ContentType
        | Code::BodyMissing
        | Code::BodyUnreadable
        | Code::ResponseSchema
        | Code::ResponseHeader => ("VIOLATIONS", "The response is not what the document says"),
        Code::UnknownRoute => ("NO_PATH_MATCHED_ERROR", "No document has this path"),
        Code::MethodNotAllowed => ("NO_METHOD_MATCHED_ERROR", "The path has no such method"),
        _ => return None,
    })
}

/// What is wrong, in one sentence.
pub(super) fn detail(finding: &Finding) -> String {
    format!("{}: {}", finding.location, finding.message)
}

/// A response that is the problem document of `findings`, with the status that their kind usually gets.
pub fn problem(findings: &[Finding]) -> Response {
    let usual = findings.first().map_or(500, |finding| super::kind::unsaid(finding.code));
    let status = StatusCode::from_u16(usual).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response(status, findings)
}

pub(super) fn response(status: StatusCode, findings: &[Finding]) -> Response {
    let mut response = Response::empty(status);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.headers.extend(challenge(status, findings).and_then(|text| field("www-authenticate", text)));
    response.body = Bytes::from(document(status, findings).to_string());
    response
}
