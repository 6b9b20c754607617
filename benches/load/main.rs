//! `standin` beside a bare poem endpoint that returns the same bytes: start, memory, requests per second, and what grows.
//!
//! `cargo bench --bench load` runs everything (less than ten minutes) and writes `docs/performance.md`; with words after `--` only
//! the parts that are named so are run, and told: `start`, `requests`, `growth`, `memory`, `verify`. Everything is on loopback
//! and bounded. The load generator takes one thread of the same machine, so ratios count and not figures.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a bench measures time, opens sockets, tells what it found, and may panic"
)]

mod document;
mod driver;
mod limit;
mod made;
mod process;
mod report;

use std::{env, fs, path::Path, time::Duration};

use self::{
    document::Scenario,
    driver::{Driven, drive},
    process::{Server, scratch},
    report::{Line, Report},
};

const CONNECTIONS: usize = 64;
/// The limit and the mock are measured in turns, so that what else the machine does meets both.
const TURNS: usize = 3;
const TURN: Duration = Duration::from_secs(2);

fn main() {
    let words: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let Some(folder) = env::var_os(limit::VARIABLE) {
        return limit::serve(Path::new(&folder));
    }
    let is_wanted = |part: &str| words.is_empty() || words.iter().any(|word| word == part);
    let mut report = Report::default();
    for part in Part::ALL {
        if is_wanted(part.name()) {
            part.run(&mut report);
        }
    }
    let text = report.text();
    println!("{text}");
    if words.is_empty() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md"), text).unwrap();
    }
}

/// A part of the bench.
#[derive(Clone, Copy)]
enum Part {
    Start,
    Requests,
    Growth,
    Memory,
    Verify,
}

impl Part {
    const ALL: [Self; 5] = [Self::Start, Self::Requests, Self::Growth, Self::Memory, Self::Verify];

    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Requests => "requests",
            Self::Growth => "growth",
            Self::Memory => "memory",
            Self::Verify => "verify",
        }
    }

    fn run(self, report: &mut Report) {
        match self {
            Self::Start => starts(report),
            Self::Requests => requests(report),
            Self::Growth => growth(report),
            Self::Memory => memory(report),
            Self::Verify => verify(report),
        }
    }
}

/// From the start of the process to its first answer, and the memory that it has then.
fn starts(report: &mut Report) {
    let small = scratch("small.yaml", made::SMALL);
    let first = limit::Answer::of("application/json", 200, b"{}");
    let (limit, limit_memory) = started(|| limit::start(&first), "/any");
    report.start("limit: a bare endpoint", limit, limit_memory, None);
    let standin = |path: &Path| Server::standin(&["mock", path.to_str().unwrap()]);
    let (time, memory) = started(|| standin(&small), "/static");
    report.start("3 operations, 4 KB", time, memory, Some((8.0, 12.0)));
    let largest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if let Some((path, target)) = document::largest(&largest) {
        let name = format!(
            "{:.1} MB of JSON, the largest of the corpus",
            fs::metadata(&path).unwrap().len() as f64 / 1e6
        );
        let (time, memory) = started(|| standin(&path), &target);
        report.start(&name, time, memory, None);
    }
    let large = made::synthetic(1000, 15_000_000);
    let recursive = made::recursive(500, 5_200_000);
    let smaller = made::synthetic(500, 3_300_000);
    for (kind, document, is_yaml, wanted) in [
        ("JSON", &large, false, Some((120.0, 60.0))),
        ("JSON, each schema recursive", &recursive, false, Some((60.0, 40.0))),
        ("YAML", &smaller, true, Some((300.0, 60.0))),
        ("YAML", &large, true, None),
    ] {
        let operations = document["paths"].as_object().unwrap().len();
        let path = if is_yaml {
            scratch("large.yaml", &made::yaml(document))
        } else {
            scratch("large.json", &document.to_string())
        };
        let size = fs::metadata(&path).unwrap().len() as f64 / 1e6;
        let (time, memory) = started(|| standin(&path), &format!("/r{}/items", operations - 1));
        report.start(&format!("{operations} operations, {size:.1} MB of {kind}"), time, memory, wanted);
        fs::remove_file(path).unwrap();
    }
}

/// The median of some starts in milliseconds, and the memory after the last in MiB.
fn started(start: impl Fn() -> Server, target: &str) -> (f64, f64) {
    let mut times = Vec::new();
    let mut memory = 0.0;
    for _ in 0..5 {
        let server = start();
        let answered = server.first_answer(target);
        times.push(answered.as_secs_f64() * 1e3);
        memory = server.memory();
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], memory)
}

/// Requests a second, beside the limit.
fn requests(report: &mut Report) {
    let path = scratch("small.yaml", made::SMALL);
    for scenario in document::scenarios() {
        let standin = Server::standin(&["mock", path.to_str().unwrap(), "--tokens", "strict"]);
        let scenario = scenario.with_token(&standin);
        let answer = standin.answer(&scenario.requests[0]);
        assert_eq!(
            answer.status,
            scenario.status,
            "{}: {}",
            scenario.name,
            String::from_utf8_lossy(&answer.body)
        );
        let limit = limit::start(&answer);
        let before = standin.memory();
        // What is built at the first request is not the rate.
        warm(&standin, &scenario);
        warm(&limit, &scenario);
        let (mut ours, mut theirs) = (Driven::default(), Driven::default());
        for _ in 0..TURNS {
            theirs.add(measured(&limit, &scenario));
            ours.add(measured(&standin, &scenario));
        }
        report.line(Line { scenario, ours, theirs, memory: (before, standin.memory()) });
    }
}

fn warm(server: &Server, scenario: &Scenario) {
    drive(server.address(), &scenario.requests, CONNECTIONS, Duration::from_millis(300));
}

/// What came in one turn, the time of the server's processors included.
fn measured(server: &Server, scenario: &Scenario) -> Driven {
    let before = server.processor_time();
    let mut driven = drive(server.address(), &scenario.requests, CONNECTIONS, TURN);
    driven.processor = server.processor_time().saturating_sub(before);
    assert_eq!(driven.wrong(scenario.status), 0, "{}: other answers than {}", scenario.name, scenario.status);
    driven
}

/// The same request to documents of 10 to 10,000 operations.
fn growth(report: &mut Report) {
    for operations in [10, 100, 1_000, 10_000] {
        let document = made::synthetic(operations, 0);
        let path = scratch("growth.json", &document.to_string());
        let server = Server::standin(&["mock", path.to_str().unwrap()]);
        let start = server.first_answer(&format!("/r{}/items", operations - 1));
        let scenario = Scenario::get("growth", &format!("/r{}/items", operations - 1));
        // What is done beside the serving is not the rate.
        server.settle();
        warm(&server, &scenario);
        let mut driven = Driven::default();
        for _ in 0..TURNS {
            driven.add(measured(&server, &scenario));
        }
        report.growth(operations, start, &driven, server.memory());
    }
}

/// Memory after a thousand requests, and after a million of all kinds.
fn memory(report: &mut Report) {
    let path = scratch("small.yaml", made::SMALL);
    let server = Server::standin(&["mock", path.to_str().unwrap(), "--tokens", "strict"]);
    let requests: Vec<Vec<u8>> = document::scenarios()
        .into_iter()
        .flat_map(|scenario| scenario.with_token(&server).requests.into_iter().take(100))
        .collect();
    driver::send(server.address(), &requests, CONNECTIONS, 1_000);
    let early = server.memory();
    driver::send(server.address(), &requests, CONNECTIONS, 999_000);
    report.memory(early, server.memory());
}

/// Cases a second against a provider that answers at once, and the share of the time that is ours where it does not.
fn verify(report: &mut Report) {
    let path = scratch("small.yaml", made::SMALL);
    let answer = limit::Answer::of("application/json", 200, b"{\"id\": 1, \"name\": \"a\"}");
    let fast = limit::start(&answer);
    let run = |server: &Server, cases: &str| {
        process::verify(&[
            "verify",
            path.to_str().unwrap(),
            "--url",
            &server.url(),
            "--max-cases",
            cases,
            "--quiet",
            "true",
        ])
    };
    let at_once = run(&fast, "20000");
    let slow = limit::start(&answer.after(Duration::from_millis(20)));
    let waiting = run(&slow, "2000");
    report.verify(at_once, waiting);
}
