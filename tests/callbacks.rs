//! Callbacks over real sockets: a mock calls a listener of the test, and tells in its log what came of it.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, listens for what the server sends, and reads its log"
)]

mod server;

use std::{
    fs, io,
    net::{TcpListener, TcpStream},
};

use crate::server::{Connection, Server, file, within};

/// A job tells when it is done, to the URL that the request named.
const JOBS: &str = "
openapi: 3.1.0
info: {title: Jobs, version: '1'}
paths:
  /jobs:
    post:
      parameters: [{name: to, in: query, schema: {type: string}}]
      responses:
        '202':
          description: Begun
          content: {application/json: {schema: {type: object}, example: {job: 7}}}
      callbacks:
        done:
          '$request.query.to':
            post:
              requestBody: {content: {application/json: {schema: {type: object}, example: {done: true}}}}
              responses: {'204': {description: Thanks}}
";

/// A mock of the jobs, and somebody who can be told of them.
struct Scene {
    test: &'static str,
    server: Server,
    receiver: TcpListener,
}

impl Scene {
    fn new(test: &'static str) -> Self {
        let document = file(&format!("{test}.yaml"));
        fs::write(&document, JOBS).unwrap();
        let server = Server::start(test, &["mock", document.to_str().unwrap()]);
        Self { test, server, receiver: TcpListener::bind("127.0.0.1:0").unwrap() }
    }

    fn url(&self) -> String {
        format!("http://{}/done", self.receiver.local_addr().unwrap())
    }

    /// Begins a job that is to be told of at `url`.
    fn begin(&self, url: &str) {
        let line = format!("POST /jobs?to={url} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n");
        let (head, body) = self.server.ask(&format!("{line}content-length: 0\r\n\r\n"));
        assert!(head.starts_with("HTTP/1.1 202"), "{head}");
        assert_eq!(body, r#"{"job":7}"#);
    }

    fn called(&self) -> Connection {
        let (stream, _) = self.receiver.accept().unwrap();
        Connection(stream)
    }

    /// Waits until the log tells of something.
    fn told(&self, text: &str) -> String {
        let log = || fs::read_to_string(file(&format!("{}.log", self.test))).ok();
        within(text, || log().filter(|log| log.contains(text)))
    }
}

#[test]
fn a_callback_is_sent_and_what_answers_it_is_judged_in_the_log() {
    let scene = Scene::new("callback");
    scene.begin(&scene.url());
    let mut call = scene.called();
    let head = call.head();
    assert!(head.starts_with("POST /done HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    assert_eq!(call.body(&head), br#"{"done":true}"#);
    call.send("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n");
    scene.told(&format!("callback `done`: POST {} → 500", scene.url()));
    scene.told("undeclared-status");
}

#[test]
fn a_callback_is_not_led_elsewhere() {
    let scene = Scene::new("callback-redirect");
    scene.begin(&scene.url());
    let mut call = scene.called();
    let head = call.head();
    call.body(&head);
    call.send(&format!("HTTP/1.1 307 There\r\nlocation: {}/there\r\ncontent-length: 0\r\n\r\n", scene.url()));
    scene.told(&format!("callback `done`: POST {} → 307", scene.url()));
}

#[test]
fn nobody_at_the_url_of_a_callback_is_told_in_the_log() {
    let scene = Scene::new("callback-nobody");
    // A port that was just given up has nobody behind it.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    scene.begin(&format!("http://127.0.0.1:{port}/"));
    scene.told(&format!("callback `done`: POST http://127.0.0.1:{port}/ is not answered: "));
    scene.begin("ftp://files.test/");
    scene.told("unsent-callback: ");
}

#[test]
fn a_receiver_that_says_nothing_holds_nobody_up_and_has_sixteen_calls_at_most() {
    let scene = Scene::new("callback-silence");
    for _ in 0..20 {
        scene.begin(&scene.url());
    }
    let mut calls: Vec<Connection> = (0..16).map(|_| scene.called()).collect();
    scene.receiver.set_nonblocking(true).unwrap();
    let next = || -> Option<TcpStream> {
        match scene.receiver.accept() {
            Ok((stream, _)) => Some(stream),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                None
            }
        }
    };
    assert!(next().is_none(), "a seventeenth call has to wait");
    let mut first = calls.remove(0);
    let head = first.head();
    first.body(&head);
    first.send("HTTP/1.1 204 Thanks\r\nconnection: close\r\n\r\n");
    within("the seventeenth call comes when its turn has come", next);
}
