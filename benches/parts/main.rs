//! The parts of an answer, each by itself and in one thread: how long it takes, and how many instructions.
//!
//! `cargo bench --bench parts` tells microseconds. With the name of a part and a number it does that part so many times and
//! tells nothing: `benches/instructions` runs it so below valgrind, whose counts hold on a busy machine as well.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    dead_code,
    reason = "a bench measures time, tells what it found, may panic, and takes some of the other bench's documents"
)]

#[path = "../load/made.rs"]
mod made;

use std::{env, hint::black_box, sync::Arc, time::Instant};

use http::Method;
use jiff::Timestamp;
use standin::{
    api,
    document::{Source, load},
    exchange::{Handler, Reply, Request},
    mock::{Mock, Options},
    net::{self, InProcess, Site},
    sandbox::Clock,
};

/// A part: how it is called, and what is done again and again.
type Part = (&'static str, fn(usize));

const PARTS: [Part; 10] = [
    ("load", loaded),
    ("static", |count| answered(count, &Request::new(Method::GET, "/static"))),
    ("static-anew", |count| answered_anew(count, "/static")),
    ("generated-anew", |count| answered_anew(count, "/nested")),
    ("valid-body", |count| answered(count, &order(3))),
    ("invalid-body", |count| answered(count, &order(0))),
    ("token", |count| answered(count, &with_token())),
    ("unknown-path", |count| answered(count, &Request::new(Method::GET, "/nowhere"))),
    ("route-among-10000", routed),
    ("served", served),
];

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.as_slice() {
        [word] if word == "list" => PARTS.iter().for_each(|(name, _)| println!("{name}")),
        [name, count] => {
            let (_, part) = PARTS.iter().find(|(known, _)| known == name).unwrap();
            part(count.parse().unwrap());
        }
        _ => PARTS.iter().for_each(|part| timed(*part)),
    }
}

/// The difference of many repetitions and a few is that of the repetitions alone.
fn timed((name, part): Part) {
    let many = if name == "load" { 5 } else { 20_000 };
    let time = |count: usize| {
        let begun = Instant::now();
        part(count);
        begun.elapsed().as_secs_f64() * 1e6
    };
    let few = time(2);
    println!("{name:<20} {:>12.2} µs", (time(many + 2) - few) / many as f64);
}

fn mock(text: &str) -> Mock {
    let source = Source::Text { name: "bench".to_owned(), text: text.into() };
    let (api, _) = api::read_unjudged(Arc::new(load(&source).unwrap())).unwrap();
    let clock = Arc::new(Clock::frozen_at(Timestamp::UNIX_EPOCH));
    Mock::unjudged(vec![Arc::new(api)], clock, Options::default()).0
}

fn loaded(count: usize) {
    let text = made::recursive(200, 2_000_000).to_string();
    (0..count).for_each(|_| drop(black_box(mock(&text))));
}

fn answered(count: usize, request: &Request) {
    let mock = mock(made::SMALL);
    (0..count).for_each(|_| drop(black_box(mock.answer(request))));
}

/// Requests of which no two are the same.
fn answered_anew(count: usize, path: &str) {
    let mock = mock(made::SMALL);
    for number in 0..count {
        let request = Request::new(Method::GET, &format!("{path}?n={number}"));
        drop(black_box(mock.answer(&request)));
    }
}

fn routed(count: usize) {
    let mock = mock(&made::synthetic(10_000, 0).to_string());
    for number in 0..count {
        let request = Request::new(Method::GET, &format!("/r{}/items", number % 10_000));
        black_box(mock.plan().route(&request).unwrap());
    }
}

/// The whole way but for the socket: from a request of poem to its response, the journal and the log included.
fn served(count: usize) {
    let mock = Arc::new(mock(made::SMALL));
    let site = Site::new(Arc::clone(&mock), mock, Vec::new(), net::Options::default());
    let server = InProcess::new(site);
    let request = Request::new(Method::GET, "/static").header("host", "a").header("accept", "*/*");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for _ in 0..count {
            let reply: Reply = server.handle(request.clone()).await;
            black_box(reply);
        }
    });
}

fn order(count: usize) -> Request {
    let body = format!(r#"{{"customer": "Ann", "count": {count}, "kind": "gift"}}"#);
    Request::new(Method::POST, "/orders").header("content-type", "application/json").body(body)
}

fn with_token() -> Request {
    let login = Request::new(Method::POST, "/login").header("content-type", "application/json");
    let reply = mock(made::SMALL).answer(&login.body(r#"{"user": "ann"}"#));
    let issued: serde_json::Value = serde_json::from_slice(&reply.response.body).unwrap();
    let token = format!("Bearer {}", issued["token"].as_str().unwrap());
    Request::new(Method::GET, "/secret").header("authorization", &token)
}
