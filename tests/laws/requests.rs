//! Requests that the documents allow, made of decisions: fewer and smaller decisions are a plainer request.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};
use standin::{credential::Foreign, exchange::Request, schema::Dice};

use crate::world::{Carrier, Role, Scene};

/// What the dice replay.
pub(crate) fn decisions() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0..16_u64, any::<u64>()], 0..96)
}

/// A request to the operation that is right in everything.
pub(crate) fn valid(scene: Scene<'_>, dice: &mut Dice) -> Request {
    let mut request = scene.request();
    let carriers = scene.carriers();
    for carrier in &carriers {
        if carrier.role != Role::Option || dice.flip() {
            let credential = credential(scene, carrier, dice);
            request = request.header(&carrier.header, &format!("{}{credential}", carrier.scheme));
        }
    }
    for parameter in &scene.operation().parameters {
        let is_carrier = carriers.iter().any(|carrier| carrier.header == parameter.name);
        if !is_carrier && (parameter.is_required || dice.flip()) {
            let schema = parameter.schema.as_ref().expect("every parameter of the documents has one");
            let value = schema.generate(dice).expect("some value satisfies it");
            request = request.header(&parameter.name, value.as_str().expect("they all are texts"));
        }
    }
    decorated(with_body(request, scene, dice), dice)
}

fn with_body(request: Request, scene: Scene<'_>, dice: &mut Dice) -> Request {
    let Some(declared) = &scene.operation().body else { return request };
    if !declared.is_required && dice.flip() {
        return request;
    }
    let content = dice.pick(&declared.content).expect("a body is of some media type");
    let value =
        content.schema.as_ref().expect("it has a schema").generate(dice).expect("a value satisfies it");
    let media_type = content.media_type.essence();
    let spellings = [media_type, &format!("{media_type}; charset=utf-8"), &media_type.to_uppercase(), ""];
    let request = match *dice.pick(&spellings).expect("there are some") {
        // A body without a media type is of the declared one.
        "" => request,
        spelling => request.header("content-type", spelling),
    };
    request.body(if dice.flip() { format!("{value:#}") } else { value.to_string() })
}

/// With fields that change nothing.
fn decorated(mut request: Request, dice: &mut Dice) -> Request {
    let accepts = ["", "*/*", "application/json", "text/html, application/*;q=0.1", "Application/JSON;q=1.0"];
    let accept = *dice.pick(&accepts).expect("there are some");
    if !accept.is_empty() {
        request = request.header("accept", accept);
    }
    if dice.flip() {
        request = request.header("x-request-id", &text(dice));
    }
    if dice.flip() {
        request.query = Some(format!("trace={}", text(dice)));
    }
    request
}

/// A credential that will do: of our own, and where these are accepted, somebody else's.
fn credential(scene: Scene<'_>, carrier: &Carrier, dice: &mut Dice) -> String {
    let lenient = scene.mock.options().foreign == Foreign::Accepted;
    match dice.below(4) {
        2 if lenient => text(dice),
        3 if lenient => {
            let end = scene.now().as_second() + 1 + seconds(dice);
            foreign_jwt(&if dice.flip() { json!({ "exp": end }) } else { json!({}) })
        }
        _ => minted(scene, carrier.credential, 1 + seconds(dice), dice),
    }
}

/// A token of ours that lives so long from now, or ended so long ago.
pub(crate) fn minted(scene: Scene<'_>, credential: usize, lifetime: i64, dice: &mut Dice) -> String {
    let lifetime = SignedDuration::from_secs(lifetime);
    scene.book().mint(credential, scene.now(), lifetime, dice).expect("its end is within range").text
}

/// Up to some thirty years.
pub(crate) fn seconds(dice: &mut Dice) -> i64 {
    i64::try_from(dice.below(1_000_000_000)).expect("it is small")
}

/// A text without spaces and dots, as a header allows it; never empty, and no token of ours.
pub(crate) fn text(dice: &mut Dice) -> String {
    const LETTERS: &[u8] = b"aZ09-_~!$&*+=/:@";
    let length = 1 + dice.below(40);
    (0..length).filter_map(|_| dice.pick(LETTERS).copied().map(char::from)).collect()
}

/// A JWT with these claims that somebody else signed.
pub(crate) fn foreign_jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2lnbmVk", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims))
}
