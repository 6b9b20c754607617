//! Requests that began as right ones, or as nothing, and were broken in any number of ways.

use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use serde_json::{Value, json};
use standin::{
    exchange::{Body, Request},
    schema::Dice,
};

use crate::{
    requests::{self, decisions, foreign_jwt, minted},
    world::{Carrier, Scene},
};

/// A request about to be made: of which operation, by which decisions, and then broken how.
#[derive(Debug, Clone)]
pub(crate) struct Chaos {
    operation: prop::sample::Index,
    decisions: Vec<u64>,
    breaks: Vec<Break>,
}

#[derive(Debug, Clone)]
enum Break {
    Method(String),
    Path(String),
    Inserted(prop::sample::Index, String),
    Query(String),
    Header(String, Vec<u8>),
    Removed(prop::sample::Index),
    /// In the credential's place a token of ours, of any kind, that lives so long from now.
    Token(prop::sample::Index, i32),
    /// In the credential's place anything.
    Credential(Vec<u8>),
    Bytes(Vec<u8>),
    Json(Value),
    Flipped(prop::sample::Index, u8),
    Nested(usize),
    TooLarge(usize),
    Interrupted(String),
}

pub(crate) fn chaos() -> impl Strategy<Value = Chaos> {
    let breaks = prop::collection::vec(one_break(), 0..5);
    (any::<prop::sample::Index>(), decisions(), breaks).prop_map(|(operation, decisions, breaks)| Chaos {
        operation,
        decisions,
        breaks,
    })
}

fn one_break() -> impl Strategy<Value = Break> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        method().prop_map(Break::Method),
        path().prop_map(Break::Path),
        (index(), "\\PC{0,4}|%[0-9a-fA-F]{0,3}|/").prop_map(|(at, text)| Break::Inserted(at, text)),
        "\\PC{0,20}|([a-z]{0,3}=?%?[0-9]{0,2}&?){0,4}".prop_map(Break::Query),
        (name(), value()).prop_map(|(name, value)| Break::Header(name, value)),
        (name(), value()).prop_map(|(name, value)| Break::Header(name, value)),
        index().prop_map(Break::Removed),
        value().prop_map(|value| Break::Header("accept".to_owned(), value)),
        (index(), any::<i32>()).prop_map(|(kind, life)| Break::Token(kind, life)),
        value().prop_map(Break::Credential),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Break::Bytes),
        tree().prop_map(Break::Json),
        (index(), any::<u8>()).prop_map(|(at, byte)| Break::Flipped(at, byte)),
        (0..2000_usize).prop_map(Break::Nested),
        any::<usize>().prop_map(Break::TooLarge),
        ".{0,10}".prop_map(Break::Interrupted),
    ]
}

fn method() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "OPTIONS", "CONNECT", "get"])
            .prop_map(str::to_owned),
        "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}",
    ]
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "(/\\PC{0,6}){0,5}", "(/(be|v1|api|org|apps|login|%2[eEfF]|[.]{1,2})?){0,5}"]
}

/// The names that the documents give something to, and others.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "x-rockit-besession-token",
        "x-rockit-beauth-token",
        "x-auth-apikey",
        "x-auth-scheme",
        "authorization",
        "content-type",
        "accept",
        "cookie",
        "host",
    ];
    prop_oneof![8 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[a-z-]{1,8}"]
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let texts = [
        "",
        "text/html",
        "application/json",
        "*/*;q=NaN",
        "text/*;q=-1,*/*;q=1e99",
        "api-token",
        "Bearer",
        "Bearer  ",
        "Basic Og==",
        "a/b;c=\"d,e\"",
    ];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::sample::select(texts.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        "(Bearer )?eyJ[0-9A-Za-z_-]{0,30}(\\.[0-9A-Za-z_-]{0,30}){0,3}".prop_map(String::into_bytes),
        tree().prop_map(|claims| foreign_jwt(&claims).into_bytes()),
        tree().prop_map(|end| foreign_jwt(&json!({ "exp": end })).into_bytes()),
    ]
}

/// Any JSON, most of it near to what the documents talk of.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z]{0,5}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        prop::sample::select(vec![
            "identifier",
            "user",
            "password",
            "deviceUUid",
            "domain",
            "durationSec",
            "exp"
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

impl Chaos {
    /// The request to one of the operations.
    pub(crate) fn request(self, scenes: &[Scene<'_>]) -> Request {
        let scene = *self.operation.get(scenes);
        let mut dice = Dice::replayed(self.decisions);
        let request = requests::valid(scene, &mut dice);
        self.breaks.into_iter().fold(request, |request, step| step.apply(request, scene, &mut dice))
    }
}

impl Break {
    /// The broken request; as it was, where HTTP has no way to write this.
    fn apply(self, mut request: Request, scene: Scene<'_>, dice: &mut Dice) -> Request {
        match self {
            Self::Method(name) => {
                request.method = Method::from_bytes(name.as_bytes()).unwrap_or(request.method);
            }
            Self::Path(path) => request.path = path,
            Self::Inserted(at, text) => {
                let places: Vec<usize> = request.path.char_indices().map(|(at, _)| at).collect();
                let at = if places.is_empty() { 0 } else { *at.get(&places) };
                request.path.insert_str(at, &text);
            }
            Self::Query(query) => request.query = Some(query),
            Self::Header(name, value) => {
                let name = HeaderName::from_bytes(name.as_bytes());
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
                    request.headers.append(name, value);
                }
            }
            Self::Removed(which) => {
                let names: Vec<HeaderName> = request.headers.keys().cloned().collect();
                if !names.is_empty() {
                    request.headers.remove(which.get(&names));
                }
            }
            Self::Token(kind, lifetime) => {
                let kind = kind.index(scene.book().credentials().len());
                let token = minted(scene, kind, lifetime.into(), dice);
                carry(&mut request, scene, token.as_bytes());
            }
            Self::Credential(text) => carry(&mut request, scene, &text),
            Self::Bytes(bytes) => return request.body(bytes),
            Self::Json(value) => return request.body(value.to_string()),
            Self::Flipped(at, mask) => {
                let mut bytes = request.bytes().to_vec();
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] ^= mask;
                }
                return request.body(bytes);
            }
            Self::Nested(depth) => return request.body("[".repeat(depth)),
            Self::TooLarge(limit) => request.body = Body::TooLarge { limit },
            Self::Interrupted(why) => request.body = Body::Interrupted(why),
        }
        request
    }
}

/// Puts a text in place of the credential, where the operation wants one.
fn carry(request: &mut Request, scene: Scene<'_>, text: &[u8]) {
    let Some(Carrier { header, scheme, .. }) = scene.required_carrier() else { return };
    let name = HeaderName::from_bytes(header.as_bytes());
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&[scheme.as_bytes(), text].concat())) {
        request.headers.insert(name, value);
    }
}
