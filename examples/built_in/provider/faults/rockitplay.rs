//! What can be wrong with a provider of "ROCKITPLAY".

use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{Answer, Fault, Sent, Slip};
use crate::provider::tokens::{Kind, Lapse};

const LOGIN: &str = "/be/v1/login";
const AUTH: &str = "/be/v1/auth";
const APPS: &str = "/be/v1/apps";

const fn fault(
    name: &'static str,
    what: &'static str,
    check: &'static str,
    at: &'static str,
    slip: Slip,
) -> Fault {
    Fault { name, what, check, at, slip }
}

fn has_no(sent: &Sent, header: &str) -> bool {
    !sent.headers.contains_key(header)
}

/// Answers what a right request is answered, where something is so.
fn take_if(answer: &mut Answer, is_so: bool, body: &Value) {
    if is_so && answer.status.is_client_error() {
        answer.status = StatusCode::OK;
        answer.body = body.to_string().into_bytes();
    }
}

pub(crate) const FAULTS: &[Fault] = &[
    fault(
        "login-no-status",
        "answers a login without `status`",
        "response-schema",
        LOGIN,
        Slip::Answers(|_, answer| {
            answer.succeed(|body| drop(body.as_object_mut().and_then(|body| body.remove("status"))));
        }),
    ),
    fault(
        "login-expires-text",
        "answers the end of a session as a date",
        "response-schema",
        LOGIN,
        Slip::Answers(|_, answer| {
            answer.succeed(|body| body["session"]["expires"] = json!("2030-01-01T00:00:00Z"));
        }),
    ),
    fault(
        "login-expires-fraction",
        "answers the end of a session with a fraction",
        "response-schema",
        LOGIN,
        Slip::Answers(|_, answer| answer.succeed(|body| body["session"]["expires"] = json!(1_893_456_000.5))),
    ),
    fault(
        "login-flat",
        "answers the session's token without `session` around it",
        "response-schema",
        LOGIN,
        Slip::Answers(|_, answer| answer.succeed(|body| *body = body["session"].take())),
    ),
    fault(
        "login-201",
        "answers a login with 201",
        "undeclared-status",
        LOGIN,
        Slip::Answers(|_, answer| answer.turn(StatusCode::OK, StatusCode::CREATED)),
    ),
    fault(
        "login-html",
        "answers a login as text/html",
        "content-type",
        LOGIN,
        Slip::Answers(|_, answer| answer.call("text/html")),
    ),
    fault(
        "login-fails",
        "answers a login with 500",
        "server-error",
        LOGIN,
        Slip::Answers(|_, answer| answer.crash_if(true)),
    ),
    fault(
        "login-403",
        "refuses a login with 403",
        "undeclared-status",
        LOGIN,
        Slip::Answers(|_, answer| answer.turn(StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN)),
    ),
    fault(
        "login-error-bare",
        "refuses a login without saying why",
        "response-schema",
        LOGIN,
        Slip::Answers(|_, answer| answer.refuse(|body| body["error"] = Value::Null)),
    ),
    fault(
        "auth-no-expires",
        "answers an authentication without its end",
        "response-schema",
        AUTH,
        Slip::Answers(|_, answer| {
            answer.succeed(|body| body["auth"] = json!({"token": body["auth"]["token"]}));
        }),
    ),
    fault(
        "auth-token-null",
        "answers null for the backend token",
        "response-schema",
        AUTH,
        Slip::Answers(|_, answer| answer.succeed(|body| body["auth"]["token"] = Value::Null)),
    ),
    fault(
        "auth-error-empty",
        "refuses an authentication without a body",
        "body-missing",
        AUTH,
        Slip::Answers(|_, answer| {
            if answer.status.is_client_error() {
                answer.body.clear();
            }
        }),
    ),
    fault(
        "auth-error-status",
        "refuses an authentication without `status`",
        "response-schema",
        AUTH,
        Slip::Answers(|_, answer| {
            answer.refuse(|body| drop(body.as_object_mut().and_then(|body| body.remove("status"))));
        }),
    ),
    fault(
        "auth-403",
        "refuses a session token with 403",
        "undeclared-status",
        AUTH,
        Slip::Answers(|_, answer| answer.turn(StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN)),
    ),
    fault(
        "auth-401",
        "answers 401 where the session token is missing, which the page calls 400 missing-param",
        "contract-criterion",
        AUTH,
        Slip::Answers(|_, answer| answer.turn(StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED)),
    ),
    fault(
        "auth-invalid",
        "answers `invalid` for `missing-param`",
        "contract-criterion",
        AUTH,
        Slip::Answers(|_, answer| {
            if answer.status == StatusCode::BAD_REQUEST {
                answer.refuse(|body| body["error"] = json!("invalid"));
            }
        }),
    ),
    fault(
        "auth-204",
        "answers an authentication with 204",
        "undeclared-status",
        AUTH,
        Slip::Answers(|_, answer| {
            if answer.status.is_success() {
                answer.status = StatusCode::NO_CONTENT;
                answer.body.clear();
                answer.headers.remove(header::CONTENT_TYPE);
            }
        }),
    ),
    fault(
        "apps-no-name",
        "answers an app without a name",
        "response-schema",
        APPS,
        Slip::Answers(|_, answer| answer.succeed(|body| body["apps"][1] = json!({"id": "app-2"}))),
    ),
    fault(
        "apps-id-number",
        "answers a number for the id of an app",
        "response-schema",
        APPS,
        Slip::Answers(|_, answer| answer.succeed(|body| body["apps"][0]["id"] = json!(1))),
    ),
    fault(
        "apps-object",
        "answers the apps as an object",
        "response-schema",
        APPS,
        Slip::Answers(|_, answer| answer.succeed(|body| body["apps"] = json!({"app-1": "Space Rocks"}))),
    ),
    fault(
        "apps-null",
        "answers null for the apps",
        "response-schema",
        APPS,
        Slip::Answers(|_, answer| answer.succeed(|body| body["apps"] = Value::Null)),
    ),
    fault(
        "apps-xml",
        "answers the apps as XML",
        "content-type",
        APPS,
        Slip::Answers(|_, answer| answer.call("application/xml")),
    ),
    fault(
        "apps-cut",
        "answers the apps in JSON that is cut off",
        "body-unreadable",
        APPS,
        Slip::Answers(|_, answer| answer.body.truncate(answer.body.len() / 2)),
    ),
    fault(
        "apps-400",
        "refuses a backend token with 400",
        "undeclared-status",
        APPS,
        Slip::Answers(|_, answer| answer.turn(StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST)),
    ),
    fault(
        "login-no-password",
        "takes a login without a password",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            if sent.json().get("password").is_none() {
                sent.mend("password", Value::is_null, &json!("none"));
            }
        }),
    ),
    fault(
        "login-no-user",
        "takes a login without a user",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            if sent.json().get("user").is_none() {
                sent.mend("user", Value::is_null, &json!("nobody"));
            }
        }),
    ),
    fault(
        "login-empty-password",
        "takes an empty password",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| sent.mend("password", |value| value == "", &json!("none"))),
    ),
    fault(
        "login-empty-user",
        "takes an empty user",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| sent.mend("user", |value| value == "", &json!("nobody"))),
    ),
    fault(
        "login-number",
        "takes a number for the user",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| sent.mend("user", Value::is_number, &json!("7"))),
    ),
    fault(
        "login-null",
        "takes null for the password",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            if sent.json().get("password").is_some() {
                sent.mend("password", Value::is_null, &json!("null"));
            }
        }),
    ),
    fault(
        "login-list",
        "takes a list for the password",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| sent.mend("password", Value::is_array, &json!("list"))),
    ),
    fault(
        "login-any-type",
        "takes JSON of any media type",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            let body = sent.json();
            if body.is_object() {
                sent.put(&body);
            }
        }),
    ),
    fault(
        "login-form",
        "takes a form",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            if sent.media_type() == Some("application/x-www-form-urlencoded") {
                sent.put(&json!({"user": "form", "password": "form"}));
            }
        }),
    ),
    fault(
        "login-rubbish",
        "takes what is no JSON",
        "accepts-invalid",
        LOGIN,
        Slip::Reads(|sent| {
            if sent.is_no_json() {
                sent.put(&json!({"user": "rubbish", "password": "rubbish"}));
            }
        }),
    ),
    fault(
        "login-emoji",
        "refuses characters beyond the BMP in a password",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| {
            answer.refuse_if(sent.text("password").chars().any(|one| one > '\u{ffff}'));
        }),
    ),
    fault(
        "login-short",
        "refuses a user of one character",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text("user").chars().count() == 1)),
    ),
    fault(
        "login-long",
        "refuses a password of more than 72 bytes",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text("password").len() > 72)),
    ),
    fault(
        "login-accent",
        "refuses a user with letters that are not ASCII",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| answer.refuse_if(!sent.text("user").is_ascii())),
    ),
    fault(
        "login-space",
        "refuses a password that begins with a space",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| answer.refuse_if(sent.text("password").starts_with(' '))),
    ),
    fault(
        "login-extra",
        "refuses a property that it does not know",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| {
            answer.refuse_if(sent.json().as_object().is_some_and(|members| members.len() > 2));
        }),
    ),
    fault(
        "login-mail",
        "refuses a user that is no mail address",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| answer.refuse_if(!sent.text("user").contains('@'))),
    ),
    fault(
        "login-charset",
        "refuses `application/json; charset=utf-8`",
        "rejects-valid",
        LOGIN,
        Slip::Answers(|sent, answer| {
            answer.refuse_if(sent.media_type().is_some_and(|sent| sent.contains("charset")));
        }),
    ),
    fault(
        "auth-body",
        "refuses an authentication that says no media type",
        "rejects-valid",
        AUTH,
        Slip::Answers(|sent, answer| answer.refuse_if(sent.media_type().is_none())),
    ),
    fault(
        "auth-absent",
        "authenticates without a session token",
        "ignores-credentials",
        AUTH,
        Slip::Answers(|sent, answer| {
            take_if(
                answer,
                has_no(sent, "x-rockit-besession-token"),
                &json!({"status": "success", "auth": {"token": "t", "expires": 0}}),
            );
        }),
    ),
    fault(
        "auth-empty",
        "takes an empty session token",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Empty),
    ),
    fault(
        "auth-anything",
        "takes any session token",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Anything),
    ),
    fault(
        "auth-start",
        "takes the beginning of a session token",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Start),
    ),
    fault(
        "auth-case",
        "takes a session token in other letters",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Case),
    ),
    fault(
        "auth-bearer",
        "takes a session token behind `Bearer`",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Prefix),
    ),
    fault(
        "auth-kind",
        "takes another kind of token for a session token",
        "ignores-credentials",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Kind),
    ),
    fault(
        "auth-ended",
        "takes a session token that has ended",
        "contract-criterion",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::End),
    ),
    fault(
        "auth-lives-on",
        "a session token lives ten times as long as it says",
        "contract-criterion",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::LivesLonger),
    ),
    fault(
        "auth-sample",
        "takes the session token of the page's sample",
        "ignores-credentials",
        AUTH,
        Slip::Answers(|sent, answer| {
            let is_sample =
                sent.headers.get("x-rockit-besession-token").is_some_and(|sent| sent == "eyFHsHDfjdsdH...");
            take_if(answer, is_sample, &json!({"status": "success", "auth": {"token": "t", "expires": 0}}));
        }),
    ),
    fault(
        "apps-absent",
        "lists the apps without a backend token",
        "ignores-credentials",
        APPS,
        Slip::Answers(|sent, answer| {
            take_if(answer, has_no(sent, "x-rockit-beauth-token"), &json!({"status": "success", "apps": []}));
        }),
    ),
    fault(
        "apps-empty",
        "takes an empty backend token",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Empty),
    ),
    fault(
        "apps-anything",
        "takes any backend token",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Anything),
    ),
    fault(
        "apps-start",
        "takes the beginning of a backend token",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Start),
    ),
    fault(
        "apps-case",
        "takes a backend token in other letters",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Case),
    ),
    fault(
        "apps-bearer",
        "takes a backend token behind `Bearer`",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Prefix),
    ),
    fault(
        "apps-kind",
        "takes another kind of token for a backend token",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Kind),
    ),
    fault(
        "apps-ended",
        "takes a backend token that has ended",
        "contract-criterion",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::End),
    ),
    fault(
        "apps-lives-on",
        "a backend token lives ten times as long as it says",
        "contract-criterion",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::LivesLonger),
    ),
    fault(
        "apps-unsigned",
        "does not look at the signature of a backend token",
        "ignores-credentials",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Signature),
    ),
    fault(
        "login-one-each",
        "a second login of a user ends the first session",
        "token-refused",
        LOGIN,
        Slip::Lapses(Kind::Session, Lapse::OneEach),
    ),
    fault(
        "auth-one-use",
        "a session token is right once, though it lives for a day",
        "token-refused",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::OneUse),
    ),
    fault(
        "apps-one-use",
        "a backend token is right once, though it lives for five minutes",
        "token-refused",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::OneUse),
    ),
    fault(
        "login-useless",
        "the session token of a login is taken nowhere",
        "token-refused",
        AUTH,
        Slip::Lapses(Kind::Session, Lapse::Right),
    ),
    fault(
        "auth-useless",
        "the token of an authentication is taken nowhere",
        "token-refused",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::Right),
    ),
    fault(
        "auth-ends-at-once",
        "a backend token has ended when it is issued",
        "token-refused",
        APPS,
        Slip::Lapses(Kind::Backend, Lapse::EndsAtOnce),
    ),
    fault(
        "auth-form",
        "issues backend tokens that are no JWT",
        "contract-criterion",
        AUTH,
        Slip::Lapses(Kind::Backend, Lapse::Form),
    ),
    fault(
        "auth-milliseconds",
        "answers the end of a backend token in milliseconds",
        "contract-criterion",
        AUTH,
        Slip::Answers(|_, answer| {
            answer.succeed(|body| {
                body["auth"]["expires"] = json!(body["auth"]["expires"].as_i64().unwrap_or_default() * 1000);
            });
        }),
    ),
    fault(
        "login-hour",
        "answers that a session ends after an hour",
        "contract-criterion",
        LOGIN,
        Slip::Answers(|_, answer| {
            answer.succeed(|body| {
                body["session"]["expires"] =
                    json!(body["session"]["expires"].as_i64().unwrap_or_default() - 82_800);
            });
        }),
    ),
    fault(
        "crash-user",
        "fails on NUL in the user",
        "server-error",
        LOGIN,
        Slip::Answers(|sent, answer| answer.crash_if(sent.text("user").contains('\0'))),
    ),
    fault(
        "crash-password",
        "fails on a password of more than 10,000 characters",
        "server-error",
        LOGIN,
        Slip::Answers(|sent, answer| answer.crash_if(sent.text("password").len() > 10_000)),
    ),
    fault(
        "crash-login-json",
        "fails on a login that is no JSON",
        "server-error",
        LOGIN,
        Slip::Answers(|sent, answer| answer.crash_if(sent.is_no_json())),
    ),
    fault(
        "crash-login-list",
        "fails on a list for a login",
        "server-error",
        LOGIN,
        Slip::Answers(|sent, answer| answer.crash_if(sent.json().is_array())),
    ),
    fault(
        "crash-login-type",
        "fails on a login without a Content-Type",
        "server-error",
        LOGIN,
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.method == Method::POST && sent.media_type().is_none());
        }),
    ),
    fault(
        "crash-session",
        "fails on a session token that it does not know",
        "server-error",
        AUTH,
        Slip::Answers(|_, answer| answer.crash_if(answer.status == StatusCode::UNAUTHORIZED)),
    ),
    fault(
        "crash-session-empty",
        "fails on an empty session token",
        "server-error",
        AUTH,
        Slip::Answers(|sent, answer| {
            answer.crash_if(sent.headers.get("x-rockit-besession-token").is_some_and(HeaderValue::is_empty));
        }),
    ),
    fault(
        "crash-backend",
        "fails on a backend token that is no JWT",
        "server-error",
        APPS,
        Slip::Answers(|sent, answer| {
            answer.crash_if(
                sent.headers
                    .get("x-rockit-beauth-token")
                    .is_some_and(|sent| sent.as_bytes().split(|byte| *byte == b'.').count() != 3),
            );
        }),
    ),
    fault(
        "apps-delete",
        "answers 200 to DELETE of the apps",
        "accepts-method",
        APPS,
        Slip::Answers(|sent, answer| answer.take(sent, &Method::DELETE)),
    ),
    fault(
        "login-get",
        "answers 200 to GET of the login",
        "accepts-method",
        LOGIN,
        Slip::Answers(|sent, answer| answer.take(sent, &Method::GET)),
    ),
    fault(
        "apps-no-allow",
        "answers 405 without `Allow`",
        "allow-missing",
        APPS,
        Slip::Answers(|_, answer| drop(answer.headers.remove(header::ALLOW))),
    ),
];
