//! Who is let in, tried on combinations of security schemes, and what a 401 asks for.

use std::sync::Arc;

use http::{Method, StatusCode};
use proptest::{array, collection::vec, prelude::*};
use serde_json::{Value, json};
use standin::{
    api, document,
    exchange::{Reply, Request},
    mock::{Mock, Options},
    sandbox::Clock,
};

use crate::{
    tally::Tally,
    world::{NOON, shown},
};

/// A way to send a credential: as it should be, and as it should not.
struct Means {
    header: &'static str,
    right: &'static str,
    wrong: &'static str,
}

const fn key(header: &'static str, right: &'static str) -> Means {
    // An empty key is no key.
    Means { header, right, wrong: "" }
}

const fn proof(right: &'static str, wrong: &'static str) -> Means {
    Means { header: "authorization", right, wrong }
}

const KEY: usize = 0;
const COOKIE: usize = 1;
const BASIC: usize = 2;
const BEARER: usize = 3;
const DIGEST: usize = 4;
const HOBA: usize = 5;

const MEANS: [Means; 6] = [
    key("x-key", "abc"),
    key("cookie", "sid=abc"),
    proof("basic bWU6c2VjcmV0", "Basic bWU="),
    proof("bearer abc", "Bearer"),
    proof(
        r#"Digest uri="/", username="me", realm="*", nonce="abc123", response="00""#,
        r#"Digest username="me", realm="*", nonce="abc123", uri="/""#,
    ),
    proof("HOBA abc", "hoba"),
];

/// A scheme of the document: what meets it, and what a 401 calls it.
struct Scheme {
    means: usize,
    challenge: Option<&'static str>,
}

const SCHEMES: [Scheme; 8] = [
    Scheme { means: KEY, challenge: None },
    Scheme { means: COOKIE, challenge: None },
    Scheme { means: BASIC, challenge: Some(r#"Basic realm="*""#) },
    Scheme { means: BEARER, challenge: Some("Bearer") },
    Scheme { means: DIGEST, challenge: Some(r#"Digest realm="*", nonce="abc123""#) },
    Scheme { means: HOBA, challenge: Some("hoba") },
    Scheme { means: BEARER, challenge: Some("OAuth2") },
    Scheme { means: BEARER, challenge: Some("OpenID") },
];

/// What is sent by one of the means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    Wrong,
    Right,
}

/// The requirements of an operation, as numbers of schemes, and what is sent to it.
#[derive(Debug, Clone)]
struct Case {
    alternatives: Vec<Vec<usize>>,
    sent: [Sent; 6],
}

impl Case {
    fn mock(&self) -> Mock {
        let requirement =
            |one: &Vec<usize>| one.iter().map(|scheme| (format!("s{scheme}"), json!([]))).collect::<Value>();
        let requirements: Vec<Value> = self.alternatives.iter().map(requirement).collect();
        let text = json!({
            "openapi": "3.1.0", "info": {"title": "Vault", "version": "1"},
            "paths": {"/": {"get": {"security": requirements, "responses": {"204": {"description": "Open"}}}}},
            "components": {"securitySchemes": {
                "s0": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "s1": {"type": "apiKey", "in": "cookie", "name": "sid"},
                "s2": {"type": "http", "scheme": "basic"},
                "s3": {"type": "http", "scheme": "bearer"},
                "s4": {"type": "http", "scheme": "Digest"},
                "s5": {"type": "http", "scheme": "hoba"},
                "s6": {"type": "oauth2", "flows": {}},
                "s7": {"type": "openIdConnect", "openIdConnectUrl": "https://example.com"},
            }},
        });
        let source = document::Source::Text { name: "vault".into(), text: text.to_string().into() };
        let document = document::load(&source).expect("it loads");
        let (api, _) = api::read(Arc::new(document)).expect("it has no schemas");
        Mock::new(vec![Arc::new(api)], Arc::new(Clock::frozen_at(NOON)), Options::default()).0
    }

    fn request(&self) -> Request {
        let sent = MEANS.iter().zip(self.sent);
        sent.fold(Request::new(Method::GET, "/"), |request, (means, sent)| match sent {
            Sent::Nothing => request,
            Sent::Wrong => request.header(means.header, means.wrong),
            Sent::Right => request.header(means.header, means.right),
        })
    }

    fn fails(&self, scheme: usize) -> bool {
        self.sent[SCHEMES[scheme].means] != Sent::Right
    }

    /// Whether a scheme of `Authorization` is not met although that field is there.
    fn is_wrong(&self, scheme: usize) -> bool {
        let means = SCHEMES[scheme].means;
        means >= BASIC && self.fails(scheme) && self.sent[BASIC..].iter().any(|sent| *sent != Sent::Nothing)
    }

    fn is_let_in(&self) -> bool {
        let open = self.alternatives.iter().any(Vec::is_empty);
        let met = |one: &Vec<usize>| !one.is_empty() && one.iter().all(|scheme| !self.fails(*scheme));
        let wrong = self.alternatives.iter().flatten().any(|scheme| self.is_wrong(*scheme));
        self.alternatives.iter().any(met) || (open && !wrong)
    }

    fn challenge(&self) -> Option<String> {
        let failing = self.alternatives.iter().flatten().filter(|scheme| self.fails(**scheme));
        let mut named: Vec<&str> = Vec::new();
        for challenge in failing.filter_map(|scheme| SCHEMES[*scheme].challenge) {
            if !named.contains(&challenge) {
                named.push(challenge);
            }
        }
        (!named.is_empty()).then(|| named.join(","))
    }
}

fn cases() -> impl Strategy<Value = Case> {
    // An object has each name once, and here in the order in which they were drawn.
    let requirement = vec(0..SCHEMES.len(), 0..4).prop_map(|mut schemes| {
        let mut seen = [false; SCHEMES.len()];
        schemes.retain(|scheme| !std::mem::replace(&mut seen[*scheme], true));
        schemes
    });
    let sent = prop_oneof![2 => Just(Sent::Nothing), 1 => Just(Sent::Wrong), 3 => Just(Sent::Right)];
    (vec(requirement, 1..4), array::uniform6(sent))
        .prop_map(|(alternatives, sent)| Case { alternatives, sent })
}

fn told(reply: &Reply) -> Option<String> {
    let body: Value = serde_json::from_slice(&reply.response.body).ok()?;
    body["headers"]["WWW-Authenticate"].as_str().map(str::to_owned)
}

#[test]
fn one_whole_alternative_is_let_in_and_a_401_asks_for_exactly_what_failed() {
    let tally = Tally::of("one whole alternative is let in, and a 401 asks for exactly what failed");
    tally.run(2048, &cases(), |case| {
        let request = case.request();
        let reply = case.mock().answer(&request);
        tally.reply(&reply);
        if case.is_let_in() {
            return (reply.response.status == StatusCode::NO_CONTENT)
                .then_some(())
                .ok_or_else(|| shown(&request));
        }
        let asked = case.challenge();
        tally.count(if asked.is_some() { "asked for something" } else { "asked for nothing" });
        let field = reply.response.header("www-authenticate").map(str::to_owned);
        let is_right =
            reply.response.status == StatusCode::UNAUTHORIZED && field == asked && told(&reply) == asked;
        is_right
            .then_some(())
            .ok_or_else(|| format!("{asked:?} was to be asked, not {field:?}: {}", shown(&request)))
    });
    tally.tell(["2xx", "4xx", "asked for something", "asked for nothing"]);
}
