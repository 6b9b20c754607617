//! Tokens that the provider issues: each is of one kind, is somebody's, and ends by the provider's clock.
//!
//! A [`Lapse`] is a rule that a faulty provider does not keep. Read [`Tokens::issue`] and [`Tokens::judge`] first.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What the provider takes the time from.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The key of the one customer.
pub(crate) const API_KEY: &str = "my-key";

/// It is always the same, so that two runs issue the same tokens; in earnest it comes from where secrets are kept.
const SECRET: &[u8] = b"the built-in provider's secret";

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A customer's key, which does not end.
    ApiKey,
    /// The token of a device's session.
    Device,
    /// What federates a session to a domain.
    Federated,
    /// The session of a user who has logged in.
    Session,
    /// What opens the backend.
    Backend,
}

/// A rule of tokens that a faulty provider does not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lapse {
    /// An empty one will do.
    Empty,
    /// Whatever is sent will do.
    Anything,
    /// The beginning of one will do.
    Start,
    /// One in other letters will do.
    Case,
    /// The signature is not looked at.
    Signature,
    /// One of another kind will do.
    Kind,
    /// One that has ended will do.
    End,
    /// One behind `Bearer` will do, though no scheme belongs there.
    Prefix,
    /// None will do, though it is right.
    Right,
    /// It is right once.
    OneUse,
    /// The next one of the same owner ends it.
    OneEach,
    /// It has ended when it is issued.
    EndsAtOnce,
    /// It lives ten times as long as it should.
    LivesLonger,
    /// It has the form of no token of its kind.
    Form,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was right, and has ended.
    Ended,
    /// It is not one of ours, or not for this.
    Unknown,
}

/// A token that was issued, and when it ends.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) text: String,
    pub(crate) end: Timestamp,
}

/// What is known of a token.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) kind: Kind,
    owner: String,
    pub(crate) end: Timestamp,
}

#[derive(Serialize)]
struct Claims<'c> {
    jti: &'c str,
    exp: i64,
}

/// Every token that there is.
pub(crate) struct Tokens {
    clock: Clock,
    lapse: Option<(Kind, Lapse)>,
    held: Mutex<BTreeMap<String, Held>>,
}

impl Tokens {
    /// No tokens but the one customer's key; `lapse` is what is done wrong with those of one kind.
    pub(crate) fn new(clock: Clock, lapse: Option<(Kind, Lapse)>) -> Self {
        let key = Held { kind: Kind::ApiKey, owner: "customer".to_owned(), end: Timestamp::MAX };
        Self { clock, lapse, held: Mutex::new(BTreeMap::from([(API_KEY.to_owned(), key)])) }
    }

    /// A new token of `owner`, which lives that long.
    pub(crate) fn issue(&self, kind: Kind, owner: &str, life: SignedDuration) -> Issued {
        let mut held = self.held();
        let now = (self.clock)();
        let end = now.saturating_add(life).unwrap_or(Timestamp::MAX);
        let text = self.text(kind, end, held.len());
        if self.has(kind, Lapse::OneEach) {
            held.retain(|_, other| other.kind != kind || other.owner != owner);
        }
        let kept = match self.lapse {
            Some((of, Lapse::EndsAtOnce)) if of == kind => now,
            Some((of, Lapse::LivesLonger)) if of == kind => now.saturating_add(life * 10).unwrap_or(end),
            _ => end,
        };
        held.insert(text.clone(), Held { kind, owner: owner.to_owned(), end: kept });
        Issued { text, end }
    }

    /// Whose token it is, where it is one of that kind and lives.
    pub(crate) fn judge(&self, kind: Kind, text: &str) -> Result<String, Refusal> {
        if self.has(kind, Lapse::Anything) || self.has(kind, Lapse::Empty) && text.is_empty() {
            return Ok("anybody".to_owned());
        }
        let found = self.found(text).or_else(|| self.alike(kind, text)).ok_or(Refusal::Unknown)?;
        if self.has(kind, Lapse::Right) || found.kind != kind && !self.has(kind, Lapse::Kind) {
            return Err(Refusal::Unknown);
        }
        if found.end <= (self.clock)() && !self.has(kind, Lapse::End) {
            return Err(Refusal::Ended);
        }
        if self.has(kind, Lapse::OneUse) {
            self.held().remove(text);
        }
        Ok(found.owner)
    }

    /// What is known of a token, whether it has ended or not.
    pub(crate) fn found(&self, text: &str) -> Option<Held> {
        self.held().get(text).cloned()
    }

    /// The token for which a faulty provider takes a text.
    fn alike(&self, kind: Kind, text: &str) -> Option<Held> {
        let held = self.held();
        held.iter().find(|(known, _)| self.is_alike(kind, known, text)).map(|(_, held)| held.clone())
    }

    fn has(&self, kind: Kind, lapse: Lapse) -> bool {
        self.lapse == Some((kind, lapse))
    }

    /// Whether a faulty provider takes one text for another.
    fn is_alike(&self, kind: Kind, known: &str, text: &str) -> bool {
        let payload = |token: &str| token.rsplit_once('.').map(|(payload, _)| payload.to_owned());
        match self.lapse.filter(|(of, _)| *of == kind) {
            Some((_, Lapse::Start)) => !text.is_empty() && known.starts_with(text),
            Some((_, Lapse::Case)) => known.eq_ignore_ascii_case(text),
            Some((_, Lapse::Signature)) => payload(known).is_some_and(|known| payload(text) == Some(known)),
            Some((_, Lapse::Prefix)) => text.strip_prefix("Bearer ") == Some(known),
            _ => false,
        }
    }

    /// A text that nobody can guess who has not the secret.
    fn text(&self, kind: Kind, end: Timestamp, number: usize) -> String {
        let mut hash = Sha256::new();
        hash.update(SECRET);
        hash.update(number.to_be_bytes());
        let random = hash.finalize();
        match kind {
            _ if self.has(kind, Lapse::Form) => format!("t{number}"),
            Kind::Federated => URL_SAFE_NO_PAD.encode(&random[..16]),
            Kind::Device | Kind::Backend => {
                let claims = Claims { jti: &URL_SAFE_NO_PAD.encode(&random[..12]), exp: end.as_second() };
                let key = EncodingKey::from_secret(SECRET);
                jsonwebtoken::encode(&Header::default(), &claims, &key).expect("a secret signs by HMAC")
            }
            Kind::ApiKey | Kind::Session => URL_SAFE_NO_PAD.encode(&random[..24]),
        }
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        // A panic elsewhere leaves the tokens as they were before or after one of them.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
