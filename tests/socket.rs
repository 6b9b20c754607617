//! The few things that need a port: start and stop, bodies over the limit, requests that are no requests, many at once.
//!
//! Each test starts the real binary on a free port and talks to it over plain TCP, for what is asked here no client sends.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and connects to the server that it starts"
)]

mod server;

use std::{
    fs,
    io::Read,
    net::{Shutdown, TcpListener, TcpStream},
    process::{Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

use crate::server::{Connection, Server, file, within};

/// A mock that ends with the test.
fn start(test: &str, options: &[&str]) -> Server {
    Server::start(test, &[&["mock"], options].concat())
}

impl Server {
    fn is_well(&self) -> bool {
        self.ask("GET /_standin/health HTTP/1.1\r\nhost: a\r\n\r\n").0.starts_with("HTTP/1.1 200")
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    fn ended(mut self) -> ExitStatus {
        within("the server ends", || self.child.try_wait().unwrap())
    }
}

impl Connection {
    /// Whether the server has closed it, and sent nothing more.
    fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}

/// Answers one request on a port of its own with this text; the port.
fn once(text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut connection = Connection(listener.accept().unwrap().0);
        connection.head();
        connection.send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len()));
    });
    port
}

#[test]
fn a_reference_to_another_host_is_followed_where_that_is_asked_for() {
    let port = once("name: {const: Rex}\n");
    let document = file("remote.yaml");
    let schema = format!("http://127.0.0.1:{port}/pets.yaml#/name");
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/name: {{get: {{responses: {{'200': {{description: d, \
         content: {{application/json: {{schema: {{$ref: '{schema}'}}}}}}}}}}}}}}}}\n"
    );
    fs::write(&document, text).unwrap();
    let server = start("remote", &["--allow-remote-refs", document.to_str().unwrap()]);
    assert_eq!(server.ask("GET /name HTTP/1.1\r\nhost: a\r\n\r\n").1, "\"Rex\"");
}

/// A document of over 256 KiB whose one answer nothing satisfies, which shows only behind a reference.
fn large_and_impossible() -> String {
    let padding = format!("      - {{type: string, description: '{}'}}\n", "x".repeat(70)).repeat(3000);
    format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/riddle: {{get: {{responses: {{'200': {{description: d, \
         content: {{application/json: {{schema: {{$ref: '#/components/schemas/Riddle'}}}}}}}}}}}}}}}}\n\
         components:\n  schemas:\n    Text: {{type: string}}\n    Riddle:\n      allOf:\n        \
         - $ref: '#/components/schemas/Text'\n        - type: integer\n    Padding:\n      anyOf:\n{padding}"
    )
}

#[test]
fn a_schema_of_a_large_document_that_nothing_satisfies_is_told_while_it_is_served() {
    let document = file("large.yaml");
    let text = large_and_impossible();
    assert!(text.len() > 256 * 1024, "{}", text.len());
    fs::write(&document, text).unwrap();
    let server = start("large", &[document.to_str().unwrap()]);
    let listed = "GET /_standin/documents HTTP/1.1\r\nhost: a\r\n\r\n";
    within("the finding is listed", || server.ask(listed).1.contains("unsatisfiable-schema").then_some(()));
    let log = fs::read_to_string(file("large.log")).unwrap();
    let (_, told) = log.split_once("standin is listening on").expect("it is told after the banner");
    assert!(told.contains("`type: \"string\"` in `/components/schemas/Text`"), "{told}");
    assert!(told.contains("- type: integer"), "the line is drawn: {told}");
    let (head, body) = server.ask("GET /riddle HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 500"), "{head}");
    assert!(body.contains("urn:standin:problem:no-valid-response"), "{body}");
}

/// A request to create a session, whose body claims `length` bytes, with more header fields; the body is still to come.
fn head(length: usize, fields: &str) -> String {
    format!(
        "POST /api/sessions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{fields}\r\n"
    )
}

const BODY: &str = r#"{"identifier": "a"}"#;

#[test]
fn it_tells_its_address_once_it_answers() {
    let server = start("start", &[]);
    let (head, body) = server.ask(&(head(BODY.len(), "") + BODY));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert!(body.starts_with(r#"{"data":{"token":"eyJ"#), "{body}");
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = start("keep-alive", &[]);
    let mut connection = server.connect();
    for _ in 0..3 {
        connection.send(&(head(BODY.len(), "") + BODY));
        assert!(connection.answer().0.starts_with("HTTP/1.1 200"));
    }
    connection.send("GET /be/v1/apps HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert!(connection.answer().0.starts_with("HTTP/1.1 401"));
    assert!(connection.is_closed());
}

/// A browser sends it without the credentials that the request itself will have (Fetch Standard, section 3.3.5).
#[test]
fn a_preflight_needs_no_credentials() {
    let server = start("preflight", &[]);
    let request =
        |method: &str, fields: &str| format!("{method} /be/v1/apps HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
    let asks = "origin: http://a.example\r\naccess-control-request-method: GET\r\n";
    assert!(server.ask(&request("GET", "")).0.starts_with("HTTP/1.1 401"));
    let (head, _) = server.ask(&request("OPTIONS", asks));
    assert!(head.starts_with("HTTP/1.1 204") && head.contains("access-control-allow-methods: GET"), "{head}");
}

#[test]
fn a_body_over_the_limit_is_answered_although_it_is_still_being_sent() {
    let server = start("too-large", &["--body-limit", "1000000"]);
    let body = "x".repeat(8_000_000);
    let (head, body) = server.ask(&(head(body.len(), "") + &body));
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    assert!(body.contains("urn:standin:problem:body-too-large"), "{body}");
    assert!(server.is_well());
}

#[test]
fn a_body_over_the_limit_that_is_sent_in_chunks_is_answered() {
    let server = start("chunked", &["--body-limit", "1000"]);
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let start = "POST /api/sessions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    let (head, _) = server.ask(&format!("{start}{}0\r\n\r\n", chunk.repeat(8)));
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
}

#[test]
fn a_client_that_asks_first_is_told_that_its_body_is_too_large() {
    let server = start("expect", &["--body-limit", "1000"]);
    let (refused, _) = server.ask(&head(8_000_000, "expect: 100-continue\r\n"));
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");

    let mut connection = server.connect();
    connection.send(&head(BODY.len(), "expect: 100-continue\r\n"));
    assert!(connection.head().starts_with("HTTP/1.1 100"));
    connection.send(BODY);
    assert!(connection.answer().0.starts_with("HTTP/1.1 200"));
}

#[test]
fn what_is_no_http_gets_a_400() {
    let server = start("malformed", &[]);
    for garbage in [
        "garbage\r\n\r\n",
        "GET /be/v1/apps HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\ncontent-length: many\r\n\r\n",
    ] {
        let mut connection = server.connect();
        connection.send(garbage);
        let head = connection.head();
        assert!(head.starts_with("HTTP/1.1 400"), "{garbage:?}: {head}");
    }
    assert!(server.is_well());
}

#[test]
fn a_body_that_ends_early_does_no_harm() {
    let server = start("half-sent", &[]);
    for _ in 0..10 {
        let mut connection = server.connect();
        connection.send(&(head(BODY.len(), "") + &BODY[..5]));
        connection.0.shutdown(Shutdown::Write).unwrap();
        // The connection is half dead, so it may be answered or closed.
        let mut answer = Vec::new();
        let _ = connection.0.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{}", answer.escape_ascii());
    }
    assert!(server.is_well());
}

#[test]
fn two_hundred_clients_at_once_are_all_answered() {
    let server = start("crowd", &[]);
    let mut crowd: Vec<Connection> = (0..200).map(|_| server.connect()).collect();
    for connection in &mut crowd {
        connection.send(&(head(BODY.len(), "") + &BODY[..5]));
    }
    for connection in crowd.iter_mut().rev() {
        connection.send(&BODY[5..]);
    }
    for connection in &mut crowd {
        assert!(connection.answer().0.starts_with("HTTP/1.1 200"));
    }
}

#[cfg(unix)]
#[test]
fn a_request_that_is_open_when_it_is_told_to_stop_is_answered() {
    for signal in ["TERM", "INT"] {
        let server = start(&format!("signal-{signal}"), &[]);
        let mut idle = server.connect();
        idle.send("GET /be/v1/apps HTTP/1.1\r\nhost: a\r\n\r\n");
        assert!(idle.answer().0.starts_with("HTTP/1.1 401"));
        let mut open = server.connect();
        open.send(&head(BODY.len(), "expect: 100-continue\r\n"));
        // From here on the server waits for the body.
        assert!(open.head().starts_with("HTTP/1.1 100"));
        open.send(&BODY[..5]);
        server.signal(signal);
        within("the port is closed", || TcpStream::connect(&server.address).err());
        open.send(&BODY[5..]);
        assert!(open.answer().0.starts_with("HTTP/1.1 200"), "{signal}");
        assert_eq!(server.ended().code(), Some(0), "{signal}");
    }
}

/// The values of the fields that let pages of other origins in, in the order in which they stand.
fn allowed(head: &str) -> Vec<&str> {
    let is_about = |line: &&str| line.starts_with("access-control-") || line.starts_with("vary");
    let mut fields: Vec<&str> = head.lines().filter(is_about).collect();
    fields.sort_unstable();
    fields
}

#[test]
fn pages_of_other_origins_may_read_every_answer_failures_included() {
    let server = start("cors", &[]);
    let from = "origin: http://a.example\r\n";
    for path in ["/be/v1/apps", "/nowhere"] {
        let (head, _) = server.ask(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n{from}\r\n"));
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
        assert_eq!(
            allowed(&head),
            [
                "access-control-allow-credentials: true",
                "access-control-allow-headers: *",
                "access-control-allow-origin: http://a.example",
                "access-control-expose-headers: *",
                "vary: origin",
            ],
            "{path}"
        );
    }
    // With credentials `*` is the name of a field, so the names are given.
    let (head, _) = server.ask(&format!("GET /nowhere HTTP/1.1\r\nhost: a\r\n{from}cookie: a=b\r\n\r\n"));
    assert!(
        allowed(&head).contains(&"access-control-expose-headers: *, content-type, standin-request-id"),
        "{head}"
    );
    let (head, _) = server.ask("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n");
    assert!(allowed(&head).contains(&"access-control-allow-origin: *"), "{head}");
}

/// As with Prism, which answers it before it looks for an operation; an `OPTIONS` that is none is an operation's.
#[test]
fn a_preflight_is_answered_for_any_path_and_before_a_declared_options() {
    let document = file("options.yaml");
    let text = "openapi: 3.1.0\npaths: {/pets: {options: {responses: {'200': {description: d, content: {text/plain: \
                {example: own}}}}}}, /toys: {get: {responses: {'204': {description: d}}}}}\n";
    fs::write(&document, text).unwrap();
    let path = document.to_str().unwrap();
    let server = start("options", &[path]);
    let ask = |server: &Server, path: &str, fields: &str| {
        server.ask(&format!("OPTIONS {path} HTTP/1.1\r\nhost: a\r\n{fields}\r\n"))
    };
    let asks = "origin: http://a.example\r\naccess-control-request-method: PUT\r\n\
                access-control-request-headers: prefer, x-key\r\n";
    for path in ["/pets", "/toys", "/nowhere"] {
        let (head, _) = ask(&server, path, asks);
        assert!(head.starts_with("HTTP/1.1 204"), "{path}: {head}");
        let told = allowed(&head);
        assert!(told.contains(&"access-control-allow-methods: PUT"), "{told:?}");
        assert!(told.contains(&"access-control-allow-headers: prefer, x-key"), "{told:?}");
        assert!(told.contains(&"vary: origin"), "{told:?}");
        // A 204 has none (RFC 9110, section 8.6).
        assert!(!head.contains("content-length"), "{head}");
    }
    let (head, body) = ask(&server, "/pets", "origin: http://a.example\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && body == "own", "{head}{body}");
    let (head, _) = ask(&server, "/toys", "");
    assert!(head.starts_with("HTTP/1.1 204") && head.contains("allow: GET, HEAD, OPTIONS"), "{head}");

    let without = start("no-cors", &["--no-cors", path]);
    let (head, body) = ask(&without, "/pets", asks);
    assert!(head.starts_with("HTTP/1.1 200") && body == "own" && allowed(&head).is_empty(), "{head}{body}");
}

#[test]
fn head_has_no_body_and_breaks_nothing_even_where_violations_are_errors() {
    let document = file("head.yaml");
    let text = "openapi: 3.1.0\npaths: {/pets: {get: {responses: {'200': {description: d, headers: {X-N: {schema: \
                {const: abc}}}, content: {application/json: {example: [Rex]}}}}}}}\n";
    fs::write(&document, text).unwrap();
    let server = start("head", &["--errors", document.to_str().unwrap()]);
    let mut connection = server.connect();
    connection.send("HEAD /pets HTTP/1.1\r\nhost: a\r\n\r\n");
    let head = connection.head();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("x-n: abc\r\n"), "{head}");
    // A body would now stand before the next answer.
    connection.send("GET /pets HTTP/1.1\r\nhost: a\r\n\r\n");
    let (head, body) = connection.answer();
    assert!(head.starts_with("HTTP/1.1 200") && body == "[\"Rex\"]", "{head}{body}");
}

#[test]
fn examples_that_break_their_schema_are_mended_unless_they_are_trusted() {
    let document = file("trust.yaml");
    let text = "openapi: 3.1.0\npaths: {/pet: {get: {responses: {'200': {description: d, content: {application/json: \
                {schema: {type: object, properties: {age: {type: integer, maximum: 30}}}, example: {age: 31}}}}}}}}\n";
    fs::write(&document, text).unwrap();
    for (option, sent) in [("mend", r#"{"age":30}"#), ("trust", r#"{"age":31}"#)] {
        let name = format!("examples-{option}");
        let server = start(&name, &["--examples", option, document.to_str().unwrap()]);
        let (head, body) = server.ask("GET /pet HTTP/1.1\r\nhost: a\r\n\r\n");
        assert_eq!(body, sent, "{option}");
        assert_eq!(head.contains("sl-violations: "), option == "trust", "{head}");
    }
}

#[test]
fn the_type_of_a_body_that_is_sent_in_chunks_is_looked_at() {
    let document = file("chunks.yaml");
    let text = "openapi: 3.1.0\npaths: {/pets: {post: {responses: {'204': {description: d}}}}}\n";
    fs::write(&document, text).unwrap();
    let server = start("chunks", &[document.to_str().unwrap()]);
    let post = |chunks: &str| {
        let fields = "host: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n";
        server.ask(&format!("POST /pets HTTP/1.1\r\n{fields}\r\n{chunks}0\r\n\r\n")).0
    };
    assert!(post("2\r\n{}\r\n").starts_with("HTTP/1.1 415"));
    // No chunk is no body.
    assert!(post("").starts_with("HTTP/1.1 204"));
}

#[test]
fn a_file_without_an_example_is_a_small_one_of_its_type() {
    let document = file("picture.yaml");
    let text = "openapi: 3.1.0\npaths: {/picture: {get: {responses: {'200': {description: d, content: {image/png: \
                {schema: {type: string}}}}}}}}\n";
    fs::write(&document, text).unwrap();
    let server = start("picture", &[document.to_str().unwrap()]);
    let mut connection = server.connect();
    connection.send("GET /picture HTTP/1.1\r\nhost: a\r\n\r\n");
    let head = connection.head();
    assert!(head.contains("content-type: image/png\r\n"), "{head}");
    // The signature that every such file begins with (PNG Specification, section 5.2).
    assert!(connection.body(&head).starts_with(b"\x89PNG\r\n\x1a\n"));
}

#[test]
fn an_answer_is_held_back_as_long_as_the_client_prefers() {
    let server = start("delay", &[]);
    let asked = Instant::now();
    let (head, _) = server.ask("GET /be/v1/apps HTTP/1.1\r\nhost: a\r\nprefer: delay=200ms\r\n\r\n");
    assert!(asked.elapsed() >= Duration::from_millis(200));
    assert!(head.contains("preference-applied: delay=200ms\r\n"), "{head}");
}

/// All that comes on a connection until it ends.
fn whole(server: &Server, request: &str) -> Vec<u8> {
    let mut connection = server.connect();
    connection.send(request);
    let mut came = Vec::new();
    // A reset is an end as well.
    let _ = connection.0.read_to_end(&mut came);
    came
}

const SESSION: &str =
    "POST /api/sessions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 20\r\n";

#[test]
fn a_connection_is_dropped_a_body_cut_off_or_slow_where_that_is_asked_for_and_the_server_goes_on() {
    let server = start("faults", &["--fault", "createSession: delay=10ms"]);
    let ask = |fault: &str| {
        let request = format!(
            "{SESSION}prefer: fault=\"{fault}\"\r\nconnection: close\r\n\r\n{{\"identifier\": \"ab\"}}"
        );
        String::from_utf8(whole(&server, &request)).unwrap()
    };
    assert_eq!(ask("drop"), "");
    let cut = ask("truncate=5");
    let (head, body) = cut.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 5, "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.unwrap().parse().unwrap();
    assert!(length > 5, "{head}");
    let asked = Instant::now();
    let slow = ask(&format!("slow={}B/s", length * 4));
    assert!(asked.elapsed() >= Duration::from_millis(200), "{:?}", asked.elapsed());
    let (head, body) = slow.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), length, "{head}");
    assert!(head.contains("standin-fault: delay=10ms; slow="), "{head}");
    assert!(server.is_well());
}

#[test]
fn a_sandbox_asks_for_faults_of_its_own_and_lets_them_be() {
    let server = start("troubles", &[]);
    let ask = |method: &str, sandbox: &str, body: &str| {
        let length = body.len();
        server.ask(&format!(
            "{method} /_standin/faults HTTP/1.1\r\nhost: a\r\nstandin-sandbox: {sandbox}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    };
    let (head, body) = ask("PUT", "one", r#"{"faults": ["error=500", "drop at 0%"]}"#);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, r#"{"faults":["error=500","drop at 0%"],"surprise":false}"#);
    let session = |sandbox: &str| {
        let request = format!("{SESSION}standin-sandbox: {sandbox}\r\n\r\n{{\"identifier\": \"ab\"}}");
        server.ask(&request).0
    };
    assert!(session("one").starts_with("HTTP/1.1 500"));
    assert!(session("two").starts_with("HTTP/1.1 200"));
    let (head, body) = ask("PUT", "one", r#"{"faults": ["dealy=1s"]}"#);
    assert!(head.starts_with("HTTP/1.1 400") && body.contains("`delay=300ms`"), "{head}\n{body}");
    assert_eq!(ask("DELETE", "one", "").1, r#"{"faults":[],"surprise":false}"#);
    assert!(session("one").starts_with("HTTP/1.1 200"));
}
