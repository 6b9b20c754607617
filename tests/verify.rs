//! `verify` against mocks that are right, where it must find nothing, and against saboteurs, each of which must be found.
//!
//! A saboteur is the mock with one rule broken. The table of what it takes to find each is written to `docs/verify.md`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the project's own files"
)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use standin::{
    api,
    credential::Foreign,
    document::{self, Source},
    exchange::{Handler, Reply, Request, Response},
    finding::{Code, Finding, Part},
    mock::{self, Mock},
    plan::Optional,
    report,
    sandbox::Clock,
    schema::Dice,
    verify::{Check, Exchange, Observer, Options, Outcome, Verifier},
};

/// A mock of one document, to which tokens of others mean nothing.
fn mock(path: &str) -> Mock {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let (api, _) = api::read(Arc::new(document::load(&Source::Path(path)).unwrap())).unwrap();
    let options = mock::Options { foreign: Foreign::Refused, ..mock::Options::default() };
    Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), options).0
}

fn verified(mock: &Mock, target: impl Handler, seed: u64) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // What is found is made smaller elsewhere: `tests/verify_runs.rs`.
    let options = Options { seed, fuzz: 20, shrink: 0, ..Options::default() };
    runtime.block_on(Verifier::new(mock.plan(), mock.books(), target, options).run(&()))
}

/// The same, only until a check fails.
fn found(mock: &Mock, target: impl Handler, seed: u64, check: Check) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = Options { seed, checks: vec![check], ..Options::default() };
    let until = Until(AtomicBool::new(false));
    runtime.block_on(Verifier::new(mock.plan(), mock.books(), target, options).run(&until))
}

/// Has a run go on until something is found that counts.
struct Until(AtomicBool);

impl Observer for Until {
    fn goes_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    fn see(&self, exchange: &Exchange<'_>) {
        self.0.fetch_or(exchange.found > 0, Ordering::Relaxed);
    }
}

fn told(outcome: &Outcome) -> String {
    let lines = outcome.violations.iter().map(|one| {
        format!("{}: {} ({}): {} {:?}", one.check, one.what, one.finding, one.response.status, one.request)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The document of the saboteurs that orders have no room for.
const SHAPES: &str = "tests/verify/shapes.yaml";

const DOCUMENTS: [&str; 5] = [
    SHAPES,
    "tests/verify/orders.yaml",
    "openapi/device-sessions.yaml",
    "openapi/rhombus.yaml",
    "openapi/rockitplay.yaml",
];

#[test]
fn nothing_is_found_in_a_mock_of_the_same_document() {
    for path in DOCUMENTS {
        for seed in 0..20 {
            let mock = mock(path);
            let outcome = verified(&mock, Mirror(&mock), seed);
            assert!(outcome.violations.is_empty(), "{path}, seed {seed}:\n{}", told(&outcome));
            assert!(outcome.untried.is_empty(), "{path}: {:?}", outcome.untried);
        }
    }
}

/// The mock as it is.
struct Mirror<'m>(&'m Mock);

impl Handler for Mirror<'_> {
    async fn handle(&self, request: Request) -> Reply {
        self.0.answer(&request)
    }
}

/// Whoever refuses everybody.
struct Closed;

impl Handler for Closed {
    async fn handle(&self, _: Request) -> Reply {
        Reply::new(Response::empty(StatusCode::UNAUTHORIZED), "closed")
    }
}

#[test]
fn an_operation_that_never_succeeds_is_not_covered_and_says_what_is_not_known() {
    let mock = mock("tests/verify/orders.yaml");
    assert!(verified(&mock, Mirror(&mock), 0).is_covered());
    let outcome = verified(&mock, Closed, 0);
    assert!(!outcome.is_covered());
    let summary = report::summary(&outcome, mock.plan());
    let line = summary.lines().find(|line| line.starts_with("GET /orders:")).unwrap();
    assert!(line.contains("each was a 401: credentials are not accepted"), "{line}");
    assert!(line.contains("no verdict of rejects-valid ("), "{line}");
}

/// The mirror, which keeps what was asked for.
struct Recorder<'m>(&'m Mock, &'m Mutex<Vec<Request>>);

impl Handler for Recorder<'_> {
    async fn handle(&self, request: Request) -> Reply {
        self.1.lock().unwrap().push(request.clone());
        self.0.answer(&request)
    }
}

#[test]
fn a_number_in_a_query_is_encoded_once() {
    let mock = mock("tests/verify/orders.yaml");
    let asked = Mutex::default();
    verified(&mock, Recorder(&mock, &asked), 0);
    let queries: Vec<String> =
        asked.lock().unwrap().iter().filter_map(|request| request.query.clone()).collect();
    assert!(queries.iter().any(|query| query.contains("limit=1e%2B30")), "{queries:?}");
    assert!(!queries.iter().any(|query| query.contains("%252B")), "{queries:?}");
}

#[test]
fn texts_that_do_not_matter_are_never_the_same() {
    let mock = mock("tests/verify/orders.yaml");
    let asked = Mutex::default();
    verified(&mock, Recorder(&mock, &asked), 0);
    let asked = asked.lock().unwrap();
    let made = asked.iter().filter(|request| request.path == "/orders" && request.method == Method::POST);
    let customers: Vec<String> =
        made.filter_map(|request| Some(sent(request)["customer"].as_str()?.to_owned())).collect();
    let distinct: BTreeSet<&String> = customers.iter().collect();
    // What is tried is the customer itself, or the bytes of the body, in the others.
    assert!(distinct.len() * 2 > customers.len(), "{} of {}", distinct.len(), customers.len());
}

/// What a saboteur does to a reply.
type Sabotage = fn(&Mock, &Request, Reply) -> Reply;

/// The mock with one rule broken.
struct Saboteur<'m> {
    mock: &'m Mock,
    sabotage: Sabotage,
}

impl Handler for Saboteur<'_> {
    async fn handle(&self, request: Request) -> Reply {
        (self.sabotage)(self.mock, &request, self.mock.answer(&request))
    }
}

/// The answer with its body changed, where it is a success with a body.
fn with_body(mut reply: Reply, change: impl Fn(&mut Value)) -> Reply {
    if let (true, Ok(mut body)) =
        (reply.response.status.is_success(), serde_json::from_slice::<Value>(&reply.response.body))
    {
        change(&mut body);
        reply.response.body = body.to_string().into();
    }
    reply
}

fn with_status(mut reply: Reply, status: u16) -> Reply {
    reply.response.status = StatusCode::from_u16(status).unwrap();
    reply
}

/// What the mock answers to a right request of the operation that is meant.
fn success(mock: &Mock, request: &Request) -> Option<Reply> {
    let route = mock.plan().route(request).ok()?;
    let mut dice = Dice::smallest();
    let mut draft = mock.plan().draft(route.address, Optional::Left, &mut dice).ok()?;
    let now = mock.clock().now();
    let book = &mock.books()[0];
    for credential in 0..book.credentials().len() {
        let token = book.mint(credential, now, jiff::SignedDuration::from_mins(5), &mut dice)?;
        draft.carried.push((Part::Header, "authorization".to_owned(), format!("Bearer {}", token.text)));
    }
    Some(mock.answer(&mock.plan().write(route.address, &draft).ok()?))
}

/// Takes what is refused only for this.
fn taking(mock: &Mock, request: &Request, reply: Reply, is_overlooked: fn(&Finding) -> bool) -> Reply {
    let is_only_this = !reply.findings.is_empty() && reply.findings.iter().all(is_overlooked);
    let taken = is_only_this.then(|| success(mock, request)).flatten();
    taken.unwrap_or(reply)
}

fn breaks(finding: &Finding, keyword: &str) -> bool {
    finding.keyword.as_deref() == Some(keyword)
}

fn says(request: &Request, text: &str) -> bool {
    String::from_utf8_lossy(request.bytes()).contains(text)
}

/// Each saboteur: what it does, the check that must fail, and how it does it.
const SABOTEURS: &[(&str, Check, Sabotage)] = &[
    ("drops a required property", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| drop(body.as_object_mut().and_then(|body| body.remove("created"))))
    }),
    ("changes the type of a property", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if body.get("id").is_some() {
                body["id"] = json!("7");
            }
        })
    }),
    ("goes below a minimum", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if body.get("id").is_some() {
                body["id"] = json!(0);
            }
        })
    }),
    ("leaves an enum", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if body.get("state").is_some() {
                body["state"] = json!("Open");
            }
        })
    }),
    ("breaks a format", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if body.get("created").is_some() {
                body["created"] = json!("2026-13-45");
            }
        })
    }),
    ("breaks an item of a list", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if let Some(items) = body.as_array_mut() {
                items.push(json!({"id": 1}));
            }
        })
    }),
    ("answers an object for a list", Check::ResponseSchema, |_, _, reply| {
        with_body(reply, |body| {
            if body.is_array() {
                *body = json!({"items": body.take()});
            }
        })
    }),
    ("answers null", Check::ResponseSchema, |_, _, reply| with_body(reply, |body| *body = Value::Null)),
    ("cuts a body off", Check::BodyUnreadable, |_, _, mut reply| {
        let length = reply.response.body.len();
        reply.response.body.truncate(length.saturating_sub(1));
        reply
    }),
    ("leaves a body out", Check::BodyMissing, |_, _, mut reply| {
        reply.response.body.clear();
        reply
    }),
    ("answers another media type", Check::ContentType, |_, _, mut reply| {
        if !reply.response.body.is_empty() {
            reply.response.headers.insert("content-type", HeaderValue::from_static("text/html"));
        }
        reply
    }),
    ("names no media type", Check::ContentType, |_, _, mut reply| {
        reply.response.headers.remove("content-type");
        reply
    }),
    ("answers an undeclared success", Check::UndeclaredStatus, |_, _, reply| {
        if reply.response.status.is_success() { with_status(reply, 206) } else { reply }
    }),
    ("refuses with an undeclared status", Check::UndeclaredStatus, |_, _, reply| {
        if reply.response.status.is_client_error() { with_status(reply, 418) } else { reply }
    }),
    ("leaves a required header out", Check::ResponseHeader, |_, _, mut reply| {
        reply.response.headers.remove("x-total");
        reply
    }),
    ("breaks a header", Check::ResponseHeader, |_, _, mut reply| {
        if reply.response.headers.contains_key("x-total") {
            reply.response.headers.insert("x-total", HeaderValue::from_static("many"));
        }
        reply
    }),
    ("fails on everything", Check::ServerError, |_, _, reply| with_status(reply, 500)),
    ("fails on characters beyond the BMP", Check::ServerError, |_, request, reply| {
        if says(request, "😀") { with_status(reply, 500) } else { reply }
    }),
    ("fails on what is no JSON", Check::ServerError, |_, request, reply| {
        let is_json = serde_json::from_slice::<Value>(request.bytes()).is_ok();
        if request.bytes().is_empty() || is_json { reply } else { with_status(reply, 500) }
    }),
    ("fails on null", Check::ServerError, |_, request, reply| {
        if says(request, "null") { with_status(reply, 502) } else { reply }
    }),
    ("fails on very large numbers", Check::ServerError, |_, request, reply| {
        if says(request, "1e+30") || says(request, "1e30") { with_status(reply, 500) } else { reply }
    }),
    ("fails on an unknown media type", Check::ServerError, |_, request, reply| {
        let is_unknown = request.header_values("content-type").iter().any(|sent| sent.contains("unknown"));
        if is_unknown { with_status(reply, 500) } else { reply }
    }),
    ("wants an optional property", Check::RejectsValid, |_, request, reply| {
        let lacks = request.method == Method::POST && request.path == "/orders" && !says(request, "note");
        if lacks && reply.response.status.is_success() { with_status(reply, 422) } else { reply }
    }),
    ("refuses an optional parameter", Check::RejectsValid, |_, request, reply| {
        let has = request.query.as_deref().is_some_and(|query| query.contains("limit"));
        if has && reply.response.status.is_success() { with_status(reply, 400) } else { reply }
    }),
    ("refuses the longest text", Check::RejectsValid, |_, request, reply| {
        let body: Value = serde_json::from_slice(request.bytes()).unwrap_or_default();
        let is_longest = body["customer"].as_str().is_some_and(|text| text.chars().count() == 20);
        if is_longest && reply.response.status.is_success() { with_status(reply, 422) } else { reply }
    }),
    ("counts bytes for characters", Check::RejectsValid, |_, request, reply| {
        let body: Value = serde_json::from_slice(request.bytes()).unwrap_or_default();
        let is_accented = body["customer"].as_str().is_some_and(|text| !text.is_ascii());
        if is_accented && reply.response.status.is_success() { with_status(reply, 422) } else { reply }
    }),
    ("refuses a bound", Check::RejectsValid, |_, request, reply| {
        let body: Value = serde_json::from_slice(request.bytes()).unwrap_or_default();
        let is_bound = body["discount"].as_f64() == Some(0.0);
        if is_bound && reply.response.status.is_success() { with_status(reply, 422) } else { reply }
    }),
    ("knows one value of an enum only", Check::RejectsValid, |_, request, reply| {
        let has = request.query.as_deref().is_some_and(|query| query.contains("closed"));
        if has && reply.response.status.is_success() { with_status(reply, 400) } else { reply }
    }),
    ("takes a body without a required property", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "required"))
    }),
    ("takes another type", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "type"))
    }),
    ("takes a text that is too short", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "minLength"))
    }),
    ("takes a text that is too long", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "maxLength"))
    }),
    ("takes less than a minimum", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "minimum"))
    }),
    ("takes more than a maximum", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "maximum"))
    }),
    ("takes an exclusive bound", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "exclusiveMaximum"))
    }),
    ("takes what is not in an enum", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "enum"))
    }),
    ("takes what does not match a pattern", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "pattern"))
    }),
    ("takes what is not of a format", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "format"))
    }),
    ("takes too many items", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "maxItems"))
    }),
    ("takes an empty list", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "minItems"))
    }),
    ("takes unknown properties", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| breaks(finding, "additionalProperties"))
    }),
    ("does without a required parameter", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| finding.code == Code::MissingParam)
    }),
    ("does without a body", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| finding.code == Code::MissingBody)
    }),
    ("takes any media type", Check::AcceptsInvalid, |mock, request, reply| {
        taking(mock, request, reply, |finding| finding.code == Code::UnsupportedMediaType)
    }),
    ("takes what is no JSON", Check::AcceptsInvalid, |mock, request, reply| {
        let is_json = serde_json::from_slice::<Value>(request.bytes()).is_ok();
        let taken = (!is_json && !request.bytes().is_empty()).then(|| success(mock, request)).flatten();
        taken.unwrap_or(reply)
    }),
    ("asks for no credentials", Check::IgnoresCredentials, |mock, request, reply| {
        taking(mock, request, reply, |finding| finding.code == Code::MissingCredential)
    }),
    ("does not look at credentials", Check::IgnoresCredentials, |mock, request, reply| {
        taking(mock, request, reply, |finding| finding.code == Code::InvalidCredential)
    }),
    ("takes methods that it has not", Check::AcceptsMethod, |_, _, reply| {
        if reply.response.status == StatusCode::METHOD_NOT_ALLOWED { with_status(reply, 200) } else { reply }
    }),
    ("does not say which methods it has", Check::AllowMissing, |_, _, mut reply| {
        reply.response.headers.remove("allow");
        reply
    }),
];

/// The body of a request, where it is JSON.
fn sent(request: &Request) -> Value {
    serde_json::from_slice(request.bytes()).unwrap_or_default()
}

fn failing(reply: Reply, is_it: bool) -> Reply {
    if is_it { with_status(reply, 500) } else { reply }
}

fn refusing(reply: Reply, is_it: bool) -> Reply {
    if is_it && reply.response.status.is_success() { with_status(reply, 400) } else { reply }
}

/// Takes what is refused only for this, as far as it is sent like this.
fn taking_it(mock: &Mock, request: &Request, reply: Reply, keyword: &str, is_it: bool) -> Reply {
    let is_only_this =
        !reply.findings.is_empty() && reply.findings.iter().all(|finding| breaks(finding, keyword));
    let taken = (is_it && is_only_this).then(|| success(mock, request)).flatten();
    taken.unwrap_or(reply)
}

fn bearer(request: &Request) -> String {
    request.header_values("authorization").join(" ")
}

/// What the mock answers where the bearer token is another.
fn as_if(mock: &Mock, request: &Request, token: impl Fn(&str) -> Option<String>) -> Reply {
    let mut request = request.clone();
    if let Some(held) = token(&bearer(&request)) {
        request.headers.insert("authorization", HeaderValue::from_str(&held).unwrap());
    }
    mock.answer(&request)
}

/// A bearer token whose payload was changed in the middle, as it was.
fn turned_back(held: &str) -> Option<String> {
    let token = held.strip_prefix("Bearer ")?;
    let [first, payload, _] = *token.split('.').collect::<Vec<_>>() else { return None };
    let mut bytes = token.as_bytes().to_vec();
    let at = first.len() + 1 + payload.len() / 2;
    bytes[at] = match bytes[at] {
        b'a' => b'z',
        b'A' => b'Z',
        b'0' => b'9',
        other => other - 1,
    };
    Some(format!("Bearer {}", String::from_utf8(bytes).ok()?))
}

fn nested(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b'[').count()
}

/// Those that are a mock of `tests/verify/shapes.yaml`.
const SHAPED: &[(&str, Check, Sabotage)] = &[
    ("refuses null", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request).get("note") == Some(&Value::Null))
    }),
    ("refuses emoji", Check::RejectsValid, |_, request, reply| refusing(reply, says(request, "😀"))),
    ("counts UTF-16 units", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["name"].as_str().is_some_and(|name| name.encode_utf16().count() > 12))
    }),
    ("refuses 1.0 for an integer", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["sides"].is_f64())
    }),
    ("refuses the minimum", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["sides"] == json!(0))
    }),
    ("refuses the maximum", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["sides"] == json!(100))
    }),
    ("refuses the shortest text", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["name"].as_str().is_some_and(|name| name.chars().count() == 1))
    }),
    ("refuses the second branch of a oneOf", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["shape"].get("side").is_some())
    }),
    ("refuses the first branch of a oneOf", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["shape"].get("radius").is_some())
    }),
    ("refuses the last value of a nested enum", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["layers"][0]["colour"] == json!("blue"))
    }),
    ("refuses an empty list", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["layers"] == json!([]))
    }),
    ("refuses quotes", Check::RejectsValid, |_, request, reply| refusing(reply, says(request, "\\\""))),
    ("refuses spaces before a text", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["name"].as_str().is_some_and(|name| name.starts_with(' ')))
    }),
    ("refuses a line break", Check::RejectsValid, |_, request, reply| refusing(reply, says(request, "\\n"))),
    ("refuses a leap day", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["drawn"] == json!("2024-02-29"))
    }),
    ("refuses an offset", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["at"].as_str().is_some_and(|at| at.contains('+')))
    }),
    ("refuses an upper-case UUID", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["owner"].as_str().is_some_and(|id| id.contains('F')))
    }),
    ("refuses a plus in an email", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["mail"].as_str().is_some_and(|mail| mail.contains('+')))
    }),
    ("refuses false", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["visible"] == json!(false))
    }),
    ("refuses a charset", Check::RejectsValid, |_, request, reply| {
        refusing(reply, request.header_values("content-type").iter().any(|sent| sent.contains("charset")))
    }),
    ("wants a nested optional property", Check::RejectsValid, |_, request, reply| {
        let lacks = sent(request)["frame"].as_object().is_some_and(|frame| !frame.contains_key("width"));
        refusing(reply, lacks)
    }),
    ("refuses the most items", Check::RejectsValid, |_, request, reply| {
        refusing(reply, sent(request)["tags"].as_array().is_some_and(|tags| tags.len() == 4))
    }),
    ("refuses an alternative of security", Check::RejectsValid, |_, request, reply| {
        let is_it = request.path == "/either" && request.headers.contains_key("x-device");
        if is_it { with_status(reply, 401) } else { reply }
    }),
    ("looks at the first item only", Check::AcceptsInvalid, |mock, request, reply| {
        let is_later = |finding: &Finding| match &finding.location {
            standin::finding::Location::Request(_, pointer) => {
                pointer.as_str().starts_with("/layers/") && !pointer.as_str().starts_with("/layers/0")
            }
            _ => false,
        };
        let is_only_this = !reply.findings.is_empty() && reply.findings.iter().all(is_later);
        is_only_this.then(|| success(mock, request)).flatten().unwrap_or(reply)
    }),
    ("takes an item without what it requires", Check::AcceptsInvalid, |mock, request, reply| {
        let lacks = sent(request)["layers"][0].as_object().is_some_and(|layer| !layer.contains_key("depth"));
        taking_it(mock, request, reply, "required", lacks)
    }),
    ("takes a nested object without what it requires", Check::AcceptsInvalid, |mock, request, reply| {
        let lacks = sent(request)["frame"].as_object().is_some_and(|frame| !frame.contains_key("style"));
        taking_it(mock, request, reply, "required", lacks)
    }),
    ("takes a branch of a oneOf without what it requires", Check::AcceptsInvalid, |mock, request, reply| {
        let lacks = sent(request)["shape"].as_object().is_some_and(|shape| shape.len() == 1);
        taking_it(mock, request, reply, "oneOf", lacks)
    }),
    ("takes the properties of two branches", Check::AcceptsInvalid, |mock, request, reply| {
        let shape = sent(request)["shape"].clone();
        let is_mixed = shape.get("radius").is_some() && shape.get("side").is_some();
        taking_it(mock, request, reply, "oneOf", is_mixed)
    }),
    ("ignores the discriminator", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "discriminator", true)
    }),
    ("takes a date that does not exist", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "format", sent(request)["drawn"] == json!("2026-02-30"))
    }),
    ("takes a date for a time", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "format", sent(request)["at"] == json!("2026-01-01"))
    }),
    ("takes any text for a UUID", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "format", sent(request).get("owner").is_some())
    }),
    ("takes a nested value in another case", Check::AcceptsInvalid, |mock, request, reply| {
        let colour = sent(request)["layers"][0]["colour"].as_str().unwrap_or_default().to_owned();
        let is_shouted = ["RED", "GREEN", "BLUE"].contains(&colour.as_str());
        taking_it(mock, request, reply, "enum", is_shouted)
    }),
    ("takes the start of a listed value", Check::AcceptsInvalid, |mock, request, reply| {
        let colour = sent(request)["layers"][0]["colour"].as_str().unwrap_or_default().to_owned();
        let is_start = ["re", "gree", "blu"].contains(&colour.as_str());
        taking_it(mock, request, reply, "enum", is_start)
    }),
    ("takes digits in a text for a number", Check::AcceptsInvalid, |mock, request, reply| {
        let is_text = sent(request)["sides"].as_str().is_some_and(|sides| sides.parse::<i64>().is_ok());
        taking_it(mock, request, reply, "type", is_text)
    }),
    ("takes a text for a boolean", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "type", sent(request)["visible"] == json!("true"))
    }),
    ("takes a fraction for an integer", Check::AcceptsInvalid, |mock, request, reply| {
        let is_fraction = sent(request)["sides"].as_f64().is_some_and(|sides| sides.fract() != 0.0);
        taking_it(mock, request, reply, "type", is_fraction)
    }),
    ("takes null where it is not allowed", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "type", sent(request).get("name") == Some(&Value::Null))
    }),
    ("takes a list for an object", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "type", sent(request).is_array())
    }),
    ("takes an item twice", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "uniqueItems", true)
    }),
    ("takes too few properties", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "minProperties", true)
    }),
    ("takes too many properties", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "maxProperties", true)
    }),
    ("takes what is between the steps", Check::AcceptsInvalid, |mock, request, reply| {
        taking_it(mock, request, reply, "multipleOf", true)
    }),
    ("looks for a pattern anywhere", Check::AcceptsInvalid, |mock, request, reply| {
        let card = sent(request)["card"].as_str().unwrap_or_default().to_owned();
        let digits = card.chars().filter(char::is_ascii_digit).count();
        taking_it(mock, request, reply, "pattern", digits == 16 && card.len() > 16)
    }),
    ("looks past a line break after a pattern", Check::AcceptsInvalid, |mock, request, reply| {
        let is_ended = sent(request)["card"].as_str().is_some_and(|card| card.ends_with('\n'));
        taking_it(mock, request, reply, "pattern", is_ended)
    }),
    ("takes a parameter that is sent twice", Check::AcceptsInvalid, |mock, request, reply| {
        let is_twice = request.query_values("dry").len() == 2;
        taking_it(mock, request, reply, "type", is_twice)
    }),
    ("does without a required cookie", Check::AcceptsInvalid, |mock, request, reply| {
        let lacks = request.path == "/shapes" && request.cookie_values("trace").is_empty();
        if lacks { taking(mock, request, reply, |finding| finding.code == Code::MissingParam) } else { reply }
    }),
    ("takes `NaN`", Check::AcceptsInvalid, |mock, request, reply| {
        if says(request, "NaN") { success(mock, request).unwrap_or(reply) } else { reply }
    }),
    ("takes a body that is cut off by one", Check::AcceptsInvalid, |mock, request, reply| {
        let mut whole = request.bytes().to_vec();
        whole.push(b'}');
        let is_cut = sent(request).is_null() && serde_json::from_slice::<Value>(&whole).is_ok();
        if is_cut { success(mock, request).unwrap_or(reply) } else { reply }
    }),
    ("takes JSON as plain text", Check::AcceptsInvalid, |mock, request, reply| {
        let is_text = request.header_values("content-type").iter().any(|sent| sent == "text/plain");
        if is_text { success(mock, request).unwrap_or(reply) } else { reply }
    }),
    ("fails on a property twice", Check::ServerError, |_, request, reply| {
        let text = String::from_utf8_lossy(request.bytes()).into_owned();
        let name = text.split('"').nth(1).unwrap_or_default().to_owned();
        failing(reply, !name.is_empty() && text.matches(&format!("\"{name}\":")).count() == 2)
    }),
    ("fails on U+0000", Check::ServerError, |_, request, reply| failing(reply, says(request, "\\u0000"))),
    ("fails on a lone surrogate", Check::ServerError, |_, request, reply| {
        failing(reply, says(request, "\\ud800"))
    }),
    ("fails on deep nesting", Check::ServerError, |_, request, reply| {
        failing(reply, nested(request.bytes()) > 1000)
    }),
    ("fails on ten to the four hundredth", Check::ServerError, |_, request, reply| {
        failing(reply, says(request, "1e400"))
    }),
    ("fails on two to the sixty-third", Check::ServerError, |_, request, reply| {
        failing(reply, says(request, "9223372036854775808"))
    }),
    ("fails on long texts", Check::ServerError, |_, request, reply| {
        failing(reply, request.bytes().len() > 100_000)
    }),
    ("fails on an odd `Accept`", Check::ServerError, |_, request, reply| {
        failing(reply, request.header_values("accept").iter().any(|accept| accept.contains("q=x")))
    }),
    ("fails on a media type without a slash", Check::ServerError, |_, request, reply| {
        failing(reply, request.header_values("content-type").iter().any(|sent| !sent.contains('/')))
    }),
    ("fails on two media types", Check::ServerError, |_, request, reply| {
        failing(reply, request.headers.get_all("content-type").iter().count() == 2)
    }),
    ("fails on a query that is not UTF-8", Check::ServerError, |_, request, reply| {
        failing(reply, request.query.as_deref().is_some_and(|query| query.contains("%FF")))
    }),
    ("fails on a NUL in the query", Check::ServerError, |_, request, reply| {
        failing(reply, request.query.as_deref().is_some_and(|query| query.contains("%00")))
    }),
    ("takes a token after any scheme", Check::IgnoresCredentials, |mock, request, _| {
        as_if(mock, request, |held| Some(format!("Bearer {}", held.strip_prefix("Basic ")?)))
    }),
    ("does not look at the payload of a token", Check::IgnoresCredentials, |mock, request, reply| {
        let is_refused = reply.response.status == StatusCode::UNAUTHORIZED;
        if is_refused { as_if(mock, request, turned_back) } else { reply }
    }),
    ("wants one of two credentials only", Check::IgnoresCredentials, |_, request, reply| {
        let is_it = request.path == "/both"
            && (request.headers.contains_key("x-device") != request.headers.contains_key("authorization"));
        if is_it { with_status(reply, 200) } else { reply }
    }),
    (
        "takes the credential of a scheme that is not listed",
        Check::IgnoresCredentials,
        |_, request, reply| {
            let is_it = request.path == "/mine" && request.headers.contains_key("x-device");
            if is_it { with_status(reply, 200) } else { reply }
        },
    ),
    ("takes a token with something after it", Check::IgnoresCredentials, |mock, request, reply| {
        let is_refused = reply.response.status == StatusCode::UNAUTHORIZED;
        if is_refused {
            as_if(mock, request, |held| held.strip_suffix('A').map(str::to_owned))
        } else {
            reply
        }
    }),
    ("takes any text as a key", Check::IgnoresCredentials, |_, request, reply| {
        let is_it =
            request.path == "/either" && request.header_values("x-device").iter().any(|key| !key.is_empty());
        if is_it { with_status(reply, 200) } else { reply }
    }),
    ("lists too few methods", Check::AllowMissing, |_, _, mut reply| {
        if reply.response.headers.contains_key("allow") {
            reply.response.headers.insert("allow", HeaderValue::from_static("OPTIONS"));
        }
        reply
    }),
    ("lists the method that it refuses", Check::AllowMissing, |_, _, mut reply| {
        if reply.response.headers.contains_key("allow") {
            reply.response.headers.insert("allow", HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE"));
        }
        reply
    }),
    ("answers a named example otherwise", Check::NamedExample, |_, request, reply| {
        if says(request, "4000000000000002") { with_status(reply, 200) } else { reply }
    }),
];

#[test]
fn every_saboteur_is_found() {
    let mut table = String::from(
        "# What `standin verify` finds\n\nMade by `tests/verify.rs`: each saboteur is a mock of `tests/verify/orders.yaml` or \
         `tests/verify/shapes.yaml` with one rule broken. The figures are, over two seeds, the requests that had been sent when the \
         saboteur was found. Against the mock itself nothing is found, for each document of `openapi/` and these \
         two, with 20 seeds each.\n\n| saboteur | check | found after |\n|---|---|---|\n",
    );
    let mut missed = Vec::new();
    let of = |document: &'static str, all: &'static [(&'static str, Check, Sabotage)]| {
        all.iter().map(move |(name, check, sabotage)| (document, name, check, sabotage))
    };
    for (document, name, check, sabotage) in
        of("tests/verify/orders.yaml", SABOTEURS).chain(of(SHAPES, SHAPED))
    {
        let mut needed = BTreeSet::new();
        for seed in 0..2 {
            let mock = mock(document);
            let outcome = found(&mock, Saboteur { mock: &mock, sabotage: *sabotage }, seed, *check);
            match outcome.violations.iter().filter(|one| one.check == *check).map(|one| one.number).min() {
                Some(number) => drop(needed.insert(number)),
                None => missed.push(format!("{name}, seed {seed}: {check} is not among\n{}", told(&outcome))),
            }
        }
        let span = |set: &BTreeSet<usize>| match (set.first(), set.last()) {
            (Some(least), Some(most)) if least != most => format!("{least} to {most}"),
            (Some(one), _) => one.to_string(),
            _ => "never".to_owned(),
        };
        writeln!(table, "| {name} | `{check}` | {} |", span(&needed)).unwrap();
    }
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "STANDIN_REWRITE=1 writes it anew");
}
