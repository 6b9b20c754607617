//! Tokens that live and die: who issues them, who carries them, how they are made and judged.
//!
//! [`infer`] reads an [`Api`](crate::api::Api) into a [`Book`]: each [`Credential`] with its lifetime, the operations that
//! issue it, and for every operation what it wants to see. The book fills issued tokens into answers
//! ([`Book::issue`]) and judges the ones that come back ([`Book::judge`]). A token carries its end and a signature, so
//! nothing is remembered: every replica with the same secret judges alike. Time and chance are passed in.

mod authorization;
mod carriage;
mod challenge;
mod extension;
mod fault;
mod gate;
mod infer;
mod jwt;
mod opaque;
mod words;

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

pub use self::{
    carriage::Carriage,
    extension::{Extension, Written, extension_schema},
    infer::infer,
};
use self::{gate::Gate, jwt::Life, opaque::Encoding};
use crate::{
    exchange::Request,
    finding::{Finding, Pointer},
    schema::{Dice, Schema},
};

/// All that is known of an API's credentials.
#[derive(Debug)]
pub struct Book {
    secret: Vec<u8>,
    foreign: Foreign,
    credentials: Vec<Credential>,
    issuers: Vec<Issuer>,
    /// What each operation wants to see, in the order of the operations.
    gates: Vec<Gate>,
}

/// What becomes of a token that nobody here issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Foreign {
    /// A JWT is held to its own `exp`; any other is accepted.
    #[default]
    Accepted,
    /// It is an invalid credential.
    Refused,
}

/// A kind of token: what it is called, how it is written, how long it lives.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its name, by which it is minted.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// Who issues it, as in `POST /login`; nobody where it only has a carrier.
    pub issued_by: Option<String>,
    /// Where it is carried, as in `header x-token`.
    pub carried_by: Vec<String>,
    /// Why all this is believed.
    pub reasons: Vec<String>,
}

/// How a token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A signed JSON Web Token (RFC 7519) whose `exp` is its end.
    Jwt,
    /// Characters that mean nothing to the one who carries them.
    Opaque(Encoding),
}

/// How long a token lives.
#[derive(Debug, Clone)]
pub struct Lifetime {
    /// The lifetime where the request does not say.
    pub fixed: SignedDuration,
    /// Where in the request's body it stands, in seconds.
    pub from_request: Option<Pointer>,
}

/// An operation that issues a token.
#[derive(Debug)]
struct Issuer {
    operation: usize,
    credential: usize,
    token: Pointer,
    end: Option<End>,
}

/// A field of the answer that tells the token's end.
#[derive(Debug, Clone)]
struct End {
    field: Pointer,
    unit: Unit,
}

/// How a field tells a token's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    UnixSeconds,
    UnixMilliseconds,
    DateTime,
    SecondsFromNow,
}

/// What a token is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is ours, or held to be right, and lives until then where that is known.
    Valid(Option<Timestamp>),
    /// It is past its end.
    Expired(Timestamp),
    /// It claims to be something that it is not: why.
    Invalid(String),
    /// Nobody here issued it.
    Foreign,
}

/// A minted token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The text that is carried.
    pub text: String,
    /// The first moment at which it is refused.
    pub end: Timestamp,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Jwt => f.write_str("jwt"),
            Self::Opaque(encoding) => write!(f, "opaque, {encoding}"),
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pointer) = &self.from_request {
            write!(f, "`{pointer}` of the request, else ")?;
        }
        write!(f, "{:#}", self.fixed)
    }
}

impl Book {
    /// The credentials.
    pub fn credentials(&self) -> &[Credential] {
        &self.credentials
    }

    /// A token of `credentials()[credential]` that ends `lifetime` from `now`, in whole seconds (RFC 7519, section 2).
    pub fn mint(
        &self,
        credential: usize,
        now: Timestamp,
        lifetime: SignedDuration,
        dice: &mut Dice,
    ) -> Option<Token> {
        self.mint_scoped(credential, now, lifetime, &[], dice)
    }

    /// The same, with scopes; `None` where there are some and the token is no JWT, which alone can tell them.
    pub fn mint_scoped(
        &self,
        credential: usize,
        now: Timestamp,
        lifetime: SignedDuration,
        scopes: &[String],
        dice: &mut Dice,
    ) -> Option<Token> {
        let kind = self.credentials.get(credential)?;
        let last = opaque::LAST_END.min(Timestamp::MAX.as_second());
        let begin = second(now);
        let end = begin.saturating_add(lifetime.as_secs()).clamp(0, last);
        let life = Life { begin, end };
        let text = match kind.format {
            Format::Jwt => jwt::mint(&self.secret, &kind.name, life, scopes, dice)?,
            Format::Opaque(_) if !scopes.is_empty() => return None,
            Format::Opaque(encoding) => opaque::mint(&self.secret, &kind.name, end, encoding, dice),
        };
        Some(Token { text, end: Timestamp::from_second(end).ok()? })
    }

    /// What `text`, carried as `credentials()[credential]`, is found to be at `now`.
    pub fn judge_token(&self, credential: usize, text: &str, now: Timestamp) -> Verdict {
        let Some(kind) = self.credentials.get(credential) else { return Verdict::Foreign };
        let ours = jwt::judge(&self.secret, &kind.name, text)
            .or_else(|| opaque::read(&self.secret, &kind.name, text).map(|end| jwt::Found::Ends(Some(end))));
        match ours {
            Some(jwt::Found::Ends(end)) => at(end.map(shown), now),
            Some(jwt::Found::Wrong(reason)) => Verdict::Invalid(reason),
            Some(jwt::Found::Foreign(end)) => match (at(end, now), self.foreign) {
                (Verdict::Valid(_), Foreign::Refused) => Verdict::Foreign,
                (verdict, _) => verdict,
            },
            None => self.of_another_kind(credential, text).unwrap_or(Verdict::Foreign),
        }
    }

    /// The first credential that `text` was minted for, and what it is found to be.
    pub fn recognise(&self, text: &str, now: Timestamp) -> Option<(&Credential, Verdict)> {
        self.credentials.iter().enumerate().find_map(|(index, credential)| {
            match self.judge_token(index, text, now) {
                verdict @ (Verdict::Valid(Some(_)) | Verdict::Expired(_)) if self.is_ours(index, text) => {
                    Some((credential, verdict))
                }
                _ => None,
            }
        })
    }

    /// What is wrong with the credentials of a request to the operation, all of it; empty where they will do.
    ///
    /// The first finding tells what a 401 asks for, whatever the alternatives are ([`Finding::challenge`]).
    pub fn judge(&self, operation: usize, request: &Request, now: Timestamp) -> Vec<Finding> {
        let Some(gate) = self.gates.get(operation) else { return Vec::new() };
        gate.judge(request, &|credential, text| match self.judge_token(credential, text, now) {
            Verdict::Foreign if self.foreign == Foreign::Accepted => Verdict::Valid(None),
            verdict => verdict,
        })
    }

    /// Whether the operation issues tokens.
    pub fn is_issuer(&self, operation: usize) -> bool {
        self.issuers.iter().any(|issuer| issuer.operation == operation)
    }

    /// Puts fresh tokens, and their ends, where the operation's answer has them; `request` is the decoded body.
    pub fn issue(
        &self,
        operation: usize,
        answer: &mut Value,
        request: Option<&Value>,
        now: Timestamp,
        dice: &mut Dice,
    ) {
        for issuer in self.issuers.iter().filter(|issuer| issuer.operation == operation) {
            let lifetime = self.lifetime(issuer.credential, request);
            let Some(token) = self.mint(issuer.credential, now, lifetime, dice) else { continue };
            if let Some(end) = &issuer.end {
                put(answer, &end.field, end.unit.write(token.end, now));
            }
            put(answer, &issuer.token, Value::String(token.text));
        }
    }

    fn lifetime(&self, credential: usize, request: Option<&Value>) -> SignedDuration {
        let Lifetime { fixed, from_request } = &self.credentials[credential].lifetime;
        let asked = from_request.as_ref().and_then(|pointer| seconds(request?.pointer(pointer.as_str())?));
        asked.map_or(*fixed, SignedDuration::from_secs)
    }

    fn is_ours(&self, credential: usize, text: &str) -> bool {
        let name = &self.credentials[credential].name;
        matches!(jwt::judge(&self.secret, name, text), Some(jwt::Found::Ends(_)))
            || opaque::read(&self.secret, name, text).is_some()
    }

    /// A token that was minted here, but for another purpose, is no foreign one.
    fn of_another_kind(&self, credential: usize, text: &str) -> Option<Verdict> {
        let mut others = self.credentials.iter().enumerate().filter(|(index, _)| *index != credential);
        let (_, other) = others.find(|(_, other)| opaque::read(&self.secret, &other.name, text).is_some())?;
        Some(Verdict::Invalid(format!("this is a token of `{}`", other.name)))
    }
}

/// The whole seconds of a number, however it is written: to JSON Schema, `60.0` is an integer.
fn seconds(value: &Value) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float that is out of range saturates, which is meant"
    )]
    let of_float = |seconds: f64| seconds as i64;
    value.as_i64().or_else(|| value.as_f64().map(of_float))
}

fn at(end: Option<Timestamp>, now: Timestamp) -> Verdict {
    match end {
        Some(end) if now >= end => Verdict::Expired(end),
        end => Verdict::Valid(end),
    }
}

/// The UNIX second that a moment falls in; before 1970, a timestamp's own second is the one after it.
fn second(time: Timestamp) -> i64 {
    time.as_second() - i64::from(time.subsec_nanosecond() < 0)
}

/// The moment that a clock can show which is nearest to this second.
fn shown(second: i64) -> Timestamp {
    let nearest = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(second).unwrap_or(nearest)
}

/// Puts `value` at `pointer` where the object that holds it is there.
fn put(body: &mut Value, pointer: &Pointer, value: Value) {
    let (Some(parent), Some(name)) = (pointer.parent(), pointer.last()) else { return };
    if let Some(Value::Object(members)) = body.pointer_mut(parent.as_str()) {
        members.insert(name, value);
    }
}

impl Unit {
    fn write(self, end: Timestamp, now: Timestamp) -> Value {
        match self {
            Self::UnixSeconds => end.as_second().into(),
            Self::UnixMilliseconds => end.as_millisecond().into(),
            Self::DateTime => end.to_string().into(),
            Self::SecondsFromNow => (end.as_second() - second(now)).into(),
        }
    }
}

/// Whether tokens of `format` satisfy the schema of the place where they are issued.
fn fits(format: Format, schema: &Schema) -> bool {
    let mut dice = Dice::seeded(0);
    let sample = match format {
        Format::Jwt => {
            jwt::mint(b"sample", "sample", Life { begin: 0, end: 0 }, &[], &mut dice).unwrap_or_default()
        }
        Format::Opaque(encoding) => opaque::mint(b"sample", "sample", 0, encoding, &mut dice),
    };
    schema.is_valid(&Value::String(sample))
}
