//! Outcomes that are made up, with a secret at each place where one can stand.

use std::sync::Arc;

use http::{HeaderValue, Method, StatusCode};

use crate::{
    api,
    document::{self, Source},
    exchange::{Request, Response},
    finding::{Code, Finding, Location, Part, Pointer},
    mask::Mask,
    mock::{self, Mock},
    plan::Address,
    report::{Colour, Verified, violations},
    sandbox::Clock,
    verify::{Check, Outcome, Phase, Violation},
};

const DOCUMENT: &str = "openapi: 3.1.0
info: {title: t, version: '1'}
security: [{header: [], query: []}]
paths:
  /login:
    post: {responses: {'200': {description: d}}}
components:
  securitySchemes:
    header: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: api_key}
";

fn mock() -> Mock {
    let source = Source::Text { name: "t".to_owned(), text: DOCUMENT.into() };
    let (api, _) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), mock::Options::default()).0
}

/// An outcome of one violation, in which this was answered to this.
fn outcome(request: Request, response: Response, message: &str) -> Outcome {
    let location = Location::Response(Part::Line, Pointer::root());
    let violation = Violation {
        check: Check::ServerError,
        operation: Address { api: 0, operation: 0 },
        phase: Phase::Coverage,
        what: "nothing".to_owned(),
        finding: Finding::error(Code::UndeclaredStatus, location, message),
        before: Vec::new(),
        request,
        response,
        number: 1,
        replay: None,
        regression: None,
    };
    Outcome { violations: vec![violation], ..Outcome::default() }
}

fn answer(body: &str) -> Response {
    Response { body: body.to_owned().into(), ..Response::empty(StatusCode::OK) }
}

/// The one violation without its secrets.
fn masked(outcome: &Outcome, given: &[(&str, &str)]) -> Violation {
    let mock = mock();
    let given: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Mask::new(mock.plan(), mock.books(), &given).outcome(outcome).violations.remove(0)
}

fn post(target: &str) -> Request {
    Request::new(Method::POST, target)
}

#[test]
fn of_a_field_that_carries_credentials_only_what_is_no_secret_stays() {
    let request = post("/login")
        .header("authorization", "Bearer tokentoken")
        .header("cookie", "a=first-one; b=second-one")
        .header("x-key", "short")
        .header("x-other", "kept");
    let mut response = answer("");
    response.headers.insert("set-cookie", HeaderValue::from_static("a=first-one; HttpOnly"));
    let found = masked(&outcome(request, response, "m"), &[]);
    assert_eq!(found.request.header_values("authorization"), ["Bearer ***"]);
    assert_eq!(found.request.header_values("cookie"), ["a=***; b=***"]);
    assert_eq!(found.request.header_values("x-key"), ["***"]);
    assert_eq!(found.request.header_values("x-other"), ["kept"]);
    assert_eq!(found.response.header("set-cookie"), Some("a=***; HttpOnly"));
}

#[test]
fn a_key_in_the_query_is_hidden_there_and_wherever_it_comes_back() {
    let request = post("/login?a=b&api_key=open%2Fsesame&c=");
    let response = answer(r#"{"told": "no open/sesame here", "again": "open%2Fsesame"}"#);
    let found = masked(&outcome(request, response, "`open/sesame` is too long"), &[]);
    assert_eq!(found.request.query.as_deref(), Some("a=b&api_key=***&c="));
    assert_eq!(found.response.body, r#"{"told": "no *** here", "again": "***"}"#);
    assert_eq!(found.finding.message, "`***` is too long");
}

#[test]
fn a_token_in_an_answer_is_hidden_by_its_name_and_by_its_look() {
    let body = r#"{"access_token" : "a\"b", "note": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "id": 1}"#;
    let found = masked(&outcome(post("/login"), answer(body), "m"), &[]);
    assert_eq!(found.response.body, r#"{"access_token" : "***", "note": "***", "id": 1}"#);
}

#[test]
fn a_secret_in_a_form_or_beside_bytes_that_are_no_text_is_hidden() {
    let form = post("/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("user=me&client_secret=abc");
    let mut response = answer("");
    response.body = b"\xffgiven-by-hand".to_vec().into();
    let found = masked(&outcome(form, response, "m"), &[("X-Mine", "given-by-hand")]);
    assert_eq!(found.request.bytes(), b"user=me&client_secret=***");
    assert_eq!(found.response.body, "\u{fffd}***");
}

#[test]
fn what_the_caller_gave_is_hidden_but_for_fields_that_say_nothing_of_who_asks() {
    let request = post("/login").header("accept", "application/json").header("x-mine", "abc");
    let response = answer("application/json");
    let given = [("Accept", "application/json"), ("X-Mine", "abc")];
    let found = masked(&outcome(request, response, "m"), &given);
    assert_eq!(found.request.header_values("accept"), ["application/json"]);
    assert_eq!(found.request.header_values("x-mine"), ["***"]);
    assert_eq!(found.response.body, "application/json");
}

#[test]
fn credentials_that_are_empty_are_shown_so() {
    let request = post("/login?api_key=").header("x-key", "").header("authorization", "");
    let found = masked(&outcome(request, answer(""), "m"), &[]);
    assert_eq!(found.request.query.as_deref(), Some("api_key="));
    assert_eq!(found.request.header_values("x-key"), [""]);
    assert_eq!(found.request.header_values("authorization"), [""]);
}

#[test]
fn a_secret_in_a_body_that_was_cut_is_hidden_up_to_the_cut() {
    for (body, hidden) in [
        (r#"{"id": 1, "access_token": "hush-hu"#, r#"{"id": 1, "access_token": "***""#),
        (r#"{"access_token": "hush\"#, r#"{"access_token": "***""#),
        (r#"{"id": "eyJhbGciOiJub25lIn0.eyJzdWIi"#, r#"{"id": "***"#),
        (r#"{"note": "kept"#, r#"{"note": "kept"#),
    ] {
        let found = masked(&outcome(post("/login"), answer(body), "m"), &[]);
        assert_eq!(found.response.body, hidden);
    }
}

#[test]
fn no_report_tells_a_secret() {
    let mock = mock();
    let request =
        post("/login?api_key=open-sesame").header("x-key", "hush-hush").body(r#"{"a": "hush-hush"}"#);
    let raw = outcome(request, answer("open-sesame, hush-hush"), "hush-hush");
    let mask = Mask::new(mock.plan(), mock.books(), &[]);
    let base = mask.url("http://me:hidden@127.0.0.1:1");
    assert_eq!(base, "http://***@127.0.0.1:1");
    let masked = mask.outcome(&raw);
    let verified = Verified::new(&masked, mock.plan(), &base);
    let terminal = violations(&masked, mock.plan(), &base, Colour::Plain);
    for text in [terminal, verified.json(), verified.junit(), verified.html(), verified.github()] {
        assert!(text.contains("***"), "{text}");
        assert!(
            !["open-sesame", "hush-hush", "me:hidden"].iter().any(|secret| text.contains(secret)),
            "{text}"
        );
    }
}
