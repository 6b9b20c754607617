//! The proxy before providers that a well-behaved library cannot play: those that speak no HTTP, end early, say a wrong
//! length, never answer, or answer a little at a time.
//!
//! Each provider is a thread that talks plain TCP; the proxy is the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and connects to the servers that it starts"
)]

mod server;

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    sync::{Arc, mpsc},
    thread,
};

use flate2::{Compression, write::GzEncoder};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use serde_json::{Value, json};

use crate::server::{Connection, Server, file, within};

/// A document with what the providers of these tests do.
const DOCUMENT: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pet:
    get:
      responses:
        '200':
          description: A pet
          content: {application/json: {schema: {type: object, required: [name]}}}
        '302': {description: It moved}
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [name]}}}}
      responses: {'200': {description: Taken}}
  /events:
    get:
      responses: {'200': {description: Events, content: {text/event-stream: {schema: {type: string}}}}}
  /files:
    put:
      requestBody: {content: {application/octet-stream: {}}}
      responses: {'200': {description: The same, content: {application/octet-stream: {}}}}
";

const PET: &str = "GET /pet HTTP/1.1\r\nhost: a\r\n\r\n";
const REX: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{\"name\":\"Rex\"}";

/// Serves every connection on a port of its own; its URL.
fn provider(serve: impl Fn(Connection) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(|stream| serve(Connection(stream.unwrap()))));
    url
}

/// Answers every request with this text and closes.
fn saying(text: &'static str) -> String {
    provider(move |mut connection| {
        connection.head();
        connection.send(text);
    })
}

/// The proxy before `upstream`.
fn proxy(test: &str, upstream: &str, options: &[&str]) -> Server {
    let document = file(&format!("{test}.yaml"));
    fs::write(&document, DOCUMENT).unwrap();
    Server::start(test, &[&["proxy", document.to_str().unwrap(), upstream], options].concat())
}

fn log(test: &str) -> String {
    fs::read_to_string(file(&format!("{test}.log"))).unwrap()
}

#[test]
fn a_provider_that_breaks_http_costs_one_request_a_502_and_nothing_else() {
    for (test, text) in [
        ("no-http", "220 ready for mail\r\n"),
        ("no-answer", ""),
        ("half-a-head", "HTTP/1.1 200 OK\r\ncontent-ty"),
        ("too-short", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"),
        ("two-lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}"),
    ] {
        let proxy = proxy(test, &saying(text), &[]);
        for _ in 0..2 {
            let (head, body) = proxy.ask(PET);
            assert!(head.starts_with("HTTP/1.1 502"), "{test}: {head}");
            assert!(head.contains(r#"[{"kind":"upstream-broken""#), "{test}: {head}");
            assert!(body.contains("urn:standin:problem:upstream-broken"), "{test}: {body}");
        }
        assert!(log(test).contains("upstream-broken: "), "{test}");
    }
}

#[test]
fn a_body_that_goes_on_after_its_length_is_cut_and_told() {
    let text =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{\"name\":\"Rex\"}";
    let (head, body) = proxy("too-long", &saying(text), &[]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("body-unreadable"), "{head}");
    assert_eq!(body, "{\"nam");
}

#[test]
fn a_provider_that_does_not_answer_or_go_on_is_a_504() {
    let (keep, kept) = mpsc::channel();
    let silent = provider(move |mut connection| {
        connection.head();
        keep.send(connection).unwrap();
    });
    let (head, body) = proxy("silent", &silent, &["--upstream-timeout", "0.1"]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 504"), "{head}");
    assert!(body.contains("urn:standin:problem:upstream-timeout"), "{body}");
    drop(kept);

    let (keep, kept) = mpsc::channel();
    let slow = provider(move |mut connection| {
        connection.head();
        connection.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{");
        keep.send(connection).unwrap();
    });
    let (head, _) = proxy("slow", &slow, &["--upstream-timeout", "100ms"]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 504"), "{head}");
    drop(kept);
}

#[test]
fn a_provider_that_is_down_is_a_502_until_it_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let proxy = proxy("down", &format!("http://{address}"), &[]);
    let (head, body) = proxy.ask(PET);
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert!(body.contains("urn:standin:problem:upstream-unreachable"), "{body}");
    assert!(body.contains(&address.to_string()), "{body}");
}

#[test]
fn events_are_passed_on_as_they_happen_and_judged_when_they_have_ended() {
    let (go, wait) = mpsc::channel();
    let events = provider(move |mut connection| {
        connection.head();
        connection.send(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\ndata: one\n\n",
        );
        wait.recv().unwrap();
        connection.send("data: two\n\n");
    });
    let proxy = proxy("events", &events, &[]);
    let mut connection = proxy.connect();
    connection.send("GET /events HTTP/1.1\r\nhost: a\r\n\r\n");
    let head = connection.head();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    let mut first = [0; 16];
    connection.0.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"B\r\ndata: one\n\n\r\n");
    // The provider sends the second event only now, when the first one is here.
    go.send(()).unwrap();
    let mut second = [0; 21];
    connection.0.read_exact(&mut second).unwrap();
    assert_eq!(&second, b"B\r\ndata: two\n\n\r\n0\r\n\r\n");
}

/// What the control interface says at a path.
fn control(proxy: &Server, path: &str) -> Value {
    serde_json::from_str(&proxy.ask(&format!("GET /_standin{path} HTTP/1.1\r\nhost: a\r\n\r\n")).1).unwrap()
}

#[test]
fn what_either_side_breaks_is_in_the_journal() {
    let wrong =
        saying("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"id\": 1}");
    let proxy = proxy("journal-both", &wrong, &[]);
    let fields = "host: a\r\ncontent-type: application/json\r\ncontent-length: 2";
    proxy.ask(&format!("POST /pet HTTP/1.1\r\n{fields}\r\n\r\n{{}}"));
    proxy.ask(PET);
    let codes = |path: &str| -> Vec<String> {
        let told = control(&proxy, path);
        let findings = told["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes("/requests/1").first().map(String::as_str), Some("invalid-body"));
    assert_eq!(codes("/requests/2"), ["response-schema"]);
    let told = control(&proxy, "/requests/2");
    assert_eq!(told["response"]["body"]["text"], "{\"id\": 1}");
    assert_eq!(told["findings"][0]["rule"]["line"], 9, "{told}");
    assert_eq!(control(&proxy, "/verdict")["satisfied"], false);
}

#[test]
fn a_stream_is_not_held_back_for_the_journal_which_tells_how_it_ended() {
    let (go, wait) = mpsc::channel();
    let events = provider(move |mut connection| {
        connection.head();
        connection.send(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nb\r\ndata: one\n\n\r\n",
        );
        wait.recv().unwrap();
        // Not the last chunk: it breaks off.
    });
    let proxy = proxy("journal-stream", &events, &[]);
    let mut connection = proxy.connect();
    connection.send("GET /events HTTP/1.1\r\nhost: a\r\n\r\n");
    connection.head();
    let mut first = [0; 16];
    connection.0.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"B\r\ndata: one\n\n\r\n");
    let coming = control(&proxy, "/requests/1");
    assert_eq!(coming["response"]["body"]["state"], "coming", "{coming}");
    assert_eq!(control(&proxy, "/verdict")["satisfied"], true);
    go.send(()).unwrap();
    let ended = within("the end is written down", || {
        Some(control(&proxy, "/requests/1")).filter(|told| told["response"]["body"]["state"] == "broken")
    });
    assert_eq!(ended["response"]["body"]["text"], "data: one\n\n", "{ended}");
    assert!(ended["findings"].to_string().contains("upstream-broken"), "{ended}");
    assert_eq!(control(&proxy, "/verdict")["satisfied"], false);
}

#[test]
fn of_what_is_uploaded_while_it_comes_the_journal_keeps_the_start() {
    let echo = provider(|mut connection| {
        let head = connection.head();
        let body = connection.body(&head);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length";
        connection.send(&format!("{head}: {}\r\n\r\n", body.len()));
        connection.0.write_all(&body).unwrap();
    });
    let proxy = proxy("journal-upload", &echo, &[]);
    let fields = "host: a\r\ncontent-type: application/octet-stream\r\ncontent-length: 100000";
    proxy.ask(&format!("PUT /files HTTP/1.1\r\n{fields}\r\n\r\n{}", "x".repeat(100_000)));
    let told = control(&proxy, "/requests/1");
    for side in ["request", "response"] {
        let body = &told[side]["body"];
        assert_eq!((&body["length"], &body["cut"]), (&json!(100_000), &json!(true)), "{side}");
        assert_eq!(body["text"].as_str().unwrap().len(), 64 * 1024, "{side}");
    }
}

#[test]
fn a_stream_that_breaks_off_breaks_off_for_the_client_too() {
    let events = saying(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nb\r\ndata: one\n\n\r\n",
    );
    let proxy = proxy("broken-stream", &events, &[]);
    let mut connection = proxy.connect();
    connection.send("GET /events HTTP/1.1\r\nhost: a\r\n\r\n");
    connection.head();
    let mut rest = Vec::new();
    // Whether the end is a reset or a close, the last chunk is not there.
    let _ = connection.0.read_to_end(&mut rest);
    assert_eq!(rest, b"B\r\ndata: one\n\n\r\n");
    within("the log tells", || log("broken-stream").contains("an answer broke off").then_some(()));
    assert!(proxy.ask("GET /_standin/health HTTP/1.1\r\nhost: a\r\n\r\n").0.starts_with("HTTP/1.1 200"));
}

#[test]
fn an_answer_over_the_limit_that_breaks_off_breaks_off_for_the_client_too() {
    let long = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n";
    let proxy = proxy("broken-file", &saying(long), &["--body-limit", "8"]);
    let mut connection = proxy.connect();
    connection.send("PUT /files HTTP/1.1\r\nhost: a\r\n\r\n");
    connection.head();
    let mut rest = Vec::new();
    let _ = connection.0.read_to_end(&mut rest);
    assert_eq!(rest, b"10\r\n0123456789abcdef\r\n");
}

#[test]
fn a_request_is_passed_on_while_it_comes() {
    let (report, reports) = mpsc::channel();
    let files = provider(move |mut connection| {
        let head = connection.head();
        let mut start = [0; 5];
        connection.0.read_exact(&mut start).unwrap();
        report.send((head, start)).unwrap();
        let mut rest = vec![0; 99_995];
        connection.0.read_exact(&mut rest).unwrap();
        connection
            .send("HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: 2\r\n\r\nok");
    });
    let proxy = proxy("upload", &files, &[]);
    let mut connection = proxy.connect();
    connection.send("PUT /files HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\ncontent-type: application/octet-stream\r\n\r\n");
    connection.send("first");
    // The provider has the first half although the second is not sent yet.
    let (head, start) = reports.recv().unwrap();
    assert!(head.contains("content-length: 100000\r\n"), "{head}");
    assert_eq!(&start, b"first");
    connection.send(&"x".repeat(99_995));
    let (head, body) = connection.answer();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, "ok");
}

#[test]
fn bytes_over_the_limit_pass_both_ways_as_they_are() {
    let echo = provider(|mut connection| {
        let head = connection.head();
        let body = connection.body(&head);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length";
        connection.send(&format!("{head}: {}\r\n\r\n", body.len()));
        connection.0.write_all(&body).unwrap();
    });
    let bytes: Vec<u8> =
        (0..3_000_000_u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]).collect();
    for (test, options) in
        [("large", &["--body-limit", "1000"][..]), ("large-errors", &["--body-limit", "1000", "--errors"])]
    {
        let proxy = proxy(test, &echo, options);
        let mut connection = proxy.connect();
        let mut sending = connection.0.try_clone().unwrap();
        let sent = bytes.clone();
        let sender = thread::spawn(move || {
            let fields = "host: a\r\ncontent-type: application/octet-stream\r\ncontent-length";
            sending
                .write_all(format!("PUT /files HTTP/1.1\r\n{fields}: {}\r\n\r\n", sent.len()).as_bytes())
                .unwrap();
            sending.write_all(&sent).unwrap();
        });
        let head = connection.head();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("unjudged"), "{head}");
        assert!(!head.contains("sl-violations"), "{head}");
        assert!(connection.body(&head) == bytes);
        sender.join().unwrap();
    }
}

#[test]
fn what_is_about_one_connection_is_not_passed_on_and_all_else_is() {
    let (report, reports) = mpsc::channel();
    let picky = provider(move |mut connection| {
        report.send(connection.head()).unwrap();
        connection.send(
            "HTTP/1.1 200 OK\r\nconnection: x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\nserver: theirs\r\n\
             set-cookie: a=1\r\nset-cookie: b=2\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{\"name\":\"Rex\"}",
        );
    });
    let proxy = proxy("hops", &format!("{picky}/base/"), &[]);
    let (head, body) = proxy.ask(
        "GET /a/../%7Eb//c?x='%27'&y=a+b HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, X-Mine\r\nx-mine: 1\r\nte: trailers\r\n\
         upgrade: h2c\r\naccept-encoding: br\r\nx-other: 2\r\n\r\n",
    );
    let asked = reports.recv().unwrap();
    assert!(asked.starts_with("GET /base/a/../%7Eb//c?x='%27'&y=a+b HTTP/1.1\r\n"), "{asked}");
    for gone in ["x-mine", "te:", "upgrade", "connection:", "host: a\r\n", "transfer-encoding"] {
        assert!(!asked.contains(gone), "{gone}: {asked}");
    }
    let host = picky.strip_prefix("http://").unwrap();
    for kept in ["accept-encoding: br\r\n", "x-other: 2\r\n", &format!("host: {host}\r\n")] {
        assert!(asked.contains(kept), "{kept}: {asked}");
    }
    for gone in ["x-hop", "keep-alive", "connection:"] {
        assert!(!head.contains(&format!("\n{gone}")), "{gone}: {head}");
    }
    for kept in ["set-cookie: a=1\r\n", "set-cookie: b=2\r\n", "server: theirs\r\n"] {
        assert!(head.contains(kept), "{kept}: {head}");
    }
    assert_eq!(body, "{\"name\":\"Rex\"}");
}

#[test]
fn a_redirect_is_the_clients_to_follow() {
    let moved = saying("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
    let (head, _) = proxy("redirect", &moved, &[]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 302"), "{head}");
    assert!(head.contains("location: /elsewhere\r\n"), "{head}");
}

#[test]
fn a_packed_body_is_judged_unpacked_and_passed_on_packed() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"{\"id\": 1}").unwrap();
    let packed = packed.finish().unwrap();
    let sent = packed.clone();
    let gzip = provider(move |mut connection| {
        let asked = connection.head();
        connection.body(&asked);
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length";
        connection.send(&format!("{head}: {}\r\n\r\n", sent.len()));
        connection.0.write_all(&sent).unwrap();
    });
    let proxy = proxy("gzip", &gzip, &[]);
    let mut connection = proxy.connect();
    connection.send(PET);
    let head = connection.head();
    assert!(head.contains(r#"[{"kind":"response-schema""#), "{head}");
    assert!(head.contains("content-encoding: gzip\r\n"), "{head}");
    assert_eq!(connection.body(&head), packed);
    let fields = "host: a\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length";
    let mut connection = proxy.connect();
    connection.send(&format!("POST /pet HTTP/1.1\r\n{fields}: {}\r\n\r\n", packed.len()));
    connection.0.write_all(&packed).unwrap();
    let head = connection.head();
    assert!(head.contains(r#"[{"kind":"invalid-body""#) && head.contains("is a required property"), "{head}");
}

#[test]
fn a_provider_behind_tls_is_reached_by_who_trusts_its_authority() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy");
    let certificate = folder.join("certificate.pem");
    let chain = vec![CertificateDer::from_pem_file(&certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider_of_keys = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider_of_keys).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let secured = provider(move |Connection(stream)| {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
        let mut asked = Vec::new();
        let mut byte = [0];
        // Who does not trust it ends the handshake.
        while !asked.ends_with(b"\r\n\r\n") && tls.read_exact(&mut byte).is_ok() {
            asked.push(byte[0]);
        }
        let _ = tls.write_all(REX.as_bytes());
    });
    let url = secured.replace("http://", "https://");
    let (head, body) = proxy("trusting", &url, &["--upstream-ca", certificate.to_str().unwrap()]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, "{\"name\":\"Rex\"}");
    let (head, body) = proxy("distrusting", &url, &[]).ask(PET);
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert!(body.contains("invalid peer certificate"), "{body}");
}

#[test]
fn a_provider_behind_another_proxy_is_reached_through_it() {
    let tunnel = provider(|mut connection| {
        let asked = connection.head();
        assert!(asked.starts_with("CONNECT provider.example:80 HTTP/1.1\r\n"), "{asked}");
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        assert!(connection.head().contains("host: provider.example\r\n"));
        connection.send(REX);
    });
    let proxy = proxy("tunnel", "http://provider.example", &["--upstream-proxy", &tunnel]);
    assert_eq!(proxy.ask(PET).1, "{\"name\":\"Rex\"}");
}

#[test]
fn a_document_is_read_from_a_url_and_its_files_from_the_same_host() {
    let documents = provider(|mut connection| {
        let asked = connection.head();
        let text = match asked.split(' ').nth(1).unwrap() {
            "/api/pets.yaml" => {
                DOCUMENT.replace("{type: object, required: [name]}", "{$ref: 'schemas.yaml#/pet'}")
            }
            "/api/schemas.yaml" => {
                "pet: {type: object, required: [name], properties: {name: {const: Rex}}}".to_owned()
            }
            other => panic!("{other} is asked for"),
        };
        connection.send(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len()));
    });
    let server = Server::start("by-url", &["mock", &format!("{documents}/api/pets.yaml")]);
    assert_eq!(server.ask(PET).1, "{\"name\":\"Rex\"}");
}

#[test]
fn nothing_is_told_where_silence_is_wanted() {
    let proxy = proxy("silence", &saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), &["-v", "silent"]);
    assert!(proxy.ask(PET).0.contains("body-missing"));
    assert_eq!(log("silence"), "");
    let quiet = Server::start("quiet", &["mock", "--verboseLevel", "error"]);
    quiet.ask("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n");
    let told =
        within("the fault is told", || Some(log("quiet")).filter(|told| told.contains("unknown-route")));
    assert!(!told.contains("listening"), "{told}");
}

#[test]
fn every_url_of_the_start_works() {
    let document = file("urls.yaml");
    fs::write(
        &document,
        "\
openapi: 3.1.0
info: {title: Shop, version: '1'}
paths:
  /pets/{id}/{kind}.{format}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 3}}
      - {name: kind, in: path, required: true, schema: {type: string, pattern: '^[a-z]{3}-[0-9]$'}}
      - {name: format, in: path, required: true, schema: {enum: [json]}}
      - {name: tags, in: query, required: true, schema: {type: array, minItems: 2, items: {type: string}}}
      - {name: limit, in: query, schema: {type: integer}}
    get: {summary: All of them, responses: {'204': {description: d}}}
  /pets/mine: {get: {responses: {'204': {description: d}}}}
  /pets/{which}:
    get:
      parameters: [{name: which, in: path, required: true, example: a b/c, schema: {type: string}}]
      responses: {'204': {description: d}}
",
    )
    .unwrap();
    let museum = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/museum/openapi.yaml");
    let mut documents = vec![document.to_str().unwrap()];
    documents.extend(museum.to_str().filter(|_| museum.exists()));
    let server = Server::start("urls", &[&["mock"], &documents[..]].concat());
    let told =
        within("it tells that it listens", || Some(log("urls")).filter(|told| told.contains("listening")));
    let urls = told.lines().filter_map(|line| line.trim_start().strip_prefix("GET ")?.split(' ').next());
    let mut count = 0;
    for url in urls {
        let target = url.strip_prefix(&format!("http://{}", server.address)).unwrap();
        let (head, body) = server.ask(&format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n"));
        let is_of_target =
            ["\"in\":\"path\"", "\"in\":\"query\"", "unknown-route"].iter().any(|kind| body.contains(kind));
        assert!(!is_of_target, "{target}: {head}{body}");
        count += 1;
    }
    assert!(count >= 3, "{told}");
    assert!(told.contains("/pets/a%20b%2Fc  "), "{told}");
}
