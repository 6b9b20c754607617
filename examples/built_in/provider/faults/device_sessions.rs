//! What can be wrong with a provider of "Device sessions".

use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Fault, Slip};
use crate::provider::tokens::{Kind, Lapse};

const AT: &str = "/api/sessions";

const fn fault(name: &'static str, what: &'static str, check: &'static str, slip: Slip) -> Fault {
    Fault { name, what, check, at: AT, slip }
}

const ID: &str = "identifier";

pub(crate) const FAULTS: &[Fault] = &[
    fault(
        "session-without-token",
        "answers without the token",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| body["data"] = json!({}))),
    ),
    fault(
        "session-token-number",
        "answers a number for the token",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| body["data"]["token"] = json!(7))),
    ),
    fault(
        "session-token-null",
        "answers null for the token",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| body["data"]["token"] = Value::Null)),
    ),
    fault(
        "session-flat",
        "answers the token without `data` around it",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| *body = body["data"].take())),
    ),
    fault(
        "session-201",
        "answers 201 for 200",
        "undeclared-status",
        Slip::Answers(|_, answer| answer.turn(StatusCode::OK, StatusCode::CREATED)),
    ),
    fault(
        "session-text",
        "answers text/plain",
        "content-type",
        Slip::Answers(|_, answer| answer.call("text/plain")),
    ),
    fault(
        "session-no-type",
        "answers without a media type",
        "content-type",
        Slip::Answers(|_, answer| drop(answer.headers.remove(header::CONTENT_TYPE))),
    ),
    fault(
        "session-empty",
        "answers nothing with a 200",
        "body-missing",
        Slip::Answers(|_, answer| {
            if answer.status.is_success() {
                answer.body.clear();
            }
        }),
    ),
    fault(
        "session-cut",
        "answers JSON whose last character is missing",
        "body-unreadable",
        Slip::Answers(|_, answer| answer.cut()),
    ),
    fault(
        "session-fails",
        "answers 500 to everything",
        "server-error",
        Slip::Answers(|_, answer| answer.crash_if(true)),
    ),
    fault(
        "session-error-bare",
        "refuses without a message",
        "response-schema",
        Slip::Answers(|_, answer| answer.refuse(|body| body["message"] = Value::Null)),
    ),
    fault(
        "session-error-html",
        "refuses in HTML",
        "content-type",
        Slip::Answers(|_, answer| {
            if answer.status.is_client_error() {
                answer.call("text/html");
            }
        }),
    ),
    fault(
        "session-422",
        "refuses with 422 for 400",
        "undeclared-status",
        Slip::Answers(|_, answer| answer.turn(StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY)),
    ),
    fault(
        "session-415",
        "refuses another media type with 415, which is not declared",
        "undeclared-status",
        Slip::Answers(|sent, answer| {
            if !sent.media_type().is_some_and(|sent| sent.starts_with("application/json")) {
                answer.turn(StatusCode::BAD_REQUEST, StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
        }),
    ),
    fault(
        "session-no-identifier",
        "takes a body without the identifier",
        "accepts-invalid",
        Slip::Reads(|sent| {
            let body = sent.json();
            if body.is_object() && body.get(ID).is_none() {
                sent.mend(ID, Value::is_null, &json!("unknown"));
            }
        }),
    ),
    fault(
        "session-number",
        "takes a number for the identifier",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend(ID, Value::is_number, &json!("7"))),
    ),
    fault(
        "session-boolean",
        "takes a boolean for the identifier",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend(ID, Value::is_boolean, &json!("true"))),
    ),
    fault(
        "session-object",
        "takes an object for the identifier",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend(ID, Value::is_object, &json!("object"))),
    ),
    fault(
        "session-null",
        "takes null for the identifier",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.json().get(ID).is_some() {
                sent.mend(ID, Value::is_null, &json!("null"));
            }
        }),
    ),
    fault(
        "session-nobody",
        "takes an empty identifier",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend(ID, |value| value == "", &json!("nobody"))),
    ),
    fault(
        "session-any-type",
        "takes JSON of any media type",
        "accepts-invalid",
        Slip::Reads(|sent| {
            let body = sent.json();
            if body.is_object() {
                sent.put(&body);
            }
        }),
    ),
    fault(
        "session-list",
        "takes a list of sessions for one",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.json().is_array() {
                sent.put(&json!({ID: "first"}));
            }
        }),
    ),
    fault(
        "session-no-body",
        "does without a body",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.body.is_empty() {
                sent.put(&json!({ID: "nobody"}));
            }
        }),
    ),
    fault(
        "session-rubbish",
        "takes what is no JSON",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.is_no_json() {
                sent.put(&json!({ID: "rubbish"}));
            }
        }),
    ),
    fault(
        "session-short",
        "refuses an identifier of one character",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text(ID).chars().count() == 1)),
    ),
    fault(
        "session-long",
        "refuses an identifier of more than 64 characters",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text(ID).chars().count() > 64)),
    ),
    fault(
        "session-emoji",
        "refuses characters beyond the BMP",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text(ID).chars().any(|one| one > '\u{ffff}'))),
    ),
    fault(
        "session-space",
        "refuses an identifier that begins with a space",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text(ID).starts_with(' '))),
    ),
    fault(
        "session-extra",
        "refuses a property that it does not know",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.refuse_if(sent.json().as_object().is_some_and(|members| members.len() > 1));
        }),
    ),
    fault(
        "session-charset",
        "refuses `application/json; charset=utf-8`",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.refuse_if(sent.media_type().is_some_and(|sent| sent != "application/json"));
        }),
    ),
    fault(
        "session-wants-token",
        "wants a token, which is optional",
        "undeclared-status",
        Slip::Answers(|sent, answer| {
            if !sent.headers.contains_key(header::AUTHORIZATION) {
                answer.turn(StatusCode::OK, StatusCode::UNAUTHORIZED);
            }
        }),
    ),
    fault(
        "session-not-with-token",
        "refuses whoever sends a token, which is allowed",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.refuse_if(sent.headers.contains_key(header::AUTHORIZATION))),
    ),
    fault(
        "session-no-jwt",
        "issues tokens that are no JWT",
        "contract-criterion",
        Slip::Lapses(Kind::Device, Lapse::Form),
    ),
    fault(
        "session-crash-nul",
        "fails on NUL in the identifier",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.text(ID).contains('\0'))),
    ),
    fault(
        "session-crash-long",
        "fails on an identifier of more than 10,000 characters",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.text(ID).len() > 10_000)),
    ),
    fault(
        "session-crash-json",
        "fails on what is no JSON",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.is_no_json())),
    ),
    fault(
        "session-crash-list",
        "fails on a list",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.json().is_array())),
    ),
    fault(
        "session-crash-large",
        "fails on a number beyond 64 bits",
        "server-error",
        Slip::Answers(|sent, answer| {
            let number = &sent.json()[ID];
            answer.crash_if(number.is_number() && !number.is_i64());
        }),
    ),
    fault(
        "session-crash-no-type",
        "fails without a Content-Type",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.media_type().is_none() && sent.method == Method::POST);
        }),
    ),
    fault(
        "session-crash-odd-type",
        "fails on a Content-Type without a slash",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.media_type().is_some_and(|sent| !sent.contains('/')));
        }),
    ),
    fault(
        "session-crash-deep",
        "fails on JSON that is nested deeply",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.body.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() > 500);
        }),
    ),
    fault(
        "session-delete",
        "answers 200 to DELETE",
        "accepts-method",
        Slip::Answers(|sent, answer| answer.take(sent, &Method::DELETE)),
    ),
    fault(
        "session-get",
        "answers 200 to GET",
        "accepts-method",
        Slip::Answers(|sent, answer| answer.take(sent, &Method::GET)),
    ),
    fault(
        "session-no-allow",
        "answers 405 without `Allow`",
        "allow-missing",
        Slip::Answers(|_, answer| drop(answer.headers.remove(header::ALLOW))),
    ),
];
