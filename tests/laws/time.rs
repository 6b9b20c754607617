//! Tokens that are issued, and clocks that are moved.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use standin::{
    exchange::Request,
    mock::Mock,
    sandbox::{Clock, Move},
};

use crate::{
    judge::{Objection, ensure},
    world::scene,
};

/// One token, and what the clock goes through.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) issuer: Issuer,
    pub(crate) start: Timestamp,
    pub(crate) steps: Vec<Step>,
}

/// An operation that issues tokens.
#[derive(Debug, Clone)]
pub(crate) enum Issuer {
    Session,
    Login,
    Authentication,
    /// With this body, or none.
    Federated(Option<Value>),
}

/// One move of the clock, which stands still between them.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Move(Move),
    /// So many nanoseconds from the token's end.
    Near(i64),
}

/// A token as it was issued.
pub(crate) struct Issued {
    pub(crate) text: String,
    /// Its end, in the field beside it.
    pub(crate) told: Option<i64>,
}

pub(crate) fn life() -> impl Strategy<Value = Life> {
    let steps = prop::collection::vec(step(), 0..8);
    (issuer(), moment(), steps).prop_map(|(issuer, start, mut steps)| {
        steps.extend([-1, 0, 1, -1].map(Step::Near));
        Life { issuer, start, steps }
    })
}

fn issuer() -> impl Strategy<Value = Issuer> {
    let numbers = prop_oneof![
        3 => any::<i32>().prop_map(Value::from),
        3 => (-10..100_000).prop_map(Value::from),
        1 => prop::sample::select(vec![0, 1, -1, i32::MAX, i32::MIN]).prop_map(Value::from),
        // Numbers without a fraction are integers, however they are written (JSON Schema 2020-12, section 6.1.1).
        1 => prop::sample::select(vec![60.0, -0.0, -60.0, 2e9]).prop_map(Value::from),
    ];
    let bodies = prop_oneof![
        1 => Just(None),
        1 => Just(Some(json!({ "domain": ".rhombus.com" }))),
        1 => Just(Some(json!({ "durationSec": null }))),
        9 => numbers.prop_map(|seconds| Some(json!({ "durationSec": seconds }))),
    ];
    prop_oneof![
        1 => Just(Issuer::Session),
        1 => Just(Issuer::Login),
        1 => Just(Issuer::Authentication),
        5 => bodies.prop_map(Issuer::Federated),
    ]
}

/// Any moment that a clock can show, most of them of these days.
fn moment() -> impl Strategy<Value = Timestamp> {
    let at = |nanosecond| Timestamp::from_nanosecond(nanosecond).expect("it is within range");
    let whole = |second| Timestamp::from_second(second).expect("it is within range");
    prop_oneof![
        4 => (1_500_000_000_000_000_000..2_500_000_000_000_000_000_i128).prop_map(at),
        2 => (0..=Timestamp::MAX.as_nanosecond()).prop_map(at),
        1 => (Timestamp::MIN.as_nanosecond()..0).prop_map(at),
        1 => (-1_000_000_000_000_i128..0).prop_map(at),
        1 => (1_500_000_000..2_500_000_000_i64).prop_map(whole),
        1 => prop::sample::select(vec![Timestamp::UNIX_EPOCH, Timestamp::MIN, Timestamp::MAX]),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let little = (-100_000..100_000_i64, -999_999_999..=999_999_999_i32);
    let little = little.prop_map(|(seconds, nanoseconds)| SignedDuration::new(seconds, nanoseconds));
    let advance = prop_oneof![little, any::<i64>().prop_map(SignedDuration::from_secs)];
    let freeze = prop::sample::select(vec![None, Some(true)]);
    let change = (prop::option::of(moment()), advance, freeze).prop_map(|(set, advance, freeze)| Move {
        reset: false,
        set,
        advance,
        freeze,
    });
    prop_oneof![
        change.prop_map(Step::Move),
        (-2_000_000_000..2_000_000_000_i64).prop_map(Step::Near),
        (-1..=1_i64).prop_map(Step::Near),
    ]
}

impl Issuer {
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Session => "createSession",
            Self::Login => "login",
            Self::Authentication => "authentication",
            Self::Federated(_) => "generateFederatedSessionToken",
        }
    }

    pub(crate) fn request(&self, mock: &Mock) -> Request {
        let request = scene(mock, self.operation()).request();
        match self {
            Self::Session => request.body(json!({ "identifier": "device" }).to_string()),
            Self::Login => request.body(json!({ "user": "one", "password": "two" }).to_string()),
            Self::Authentication => request.header("x-rockit-besession-token", "somebody-else's"),
            Self::Federated(body) => {
                let request = request.header("x-auth-apikey", "key").header("x-auth-scheme", "api");
                body.as_ref().map_or(request.clone(), |body| request.body(body.to_string()))
            }
        }
    }

    /// The end of a token that is issued at `start`, in UNIX seconds: so many after the second in which it is issued.
    pub(crate) fn end(&self, start: Timestamp) -> i64 {
        let second = start.as_nanosecond().div_euclid(1_000_000_000);
        // An end before 1970, or after the last second of a timestamp, is moved to the nearest that a token can carry.
        let end = second.saturating_add(self.lifetime()).clamp(0, Timestamp::MAX.as_second().into());
        i64::try_from(end).expect("it is within range")
    }

    /// In seconds, as the documents say.
    fn lifetime(&self) -> i128 {
        match self {
            Self::Login => 24 * 3600,
            Self::Authentication => 5 * 60,
            Self::Session => 3600,
            Self::Federated(body) => match body.as_ref().map_or(&Value::Null, |body| &body["durationSec"]) {
                #[expect(clippy::cast_possible_truncation, reason = "an int32 has no fraction")]
                Value::Number(seconds) => seconds.as_f64().expect("it is no greater") as i128,
                _ => 3600,
            },
        }
    }

    /// The token in an answer.
    pub(crate) fn issued(&self, body: &[u8]) -> Option<Issued> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let (token, end) = match self {
            Self::Session => ("/data/token", ""),
            Self::Login => ("/session/token", "/session/expires"),
            Self::Authentication => ("/auth/token", "/auth/expires"),
            Self::Federated(_) => ("/federatedSessionToken", ""),
        };
        let told = body.pointer(end).and_then(Value::as_i64);
        Some(Issued { text: body.pointer(token)?.as_str()?.to_owned(), told })
    }

    /// A request that carries the token, where an operation takes it and refuses it after its end.
    pub(crate) fn carried(&self, mock: &Mock, token: &str) -> Option<Request> {
        match self {
            Self::Login => {
                Some(scene(mock, "authentication").request().header("x-rockit-besession-token", token))
            }
            Self::Authentication => {
                Some(scene(mock, "listApps").request().header("x-rockit-beauth-token", token))
            }
            Self::Session | Self::Federated(_) => None,
        }
    }
}

impl Step {
    /// Moves the clock; a move out of its range leaves it where it is.
    pub(crate) fn take(&self, clock: &Clock, end: Timestamp) -> Objection {
        let before = clock.now();
        let change = match *self {
            Self::Move(change) => change,
            Self::Near(nanoseconds) => {
                Move { set: Some(end), advance: SignedDuration::from_nanos(nanoseconds), ..Move::default() }
            }
        };
        let meant = change.set.unwrap_or(before).checked_add(change.advance).ok();
        let moved = clock.apply(&change);
        let after = clock.now();
        ensure(moved.is_ok() == meant.is_some() && after == meant.unwrap_or(before), || {
            format!("{change:?} led from {before} to {after}")
        })
    }
}

/// The `exp` of a JWT (RFC 7519, section 4.1.4), read by hand; `None` of any other text.
pub(crate) fn exp(token: &str) -> Option<i64> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Value>(&claims).ok()?["exp"].as_i64()
}
