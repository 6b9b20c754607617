//! `verify` against mocks that are right, where it must find nothing, and against saboteurs, each of which must be found.
//!
//! A saboteur is the mock with one rule broken. The table of what it takes to find each is written to `docs/verify.md`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the project's own files"
)]

use std::{collections::BTreeSet, fmt::Write as _, path::Path, sync::Arc};

use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use standin::{
    api,
    credential::Foreign,
    document::{self, Source},
    exchange::{Handler, Reply, Request},
    finding::{Code, Finding, Part},
    mock::{self, Mock},
    plan::Optional,
    sandbox::Clock,
    schema::Dice,
    verify::{Check, Options, Outcome, Verifier},
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

fn told(outcome: &Outcome) -> String {
    let lines = outcome.violations.iter().map(|one| {
        format!("{}: {} ({}): {} {:?}", one.check, one.what, one.finding, one.response.status, one.request)
    });
    lines.collect::<Vec<_>>().join("\n")
}

const DOCUMENTS: [&str; 4] = [
    "openapi/device-sessions.yaml",
    "openapi/rhombus.yaml",
    "openapi/rockitplay.yaml",
    "tests/verify/orders.yaml",
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

#[test]
fn every_saboteur_is_found() {
    let mut table = String::from(
        "# What `standin verify` finds\n\nMade by `tests/verify.rs`: each saboteur is a mock of `tests/verify/orders.yaml` with \
         one rule broken. The figures are, over two seeds, the requests that were sent in all and those that had been sent \
         when the saboteur was found. Against the mock itself nothing is found, for each document of `openapi/` and this \
         one, with 20 seeds each.\n\n| saboteur | check | requests | found after |\n|---|---|---|---|\n",
    );
    let mut missed = Vec::new();
    for (name, check, sabotage) in SABOTEURS {
        let (mut sent, mut needed) = (BTreeSet::new(), BTreeSet::new());
        for seed in 0..2 {
            let mock = mock("tests/verify/orders.yaml");
            let outcome = verified(&mock, Saboteur { mock: &mock, sabotage: *sabotage }, seed);
            sent.insert(outcome.operations.iter().map(|(_, tally)| tally.cases).sum::<usize>());
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
        writeln!(table, "| {name} | `{check}` | {} | {} |", span(&sent), span(&needed)).unwrap();
    }
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md");
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "STANDIN_REWRITE=1 writes it anew");
}
