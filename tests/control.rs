//! The control interface over sockets: who may use it, where it stands, what it counts, and that it keeps to its document.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads what its servers log"
)]

mod server;

use std::{fs, process::Command};

use regex::Regex;
use serde_json::Value;

use crate::server::{Server, file, within};

/// Sends a request of this head; the status, the whole head, and the body.
fn ask(server: &Server, line: &str, fields: &str) -> (String, String, String) {
    let (head, body) =
        server.ask(&format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n{fields}\r\n"));
    (head[9..12].to_owned(), head, body)
}

#[test]
fn without_the_token_nothing_is_told_and_with_it_everything_is() {
    let server = Server::start("control-token", &["mock", "--control-token", "hush-hush"]);
    for path in ["/clock", "/requests", "/docs/", "/openapi.json", "/nowhere", "/"] {
        let (status, head, body) = ask(&server, &format!("GET /_standin{path}"), "");
        assert_eq!(status, "401", "{path}: {body}");
        assert!(head.contains("www-authenticate: Bearer"), "{head}");
        assert!(body.contains("--control-token") && !body.contains("hush-hush"), "{body}");
    }
    assert_eq!(ask(&server, "GET /_standin/clock", "authorization: Bearer wrong\r\n").0, "401");
    assert_eq!(ask(&server, "GET /_standin/clock", "authorization: Bearer hush-hush\r\n").0, "200");
    let document = ask(&server, "GET /_standin/openapi.json", "authorization: Bearer hush-hush\r\n").2;
    let document: Value = serde_json::from_str(&document).unwrap();
    assert!(document["paths"]["/clock"]["get"]["responses"]["401"].is_object(), "{document}");
    assert_eq!(ask(&server, "POST /be/v1/auth", "").0, "400", "the mock wants no token of its own");
}

#[test]
fn no_page_of_another_origin_reads_it_unless_it_may() {
    let elsewhere = "origin: http://pages.example\r\n";
    let server = Server::start("control-origin", &["mock"]);
    let (status, head, body) = ask(&server, "GET /_standin/requests", elsewhere);
    assert_eq!(status, "403", "{body}");
    assert!(!head.contains("access-control-allow-origin") && body.contains("--cors-control"), "{head}{body}");
    let preflight = format!("{elsewhere}access-control-request-method: POST\r\n");
    assert_eq!(ask(&server, "OPTIONS /_standin/clock", &preflight).0, "403");
    let rebound = server.ask("GET /_standin/requests HTTP/1.1\r\nhost: pages.example\r\n\r\n").0;
    assert!(rebound.starts_with("HTTP/1.1 403"), "{rebound}");
    assert!(
        ask(&server, "POST /be/v1/auth", elsewhere)
            .1
            .contains("access-control-allow-origin: http://pages.example")
    );

    let server = Server::start("control-cors", &["mock", "--cors-control"]);
    let (status, head, _) = ask(&server, "GET /_standin/requests", elsewhere);
    assert_eq!(status, "200");
    assert!(head.contains("access-control-allow-origin: http://pages.example"), "{head}");
    let (status, head, _) = ask(&server, "OPTIONS /_standin/clock", &preflight);
    assert!(status == "204" && head.contains("access-control-allow-methods: POST"), "{head}");
}

#[test]
fn with_an_address_of_its_own_it_stands_there_alone() {
    let mock = Server::start("control-addr", &["mock", "--control-addr", "127.0.0.1:0"]);
    assert_eq!(ask(&mock, "GET /_standin/health", "").0, "404");
    let pattern = Regex::new(r"control      http://([^/]+)/_standin/openapi.json").unwrap();
    let address = within("the log tells where", || {
        let log = fs::read_to_string(file("control-addr.log")).unwrap();
        Some(pattern.captures(&log)?[1].to_owned())
    });
    assert_ne!(address, mock.address);
    let get = |path: &str| {
        let stream = std::net::TcpStream::connect(&address).unwrap();
        let mut connection = server::Connection(stream);
        connection.send(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"));
        connection.answer()
    };
    ask(&mock, "POST /be/v1/auth", "");
    let requests: Value = serde_json::from_str(&get("/_standin/requests").1).unwrap();
    assert_eq!(requests["requests"].as_array().unwrap().len(), 2, "{requests}");
    let document: Value = serde_json::from_str(&get("/_standin/documents/rockitplay").1).unwrap();
    assert!(
        document["servers"][0]["url"].as_str().unwrap().starts_with(&format!("http://{}/", mock.address)),
        "{document}"
    );
    assert!(get("/be/v1/auth").0.starts_with("HTTP/1.1 404"));
    assert!(get("/").0.contains("location: /_standin/"));
}

#[test]
fn what_was_asked_is_counted_for_prometheus() {
    let server = Server::start("control-metrics", &["mock"]);
    ask(&server, "POST /be/v1/auth", "");
    ask(&server, "POST /be/v1/auth", "standin-sandbox: a\r\n");
    ask(&server, "GET /nowhere", "");
    let (status, head, text) = ask(&server, "GET /_standin/metrics", "");
    assert_eq!(status, "200");
    assert!(
        head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{head}"
    );
    let value = |line: &str| {
        let found = text.lines().find_map(|told| told.strip_prefix(line));
        found.unwrap_or_else(|| panic!("{line}: {text}")).trim().parse::<f64>().unwrap()
    };
    let authenticated =
        text.lines().find(|line| line.starts_with("standin_requests_total") && line.contains("400")).unwrap();
    assert!(authenticated.ends_with(" 2"), "{text}");
    assert!((value(r#"standin_requests_total{operation="",status="404"}"#) - 1.0).abs() < f64::EPSILON);
    assert!(
        (value(r#"standin_findings_total{operation="",code="unknown-route",severity="error"}"#) - 1.0).abs()
            < f64::EPSILON
    );
    assert!((value("standin_sandboxes ") - 2.0).abs() < f64::EPSILON);
    assert!(value("standin_journal_bytes ") > 0.0);
    assert!((value(r#"standin_request_duration_seconds_count{operation=""}"#) - 1.0).abs() < f64::EPSILON);
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(ask(&server, "GET /_standin/ready", "").2.contains(r#""status":"ready""#));
}

/// The program's own judge is pointed at its own control interface.
fn verified(test: &str, options: &[&str], fields: &str, more: &[&str]) {
    let server = Server::start(test, &[&["mock"], options].concat());
    let document = file(&format!("{test}.json"));
    fs::write(&document, ask(&server, "GET /_standin/openapi.json", fields).2).unwrap();
    // What it finds it keeps where it runs, and tries again the next time.
    let folder = file(&format!("{test}.folder"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_standin"))
        .current_dir(folder)
        .args(["verify", document.to_str().unwrap(), "--url"])
        .arg(format!("http://{}/_standin", server.address))
        .args(["--quiet", "--timeout", "5s"])
        .args(more)
        .env_clear()
        .output()
        .unwrap();
    let told =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}");
}

#[test]
fn nothing_is_found_in_it_by_verify() {
    verified("control-verify", &[], "", &[]);
}

#[test]
fn nothing_is_found_in_it_by_verify_where_it_wants_a_token() {
    let token = "authorization: Bearer hush-hush";
    verified(
        "control-verify-token",
        &["--control-token", "hush-hush"],
        &format!("{token}\r\n"),
        &["--header", token],
    );
}
