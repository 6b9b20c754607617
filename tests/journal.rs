//! The journal of a mock over sockets: what was asked is listed, explained, followed, judged and forgotten.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the documents that its servers read"
)]

mod server;

use std::{fs, io::Read, process::Command};

use serde_json::{Value, json};

use crate::server::{Connection, Server, file, within};

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
              schema: {type: object, required: [access_token], properties: {access_token: {type: string}}}
              example: {access_token: from-the-example}
  /pets:
    get:
      operationId: listPets
      security: [{key: []}]
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'204': {description: None}, '401': {description: Who}, '422': {description: What}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: x-key}}
";

fn start(test: &str, options: &[&str]) -> Server {
    let document = file(&format!("{test}.yaml"));
    fs::write(&document, DOCUMENT).unwrap();
    Server::start(test, &[&["mock", document.to_str().unwrap()], options].concat())
}

impl Server {
    fn get(&self, target: &str, fields: &str) -> (String, String) {
        self.ask(&format!("GET {target} HTTP/1.1\r\nhost: a\r\n{fields}\r\n"))
    }

    /// What the control interface says, and with which status.
    fn control(&self, target: &str) -> (String, Value) {
        let (head, body) = self.get(&format!("/_standin{target}"), "");
        (head[9..12].to_owned(), serde_json::from_str(&body).unwrap())
    }

    fn ids(&self, filter: &str) -> Value {
        let (status, page) = self.control(&format!("/requests{filter}"));
        assert_eq!(status, "200", "{page}");
        page["requests"].as_array().unwrap().iter().map(|request| request["id"].clone()).collect()
    }
}

#[test]
fn requests_are_listed_by_what_is_asked_for_newest_last() {
    let server = start("journal-list", &[]);
    assert!(server.get("/pets", "x-key: abc\r\n").0.contains("\r\nstandin-request-id: 1\r\n"));
    server.get("/pets?limit=many", "x-key: abc\r\n");
    server.get("/nowhere", "");
    for (filter, ids) in [
        ("", json!([1, 2, 3])),
        ("?operation=listPets", json!([1, 2])),
        ("?status=204", json!([1])),
        ("?status=4XX", json!([2, 3])),
        ("?finding=invalid-param", json!([2])),
        ("?severity=error", json!([2, 3])),
        ("?since=2", json!([3])),
        ("?since=9999-01-01T00:00:00Z", json!([])),
        ("?since=0&limit=1", json!([1])),
        ("?limit=1", json!([3])),
    ] {
        assert_eq!(server.ids(filter), ids, "{filter}");
    }
    let newest = server.control("/requests?limit=1").1;
    assert_eq!((&newest["more"], &newest["dropped"]), (&json!(2), &json!(0)));
    for wrong in ["?status=many", "?finding=none", "?since=soon", "?limit=0", "?severity=bad"] {
        let (status, problem) = server.control(&format!("/requests{wrong}"));
        assert_eq!((status.as_str(), &problem["status"]), ("400", &json!(400)), "{wrong}: {problem}");
    }
}

#[test]
fn a_request_is_explained_with_the_line_that_it_breaks() {
    let server = start("journal-explain", &["--seed", "7"]);
    server.get("/pets?limit=many", "x-key: abc\r\n");
    let (_, told) = server.control("/requests/1");
    let finding = &told["findings"][0];
    assert_eq!((&finding["code"], &finding["rule"]["line"]), (&json!("invalid-param"), &json!(18)), "{told}");
    assert_eq!((&told["declared"]["line"], &told["seed"]), (&json!(15), &json!(7)), "{told}");
    assert_eq!((&told["status"], &told["sandbox"]), (&json!(422), &json!("default")));
    assert!(told["why"].as_str().is_some_and(|why| !why.is_empty()) && told["took_ms"].as_f64() > Some(0.0));
    assert_eq!(server.control("/requests/2").0, "404");
}

#[test]
fn no_secret_comes_out_of_the_journal() {
    let server = start("journal-secrets", &[]);
    server.ask(
        "POST /login HTTP/1.1\r\nhost: a\r\nauthorization: Basic aHVzaC1odXNo\r\ncontent-length: 0\r\n\r\n",
    );
    server.get("/pets?limit=hush-hush", "x-key: hush-hush\r\ncookie: a=biscuits\r\n");
    let told = ["/requests", "/requests/1", "/requests/2", "/verdict"].map(|path| {
        let mut told = server.control(path).1;
        // The lines of the document, which is no secret, hold the example as it is written there.
        told["declared"] = Value::Null;
        told.to_string()
    });
    for text in &told {
        for secret in ["aHVzaC1odXNo", "from-the-example", "hush-hush", "biscuits"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    assert!(told[1].contains("Basic ***") && told[2].contains("/pets?limit=***"), "{told:?}");
}

#[test]
fn the_verdict_is_200_until_something_breaks_the_document_and_after_all_is_forgotten() {
    let server = start("journal-verdict", &[]);
    server.get("/pets", "x-key: abc\r\n");
    let (status, good) = server.control("/verdict");
    assert_eq!((status.as_str(), &good["satisfied"], &good["requests"]), ("200", &json!(true), &json!(1)));
    (0..3).for_each(|_| drop(server.get("/pets?limit=many", "x-key: abc\r\n")));
    server.get("/pets", "");
    let (status, bad) = server.control("/verdict");
    let causes: Vec<_> = bad["causes"].as_array().unwrap().iter().collect();
    let told: Vec<_> = causes.iter().map(|cause| json!([cause["finding"]["code"], cause["count"]])).collect();
    assert_eq!(status, "409");
    assert_eq!(told, [json!(["invalid-param", 3]), json!(["missing-credential", 1])], "{bad}");
    assert_eq!(causes[0]["finding"]["rule"]["line"], 18);
    assert_eq!(server.control("/verdict?except=invalid-param").0, "409");
    assert_eq!(server.control("/verdict?except=invalid-param&except=missing-credential").0, "200");
    assert_eq!(server.control("/verdict?except=nonsense").0, "400");
    let cleared = server.ask("DELETE /_standin/requests HTTP/1.1\r\nhost: a\r\n\r\n").0;
    assert!(cleared.starts_with("HTTP/1.1 204"), "{cleared}");
    assert_eq!((server.control("/verdict").0.as_str(), server.ids("")), ("200", json!([])));
    server.get("/pets", "x-key: abc\r\n");
    assert_eq!(server.ids(""), json!([6]));
}

#[test]
fn what_there_is_no_room_for_is_counted_and_the_verdict_does_not_forget_it() {
    let server = start("journal-small", &["--journal-bytes", "6000"]);
    server.get("/nowhere", "");
    (0..20).for_each(|_| drop(server.get("/pets", "x-key: abc\r\n")));
    let page = server.control("/requests").1;
    let kept = page["requests"].as_array().unwrap().len() as u64;
    assert!(kept > 0 && page["dropped"] == 21 - kept, "{page}");
    let (status, verdict) = server.control("/verdict");
    assert_eq!(status, "409");
    assert_eq!(verdict["lost"], json!([{"code": "unknown-route", "count": 1}]), "{verdict}");
    assert!(verdict["note"].as_str().unwrap().contains("were dropped"), "{verdict}");
}

#[test]
fn without_a_journal_nothing_is_kept_and_no_verdict_is_given() {
    let server = start("journal-off", &["--journal-bytes", "0"]);
    assert!(!server.get("/pets", "x-key: abc\r\n").0.contains("standin-request-id"));
    for path in ["/requests", "/requests/1", "/verdict", "/requests/stream"] {
        assert_eq!(server.control(path).0, "404", "{path}");
    }
}

/// Reads a stream of events up to the end of the next one.
fn event(connection: &mut Connection) -> String {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\n\n") {
        connection.0.read_exact(&mut byte).unwrap();
        read.push(byte[0]);
    }
    String::from_utf8(read).unwrap()
}

fn follow(server: &Server, fields: &str) -> Connection {
    let mut connection = server.connect();
    connection.send(&format!("GET /_standin/requests/stream HTTP/1.1\r\nhost: a\r\n{fields}\r\n"));
    let head = connection.head();
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-type: text/event-stream"), "{head}");
    connection
}

#[test]
fn whoever_follows_is_told_each_request_as_it_is_answered() {
    let server = start("journal-follow", &[]);
    let mut first = follow(&server, "");
    server.get("/pets", "x-key: hush-hush\r\n");
    let told = event(&mut first);
    assert!(told.contains("event: answered\n") && told.contains("id: 1\n"), "{told}");
    assert!(told.contains(r#""operation":"listPets""#) && told.contains(r#""status":204"#), "{told}");
    server.get("/nowhere", "");
    assert!(event(&mut first).contains("unknown-route"));
    // Who comes back after the first one is told the second one at once.
    let mut again = follow(&server, "last-event-id: 1\r\n");
    assert!(event(&mut again).contains("id: 2\n"));
    server.get("/pets", "x-key: abc\r\n");
    assert!(event(&mut again).contains("id: 3\n") && event(&mut first).contains("id: 3\n"));
}

#[cfg(unix)]
#[test]
fn whoever_follows_does_not_keep_the_server_from_ending() {
    let mut server = start("journal-stop", &[]);
    let mut following = follow(&server, "");
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    let mut rest = Vec::new();
    following.0.read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
    assert!(within("the server ends", || server.child.try_wait().unwrap()).success());
}
