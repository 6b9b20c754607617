//! Laws of the mock, tried on generated requests to the built-in documents.
//!
//! What is right is said by a second judge (`laws/judge.rs`), which shares no code with the mock. Requests are made of
//! decisions, so that proptest shrinks them. Each law prints on how many cases it was tried.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "laws/chaos.rs"]
mod chaos;
#[path = "laws/judge.rs"]
mod judge;
#[path = "laws/mutation.rs"]
mod mutation;
#[path = "laws/requests.rs"]
mod requests;
#[path = "laws/security.rs"]
mod security;
#[path = "laws/tally.rs"]
mod tally;
#[path = "laws/time.rs"]
mod time;
#[path = "laws/world.rs"]
mod world;

use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use standin::{
    credential::{Foreign, Verdict},
    exchange::{Request, Response},
    finding::Code,
    mock::Mock,
    plan::Bodies,
    sandbox::Move,
    schema::Dice,
};

use crate::{
    chaos::chaos,
    judge::{Judge, Objection, ensure},
    mutation::MUTATIONS,
    requests::{decisions, foreign_jwt, valid},
    tally::Tally,
    time::{Issuer, Life, exp, life},
    world::{judge, mock, scene, scenes, shown},
};

/// What is found about broken requests, sooner or later, and what is not.
const KINDS: [&str; 15] = [
    "2xx",
    "4xx",
    "right",
    "missing-param",
    "invalid-param",
    "missing-body",
    "invalid-body",
    "unsupported-media-type",
    "not-acceptable",
    "missing-credential",
    "invalid-credential",
    "token-expired",
    "unknown-route",
    "method-not-allowed",
    "body-too-large",
];

/// Both sources of bodies.
const SOURCES: [Bodies; 2] = [Bodies::Examples, Bodies::Generated];
/// Both ways with tokens that nobody here issued.
const STRANGERS: [Foreign; 2] = [Foreign::Accepted, Foreign::Refused];

#[test]
fn every_valid_request_gets_a_success_that_the_document_allows() {
    let tally = Tally::of("every valid request gets a success that the document allows");
    let judge = judge();
    for (bodies, foreign) in SOURCES.into_iter().zip(STRANGERS) {
        let mock = mock(0, foreign, bodies);
        for scene in scenes(&mock) {
            tally.run(512, &decisions(), |decisions| {
                let request = valid(scene, &mut Dice::replayed(decisions));
                let reply = mock.answer(&request);
                judge.request(&request)?;
                judge.answer(&request, &reply)?;
                tally.reply(&reply);
                ensure(reply.response.status.is_success(), || reply.why)
            });
        }
    }
    tally.tell(["2xx"]);
}

#[test]
fn every_nearly_valid_request_gets_the_refusal_that_its_one_fault_deserves() {
    let tally = Tally::of("every nearly valid request gets the refusal that its one fault deserves");
    let judge = judge();
    let mocks = STRANGERS.map(|foreign| mock(0, foreign, Bodies::Examples));
    for mutation in MUTATIONS {
        let mock = mocks.iter().find(|mock| mock.options().foreign == mutation.foreign).unwrap();
        for scene in scenes(mock).into_iter().filter(|scene| mutation.is_apt(*scene)) {
            tally.run(128, &decisions(), |decisions| {
                let request = mutation.of(scene, &mut Dice::replayed(decisions)).ok_or("it is not broken")?;
                let reply = mock.answer(&request);
                tally.reply(&reply);
                tally.count(mutation.name);
                let told = |objection| format!("{}: {objection}: {}", mutation.name, shown(&request));
                ensure(judge.request(&request).is_err() == mutation.is_of_content(), || {
                    told(format!("{:?}", judge.request(&request)))
                })?;
                judge.answer(&request, &reply).map_err(told)?;
                let found = reply.findings.first().map(|finding| finding.code);
                ensure(found == Some(mutation.kind), || told(format!("{found:?}")))
            });
        }
    }
    tally.tell(MUTATIONS.iter().map(|mutation| mutation.name));
}

#[test]
fn no_request_however_broken_gets_what_the_document_forbids() {
    let tally = Tally::of("no request, however broken, gets a 5xx, or anything that the document forbids");
    let judge = judge();
    for (bodies, foreign) in SOURCES.into_iter().zip(STRANGERS) {
        let mock = mock(0, foreign, bodies);
        let scenes = scenes(&mock);
        tally.run(4096, &chaos(), |chaos| {
            let request = chaos.request(&scenes);
            let reply = mock.answer(&request);
            tally.reply(&reply);
            tally.count(reply.findings.first().map_or("right", |finding| finding.code.name()));
            let told = |objection| format!("{objection}: {}", shown(&request));
            judge.answer(&request, &reply).map_err(told)?;
            let verdict = judge.request(&request);
            let is_agreed = match reply.findings.first().map(|finding| finding.code) {
                None | Some(Code::NotAcceptable) => verdict.is_ok(),
                // Who is not let in is not told what else is wrong.
                Some(Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired) => true,
                Some(_) => verdict.is_err(),
            };
            ensure(is_agreed, || told(format!("`{}`, but {verdict:?}", reply.why)))
        });
    }
    tally.tell(KINDS);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_gives_others() {
    let tally = Tally::of("the same seed gives the same bytes, and another seed gives others");
    for bodies in SOURCES {
        let [mock, twin, other] = [7, 7, 8].map(|seed| mock(seed, Foreign::Accepted, bodies));
        let scenes = scenes(&mock);
        tally.run(2048, &chaos(), |chaos| {
            let request = chaos.request(&scenes);
            let reply = mock.answer(&request);
            tally.reply(&reply);
            if other.answer(&request).response != reply.response {
                tally.count("unlike those of another seed");
            }
            ensure(twin.answer(&request).response == reply.response, || shown(&request))
        });
    }
    tally.tell(["2xx", "4xx", "unlike those of another seed"]);
}

#[test]
fn a_token_is_valid_strictly_before_its_end_and_refused_from_it_on() {
    let tally = Tally::of(
        "a token is valid strictly before its end, and refused from it on, wherever the clock goes",
    );
    let witness = Witness { mock: mock(0, Foreign::Accepted, Bodies::Examples), judge: judge(), tally };
    witness.tally.run(2048, &life(), |life| witness.follows(&life));
    let seen = ["2xx", "4xx", "moments before the end", "moments from the end on", "told ends", "JWTs"];
    witness.tally.tell(seen);
}

/// Who sees what becomes of a token.
struct Witness {
    mock: Mock,
    judge: Judge,
    tally: Tally,
}

impl Witness {
    /// Issues a token and follows it through the moves of the clock.
    fn follows(&self, life: &Life) -> Objection {
        let Life { issuer, start, steps } = life;
        let clock = self.mock.clock();
        clock.apply(&Move { set: Some(*start), ..Move::default() }).unwrap();
        let request = issuer.request(&self.mock);
        let reply = self.mock.answer(&request);
        self.judge.answer(&request, &reply)?;
        let token = issuer.issued(&reply.response.body).ok_or("no token")?;
        let second = issuer.end(*start);
        for (what, told) in [("told ends", token.told), ("JWTs", exp(&token.text))] {
            if let Some(told) = told {
                self.tally.count(what);
                ensure(told == second, || format!("{what}: {told}, not {second}"))?;
            }
        }
        let end = Timestamp::from_second(second).unwrap();
        for step in steps {
            step.take(clock, end)?;
            self.sees(issuer, &token.text, end)?;
        }
        Ok(())
    }

    /// Whether the mock tells at this moment of its clock what is right about a token that ends at `end`.
    fn sees(&self, issuer: &Issuer, token: &str, end: Timestamp) -> Objection {
        let now = self.mock.clock().now();
        let is_alive = now < end;
        self.tally.count(if is_alive { "moments before the end" } else { "moments from the end on" });
        let right = if is_alive { Verdict::Valid(Some(end)) } else { Verdict::Expired(end) };
        let book = scene(&self.mock, issuer.operation()).book();
        let found = book.recognise(token, now).map(|(_, verdict)| verdict);
        ensure(found == Some(right), || format!("{found:?} of a token that ends at {end}, at {now}"))?;
        let Some(request) = issuer.carried(&self.mock, token) else { return Ok(()) };
        let reply = self.mock.answer(&request);
        self.tally.reply(&reply);
        self.judge.answer(&request, &reply)?;
        let found = reply.findings.first().map(|finding| finding.code);
        let right = (!is_alive).then_some(Code::TokenExpired);
        ensure(found == right, || format!("{found:?} of a token that ends at {end}, at {now}"))
    }
}

#[test]
fn a_jwt_that_somebody_else_signed_is_held_to_its_own_end() {
    let tally = Tally::of("a JWT that somebody else signed is held to its own end");
    let mock = mock(0, Foreign::Accepted, Bodies::Examples);
    let now = scene(&mock, "listApps").now().as_second();
    let ends = prop_oneof![any::<i64>(), (now - 3..now + 3), (0..2 * now)];
    tally.run(512, &ends, |end| {
        let token = foreign_jwt(&json!({ "exp": end }));
        let reply =
            mock.answer(&Request::new(Method::GET, "/be/v1/apps").header("x-rockit-beauth-token", &token));
        tally.reply(&reply);
        ensure(reply.response.status.is_success() == (now < end), || reply.why)
    });
    tally.tell(["2xx", "4xx"]);
}

#[test]
fn the_judge_objects_to_what_the_document_forbids() {
    let (judge, mock) = (judge(), mock(0, Foreign::Accepted, Bodies::Examples));
    let login = Issuer::Login.request(&mock);
    let unknown = Request::new(Method::GET, "/nowhere");
    let spoiled: [Spoiled<'_>; 10] = [
        ("a 5xx", &login, |response| response.status = StatusCode::INTERNAL_SERVER_ERROR),
        ("an undeclared success", &login, |response| response.status = StatusCode::CREATED),
        ("a refusal without a finding", &login, |response| response.status = StatusCode::BAD_REQUEST),
        ("another media type", &login, |response| retype(response, "text/plain")),
        ("no media type", &login, |response| response.headers.clear()),
        ("a body that breaks off", &login, |response| response.body.truncate(9)),
        ("a body that lacks a field", &login, |response| response.body = "{}".into()),
        ("another status", &unknown, |response| response.status = StatusCode::BAD_REQUEST),
        ("a problem of another media type", &unknown, |response| retype(response, "application/json")),
        ("a problem of another status", &unknown, |response| {
            let text = String::from_utf8(response.body.to_vec()).unwrap();
            response.body = text.replace("404", "400").into();
        }),
    ];
    for (what, request, spoil) in spoiled {
        let mut reply = mock.answer(request);
        assert_eq!(judge.answer(request, &reply), Ok(()));
        spoil(&mut reply.response);
        assert!(judge.answer(request, &reply).is_err(), "{what}");
    }
}

/// What is spoiled in the answer to which request, and how.
type Spoiled<'r> = (&'static str, &'r Request, fn(&mut Response));

fn retype(response: &mut Response, media_type: &'static str) {
    response.headers.insert("content-type", HeaderValue::from_static(media_type));
}
