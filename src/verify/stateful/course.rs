//! One request after the other → what came, each judged by itself, and accusations with all that was sent before.
//!
//! It knows how to make a resource and how to ask for it, not what should come of that. Read [`Course::send`] and
//! [`Course::make`] first.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::Method;
use serde_json::{Map, Value};

use super::super::{
    Earlier, Phase, Verifier, Violation,
    case::{Case, Expected, Raw, Shape, Subject},
    check::Check,
    fresh::other_id,
    read,
    session::{Held, Sent},
    verdict::{self, Verdict},
};
use super::less::Less;
use crate::{
    api::{Operation, Status},
    exchange::{Handler, Reply, Request, Response},
    finding::{Code, Finding, Location, Part, Pointer},
    plan::{
        Address, Draft, Optional,
        resource::{Resource, is_key},
    },
    schema::{Dice, Schema},
};

/// How long the texts are that are tried as long ones.
const LONG: usize = 200;

/// How many requests may still be sent.
#[derive(Debug)]
pub(in super::super) struct Budget(pub(in super::super) AtomicUsize);

impl Budget {
    fn take(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// How much of a body is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// What is required.
    Least,
    /// Everything.
    Full,
    /// Everything, and what shows best whether it is kept: long texts, and what is true.
    Long,
}

/// A request that was sent, and what came of it.
#[derive(Debug)]
pub(in super::super) struct Step {
    pub(in super::super) case: Case,
    pub(in super::super) request: Request,
    pub(in super::super) response: Response,
    pub(in super::super) verdict: Verdict,
}

/// A body that was made: its operation, the number of its media type, and its value.
pub(super) type Body = (usize, Option<(usize, Value)>);

/// What was answered.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) response: Response,
    pub(super) id: Option<Value>,
}

impl Seen {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the thing that was asked for is said not to be there.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, 404 | 410)
    }

    /// Itself, where what was asked for is done: a 202 promises only that it will be (RFC 9110, section 15.3.3).
    pub(super) fn done(self) -> Option<Self> {
        (self.is_success() && self.status != 202).then_some(self)
    }
}

/// A resource that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// Its id and those of what it stands in.
    pub(super) held: Held,
    pub(super) id: Value,
    /// What was sent, by name; without what only the provider is to know.
    pub(super) sent: Map<String, Value>,
    /// What was answered.
    pub(super) seen: Seen,
    pub(super) draft: Draft,
}

/// Requests that build on each other.
pub(super) struct Course<'v, 'p, H> {
    pub(super) verifier: &'v Verifier<'p, H>,
    pub(super) api: usize,
    budget: &'v Budget,
    /// What is tried, in words.
    what: &'static str,
    number: u64,
    /// How often it was begun.
    attempt: u64,
    drawn: u64,
    /// What it does without.
    less: &'v Less,
    /// How many steps came up that need not be taken.
    pub(super) needless: usize,
    /// The bodies that were made, each with its operation.
    pub(super) bodies: Vec<Body>,
    pub(super) steps: Vec<Step>,
    /// The first step of this attempt.
    start: usize,
    /// The state of what was told last, as its `ETag` names it (RFC 9110, section 8.8.3).
    etag: Option<String>,
    /// The status for which the last step that was to be done was not.
    pub(super) blocked: Option<u16>,
}

impl<'v, 'p, H: Handler> Course<'v, 'p, H> {
    pub(super) fn new(
        verifier: &'v Verifier<'p, H>,
        api: usize,
        budget: &'v Budget,
        what: &'static str,
        number: u64,
        less: &'v Less,
    ) -> Self {
        Self {
            verifier,
            api,
            budget,
            what,
            number,
            attempt: 0,
            drawn: 0,
            less,
            needless: 0,
            bodies: Vec::new(),
            steps: Vec::new(),
            start: 0,
            etag: None,
            blocked: None,
        }
    }

    /// Begins anew: what was sent until now is no part of what comes.
    pub(super) fn again(&mut self) {
        self.start = self.steps.len();
        self.attempt += 1;
        (self.drawn, self.needless) = (0, 0);
        self.bodies.clear();
        self.etag = None;
        self.blocked = None;
    }

    /// Begins as the attempt of that number would.
    pub(super) fn at_attempt(mut self, attempt: u64) -> Self {
        self.attempt = attempt;
        self
    }

    /// Whether a step is left out that shows nothing by itself.
    pub(super) fn does_without(&mut self) -> bool {
        self.needless += 1;
        self.less.steps.contains(&(self.needless - 1))
    }

    /// Tells values of this attempt from those of all others.
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        1 << 63 | self.number << 24 | (self.attempt & 0xff) << 16 | self.drawn
    }

    pub(super) fn address(&self, operation: usize) -> Address {
        Address { api: self.api, operation }
    }

    pub(super) fn operation(&self, number: usize) -> &'v Operation {
        let verifier: &'v Verifier<'p, H> = self.verifier;
        &verifier.plan.apis()[self.api].operations[number]
    }

    /// Decisions that nothing else of this run depends on.
    pub(super) fn dice(&mut self, operation: usize) -> Dice {
        let number = self.draw();
        self.verifier.planner().dice(self.address(operation), number)
    }

    /// A request with the parameters that are required, and as much of a body as is asked for, but for what this sequence
    /// does without.
    pub(super) fn draft(&mut self, operation: usize, fill: Fill) -> Option<Draft> {
        let draft = self.whole(operation, fill)?;
        Some(self.lessened(operation, draft))
    }

    /// The same without what this sequence does without.
    pub(super) fn lessened(&mut self, operation: usize, mut draft: Draft) -> Draft {
        let schema = self.schema(operation, &draft);
        if let Some((_, body)) = &mut draft.body {
            self.less.apply(self.bodies.len(), schema, body);
        }
        self.bodies.push((operation, draft.body.clone()));
        draft
    }

    /// A request with the parameters that are required, and as much of a body as is asked for.
    pub(super) fn whole(&mut self, operation: usize, fill: Fill) -> Option<Draft> {
        let address = self.address(operation);
        let mut dice = self.dice(operation);
        let plan = self.verifier.plan;
        let least = plan.draft(address, Optional::Left, &mut dice).ok()?;
        if fill == Fill::Least {
            return Some(least);
        }
        let all = plan.draft(address, Optional::Sent, &mut dice).ok()?;
        let mut draft = Draft { body: all.body, ..least };
        if fill == Fill::Long
            && let Some(schema) = self.schema(operation, &draft)
            && let Some((_, body)) = &mut draft.body
        {
            lengthen(schema, body, &mut dice);
        }
        Some(draft)
    }

    /// What the body of a draft satisfies.
    pub(super) fn schema(&self, operation: usize, draft: &Draft) -> Option<&'v Schema> {
        let (number, _) = draft.body.as_ref()?;
        self.operation(operation).body.as_ref()?.content.get(*number)?.schema.as_ref()
    }

    /// Sends a request about what is there, and judges the answer by itself.
    ///
    /// Where it has to say which state it is about, it is about the last one that was told.
    pub(super) async fn send(&mut self, operation: usize, mut draft: Draft, held: &Held) -> Option<Seen> {
        if !self.budget.take() {
            return None;
        }
        let state = self.etag.clone().unwrap_or_else(|| "*".to_owned());
        for (number, value) in &mut draft.parameters {
            let parameter = &self.operation(operation).parameters[*number];
            if parameter.part == Part::Header && parameter.name.eq_ignore_ascii_case("if-match") {
                *value = state.clone().into();
            }
        }
        let sent = self.verifier.sent(self.address(operation), draft, held).await?;
        Some(self.keep(sent))
    }

    /// Sends a request of somebody who has only this credential.
    pub(super) async fn send_by(
        &mut self,
        operation: usize,
        draft: Draft,
        credential: (Part, String, String),
    ) -> Option<Seen> {
        let address = self.address(operation);
        let draft = Draft { carried: vec![credential], ..draft };
        let request = self.verifier.plan.write(address, &draft).ok().filter(|_| self.budget.take())?;
        let reply = read(self.verifier.target.handle(request.clone()).await).await;
        Some(self.keep(Sent { address, draft, request, reply }))
    }

    /// Sends what is written already, as it stands.
    pub(super) async fn send_raw(
        &mut self,
        operation: usize,
        draft: Draft,
        held: &Held,
        method: Method,
    ) -> Option<Seen> {
        let address = self.address(operation);
        let mut draft = draft;
        self.verifier.carry(address, &mut draft);
        self.verifier.fill(address, &mut draft, held);
        let shape = Shape::Raw(draft, Raw::Method(method));
        let request = self.verifier.planner().request(address, &shape).filter(|_| self.budget.take())?;
        let reply = read(self.verifier.target.handle(request.clone()).await).await;
        let expected = Expected::NotAllowed;
        let case = Case { address, phase: Phase::Stateful, expected, what: self.what.to_owned(), shape };
        let mut verdict = verdict::judge(None, &case, &[], &request, &reply);
        // A method that is taken is another check's matter.
        verdict.violations.retain(|one| matches!(one.check, Check::ServerError | Check::Unreachable));
        Some(self.push(case, request, reply, verdict))
    }

    /// Judges and keeps an exchange.
    fn keep(&mut self, sent: Sent) -> Seen {
        let Sent { address, draft, request, reply } = sent;
        let case = Case {
            address,
            phase: Phase::Stateful,
            expected: Expected::Accepted,
            what: self.what.to_owned(),
            shape: Shape::Draft(draft, Subject::Other),
        };
        let route = self.verifier.plan.route(&request).ok();
        let mut verdict =
            verdict::judge(route.as_ref(), &case, &self.verifier.declared(address), &request, &reply);
        // What is refused for the state in which something is need not be declared; whether a request of this form is to be
        // taken, and how it is refused, single ones tell.
        let is_refused = reply.response.status.is_client_error();
        verdict.violations.retain(|violation| match violation.check {
            Check::RejectsValid => false,
            Check::UndeclaredStatus => !is_refused,
            _ => true,
        });
        self.push(case, request, reply, verdict)
    }

    fn push(&mut self, case: Case, request: Request, reply: Reply, mut verdict: Verdict) -> Seen {
        verdict.is_as_expected = Some(true);
        let before = self.before(self.steps.len());
        verdict.violations.iter_mut().for_each(|violation| violation.before.clone_from(&before));
        let response = reply.response;
        if let Some(etag) = response.header("etag") {
            self.etag = Some(etag.to_owned());
        }
        let status = response.status.as_u16();
        self.blocked = (!response.status.is_success()).then_some(status);
        let body = serde_json::from_slice(&response.body).ok();
        self.steps.push(Step { case, request, response: response.clone(), verdict });
        Seen { status, body, response, id: None }
    }

    fn before(&self, end: usize) -> Vec<Earlier> {
        let earlier =
            |step: &Step| Earlier { request: step.request.clone(), response: step.response.clone() };
        self.steps[self.start..end].iter().map(earlier).collect()
    }

    /// Makes a resource, and before it what it stands in.
    pub(super) async fn make(&mut self, resource: &Resource, fill: Fill) -> Option<Made> {
        let draft = self.draft(resource.acts.create?, fill)?;
        self.make_as(resource, draft).await
    }

    /// Makes a resource as a draft says.
    pub(super) async fn make_as(&mut self, resource: &Resource, draft: Draft) -> Option<Made> {
        let create = resource.acts.create?;
        let number = self.draw();
        let (mut held, grounds) = self.verifier.ground(self.address(create), number).await;
        for sent in grounds {
            self.budget.take();
            self.keep(sent);
        }
        let (mut seen, draft) = self.create(resource, draft, &held).await?;
        seen = seen.done()?;
        let id = seen.id.clone()?;
        held.put(resource, id.clone());
        let sent = self.told_again(create, &draft);
        Some(Made { held, id, sent, seen, draft })
    }

    /// Sends the request that makes a resource, within what is there.
    pub(super) async fn create(
        &mut self,
        resource: &Resource,
        draft: Draft,
        held: &Held,
    ) -> Option<(Seen, Draft)> {
        if !self.budget.take() {
            return None;
        }
        let create = resource.acts.create?;
        let draft = self.with_its_own_id(resource, create, draft);
        let sent = self.verifier.sent(self.address(create), draft, held).await?;
        let id = self.verifier.id(resource, &sent);
        let draft = sent.draft.clone();
        let seen = self.keep(sent);
        Some((Seen { id, ..seen }, draft))
    }

    /// The draft with an id that no other resource has, where its body says it as a number.
    fn with_its_own_id(&mut self, resource: &Resource, create: usize, mut draft: Draft) -> Draft {
        let mut dice = self.dice(create);
        let schema = self.schema(create, &draft);
        if let (Some((_, body)), Some(schema)) = (&mut draft.body, schema) {
            other_id(body, schema, |name| resource.is_own_name(name), &mut dice);
        }
        draft
    }

    /// What a body says, without what the document tells to be written only.
    pub(super) fn told_again(&self, operation: usize, draft: &Draft) -> Map<String, Value> {
        let body = draft.body.as_ref().and_then(|(_, body)| body.as_object()).cloned().unwrap_or_default();
        let Some(schema) = self.schema(operation, draft) else { return body };
        let about = schema.about();
        let is_secret = |name: &str| {
            let about = about.property(name);
            let is_password = about.keyword("format").is_some_and(|format| format == "password");
            is_password || about.keyword("writeOnly") == Some(&Value::Bool(true))
        };
        body.into_iter().filter(|(name, _)| !is_secret(name)).collect()
    }

    /// Reads a resource.
    pub(super) async fn read(&mut self, resource: &Resource, held: &Held) -> Option<Seen> {
        let read = resource.acts.read.filter(|read| can_succeed(self.operation(*read)))?;
        let draft = self.draft(read, Fill::Least)?;
        self.send(read, draft, held).await
    }

    /// Reads a resource that is known to be there.
    pub(super) async fn told(&mut self, resource: &Resource, held: &Held) -> Option<Value> {
        let seen = self.read(resource, held).await?.done()?;
        Some(resource.told(seen.body.as_ref()?).clone())
    }

    /// Whether the answer of an operation has a property, as far as the document says.
    pub(super) fn is_told(&self, operation: usize, resource: &Resource, name: &str) -> bool {
        let responses = self.operation(operation).responses.iter();
        let contents = responses
            .filter(|response| matches!(response.status, Status::Exact(200..=299) | Status::Range(2)))
            .flat_map(|response| &response.content);
        let mut schemas = contents.filter_map(|content| content.schema.as_ref());
        schemas.any(|schema| {
            let about = schema.about();
            let inner = about.names().into_iter().any(|holder| {
                let held = about.property(holder);
                held.names().iter().any(|own| resource.is_own_name(own)) && held.names().contains(&name)
            });
            about.names().contains(&name) || inner
        })
    }

    /// Accuses the provider of what the last exchange shows.
    pub(super) fn accuse(&mut self, check: Check, at: &Pointer, message: String, help: &str) {
        let part = if at == &Pointer::root() { Part::Line } else { Part::Body };
        let location = Location::Response(part, at.clone());
        let finding = Finding::error(Code::ResponseSchema, location, message).help(help);
        let Some(last) = self.steps.len().checked_sub(1) else { return };
        let before = self.before(last);
        let step = &mut self.steps[last];
        step.verdict.violations.push(Violation {
            check,
            operation: step.case.address,
            phase: Phase::Stateful,
            what: self.what.to_owned(),
            finding,
            before,
            request: step.request.clone(),
            response: step.response.clone(),
            replay: None,
            regression: None,
            number: 0,
        });
    }

    /// The number of the parameter of an operation that is a key by which a repeated request is known.
    pub(super) fn key(&self, operation: usize) -> Option<usize> {
        self.operation(operation).parameters.iter().position(is_key)
    }
}

/// Whether the document says how a success looks.
fn can_succeed(operation: &Operation) -> bool {
    let is_success =
        |status: Status| matches!(status, Status::Exact(200..=299) | Status::Range(2) | Status::Default);
    operation.responses.iter().any(|response| is_success(response.status))
}

/// Makes texts long, and so unlike any other, and truth true, for what is forgotten is often false, wherever the schema lets
/// them be.
fn lengthen(schema: &Schema, body: &mut Value, dice: &mut Dice) {
    let names: Vec<String> = body.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    for name in names {
        let held = body[&name].clone();
        body[&name] = match &held {
            Value::Bool(_) => true.into(),
            Value::String(_) => {
                let most = schema.about().property(&name).keyword("maxLength").and_then(Value::as_u64);
                let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(LONG).min(LONG);
                let letter = |_| char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0));
                (0..most).map(letter).collect::<String>().into()
            }
            _ => continue,
        };
        if !schema.is_valid(body) {
            body[&name] = held;
        }
    }
}
