//! The ring, the filters and the verdict, by hand and by chance.

use std::time::Duration;

use http::{Method, StatusCode};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::{
    api::Status,
    exchange::{End, Request, Response, Rest},
    finding::{Location, Part, Pointer, Severity},
};

/// A journal from which nothing is hidden.
fn journal(bytes: usize) -> Journal {
    Journal::new(bytes, Mask::default())
}

/// An exchange whose answer is of this body.
fn answered(target: &str, body: &str, findings: Vec<Finding>) -> Answered {
    let request = Request::new(Method::GET, target);
    let response = Response { body: body.to_owned().into(), ..Response::empty(StatusCode::OK) };
    Answered {
        sandbox: "default".into(),
        seed: 0,
        at: Timestamp::UNIX_EPOCH,
        took: Duration::ZERO,
        request,
        request_extent: Extent::whole(0),
        response,
        response_extent: Extent::whole(body.len()),
        operation: Some("listPets".to_owned()),
        why: "its first example".to_owned(),
        findings,
        delay: Duration::ZERO,
        callbacks: Vec::new(),
    }
}

fn fault(code: Code) -> Finding {
    Finding::error(code, Location::Response(Part::Body, Pointer::root()), "wrong")
}

/// Records exchanges about which there is nothing to say.
fn fill(journal: &Journal, count: usize) {
    for _ in 0..count {
        journal.record(answered("/", "", Vec::new()));
    }
}

fn ids(journal: &Journal, filter: &Filter) -> Vec<u64> {
    journal.select(filter).exchanges.iter().map(|exchange| exchange.id).collect()
}

/// Still coming, with this much of it so far.
fn coming(body: &str) -> Answered {
    let mut answered = answered("/pets", body, Vec::new());
    answered.response_extent.end = End::Coming;
    answered
}

#[test]
fn the_oldest_go_first_and_are_counted() {
    let one = exchange::weight(&answered("/1", "body", Vec::new()), 0);
    let journal = journal(3 * one);
    for target in ["/1", "/2", "/3", "/4", "/5"] {
        journal.record(answered(target, "body", Vec::new()));
    }
    assert_eq!(ids(&journal, &Filter::default()), [3, 4, 5]);
    assert_eq!(journal.select(&Filter::default()).dropped, 2);
    assert!(journal.get(2).is_none());
    assert_eq!(journal.get(5).unwrap().answered.request.path, "/5");
}

#[test]
fn what_is_forgotten_on_purpose_is_not_dropped_and_its_numbers_do_not_come_back() {
    let journal = journal(1024 * 1024);
    journal.record(answered("/1", "", vec![fault(Code::ResponseSchema)]));
    assert!(!journal.verdict(None, &[]).is_good());
    assert_eq!(journal.clear(None), 1);
    assert!(journal.verdict(None, &[]).is_good());
    assert_eq!(journal.select(&Filter::default()).dropped, 0);
    assert_eq!(journal.record(answered("/2", "", Vec::new())), 2);
}

#[test]
fn a_filter_lets_through_what_satisfies_all_of_it() {
    let journal = journal(1024 * 1024);
    journal.record(answered("/1", "", Vec::new()));
    journal.record(answered("/2", "", vec![fault(Code::ResponseSchema)]));
    let mut other =
        answered("/3", "", vec![Finding { severity: Severity::Warning, ..fault(Code::Deprecated) }]);
    other.operation = None;
    other.response.status = StatusCode::NOT_FOUND;
    other.at = "2030-01-01T00:00:00Z".parse().unwrap();
    journal.record(other);
    let all = Filter::default;
    let of = |filter: Filter| ids(&journal, &filter);
    assert_eq!(of(Filter { operation: Some("listPets".to_owned()), ..all() }), [1, 2]);
    assert_eq!(of(Filter { status: Some(Status::Range(4)), ..all() }), [3]);
    assert_eq!(of(Filter { status: Some(Status::Exact(200)), ..all() }), [1, 2]);
    assert_eq!(of(Filter { code: Some(Code::ResponseSchema), ..all() }), [2]);
    assert_eq!(of(Filter { severity: Some(Severity::Warning), ..all() }), [2, 3]);
    assert_eq!(of(Filter { since: Some("1".parse().unwrap()), ..all() }), [2, 3]);
    assert_eq!(of(Filter { since: Some("2029-01-01T00:00:00Z".parse().unwrap()), ..all() }), [3]);
    assert_eq!(of(Filter { since: Some(Since::Id(1)), severity: Some(Severity::Error), ..all() }), [2]);
    assert!("yesterday".parse::<Since>().is_err());
}

#[test]
fn a_limit_keeps_the_newest_and_after_a_number_the_first() {
    let journal = journal(1024 * 1024);
    fill(&journal, 5);
    let newest = journal.select(&Filter { limit: 2, ..Filter::default() });
    assert_eq!(newest.exchanges.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(newest.more, 3);
    assert_eq!(ids(&journal, &Filter { limit: 2, since: Some(Since::Id(1)), ..Filter::default() }), [2, 3]);
}

#[test]
fn the_same_fault_is_one_cause_however_often_it_is_made() {
    let journal = journal(1024 * 1024);
    journal.record(answered("/1", "", vec![fault(Code::ResponseSchema), fault(Code::ResponseSchema)]));
    journal.record(answered("/2", "", vec![fault(Code::MissingParam)]));
    journal.record(answered("/3", "", vec![fault(Code::ResponseSchema)]));
    let told = journal.verdict(None, &[]);
    let causes: Vec<_> =
        told.causes.iter().map(|cause| (cause.finding.code, cause.count, cause.first, cause.last)).collect();
    assert_eq!(causes, [(Code::ResponseSchema, 2, 1, 3), (Code::MissingParam, 1, 2, 2)]);
    assert!(journal.verdict(None, &[Code::ResponseSchema, Code::MissingParam]).is_good());
}

#[test]
fn a_fault_in_what_was_dropped_is_not_forgotten() {
    let journal = journal(2000);
    journal.record(answered("/1", "", vec![fault(Code::ResponseSchema)]));
    fill(&journal, 10);
    let told = journal.verdict(None, &[]);
    assert!(told.causes.is_empty() && !told.is_good());
    assert_eq!(told.lost, Counts::from([(Code::ResponseSchema, 1)]));
    assert!(journal.verdict(None, &[Code::ResponseSchema]).is_good());
}

#[test]
fn a_stream_takes_the_room_that_it_may_come_to_need_and_gives_it_back() {
    let journal = journal(64 * 1024);
    let id = journal.record(coming("data: 1"));
    let reserved = journal.ring().weight();
    let passed = Passed { start: "\ndata: 2".into(), length: 500, end: End::Whole };
    journal.end(id, &"default".into(), passed, vec![fault(Code::ResponseSchema)]);
    assert!(journal.ring().weight() < reserved);
    let answered = journal.get(id).unwrap().answered;
    assert_eq!(answered.response.body, "data: 1\ndata: 2");
    assert_eq!(answered.response_extent, Extent { length: 507, kept: 15, end: End::Whole });
    assert_eq!(journal.verdict(None, &[]).causes.len(), 1);
}

#[test]
fn a_stream_that_ends_when_it_is_dropped_already_still_counts_and_one_that_was_forgotten_does_not() {
    let journal = journal(1000);
    let dropped = journal.record(coming(""));
    fill(&journal, 10);
    let nothing = Passed { start: "".into(), length: 0, end: End::Whole };
    journal.end(dropped, &"default".into(), nothing.clone(), vec![fault(Code::ResponseSchema)]);
    assert!(!journal.verdict(None, &[]).is_good());
    journal.clear(None);
    journal.end(dropped, &"default".into(), nothing, vec![fault(Code::ResponseSchema)]);
    assert!(journal.verdict(None, &[]).is_good());
}

#[test]
fn a_body_is_cut_and_its_length_is_kept() {
    let request = Request::new(Method::POST, "/").body("abcdef");
    let (request, extent) = Answered::request(request, None, 4);
    assert_eq!((request.bytes(), extent), (&b"abcd"[..], Extent { kept: 4, ..Extent::whole(6) }));
    let mut whole = Response::empty(StatusCode::OK);
    whole.body = "abcdef".into();
    whole.rest = Some(Rest::new(futures_util::stream::empty()));
    let (response, extent) = Answered::response(&whole, 4);
    assert_eq!((&response.body[..], extent), (&b"abcd"[..], Extent { length: 6, kept: 4, end: End::Coming }));
}

/// Something that happens to a journal.
#[derive(Debug, Clone)]
enum Happens {
    Answered(usize),
    Streams(usize),
    /// The stream of this number ends, with so many bytes more.
    Ends(u64, usize),
    Cleared,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        8 => (0..3000_usize).prop_map(Happens::Answered),
        3 => (0..100_usize).prop_map(Happens::Streams),
        3 => (1..60_u64, 0..3000_usize).prop_map(|(id, more)| Happens::Ends(id, more)),
        1 => Just(Happens::Cleared),
    ]
}

impl Happens {
    fn to(&self, journal: &Journal) {
        match self {
            Self::Answered(length) => {
                journal.record(answered("/", &"x".repeat(*length), Vec::new()));
            }
            Self::Streams(length) => {
                journal.record(coming(&"x".repeat(*length)));
            }
            Self::Ends(id, more) => {
                let start = "x".repeat(*more.min(&journal.body_limit())).into();
                let is_coming = journal
                    .get(*id)
                    .is_some_and(|exchange| exchange.answered.response_extent.end == End::Coming);
                if is_coming {
                    journal.end(
                        *id,
                        &"default".into(),
                        Passed { start, length: *more, end: End::Whole },
                        Vec::new(),
                    );
                }
            }
            Self::Cleared => {
                journal.clear(None);
            }
        }
    }
}

proptest! {
    #[test]
    fn there_is_always_room_and_nothing_goes_before_what_is_older(
        bytes in 0..20_000_usize,
        events in prop::collection::vec(happens(), 0..60),
    ) {
        let journal = journal(bytes);
        let (mut recorded, mut forgotten) = (0, 0);
        for event in &events {
            if matches!(event, Happens::Cleared) {
                forgotten = recorded;
            }
            event.to(&journal);
            recorded += u64::from(matches!(event, Happens::Answered(_) | Happens::Streams(_)));
            prop_assert!(journal.ring().weight() <= bytes);
            let held = ids(&journal, &Filter::default());
            // What is held are the newest, without a gap, and all others are counted.
            let dropped = journal.select(&Filter::default()).dropped;
            prop_assert_eq!(&held, &(forgotten + dropped + 1..=recorded).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_is_dropped_while_there_is_room(lengths in prop::collection::vec(0..3000_usize, 1..30)) {
        let weights = lengths.iter().map(|length| exchange::weight(&answered("/", &"x".repeat(*length), Vec::new()), 0));
        let journal = journal(weights.sum());
        for length in &lengths {
            Happens::Answered(*length).to(&journal);
        }
        prop_assert_eq!(journal.select(&Filter::default()).dropped, 0);
        prop_assert_eq!(journal.ring().weight(), journal.bytes);
    }
}
