//! A provider → everything in which it breaks its document.
//!
//! A [`Verifier`] plans cases for each operation, sends them to any [`Handler`], and judges each exchange: the answer
//! against the document, and what became of the request against what the document says of it. It opens no socket and
//! writes no report. Read [`Verifier::run`] first.

mod case;
mod check;
pub mod contract;
mod neighbour;
mod phase;
mod session;
mod stateful;
mod verdict;

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use futures_util::{StreamExt, future::BoxFuture, stream};
use http::StatusCode;

use self::{
    case::{Case, Expected, Planner, Shape, Subject},
    session::Tokens,
    stateful::{Followed, Step},
    verdict::Verdict,
};
pub use self::{check::Check, phase::Phase};
use crate::{
    credential::Book,
    exchange::{Handler, MediaType, Reply, Request, Response, Rest},
    finding::{Code, Finding, Location, Part, Pointer},
    plan::{
        Address, Plan,
        resource::{Resource, resources},
    },
    wire,
};

/// How many requests a sequence is likely to have.
const STEPS: usize = 5;

/// The most bytes of an answer that are judged.
const MOST: usize = 16 * 1024 * 1024;

/// How a provider is tried.
#[derive(Debug, Clone)]
pub struct Options {
    /// Decides on every made-up value.
    pub seed: u64,
    /// How many requests are under way at once.
    pub workers: usize,
    /// The most requests that are sent.
    pub most: usize,
    /// Header fields of every request, such as credentials.
    pub headers: Vec<(String, String)>,
    /// The checks that count.
    pub checks: Vec<Check>,
    /// The parts of the run.
    pub phases: Vec<Phase>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            workers: 4,
            most: 100_000,
            headers: Vec::new(),
            checks: Check::ALL.to_vec(),
            phases: Phase::ALL.to_vec(),
        }
    }
}

/// Something that the provider did wrong, and the exchange that shows it.
#[derive(Debug, Clone)]
pub struct Violation {
    /// What it should have done.
    pub check: Check,
    /// The operation that was tried.
    pub operation: Address,
    /// The part of the run that found it.
    pub phase: Phase,
    /// What was tried, in words.
    pub what: String,
    /// What was found: in the answer, or in the request that should have been refused.
    pub finding: Finding,
    /// What was sent before, as far as the violation shows only after it.
    pub before: Vec<Earlier>,
    /// The request.
    pub request: Request,
    /// The answer.
    pub response: Response,
    /// How many requests had been sent when it was found.
    pub number: usize,
}

/// An exchange without which the one that shows a violation would show nothing.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The request.
    pub request: Request,
    /// The answer.
    pub response: Response,
}

/// What became of an operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that were sent.
    pub cases: usize,
    /// Answers that were successes.
    pub successes: usize,
    /// Cases whose answer did not tell whether the provider is right.
    pub open: usize,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, usize>,
    /// How often each parameter was sent, by its number in the operation.
    pub parameters: BTreeMap<usize, usize>,
}

impl Tally {
    /// Counts an answer, and the parameters of the request that it came to.
    fn count(&mut self, case: &Case, status: StatusCode, verdict: &Verdict) {
        self.cases += 1;
        self.open += usize::from(verdict.is_as_expected.is_none());
        let sent = match &case.shape {
            Shape::Draft(draft, _) | Shape::Guest(draft, _) => draft.parameters.as_slice(),
            Shape::Raw(..) => &[],
        };
        for (parameter, _) in sent {
            *self.parameters.entry(*parameter).or_default() += 1;
        }
        // Where no answer came, the status is not the provider's.
        if verdict.violations.iter().any(|violation| violation.check == Check::Unreachable) {
            return;
        }
        self.successes += usize::from(status.is_success());
        // What is answered to another method says nothing of this operation.
        if case.expected != Expected::NotAllowed {
            *self.statuses.entry(status.as_u16()).or_default() += 1;
        }
    }
}

/// The result of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was found, each cause once, in the order of the operations.
    pub violations: Vec<Violation>,
    /// For each operation what became of it.
    pub operations: Vec<(Address, Tally)>,
    /// The operations that could not be tried, and why.
    pub untried: Vec<(Address, String)>,
    /// The APIs whose provider keeps nothing of what it is given, so that no sequence was tried.
    pub made_up: Vec<usize>,
}

/// Tries a provider.
#[derive(Debug)]
pub struct Verifier<'p, H> {
    plan: &'p Plan,
    books: &'p [Book],
    target: H,
    options: Options,
    tokens: Tokens,
    /// What each API keeps.
    resources: Vec<Vec<Resource>>,
}

impl<'p, H: Handler> Verifier<'p, H> {
    /// Tries `target` against the documents of `plan`; `books` are the credentials of each, in order.
    pub fn new(plan: &'p Plan, books: &'p [Book], target: H, options: Options) -> Self {
        let resources = plan.apis().iter().map(|api| resources(api)).collect();
        Self { plan, books, target, options, tokens: Tokens::default(), resources }
    }

    /// Sends all cases for as long as the observer has it go on, and tells what was found.
    pub async fn run(&self, observer: &impl Observer) -> Outcome {
        self.log_in().await;
        let mut ledger = Ledger {
            options: &self.options,
            observer,
            outcome: Outcome::default(),
            known: HashSet::new(),
            number: 0,
        };
        let cases = self.cases(&mut ledger.outcome);
        let is_stateful = self.options.phases.contains(&Phase::Stateful);
        let sequences = if is_stateful { self.sequences() } else { Vec::new() };
        observer.begins((cases.len() + sequences.len() * STEPS).min(self.options.most));
        let within = stream::iter(cases.into_iter().take(self.options.most).enumerate());
        let sent = within
            .take_while(|_| std::future::ready(observer.goes_on()))
            .map(|(number, case)| self.tried(number, case))
            .buffered(self.options.workers.max(1));
        let mut sent = std::pin::pin!(sent);
        while let Some(tried) = sent.next().await {
            let Some((case, request, reply, verdict)) = tried else { continue };
            ledger.note(&case, &request, reply.response.status, verdict);
        }
        let left = self.options.most.saturating_sub(ledger.number);
        ledger.outcome.made_up =
            self.follow(sequences, left, observer, |followed| ledger.enter(followed)).await;
        let mut outcome = ledger.outcome;
        outcome.violations.sort_by_key(|violation| (violation.operation.api, violation.operation.operation));
        outcome
    }

    /// The cases of all operations, one of each in turn, so that none is left out where time ends.
    fn cases(&self, outcome: &mut Outcome) -> Vec<Case> {
        let planner = Planner { plan: self.plan, seed: self.options.seed };
        let mut all = Vec::new();
        // Planning takes longer than sending.
        let is_planned = self.options.phases.iter().any(|phase| *phase != Phase::Stateful);
        for (api, known) in self.plan.apis().iter().enumerate() {
            for operation in 0..known.operations.len() {
                let address = Address { api, operation };
                outcome.operations.push((address, Tally::default()));
                if !is_planned {
                    continue;
                }
                match planner.all(address) {
                    Ok(mut cases) => {
                        cases.retain(|case| self.options.phases.contains(&case.phase));
                        all.push(cases.into_iter());
                    }
                    Err(why) => outcome.untried.push((address, why)),
                }
            }
        }
        let mut turns = Vec::new();
        while !all.is_empty() {
            all.retain_mut(|cases| match cases.next() {
                Some(case) => {
                    turns.push(case);
                    true
                }
                None => false,
            });
        }
        turns
    }

    /// Sends a case and judges what comes; `None` where it makes no sense for this provider.
    async fn tried(&self, number: usize, mut case: Case) -> Option<(Case, Request, Reply, Verdict)> {
        let planner = Planner { plan: self.plan, seed: self.options.seed };
        let is_of_path = matches!(&case.shape, Shape::Draft(_, Subject::Path));
        let address = case.address;
        if is_of_path {
            self.carry(address, case.shape.draft_mut());
        } else {
            self.prepare(address, case.shape.draft_mut(), number as u64).await;
        }
        if case.expected == Expected::Unauthorized && !self.knows_who_gets_in(address) {
            return None;
        }
        let request = planner.request(address, &case.shape)?;
        // What was put in may change what must become of the request.
        if matches!(case.expected, Expected::Accepted | Expected::Refused(_)) {
            case.expected = planner.expected(address, &request)?;
        }
        let reply = read(self.target.handle(request.clone()).await).await;
        let route = self.plan.route(&request).ok();
        let verdict = verdict::judge(route.as_ref(), &case, &request, &reply);
        Some((case, request, reply, verdict))
    }
}

/// What has come of a run so far.
struct Ledger<'r, O> {
    options: &'r Options,
    observer: &'r O,
    outcome: Outcome,
    /// The causes that were found.
    known: HashSet<(Check, usize, usize, String)>,
    /// How many requests were sent.
    number: usize,
}

impl<O: Observer> Ledger<'_, O> {
    /// Enters an exchange.
    fn note(&mut self, case: &Case, request: &Request, status: StatusCode, mut verdict: Verdict) {
        self.number += 1;
        verdict.violations.iter_mut().for_each(|violation| violation.number = self.number);
        let mut operations = self.outcome.operations.iter_mut();
        if let Some((_, tally)) = operations.find(|(address, _)| *address == case.address) {
            tally.count(case, status, &verdict);
        }
        let counted = verdict.violations.iter().filter(|one| self.options.checks.contains(&one.check));
        let new = counted.filter(|violation| self.known.insert(cause(violation))).cloned();
        self.outcome.violations.extend(new);
        let found = self.outcome.violations.len();
        self.observer.see(&Exchange { request, status, violations: &verdict.violations, found });
    }

    /// Enters a sequence.
    fn enter(&mut self, followed: Followed) {
        for Step { case, request, response, verdict } in followed.steps {
            self.note(&case, &request, response.status, verdict);
        }
        let mut operations = self.outcome.operations.iter_mut();
        if let Some((_, tally)) = operations.find(|(address, _)| *address == followed.address) {
            tally.open += usize::from(!followed.is_told);
        }
    }
}

/// Whoever watches a run.
pub trait Observer: Sync {
    /// Whether further requests are sent.
    fn goes_on(&self) -> bool {
        true
    }

    /// Lets time pass, for the provider as well; tells whether it did.
    fn waits(&self, _time: Duration) -> BoxFuture<'_, bool> {
        Box::pin(std::future::ready(false))
    }

    /// Is told how many cases there are.
    fn begins(&self, _cases: usize) {}

    /// Is told of an exchange, in the order of the cases.
    fn see(&self, _exchange: &Exchange<'_>) {}
}

/// Nobody.
impl Observer for () {}

/// One exchange, for whoever watches.
#[derive(Debug)]
pub struct Exchange<'e> {
    /// What was sent.
    pub request: &'e Request,
    /// The status that came.
    pub status: StatusCode,
    /// What was wrong with it.
    pub violations: &'e [Violation],
    /// How many violations that count have been found so far, each cause once.
    pub found: usize,
}

/// What makes two violations one: check, operation, and the place and rule that are broken.
fn cause(violation: &Violation) -> (Check, usize, usize, String) {
    let Violation { check, operation, finding, what, response, .. } = violation;
    let place = match &finding.location {
        Location::Request(part, pointer) | Location::Response(part, pointer) => {
            let steps =
                pointer.tokens().map(|step| if step.parse::<u32>().is_ok() { "*".to_owned() } else { step });
            format!("{part} {}", steps.collect::<Vec<_>>().join("/"))
        }
        Location::Document(..) => String::new(),
    };
    let keyword = finding.keyword.as_deref().unwrap_or_default();
    let cause = match check {
        // Two crashes, or two refusals, are one only where the same was tried.
        Check::ServerError | Check::RejectsValid => {
            let kind = what.split(": ").next().unwrap_or_default();
            format!("{} {kind}", response.status)
        }
        Check::UndeclaredStatus => response.status.to_string(),
        _ => format!("{place} {keyword}"),
    };
    (*check, operation.api, operation.operation, cause)
}

/// A reply with all of its body, as far as it is judged: not a stream that may go on for ever, and not what is too large.
async fn read(mut reply: Reply) -> Reply {
    let media_type = reply.response.header("content-type").and_then(MediaType::parse);
    let is_stream = media_type.is_some_and(|media_type| wire::is_sequence(&media_type));
    if is_stream && reply.response.header("content-length").is_none() {
        return reply;
    }
    let Some(mut chunks) = reply.response.rest.take().and_then(|rest| rest.take()) else { return reply };
    let mut body = reply.response.body.to_vec();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(error) => {
                let location = Location::Response(Part::Body, Pointer::root());
                reply.findings.push(Finding::error(Code::UpstreamBroken, location, error.to_string()));
                break;
            }
        }
        if body.len() > MOST {
            reply.response.rest = Some(Rest::new(chunks));
            break;
        }
    }
    reply.response.body = body.into();
    reply
}
