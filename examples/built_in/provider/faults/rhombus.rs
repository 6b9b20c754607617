//! What can be wrong with a provider of "Rhombus".

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Fault, Sent, Slip};
use crate::provider::{
    rhombus::AT,
    tokens::{API_KEY, Kind, Lapse},
};

const fn fault(name: &'static str, what: &'static str, check: &'static str, slip: Slip) -> Fault {
    Fault { name, what, check, at: AT, slip }
}

const TOKEN: &str = "federatedSessionToken";

fn with_token(answer: &mut Answer, change: fn(&str) -> String) {
    answer.succeed(|body| body[TOKEN] = change(body[TOKEN].as_str().unwrap_or_default()).into());
}

/// Puts a scheme that is right in the place of the one that was sent.
fn right_scheme(sent: &mut Sent) {
    sent.headers.insert("x-auth-scheme", HeaderValue::from_static("api-token"));
}

fn scheme(sent: &Sent) -> Option<&str> {
    sent.headers.get("x-auth-scheme").and_then(|value| value.to_str().ok())
}

pub(crate) const FAULTS: &[Fault] = &[
    fault(
        "token-short",
        "answers a token of 21 characters",
        "response-schema",
        Slip::Answers(|_, answer| with_token(answer, |token| token[1..].to_owned())),
    ),
    fault(
        "token-padded",
        "pads the base64 of the token",
        "response-schema",
        Slip::Answers(|_, answer| with_token(answer, |token| format!("{token}=="))),
    ),
    fault(
        "token-standard",
        "answers the token in standard base64",
        "response-schema",
        Slip::Answers(|_, answer| with_token(answer, |token| format!("+/{}", &token[2..]))),
    ),
    fault(
        "token-hex",
        "answers the token as a UUID",
        "response-schema",
        Slip::Answers(|_, answer| with_token(answer, |_| "f81d4fae-7dec-11d0-a765-00a0c91e6bf6".to_owned())),
    ),
    fault(
        "token-number",
        "answers a number for the token",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| body[TOKEN] = json!(7))),
    ),
    fault(
        "token-list",
        "answers a list of tokens",
        "response-schema",
        Slip::Answers(|_, answer| answer.succeed(|body| *body = json!([body.take()]))),
    ),
    fault(
        "token-201",
        "answers 201 for 200",
        "undeclared-status",
        Slip::Answers(|_, answer| answer.turn(StatusCode::OK, StatusCode::CREATED)),
    ),
    fault(
        "token-empty",
        "answers nothing with a 200",
        "body-missing",
        Slip::Answers(|_, answer| {
            if answer.status.is_success() {
                answer.body.clear();
            }
        }),
    ),
    fault(
        "token-cut",
        "answers JSON whose last character is missing",
        "body-unreadable",
        Slip::Answers(|_, answer| answer.cut()),
    ),
    fault(
        "token-html",
        "answers JSON as text/html",
        "content-type",
        Slip::Answers(|_, answer| answer.call("text/html")),
    ),
    fault(
        "token-no-type",
        "answers without a media type",
        "content-type",
        Slip::Answers(|_, answer| drop(answer.headers.remove(header::CONTENT_TYPE))),
    ),
    fault(
        "token-fails",
        "answers 500 to everything",
        "server-error",
        Slip::Answers(|_, answer| answer.crash_if(true)),
    ),
    fault(
        "problem-json",
        "answers problems as application/json",
        "content-type",
        Slip::Answers(|_, answer| {
            if answer.status.is_client_error() {
                answer.call("application/json");
            }
        }),
    ),
    fault(
        "problem-status",
        "answers the status of a problem as a text",
        "response-schema",
        Slip::Answers(|_, answer| answer.refuse(|body| body["status"] = json!("400"))),
    ),
    fault(
        "problem-status-0",
        "answers 0 for the status of a problem",
        "response-schema",
        Slip::Answers(|_, answer| answer.refuse(|body| body["status"] = json!(0))),
    ),
    fault(
        "problem-type",
        "answers a problem whose type is no URI",
        "response-schema",
        Slip::Answers(|_, answer| answer.refuse(|body| body["type"] = json!("bad request <400>"))),
    ),
    fault(
        "problem-422",
        "refuses with 422 for 400",
        "undeclared-status",
        Slip::Answers(|_, answer| answer.turn(StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY)),
    ),
    fault(
        "problem-407",
        "refuses a key with 407",
        "undeclared-status",
        Slip::Answers(|_, answer| {
            answer.turn(StatusCode::UNAUTHORIZED, StatusCode::PROXY_AUTHENTICATION_REQUIRED);
        }),
    ),
    fault(
        "no-scheme",
        "does without `x-auth-scheme`",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if scheme(sent).is_none() {
                right_scheme(sent);
            }
        }),
    ),
    fault("any-scheme", "takes any `x-auth-scheme`", "accepts-invalid", Slip::Reads(right_scheme)),
    fault(
        "scheme-case",
        "takes `x-auth-scheme` in other letters",
        "accepts-invalid",
        Slip::Reads(|sent| {
            let known = ["api-token", "api", "partner-api-token", "partner-api"];
            if scheme(sent).is_some_and(|sent| known.iter().any(|one| one.eq_ignore_ascii_case(sent))) {
                right_scheme(sent);
            }
        }),
    ),
    fault(
        "scheme-start",
        "takes an `x-auth-scheme` that begins with `api`",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if scheme(sent).is_some_and(|sent| sent.starts_with("api")) {
                right_scheme(sent);
            }
        }),
    ),
    fault(
        "empty-scheme",
        "takes an empty `x-auth-scheme`",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if scheme(sent) == Some("") {
                right_scheme(sent);
            }
        }),
    ),
    fault(
        "duration-text",
        "takes a text for the duration",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend("durationSec", Value::is_string, &json!(60))),
    ),
    fault(
        "duration-boolean",
        "takes a boolean for the duration",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend("durationSec", Value::is_boolean, &json!(1))),
    ),
    fault(
        "duration-fraction",
        "takes a fraction for the duration",
        "accepts-invalid",
        Slip::Reads(|sent| {
            sent.mend(
                "durationSec",
                |value| value.as_f64().is_some_and(|number| number.fract() != 0.0),
                &json!(60),
            );
        }),
    ),
    fault(
        "duration-large",
        "takes a duration beyond 32 bits",
        "accepts-invalid",
        Slip::Reads(|sent| {
            sent.mend(
                "durationSec",
                |value| value.as_f64().is_some_and(|number| number > 2_147_483_647.0),
                &json!(60),
            );
        }),
    ),
    fault(
        "device-number",
        "takes a number for the device",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend("deviceUUid", Value::is_number, &json!("7"))),
    ),
    fault(
        "domain-list",
        "takes a list for the domain",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend("domain", Value::is_array, &json!(".example.com"))),
    ),
    fault(
        "domain-object",
        "takes an object for the domain",
        "accepts-invalid",
        Slip::Reads(|sent| sent.mend("domain", Value::is_object, &json!(".example.com"))),
    ),
    fault(
        "null-order",
        "takes null for the body",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.body == b"null" {
                sent.put(&json!({}));
            }
        }),
    ),
    fault(
        "list-order",
        "takes a list for the body",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.json().is_array() {
                sent.put(&json!({}));
            }
        }),
    ),
    fault(
        "text-order",
        "takes JSON as text/plain",
        "accepts-invalid",
        Slip::Reads(|sent| {
            let body = sent.json();
            if body.is_object() && sent.media_type() == Some("text/plain") {
                sent.put(&body);
            }
        }),
    ),
    fault(
        "any-order",
        "takes a body of any media type",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.media_type().is_some_and(|sent| !sent.starts_with("application/json")) {
                sent.put(&json!({}));
            }
        }),
    ),
    fault(
        "rubbish-order",
        "takes what is no JSON",
        "accepts-invalid",
        Slip::Reads(|sent| {
            if sent.is_no_json() {
                sent.put(&json!({}));
            }
        }),
    ),
    fault(
        "wants-body",
        "refuses a request without a body",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.body.is_empty())),
    ),
    fault(
        "wants-domain",
        "refuses a body without the domain",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json().get("domain").is_none())),
    ),
    fault(
        "wants-duration",
        "refuses a body without the duration",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json().get("durationSec").is_none())),
    ),
    fault(
        "null-device",
        "refuses null for the device",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.json().get("deviceUUid").is_some_and(Value::is_null));
        }),
    ),
    fault(
        "null-domain",
        "refuses null for the domain",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.json().get("domain").is_some_and(Value::is_null));
        }),
    ),
    fault(
        "partner-scheme",
        "refuses `partner-api`",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(scheme(sent) == Some("partner-api"))),
    ),
    fault(
        "most-duration",
        "refuses the largest duration of 32 bits",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json()["durationSec"] == 2_147_483_647)),
    ),
    fault(
        "no-duration",
        "refuses a duration of 0",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json()["durationSec"] == 0)),
    ),
    fault(
        "back-duration",
        "refuses a duration below 0",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.json()["durationSec"].as_i64().is_some_and(|seconds| seconds < 0));
        }),
    ),
    fault(
        "whole-duration",
        "refuses 60.0, which is an integer",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json()["durationSec"].is_f64())),
    ),
    fault(
        "emoji-domain",
        "refuses characters beyond the BMP in the domain",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.text("domain").chars().any(|one| one > '\u{ffff}'));
        }),
    ),
    fault(
        "empty-domain",
        "refuses an empty domain",
        "rejects-valid",
        Slip::Answers(|sent, answer| answer.problem_if(sent.json()["domain"] == "")),
    ),
    fault(
        "extra-order",
        "refuses a property that it does not know",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.json().as_object().is_some_and(|members| {
                members.keys().any(|name| !["deviceUUid", "domain", "durationSec"].contains(&name.as_str()))
            }));
        }),
    ),
    fault(
        "charset-order",
        "refuses `application/json; charset=utf-8`",
        "rejects-valid",
        Slip::Answers(|sent, answer| {
            answer.problem_if(sent.media_type().is_some_and(|sent| sent.contains("charset")));
        }),
    ),
    fault(
        "no-key",
        "does without a key",
        "ignores-credentials",
        Slip::Reads(|sent| {
            if !sent.headers.contains_key("x-auth-apikey") {
                sent.headers.insert("x-auth-apikey", HeaderValue::from_static(API_KEY));
            }
        }),
    ),
    fault("empty-key", "takes an empty key", "ignores-credentials", Slip::Lapses(Kind::ApiKey, Lapse::Empty)),
    fault("any-key", "takes any key", "ignores-credentials", Slip::Lapses(Kind::ApiKey, Lapse::Anything)),
    fault(
        "key-start",
        "takes the beginning of a key",
        "ignores-credentials",
        Slip::Lapses(Kind::ApiKey, Lapse::Start),
    ),
    fault(
        "key-case",
        "takes a key in other letters",
        "ignores-credentials",
        Slip::Lapses(Kind::ApiKey, Lapse::Case),
    ),
    fault(
        "key-length",
        "takes any key of the right length",
        "ignores-credentials",
        Slip::Reads(|sent| {
            if sent.headers.get("x-auth-apikey").is_some_and(|key| key.len() == API_KEY.len()) {
                sent.headers.insert("x-auth-apikey", HeaderValue::from_static(API_KEY));
            }
        }),
    ),
    fault(
        "key-bearer",
        "takes the key behind `Bearer`",
        "ignores-credentials",
        Slip::Lapses(Kind::ApiKey, Lapse::Prefix),
    ),
    fault(
        "key-of-session",
        "takes a federated session token for a key",
        "ignores-credentials",
        Slip::Lapses(Kind::ApiKey, Lapse::Kind),
    ),
    fault(
        "token-form",
        "issues tokens that are no UUID",
        "response-schema",
        Slip::Lapses(Kind::Federated, Lapse::Form),
    ),
    fault(
        "crash-duration",
        "fails on a duration beyond 64 bits",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if({
                let duration = &sent.json()["durationSec"];
                duration.is_f64() || duration.is_u64() && !duration.is_i64()
            });
        }),
    ),
    fault(
        "crash-back",
        "fails on a duration below 0",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.json()["durationSec"].as_i64().is_some_and(|seconds| seconds < 0));
        }),
    ),
    fault(
        "crash-nul",
        "fails on NUL in the domain",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.text("domain").contains('\0'))),
    ),
    fault(
        "crash-long",
        "fails on a domain of more than 255 characters",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.text("domain").len() > 255)),
    ),
    fault(
        "crash-json",
        "fails on what is no JSON",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.is_no_json())),
    ),
    fault(
        "crash-no-type",
        "fails on a body without a Content-Type",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(!sent.body.is_empty() && sent.media_type().is_none())),
    ),
    fault(
        "crash-null",
        "fails on null for the body",
        "server-error",
        Slip::Answers(|sent, answer| answer.crash_if(sent.body == b"null")),
    ),
    fault(
        "crash-scheme",
        "fails on an unknown `x-auth-scheme`",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(
                sent.method == Method::POST && scheme(sent).is_some_and(|sent| !sent.contains("api")),
            );
        }),
    ),
    fault(
        "crash-key",
        "fails on an empty key",
        "server-error",
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.headers.get("x-auth-apikey").is_some_and(HeaderValue::is_empty));
        }),
    ),
    fault(
        "token-delete",
        "answers 200 to DELETE",
        "accepts-method",
        Slip::Answers(|sent, answer| answer.take(sent, &Method::DELETE)),
    ),
    fault(
        "token-put",
        "answers 200 to PUT",
        "accepts-method",
        Slip::Answers(|sent, answer| answer.take(sent, &Method::PUT)),
    ),
    fault(
        "token-no-allow",
        "answers 405 without `Allow`",
        "allow-missing",
        Slip::Answers(|_, answer| drop(answer.headers.remove(header::ALLOW))),
    ),
    fault(
        "token-lives-on",
        "issues tokens that live ten times as long as was asked for",
        "contract-criterion",
        Slip::Lapses(Kind::Federated, Lapse::LivesLonger),
    ),
    fault(
        "token-ends-at-once",
        "issues tokens that have ended",
        "contract-criterion",
        Slip::Lapses(Kind::Federated, Lapse::EndsAtOnce),
    ),
];
