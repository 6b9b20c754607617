//! `verify` against a provider that keeps what it is given, in which it must find nothing, and against the same provider with
//! each of its faults, which must be found by the check that is named.
//!
//! What it takes to find each is written to `docs/verify-sequences.md`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the project's own files"
)]

#[path = "../examples/orders/provider.rs"]
mod provider;

use std::{
    fmt::Write as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use provider::{DOCUMENT, FAULTS, KEY, Orders};
use serde_json::Value;
use standin::{
    api,
    document::{self, Source},
    mock::{self, Mock},
    net::InProcess,
    sandbox::Clock,
    verify::{
        Again, Check, Exchange, Observer, Options, Outcome, Phase, Regression, Tally, Verifier, Violation,
    },
};

/// Lets time pass by the clock of the provider, and ends a run when a check has failed.
struct Waiting {
    clock: Arc<Clock>,
    wanted: Option<Check>,
    is_found: AtomicBool,
}

impl Observer for Waiting {
    fn goes_on(&self) -> bool {
        !self.is_found.load(Ordering::Relaxed)
    }

    fn see(&self, exchange: &Exchange<'_>) {
        if exchange.violations.iter().any(|one| Some(one.check) == self.wanted) {
            self.is_found.store(true, Ordering::Relaxed);
        }
    }

    fn waits(&self, time: Duration) -> BoxFuture<'_, bool> {
        let time = SignedDuration::try_from(time).unwrap();
        Box::pin(std::future::ready(self.clock.advance(time).is_ok()))
    }
}

/// With how many seeds nothing may be found, and with how many where it is known otherwise who may come in and what is linked.
const SEEDS: (u64, u64) = (20, 5);

/// What is known of a document before its provider is tried.
fn known(text: &str) -> Mock {
    let source = Source::Text { name: "openapi.yaml".into(), text: text.into() };
    let (api, _) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), mock::Options::default()).0
}

fn verified(known: &Mock, fault: &'static str, options: Options) -> Outcome {
    until(known, fault, options, None)
}

/// The same, only until a check fails.
fn until(known: &Mock, fault: &'static str, options: Options, wanted: Option<Check>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let clock = Arc::new(Clock::frozen_at("2026-01-01T00:00:00Z".parse().unwrap()));
    let target = InProcess::new(Orders::new(Arc::clone(&clock), fault));
    runtime.block_on(Verifier::new(known.plan(), known.books(), target, options).run(&Waiting {
        clock,
        wanted,
        is_found: AtomicBool::new(false),
    }))
}

fn told(outcome: &Outcome) -> String {
    let lines = outcome.violations.iter().map(|one| {
        let before = one.before.iter().map(|earlier| {
            format!(
                "    {} {} {}: {}",
                earlier.request.method,
                earlier.request.path,
                String::from_utf8_lossy(earlier.request.bytes()),
                earlier.response.status
            )
        });
        let last = format!(
            "{}: {} ({}): {} {} {} {}",
            one.check,
            one.what,
            one.finding,
            one.request.method,
            one.request.path,
            String::from_utf8_lossy(one.request.bytes()),
            one.response.status
        );
        before.chain([last]).collect::<Vec<_>>().join("\n")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The document without its links.
fn unlinked() -> String {
    let mut text = String::new();
    let mut within = None;
    for line in DOCUMENT.lines() {
        let depth = line.len() - line.trim_start().len();
        within = within.filter(|start| depth > *start);
        if line.trim() == "links:" {
            within = Some(depth);
        }
        if within.is_none() {
            writeln!(text, "{line}").unwrap();
        }
    }
    assert!(!text.contains("operationId: readOrder, parameters"), "the links are taken out");
    text
}

#[test]
fn nothing_is_found_in_a_provider_that_keeps_what_it_is_given() {
    let known = known(DOCUMENT);
    for seed in 0..SEEDS.0 {
        // All that is tried of single requests takes most of the time.
        let phases = if seed < 1 { Phase::ALL.to_vec() } else { vec![Phase::Stateful] };
        let outcome = verified(&known, "", Options { seed, phases, ..Options::default() });
        assert!(outcome.violations.is_empty(), "seed {seed}:\n{}", told(&outcome));
        assert!(outcome.untried.is_empty() && outcome.made_up.is_empty(), "{outcome:?}");
        let is_done = |(_, tally): &(_, Tally)| tally.successes > 0;
        assert!(outcome.operations.iter().all(is_done), "{:?}", outcome.operations);
    }
}

#[test]
fn nothing_is_found_without_links_or_with_a_key_that_is_given() {
    let unlinked = known(&unlinked());
    let linked = known(DOCUMENT);
    let headers = vec![("X-Api-Key".to_owned(), KEY.to_owned())];
    for (known, headers) in [(&unlinked, Vec::new()), (&linked, headers)] {
        for seed in 0..SEEDS.1 {
            let (headers, phases) = (headers.clone(), vec![Phase::Stateful]);
            let options = Options { seed, phases, headers, ..Options::default() };
            let outcome = verified(known, "", options);
            assert!(outcome.violations.is_empty(), "seed {seed}: {}", told(&outcome));
        }
    }
}

/// How many requests it took to find a fault; `None` where it was not found.
fn needed(known: &Mock, fault: &'static str, check: &str, phase: Phase) -> Result<usize, String> {
    // What single requests show, shows early: operations take turns.
    let most = if phase == Phase::Stateful { Options::default().most } else { 900 };
    let check = Check::named(check).unwrap();
    let options = Options { phases: vec![phase], most, shrink: 0, checks: vec![check], ..Options::default() };
    let outcome = until(known, fault, options, Some(check));
    let found = outcome.violations.iter().filter(|one| one.check == check);
    found.map(|one| one.number).min().ok_or_else(|| told(&outcome))
}

/// The part of a run that finds a fault: one of single answers, requests and credentials, or one that several requests show.
fn phase(fault: &str) -> Phase {
    let is_single = ["answer-", "input-", "method-", "no-", "any-", "empty-", "token-s"];
    let is_single = is_single.iter().any(|start| fault.starts_with(start));
    if is_single { Phase::Coverage } else { Phase::Stateful }
}

/// The one violation that a run of all sequences tells of a fault by this check.
fn only(known: &Mock, fault: &'static str, options: Options) -> Violation {
    let outcome = verified(known, fault, options);
    let [found] = outcome.violations.as_slice() else { panic!("{fault}: {}", told(&outcome)) };
    found.clone()
}

/// What was sent for the order of a violation.
fn first_body(violation: &Violation) -> Value {
    serde_json::from_slice(violation.before[0].request.bytes()).unwrap()
}

#[test]
fn a_sequence_that_fails_is_told_with_the_fewest_steps_and_the_smallest_values() {
    let known = known(DOCUMENT);
    let options =
        |check| Options { phases: vec![Phase::Stateful], checks: vec![check], ..Options::default() };
    let cut = only(&known, "create-cuts-description", options(Check::ReadDiffers));
    let body = first_body(&cut);
    assert_eq!(cut.before.len(), 1, "made and read: {cut:?}");
    assert_eq!(body["description"].as_str().unwrap().chars().count(), 101, "{body}");
    let names: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["title", "customer", "lines", "description"]);
    let again = only(&known, "id-after-delete", options(Check::IdReused));
    assert_eq!(again.before.len(), 2, "made, deleted, made: {again:?}");
}

#[test]
fn what_one_fault_does_to_many_properties_is_told_once() {
    let known = known(DOCUMENT);
    let checks = vec![Check::PatchNotKept];
    let options = Options { phases: vec![Phase::Stateful], shrink: 0, checks, ..Options::default() };
    let found = only(&known, "patch-lost", options);
    assert_eq!(found.check, Check::PatchNotKept);
    assert!(found.finding.message.contains("; so too at `/"), "{}", found.finding.message);
}

#[test]
fn a_sequence_is_found_again_by_its_id_and_is_followed_first_the_next_time() {
    let known = known(DOCUMENT);
    let fault = "patch-loses-priority";
    let checks = vec![Check::PatchNotKept];
    let found = only(&known, fault, Options { phases: vec![Phase::Stateful], checks, ..Options::default() });
    let replayed = only(&known, fault, Options { only: found.replay, ..Options::default() });
    assert_eq!(replayed.request.bytes(), found.request.bytes());
    assert_eq!(replayed.before.len(), found.before.len());
    let right = verified(&known, "", Options { only: found.replay, ..Options::default() });
    assert!(right.violations.is_empty() && right.operations.iter().any(|(_, tally)| tally.cases > 0));
    let kept = serde_json::to_string(&found.regression).unwrap();
    let kept: Option<Regression> = serde_json::from_str(&kept).unwrap();
    let again = |fault, most| {
        let regressions = kept.clone().into_iter().collect();
        let phases = vec![Phase::Stateful];
        verified(&known, fault, Options { regressions, phases, seed: 9, most, ..Options::default() }).again
    };
    // Before all others: few requests do.
    assert_eq!(again(fault, 20), [(0, Again::Fails)]);
    assert_eq!(again("", 20), [(0, Again::Passes)]);
}

#[test]
fn every_fault_is_found() {
    let mut table = String::from(
        "# What the sequences of `standin verify` find\n\nMade by `tests/sequences.rs`: the provider of `examples/orders`, which \
         keeps what it is given, with each of its faults. The figures are the requests that had \
         been sent when the check told of the fault, where no other was asked for. Against the \
         provider without a fault nothing is found, with 20 seeds, and with 5 where the document has no links, or \
         where a key is given.\n\n\
         | fault | check | found after |\n|---|---|---|\n",
    );
    let known = known(DOCUMENT);
    let all = |faults: &'static [(&'static str, &str, &str)]| {
        let one = |(name, _, check): &(&'static str, &str, &str)| needed(&known, name, check, phase(name));
        faults.iter().map(one).collect::<Vec<_>>()
    };
    let (first, rest) = FAULTS.split_at(FAULTS.len() / 2);
    let found = std::thread::scope(|scope| {
        let first = scope.spawn(|| all(first));
        let rest = all(rest);
        first.join().unwrap().into_iter().chain(rest).collect::<Vec<_>>()
    });
    let mut missed = Vec::new();
    for ((name, what, check), found) in FAULTS.iter().zip(found) {
        match found {
            Ok(first) => writeln!(table, "| {what} | `{check}` | {first} |").unwrap(),
            Err(why) => missed.push(format!("{name}: {check} is not among\n{why}")),
        }
    }
    assert!(FAULTS.len() >= 45);
    assert!(missed.is_empty(), "{}", missed.join("\n\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-sequences.md");
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), table, "STANDIN_REWRITE=1 writes it anew");
}
