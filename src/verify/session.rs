//! What is learned from a provider while it is tried: resources that it made, and tokens that it issued.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use super::{Verifier, case::Planner, read};
use crate::{
    credential::Carriage,
    exchange::{Handler, Reply, Request, expression},
    finding::{Part, Pointer},
    plan::{
        Address, Draft, Optional,
        resource::{self, Resource, is_key},
    },
};

/// A credential of which nobody knows whether it is right.
const MADE_UP: &str = "standin-made-up";

/// The tokens that are known, by API and number of the credential.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<HashMap<(usize, usize), String>>);

impl Tokens {
    fn get(&self, api: usize, credential: usize) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(api, credential)).cloned()
    }

    /// Forgets what may have come to its end.
    pub(super) fn forget(&self, api: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(other, _), _| *other != api);
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
        let planner = Planner { plan: self.plan, seed: self.options.seed };
        let draft = self.plan.draft(address, Optional::Left, &mut planner.dice(address, 1 << 32)).ok()?;
        let (held, _) = self.ground(address, 0).await;
        let sent = self.sent(address, draft, &held).await?;
        let is_made = sent.reply.response.status.is_success();
        sent.told().filter(|_| is_made)?.pointer(token.as_str())?.as_str().map(str::to_owned)
    }

    /// Makes what the path of an operation names, the outermost first, and keeps what was sent for it.
    pub(super) async fn ground(&self, address: Address, number: u64) -> (Held, Vec<Sent>) {
        let (mut held, mut all) = (Held::default(), Vec::new());
        for resource in self.named(address) {
            let Some(operation) = resource.acts.create.filter(|create| *create != address.operation) else {
                continue;
            };
            let Some(sent) = self.make(Address { operation, ..address }, &held, number).await else {
                continue;
            };
            if let Some(id) = self.id(resource, &sent) {
                held.put(resource, id);
            }
            all.push(sent);
        }
        (held, all)
    }

    /// The resources that the path of an operation names, the outermost first.
    pub(super) fn named(&self, address: Address) -> Vec<&Resource> {
        let operation = &self.plan.apis()[address.api].operations[address.operation];
        resource::named(&self.resources[address.api], &operation.path).into_iter().flatten().collect()
    }

    /// The id of what was made by a request.
    pub(super) fn id(&self, resource: &Resource, sent: &Sent) -> Option<Value> {
        let route = self.plan.route(&sent.request).ok()?;
        let told = sent.told();
        let exchange = expression::Exchange {
            request: &sent.request,
            request_body: sent.draft.body.as_ref().map(|(_, body)| body),
            path_values: &route.path_values,
            response: Some(&sent.reply.response),
            response_body: told.as_ref(),
        };
        resource.id(&exchange).filter(|_| sent.reply.response.status.is_success())
    }

    /// Sends a draft, with credentials and the ids of what is there; nothing where it has no form.
    pub(super) async fn sent(&self, address: Address, mut draft: Draft, held: &Held) -> Option<Sent> {
        let besides = std::mem::take(&mut draft.carried);
        self.carry(address, &mut draft);
        draft.carried.extend(besides);
        self.fill(address, &mut draft, held);
        let request = self.plan.write(address, &draft).ok()?;
        let reply = read(self.target.handle(request.clone()).await).await;
        Some(Sent { address, draft, request, reply })
    }

    /// Puts the ids of what is there into the path.
    pub(super) fn fill(&self, address: Address, draft: &mut Draft, held: &Held) {
        let operation = &self.plan.apis()[address.api].operations[address.operation];
        let named = resource::named(&self.resources[address.api], &operation.path);
        for (template, resource) in resource::templates(&operation.path).into_iter().zip(named) {
            let Some(id) = resource.and_then(|resource| held.get(resource)) else { continue };
            for (number, value) in &mut draft.parameters {
                let parameter = &operation.parameters[*number];
                if parameter.part == Part::Path && parameter.name == template {
                    *value = id.clone();
                }
            }
        }
    }

    /// Gives a draft what it needs to be taken: a resource of its own, and credentials.
    pub(super) async fn prepare(&self, address: Address, draft: &mut Draft, number: u64) {
        let (held, _) = self.ground(address, number).await;
        self.equip(address, draft, &held, number);
    }

    /// Gives a draft a resource that is there, and credentials.
    pub(super) fn equip(&self, address: Address, draft: &mut Draft, held: &Held, number: u64) {
        self.carry(address, draft);
        self.fill(address, draft, held);
        self.freshen(address, draft, number);
    }

    /// Gives a request a key of its own, where it has one by which it could be taken for another.
    fn freshen(&self, address: Address, draft: &mut Draft, number: u64) {
        let operation = &self.plan.apis()[address.api].operations[address.operation];
        let planner = Planner { plan: self.plan, seed: self.options.seed };
        let mut dice = planner.dice(address, 1 << 33 | number);
        for (held, value) in &mut draft.parameters {
            let parameter = &operation.parameters[*held];
            let Some(schema) = parameter.schema.as_ref().filter(|_| is_key(parameter)) else { continue };
            // A key that is wrong is what is tried.
            if schema.is_valid(value)
                && let Some(fresh) = schema.generate(&mut dice)
            {
                *value = fresh;
            }
        }
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
}

/// The ids of resources that are there, by the paths of the resources.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Vec<(String, Value)>);

impl Held {
    pub(super) fn get(&self, resource: &Resource) -> Option<&Value> {
        self.0.iter().find(|(path, _)| *path == resource.path).map(|(_, id)| id)
    }

    pub(super) fn put(&mut self, resource: &Resource, id: Value) {
        self.0.retain(|(path, _)| *path != resource.path);
        self.0.push((resource.path.clone(), id));
    }
}

/// A request that was sent, and what came.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) address: Address,
    pub(super) draft: Draft,
    pub(super) request: Request,
    pub(super) reply: Reply,
}

impl Sent {
    /// The body of the answer.
    pub(super) fn told(&self) -> Option<Value> {
        serde_json::from_slice(&self.reply.response.body).ok()
    }
}
