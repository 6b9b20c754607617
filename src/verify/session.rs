//! What is learned from a provider while it is tried: resources that it made, and tokens that it issued.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use futures_util::{FutureExt, future::BoxFuture};
use serde_json::Value;

use super::{Verifier, case::Planner, read};
use crate::{
    api::Operation,
    credential::Carriage,
    exchange::Handler,
    finding::{Part, Pointer},
    plan::{Address, Draft, Optional},
};

/// A credential of which nobody knows whether it is right.
const MADE_UP: &str = "standin-made-up";

/// How many resources stand in each other, at most: `/a/{b}/c/{d}` is two.
const DEEP: u32 = 3;

/// The tokens that are known, by API and number of the credential.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<(usize, usize), String>>);

impl Tokens {
    fn get(&self, api: usize, credential: usize) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(api, credential)).cloned()
    }

    fn put(&self, api: usize, credential: usize, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((api, credential), text);
    }
}

impl<H: Handler> Verifier<'_, H> {
    /// Logs in wherever an operation issues a token; what one of them needs, another may issue first.
    pub(super) async fn log_in(&self) {
        for (api, book) in self.books.iter().enumerate() {
            for _ in book.credentials() {
                for credential in 0..book.credentials().len() {
                    if self.tokens.get(api, credential).is_some() {
                        continue;
                    }
                    for (operation, token) in book.issuers(credential) {
                        if let Some(text) = self.issued(Address { api, operation }, token).await {
                            self.tokens.put(api, credential, text);
                            break;
                        }
                    }
                }
            }
        }
    }

    /// Takes new tokens in the place of those that an API issued.
    pub(super) async fn log_in_again(&self, api: usize) {
        let book = &self.books[api];
        for credential in 0..book.credentials().len() {
            for (operation, token) in book.issuers(credential) {
                if let Some(text) = self.issued(Address { api, operation }, token).await {
                    self.tokens.put(api, credential, text);
                    break;
                }
            }
        }
    }

    /// Whether an API issued a token.
    pub(super) fn holds_tokens(&self, api: usize) -> bool {
        let credentials = 0..self.books[api].credentials().len();
        credentials.into_iter().any(|credential| self.tokens.get(api, credential).is_some())
    }

    async fn issued(&self, address: Address, token: &Pointer) -> Option<String> {
        let answer = self.made(address, DEEP, 0).await?;
        answer.pointer(token.as_str())?.as_str().map(str::to_owned)
    }

    /// What an operation answers to a right request, where it takes one.
    pub(super) async fn made(&self, address: Address, depth: u32, number: u64) -> Option<Value> {
        let planner = Planner { plan: self.plan, seed: self.options.seed };
        let mut dice = planner.dice(address, 1 << 32 | number);
        let mut draft = self.plan.draft(address, Optional::Left, &mut dice).ok()?;
        self.prepare(address, &mut draft, depth, number).await;
        let request = self.plan.write(address, &draft).ok()?;
        let reply = read(self.target.handle(request).await).await;
        let is_made = reply.response.status.is_success();
        is_made.then(|| serde_json::from_slice(&reply.response.body).unwrap_or(Value::Null))
    }

    /// Gives a draft what it needs to be taken: a resource that is there, and credentials.
    pub(super) fn prepare<'v>(
        &'v self,
        address: Address,
        draft: &'v mut Draft,
        depth: u32,
        number: u64,
    ) -> BoxFuture<'v, ()> {
        async move {
            self.carry(address, draft);
            let operation = &self.plan.apis()[address.api].operations[address.operation];
            let Some((parameter, maker)) = self.maker(address, operation).filter(|_| depth > 0) else {
                return;
            };
            let name = operation.parameters[parameter].name.clone();
            let Some(made) = self.made(maker, depth - 1, number).await else { return };
            let Some(id) = id_of(&made, &name) else { return };
            for (held, value) in &mut draft.parameters {
                if *held == parameter {
                    *value = id.clone();
                }
            }
        }
        .boxed()
    }

    /// Adds what an operation wants to see: what the caller gave, the tokens that are known, and else something made up.
    pub(super) fn carry(&self, address: Address, draft: &mut Draft) {
        let lacking =
            |carriages: &&Vec<Carriage>| carriages.iter().filter(|one| !self.has(address, one)).count();
        let alternatives = self.books[address.api].carriages(address.operation);
        let best = alternatives.iter().min_by_key(lacking);
        draft.carried = best.into_iter().flatten().map(|carriage| self.filled(address, carriage)).collect();
        let given = self.options.headers.iter();
        draft.carried.extend(given.map(|(name, text)| (Part::Header, name.clone(), text.clone())));
    }

    /// Whether the credential of a carriage is known to be a right one.
    fn has(&self, address: Address, carriage: &Carriage) -> bool {
        let is_given = |(name, _): &(String, String)| {
            carriage.part == Part::Header && name.eq_ignore_ascii_case(&carriage.name)
        };
        self.options.headers.iter().any(is_given) || self.token(address, carriage).is_some()
    }

    pub(super) fn token(&self, address: Address, carriage: &Carriage) -> Option<String> {
        self.tokens.get(address.api, carriage.credential?)
    }

    fn filled(&self, address: Address, carriage: &Carriage) -> (Part, String, String) {
        let text = self.token(address, carriage).unwrap_or_else(|| match carriage.scheme.as_deref() {
            // `user:password` (RFC 7617, section 2).
            Some("basic") => "dXNlcjpwYXNzd29yZA==".to_owned(),
            Some("digest") => r#"username="user", realm="*", nonce="a", uri="/", response="b""#.to_owned(),
            _ => MADE_UP.to_owned(),
        });
        (carriage.part, carriage.name.clone(), carriage.text(&text))
    }

    /// The operation that makes what the last template of a path names: `POST /pets` for `/pets/{petId}`, and the number of
    /// the parameter that names it.
    fn maker(&self, address: Address, operation: &Operation) -> Option<(usize, Address)> {
        let start = operation.path.rfind("/{")?;
        let collection = &operation.path[..start];
        let name = operation.path[start + 2..].split('}').next()?;
        let parameters = operation.parameters.iter();
        let parameter = parameters.clone().position(|one| one.part == Part::Path && one.name == name)?;
        let mut operations = self.plan.apis()[address.api].operations.iter();
        let maker =
            operations.position(|other| other.path == collection && other.method == http::Method::POST)?;
        Some((parameter, Address { api: address.api, operation: maker }))
    }
}

/// The value by which what was made is named: the property that the parameter is named after, or `id`.
fn id_of(made: &Value, parameter: &str) -> Option<Value> {
    let inner = |value: &Value| {
        let named = [parameter, "id", "uuid", "_id", "key", "name"];
        named.iter().find_map(|name| value.get(name)).filter(|id| id.is_string() || id.is_number()).cloned()
    };
    // Some answers wrap what they tell of.
    inner(made).or_else(|| made.as_object()?.values().find_map(inner))
}
