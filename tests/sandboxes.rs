//! Sandboxes never see each other: by chance in memory, and a thousand of them at once over sockets.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the documents that its servers read"
)]

#[expect(dead_code, reason = "this test needs only a part of it")]
mod server;

use std::{fs, sync::Arc, thread};

use futures_util::FutureExt;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use standin::{
    api,
    document::{self, Source},
    exchange::{Handler, Request, Response},
    mock::{self, Mock},
    sandbox::{Clock, Move, Name},
};

use crate::server::{Connection, Server, file};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /login:
    post:
      operationId: login
      responses:
        '200':
          description: In
          content:
            application/json:
              schema:
                type: object
                required: [token, expires]
                properties: {token: {type: string}, expires: {type: integer}}
  /pets:
    get:
      operationId: listPets
      security: [{bearer: []}]
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses:
        '200':
          description: Pets
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [name], properties: {name: {type: string}, born: {type: string, format: date-time}}}}
        '401': {description: Who}
        '422': {description: What}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
";

fn mock() -> Mock {
    let source = Source::Text { name: "pets.yaml".to_owned(), text: DOCUMENT.into() };
    let (api, findings) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let clock = Clock::frozen_at("2026-01-01T00:00:00Z".parse().unwrap());
    Mock::new(vec![Arc::new(api)], Arc::new(clock), mock::Options::default()).0
}

/// Something that a test does in its sandbox.
#[derive(Debug, Clone)]
enum Step {
    Login,
    /// Lists pets with the token of the last login, or without one.
    List {
        limit: Option<&'static str>,
        with_token: bool,
    },
    Advance(i64),
    Set(i64),
    Reset,
    Seed(u64),
    /// Uses what a layer above keeps, as a stateful mock does.
    Keep,
}

fn step() -> impl Strategy<Value = Step> {
    let limit = prop::option::of(prop::sample::select(vec!["1", "3", "many"]));
    prop_oneof![
        3 => Just(Step::Login),
        5 => (limit, any::<bool>()).prop_map(|(limit, with_token)| Step::List { limit, with_token }),
        3 => (-100_000..100_000_i64).prop_map(Step::Advance),
        1 => (0..4_000_000_000_i64).prop_map(Step::Set),
        1 => Just(Step::Reset),
        1 => (0..5_u64).prop_map(Step::Seed),
        1 => Just(Step::Keep),
    ]
}

/// A client in one sandbox, and the token that it was given last.
struct Client<'m> {
    mock: &'m Mock,
    name: Name,
    token: String,
}

impl<'m> Client<'m> {
    fn new(mock: &'m Mock, name: &str) -> Self {
        Self { mock, name: name.parse().unwrap(), token: String::new() }
    }

    /// What comes of a step, in a form that can be compared.
    fn does(&mut self, step: &Step) -> String {
        let sandbox = self.mock.sandbox(&self.name);
        let clock = sandbox.clock();
        match step {
            Step::Login => {
                let response = self.ask(Request::new(Method::POST, "/login"));
                let told: Value = serde_json::from_slice(&response.body).unwrap();
                told["token"].as_str().unwrap().clone_into(&mut self.token);
                return format!("{response:?}");
            }
            Step::List { limit, with_token } => {
                let query = limit.map(|limit| format!("?limit={limit}")).unwrap_or_default();
                let mut request = Request::new(Method::GET, &format!("/pets{query}"));
                if *with_token {
                    request = request.header("authorization", &format!("Bearer {}", self.token));
                }
                return format!("{:?}", self.ask(request));
            }
            // A move out of range changes nothing.
            Step::Advance(seconds) => drop(clock.advance(SignedDuration::from_secs(*seconds))),
            Step::Set(second) => {
                let set = Some(Timestamp::from_second(*second).unwrap());
                clock.apply(&Move { set, ..Move::default() }).unwrap();
            }
            Step::Reset => sandbox.reset(),
            Step::Seed(seed) => sandbox.set_seed(*seed),
            Step::Keep => {
                let kept = sandbox.kept::<std::sync::Mutex<u32>>();
                let mut kept = kept.lock().unwrap();
                *kept += 1;
                return kept.to_string();
            }
        }
        clock.now().to_string()
    }

    fn ask(&self, request: Request) -> Response {
        let request = request.header("Standin-Sandbox", self.name.as_str());
        self.mock.handle(request).now_or_never().expect("nothing is waited for").response
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_interleaving_gives_each_sandbox_the_answers_that_it_gets_alone(
        steps in prop::collection::vec((any::<bool>(), step()), 1..24),
    ) {
        let shared = mock();
        let (mut one, mut other) = (Client::new(&shared, "one"), Client::new(&shared, "other"));
        let together: Vec<(bool, String)> = steps
            .iter()
            .map(|(is_one, step)| (*is_one, if *is_one { one.does(step) } else { other.does(step) }))
            .collect();
        for (which, name) in [(true, "one"), (false, "other")] {
            let alone = mock();
            let mut client = Client::new(&alone, name);
            let of_it = steps.iter().filter(|(is_one, _)| *is_one == which);
            let expected: Vec<String> = of_it.map(|(_, step)| client.does(step)).collect();
            let seen = together.iter().filter(|(is_one, _)| *is_one == which);
            let seen: Vec<String> = seen.map(|(_, answer)| answer.clone()).collect();
            prop_assert_eq!(seen, expected, "in the sandbox `{}`", name);
        }
    }
}

#[test]
fn what_is_done_in_a_sandbox_makes_a_difference_there() {
    let mock = mock();
    let mut client = Client::new(&mock, "one");
    client.does(&Step::Login);
    let lists = Step::List { limit: None, with_token: true };
    let before = client.does(&lists);
    assert!(before.contains("status: 200"), "{before}");
    client.does(&Step::Seed(3));
    assert_ne!(client.does(&lists), before);
    client.does(&Step::Advance(100_000_000));
    assert!(client.does(&lists).contains("status: 401"));
    client.does(&Step::Reset);
    assert_eq!(client.does(&lists), before);
}

fn start(test: &str, options: &[&str]) -> Server {
    let document = file(&format!("{test}.yaml"));
    fs::write(&document, DOCUMENT).unwrap();
    Server::start(test, &[&["mock", document.to_str().unwrap()], options].concat())
}

/// Sends a request without a body in a sandbox; the status, and the body as JSON.
fn ask(connection: &mut Connection, line: &str, sandbox: &str, more: &str, body: &str) -> (String, Value) {
    let length = body.len();
    connection.send(&format!(
        "{line} HTTP/1.1\r\nhost: a\r\nstandin-sandbox: {sandbox}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n{body}"
    ));
    let (head, body) = connection.answer();
    (head[9..12].to_owned(), serde_json::from_str(&body).unwrap_or_default())
}

/// Moves the clock of sandbox `number` by so many hours, logs in there, and does one thing wrong so many times; its own
/// clock and its own verdict tell so.
fn lives_alone(server: &Server, number: usize) {
    let (name, faults) = (format!("test-{number}"), number % 3);
    let mut connection = server.connect();
    let mut ask = |line: &str, more: &str, body: &str| ask(&mut connection, line, &name, more, body);
    let hours = number + 1;
    let moved =
        ask("POST /_standin/clock", "", &json!({"set": "2030-01-01T00:00:00Z", "freeze": true}).to_string());
    assert_eq!(moved.0, "200", "{moved:?}");
    ask("POST /_standin/clock", "", &json!({ "advance": format!("{hours}h") }).to_string());
    let now = "2030-01-01T00:00:00Z".parse::<Timestamp>().unwrap()
        + SignedDuration::from_hours(i64::try_from(hours).unwrap());
    let (status, login) = ask("POST /login", "", "");
    assert_eq!(status, "200");
    assert!(
        login["expires"].as_i64().unwrap() > now.as_second()
            && login["expires"].as_i64().unwrap() <= now.as_second() + 30 * 86_400,
        "{login}"
    );
    let token = format!("authorization: Bearer {}\r\n", login["token"].as_str().unwrap());
    assert_eq!(ask("GET /pets?limit=2", &token, "").0, "200");
    for _ in 0..faults {
        assert_eq!(ask("GET /pets?limit=many", &token, "").0, "422");
    }
    let shown = ask("GET /_standin/clock", "", "").1;
    assert_eq!(shown, json!({"now": now.to_string(), "frozen": true}), "{name}");
    let (status, verdict) = ask(&format!("GET /_standin/verdict?sandbox={name}"), "", "");
    assert_eq!(status, if faults == 0 { "200" } else { "409" }, "{name}: {verdict}");
    assert_eq!(verdict["requests"], json!(2 + faults), "{name}: {verdict}");
    assert_eq!(verdict["causes"].as_array().unwrap().len(), faults.min(1), "{name}: {verdict}");
    if faults > 0 {
        assert_eq!(verdict["causes"][0]["count"], json!(faults), "{name}: {verdict}");
    }
}

#[test]
fn a_thousand_sandboxes_in_parallel_have_their_own_clocks_and_verdicts() {
    let server = start("sandboxes-thousand", &["--journal-bytes", "100000000", "--verbose-level", "warn"]);
    thread::scope(|scope| {
        for worker in 0..20 {
            let server = &server;
            scope.spawn(move || (worker..1000).step_by(20).for_each(|number| lives_alone(server, number)));
        }
    });
    let mut connection = server.connect();
    let (_, listed) = ask(&mut connection, "GET /_standin/sandboxes", "default", "", "");
    assert_eq!(listed["sandboxes"].as_array().unwrap().len(), 1001);
    assert_eq!((&listed["dropped"], &listed["sandboxes"][0]["name"]), (&json!(0), &json!("default")));
    let all = ask(&mut connection, "GET /_standin/verdict", "", "", "");
    assert_eq!(all.0, "400", "an empty name is none");
    connection.send("GET /_standin/verdict HTTP/1.1\r\nhost: a\r\n\r\n");
    let all: Value = serde_json::from_str(&connection.answer().1).unwrap();
    // Of every three sandboxes one does nothing wrong, one does it once, and one twice.
    assert_eq!((&all["requests"], &all["causes"][0]["count"]), (&json!(2999), &json!(999)), "{all}");
}

#[test]
fn the_sandbox_that_was_not_used_for_longest_goes_and_the_list_and_the_log_tell_so() {
    let server = start("sandboxes-few", &["--max-sandboxes", "2"]);
    let mut connection = server.connect();
    for name in ["a", "b", "a", "c"] {
        assert_eq!(ask(&mut connection, "POST /login", name, "", "").0, "200");
    }
    let (_, listed) = ask(&mut connection, "GET /_standin/sandboxes", "a", "", "");
    let names: Vec<&Value> = listed["sandboxes"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["default", "a", "c"], "{listed}");
    assert_eq!(
        (&listed["dropped"], &listed["most"], &listed["sandboxes"][1]["requests"]),
        (&json!(1), &json!(2), &json!(2))
    );
    let log = fs::read_to_string(file("sandboxes-few.log")).unwrap();
    assert!(log.contains("sandbox b: dropped"), "{log}");
}

#[test]
fn a_sandbox_is_set_up_reset_and_deleted_and_its_requests_are_forgotten_alone() {
    let server = start("sandboxes-control", &[]);
    let mut connection = server.connect();
    let mut ask = |line: &str, sandbox: &str, body: &str| ask(&mut connection, line, sandbox, "", body);
    let known = ask("PUT /_standin/sandboxes/a", "default", r#"{"seed": "7"}"#);
    assert_eq!((known.0.as_str(), &known.1["seed"]), ("200", &json!("7")), "{known:?}");
    ask("POST /_standin/clock", "a", r#"{"set": "2030-01-01T00:00:00Z", "freeze": true}"#);
    for sandbox in ["a", "b"] {
        assert_eq!(ask("GET /pets", sandbox, "").0, "401");
    }
    let count = |page: &Value| page["requests"].as_array().unwrap().len();
    assert_eq!(count(&ask("GET /_standin/requests?sandbox=a", "b", "").1), 1, "the query counts");
    assert_eq!(count(&ask("GET /_standin/requests", "b", "").1), 1, "and else the field");
    assert_eq!(
        count(
            &ask(
                "GET /_standin/requests?sandbox=a&since=2030-01-01T00:00:00Z&until=2030-01-01T00:00:00Z",
                "a",
                ""
            )
            .1
        ),
        1
    );
    assert_eq!(count(&ask("GET /_standin/requests?sandbox=a&until=2029-12-31T23:59:59Z", "a", "").1), 0);
    assert_eq!(ask("GET /_standin/requests?until=soon", "a", "").0, "400");
    let reset = ask("POST /_standin/sandboxes/a/reset", "default", "");
    assert_eq!(
        (reset.0.as_str(), &reset.1["seed"], &reset.1["clock"]["frozen"]),
        ("200", &json!("0"), &json!(false))
    );
    assert_eq!(ask("GET /_standin/verdict", "a", "").0, "200");
    assert_eq!(ask("GET /_standin/verdict", "b", "").0, "409");
    assert_eq!(ask("DELETE /_standin/requests", "b", "").0, "204");
    assert_eq!(ask("GET /_standin/verdict", "b", "").0, "200");
    assert_eq!(ask("DELETE /_standin/sandboxes/b", "default", "").0, "204");
    assert_eq!(ask("GET /_standin/sandboxes/b", "default", "").0, "404");
    assert_eq!(ask("DELETE /_standin/sandboxes/b", "default", "").0, "404");
    assert_eq!(ask("DELETE /_standin/sandboxes/default", "default", "").0, "409");
    for wrong in [
        "GET /_standin/sandboxes/a%20b",
        "PUT /_standin/sandboxes/a%2Fb",
        "GET /_standin/verdict?sandbox=a%20b",
    ] {
        let (status, problem) = ask(wrong, "default", "{}");
        assert_eq!((status.as_str(), &problem["status"]), ("400", &json!(400)), "{wrong}: {problem}");
    }
    let (status, problem) = ask("GET /pets", "my pets", "");
    assert_eq!(
        (status.as_str(), &problem["errors"][0]["kind"]),
        ("400", &json!("invalid-sandbox")),
        "{problem}"
    );
}

#[test]
fn tokens_are_minted_and_inspected_by_the_clock_of_the_sandbox() {
    let server = start("sandboxes-tokens", &[]);
    let mut connection = server.connect();
    let mut ask = |line: &str, sandbox: &str, body: &str| ask(&mut connection, line, sandbox, "", body);
    ask("POST /_standin/clock", "later", r#"{"set": "2040-01-01T00:00:00Z", "freeze": true}"#);
    let minted = ask("POST /_standin/tokens", "later", r#"{"lifetime": "5m"}"#);
    assert_eq!(
        (minted.0.as_str(), &minted.1["expires"]),
        ("201", &json!("2040-01-01T00:05:00Z")),
        "{minted:?}"
    );
    let token = json!({ "token": minted.1["token"] }).to_string();
    ask("POST /_standin/clock", "later", r#"{"advance": "5m1s"}"#);
    assert_eq!(ask("POST /_standin/tokens/inspect", "later", &token).1["state"], "expired");
    assert_eq!(ask("POST /_standin/tokens/inspect", "default", &token).1["state"], "valid");
}

#[test]
fn a_cookie_names_a_sandbox_and_is_no_secret() {
    let server = start("sandboxes-cookie", &[]);
    let head =
        server.ask("GET /pets HTTP/1.1\r\nhost: a\r\ncookie: a=biscuits; Standin-Sandbox=checkout\r\n\r\n").0;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let told = server.ask("GET /_standin/requests/1 HTTP/1.1\r\nhost: a\r\n\r\n").1;
    assert!(told.contains("a=***; Standin-Sandbox=checkout") && !told.contains("biscuits"), "{told}");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["sandbox"], "checkout");
}
