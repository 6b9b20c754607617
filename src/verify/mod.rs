//! A provider → everything in which it breaks its document.
//!
//! A [`Verifier`] plans cases for each operation (`queue`), sends them to any [`Handler`], judges each exchange, the answer
//! against the document, and what became of the request against what the document says of it (`verdict`), and makes what
//! fails as small as it can (`shrink`). It opens no socket, knows no time, and reads and writes no file. Read
//! [`Verifier::run`] first.

mod case;
mod check;
pub mod contract;
mod coverage;
mod fresh;
mod fuzz;
mod grounds;
mod guest;
mod neighbour;
mod pace;
mod phase;
mod queue;
mod regression;
mod renew;
mod replay;
mod session;
mod shard;
mod shrink;
mod stateful;
mod tree;
mod verdict;

use std::{
    collections::{BTreeMap, HashSet},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt, future::BoxFuture, stream};
use http::{Method, StatusCode};

use self::{
    case::{Case, Expected, Planner, Shape},
    grounds::Grounds,
    guest::Admitted,
    queue::{Job, Queue, Turn},
    renew::Renewal,
    session::Tokens,
    verdict::Verdict,
};
pub use self::{
    check::Check,
    pace::{Paced, Timer},
    phase::Phase,
    regression::{Again, Regression},
    replay::Replay,
    shard::Shard,
};
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

/// What is added to the number of a case that is tried once more.
const AGAIN: u64 = 1 << 33;

/// The most bytes of an answer that are judged.
const MOST: usize = 16 * 1024 * 1024;

/// How many violations are made smaller: where there are more, nobody reads them all.
const SHRUNK: usize = 100;

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
    /// How many requests are thrown for each operation.
    pub fuzz: usize,
    /// The most requests that are sent to make one that fails smaller.
    pub shrink: usize,
    /// The part of the cases that is sent, where they are shared out.
    pub shard: Option<Shard>,
    /// The one case that is sent, where it is not all; `seed` must be the one that it names.
    pub only: Option<Replay>,
    /// What failed before, to be tried first.
    pub regressions: Vec<Regression>,
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
            fuzz: 100,
            shrink: 100,
            shard: None,
            only: None,
            regressions: Vec::new(),
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
    /// What finds its case again.
    pub replay: Option<Replay>,
    /// What to keep, so that it is tried first the next time.
    pub regression: Option<Regression>,
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
    /// For each check that cases were made for how many of them told something, and how many did not.
    pub verdicts: BTreeMap<Check, (usize, usize)>,
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
        if let Some(check) = case.expected.check() {
            let (told, open) = self.verdicts.entry(check).or_default();
            *(if verdict.is_as_expected.is_some() { told } else { open }) += 1;
        }
        for (parameter, _) in &case.shape.draft().parameters {
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
    /// What became of what failed before, by its number; what was not tried is not among them.
    pub again: Vec<(usize, Again)>,
    /// The APIs whose provider keeps nothing of what it is given, so that no sequence was tried.
    pub made_up: Vec<usize>,
}

impl Outcome {
    /// Whether every operation was tried and answered with a success at least once.
    pub fn is_covered(&self) -> bool {
        self.untried.is_empty() && self.operations.iter().all(|(_, tally)| tally.successes > 0)
    }
}

/// Tries a provider.
#[derive(Debug)]
pub struct Verifier<'p, H> {
    plan: &'p Plan,
    books: &'p [Book],
    target: H,
    options: Options,
    tokens: Tokens,
    renewal: Renewal,
    /// How many tries there were that are no case of their own.
    extra: AtomicUsize,
    admitted: Admitted,
    grounds: Grounds,
    /// What each API keeps.
    resources: Vec<Vec<Resource>>,
}

impl<'p, H: Handler> Verifier<'p, H> {
    /// Tries `target` against the documents of `plan`; `books` are the credentials of each, in order.
    pub fn new(plan: &'p Plan, books: &'p [Book], target: H, options: Options) -> Self {
        let (tokens, renewal) = (Tokens::default(), Renewal::default());
        Self {
            plan,
            books,
            target,
            options,
            tokens,
            renewal,
            extra: AtomicUsize::new(0),
            admitted: Admitted::default(),
            grounds: Grounds::default(),
            resources: plan.apis().iter().map(|api| resources(api)).collect(),
        }
    }

    /// Sends all cases for as long as the observer has it go on, and tells what was found.
    pub async fn run(&self, observer: &impl Observer) -> Outcome {
        self.log_in().await;
        // The one that is tried may be a sequence.
        let is_sequence = self.options.only.is_some_and(|id| self.sequences().iter().any(|one| one.id == id));
        let addresses = self.addresses(self.options.only.filter(|_| !is_sequence));
        let tally = |address: &Address| (*address, Tally::default());
        let mut run = Run::default();
        run.outcome.operations = addresses.iter().map(tally).collect();
        let queued = if is_sequence { &[] } else { addresses.as_slice() };
        let tried = stream::iter(Queue::new(self.planner(), &self.options, queued))
            .take_while(|_| std::future::ready(observer.goes_on()))
            .map(|turn| self.taken(turn))
            .buffered(self.options.workers.max(1));
        let mut tried = std::pin::pin!(tried);
        while let Some(taken) = tried.next().await {
            match taken {
                Taken::Untried(address, why) => run.outcome.untried.push((address, why)),
                Taken::Gone(number) => run.outcome.again.push((number, Again::Gone)),
                Taken::Senseless => {}
                Taken::Tried(tried) => self.enter(*tried, &mut run, observer).await,
            }
        }
        let is_stateful = self.options.only.is_none() && self.options.phases.contains(&Phase::Stateful);
        if is_sequence || is_stateful {
            // It is large, and most runs wait for single requests.
            Box::pin(self.follow_all(&mut run, observer)).await;
        }
        let mut outcome = run.outcome;
        outcome.violations.sort_by_key(|violation| (violation.operation.api, violation.operation.operation));
        outcome
    }

    /// The methods that the path of an operation has.
    fn declared(&self, address: Address) -> Vec<Method> {
        let operations = &self.plan.apis()[address.api].operations;
        let path = &operations[address.operation].path;
        operations.iter().filter(|other| other.path == *path).map(|other| other.method.clone()).collect()
    }

    /// The operations that are tried: all, or the one that a case is of.
    fn addresses(&self, only: Option<Replay>) -> Vec<Address> {
        let apis = self.plan.apis().iter().enumerate();
        let all = apis.flat_map(|(api, known)| {
            (0..known.operations.len()).map(move |operation| Address { api, operation })
        });
        let is_meant = |address: &Address| only.is_none_or(|id| id.is_of(self.planner().operation(*address)));
        all.filter(is_meant).collect()
    }

    fn planner(&self) -> Planner<'p> {
        Planner { plan: self.plan, seed: self.options.seed }
    }

    /// A number that no case and no other try has.
    fn number(&self) -> usize {
        (1 << 31) + self.extra.fetch_add(1, Ordering::Relaxed)
    }

    async fn taken(&self, turn: Turn) -> Taken {
        match turn {
            Turn::Untried(address, why) => Taken::Untried(address, why),
            Turn::Gone(number) => Taken::Gone(number),
            Turn::Case(job) => match self.tried(job.number, job.case.clone()).await {
                Some((case, request, reply, verdict)) => {
                    Taken::Tried(Box::new(Tried { job: *job, case, request, reply, verdict }))
                }
                None => Taken::Senseless,
            },
        }
    }

    /// Counts what came of a case, and makes what was found as small as it can.
    async fn enter(&self, tried: Tried, run: &mut Run, observer: &impl Observer) {
        let Tried { job, case, request, reply, mut verdict } = tried;
        run.number += 1;
        let tally = run.outcome.operations.iter_mut().find(|(address, _)| *address == case.address);
        if let Some((_, tally)) = tally {
            tally.count(&case, reply.response.status, &verdict);
        }
        let is_counted = |violation: &Violation| self.options.checks.contains(&violation.check);
        if let Some(number) = job.regression {
            let check = &self.options.regressions[number].check;
            run.outcome.again.push((number, again(&verdict, check)));
        }
        for violation in &mut verdict.violations {
            violation.number = run.number;
            violation.replay = Some(job.id);
            if is_counted(violation) && run.is_new(violation) {
                let found = self.smallest(&job, &case, violation, run, observer).await;
                run.outcome.violations.push(found);
            }
        }
        observer.see(&Exchange {
            request: &request,
            status: reply.response.status,
            phase: case.phase,
            violations: &verdict.violations,
            found: run.outcome.violations.len(),
            reached: job.reached,
        });
    }

    /// A violation as it is told: with the smallest request that shows it, and what finds that again.
    async fn smallest(
        &self,
        job: &Job,
        case: &Case,
        violation: &Violation,
        run: &mut Run,
        observer: &impl Observer,
    ) -> Violation {
        // What is kept is small already, and a connection that fails is not about the request.
        let is_shrunk =
            job.regression.is_none() && violation.check != Check::Unreachable && run.shrunk < SHRUNK;
        let (case, mut found) = if is_shrunk && self.options.shrink > 0 {
            run.shrunk += 1;
            self.shrunk(case, job.decisions.as_deref(), violation, observer).await
        } else {
            (case.clone(), violation.clone())
        };
        (found.number, found.replay) = (violation.number, violation.replay);
        found.regression = Some(Regression::of(&self.planner(), &case, &found, &job.id));
        found
    }

    /// Sends a case and judges what comes; `None` where it makes no sense for this provider. What was refused for a token
    /// that was right before is sent once more, with a new one.
    async fn tried(&self, number: usize, case: Case) -> Option<(Case, Request, Reply, Verdict)> {
        let (number, times) = (number as u64, self.renewal.times());
        let tried = self.once(number, case.clone()).await?;
        let status = tried.2.response.status;
        self.note(&tried.0, status);
        // What a provider holds may stand in the way of a right request: another resource and other values need not.
        let is_gone = matches!(status.as_u16(), 404 | 410) && self.shares(&case);
        if is_gone || case.expected == Expected::Accepted && matches!(status.as_u16(), 404 | 409 | 410) {
            self.forget_shared(case.address);
            return self.once(AGAIN | number, case).await;
        }
        if !self.renewed(&tried.0, status, times).await {
            return Some(tried);
        }
        let again = self.once(AGAIN | number, case).await?;
        let status = again.2.response.status;
        self.note(&again.0, status);
        if status == StatusCode::UNAUTHORIZED {
            self.give_up(again.0.address);
        }
        Some(again)
    }

    async fn once(&self, number: u64, mut case: Case) -> Option<(Case, Request, Reply, Verdict)> {
        let planner = self.planner();
        let address = case.address;
        let parameters = &planner.operation(address).parameters;
        planner.freshen(&mut case, number);
        if case.shape.keeps_path(|parameter| parameters[parameter].part == Part::Path) {
            self.carry(address, case.shape.draft_mut());
        } else if number & AGAIN == 0 && self.shares(&case) {
            let held = self.shared(address, number).await;
            self.equip(address, case.shape.draft_mut(), &held, number);
        } else {
            self.prepare(address, case.shape.draft_mut(), number).await;
        }
        match &mut case.shape {
            Shape::Guest(draft, guise) => self.disguised(address, *guise, draft).await?,
            // What the document shows is sent as it is, a credential too.
            Shape::Draft(draft, case::Subject::Shown(shown)) => {
                draft.carried.retain(|(part, name, _)| {
                    let is_it = |number: &usize| {
                        parameters[*number].part == *part
                            && parameters[*number].name.eq_ignore_ascii_case(name)
                    };
                    !shown.iter().any(is_it)
                });
            }
            _ => {}
        }
        let request = planner.request(address, &case.shape)?;
        // What was put in may change what must become of the request.
        if matches!(case.expected, Expected::Accepted | Expected::Refused(_)) {
            case.expected = planner.expected(address, &request)?;
        }
        let reply = read(self.target.handle(request.clone()).await).await;
        let route = self.plan.route(&request).ok().filter(|route| route.address == address);
        if case.expected == Expected::Accepted && reply.response.status.is_success() {
            self.admitted.put(address, true);
        }
        let declared = self.declared(address);
        let mut verdict = verdict::judge(route.as_ref(), &case, &declared, &request, &reply);
        if !self.may_get_in(address) {
            verdict.leave_open();
        }
        Some((case, request, reply, verdict))
    }
}

/// A run under way.
#[derive(Debug, Default)]
struct Run {
    outcome: Outcome,
    /// What was found, each cause once.
    known: HashSet<Cause>,
    /// The same, as far as it takes to tell what is thrown apart from what was planned.
    broadly: HashSet<Cause>,
    number: usize,
    shrunk: usize,
}

impl Run {
    /// Whether nothing with the same cause was found before.
    fn is_new(&mut self, violation: &Violation) -> bool {
        let is_known = !self.known.insert(cause(violation));
        // What is thrown names what it tries, and the places it comes to, too freely to tell one cause from another.
        let is_known_broadly = !self.broadly.insert(broad_cause(violation));
        !(is_known || violation.phase == Phase::Fuzz && is_known_broadly)
    }

    /// Adds the place at which the same shows once more to what is told of it already.
    fn add_place(&mut self, violation: &Violation) {
        let Location::Response(_, at) = &violation.finding.location else { return };
        let wanted = cause(violation);
        let told = self.outcome.violations.iter_mut().find(|told| cause(told) == wanted);
        let Some(told) = told.filter(|told| told.check.is_of_sequences()) else { return };
        let place = format!("`{at}`");
        if told.finding.location != violation.finding.location && !told.finding.message.contains(&place) {
            told.finding.message.push_str("; so too at ");
            told.finding.message.push_str(&place);
        }
    }
}

/// What became of a turn.
enum Taken {
    Untried(Address, String),
    Gone(usize),
    /// It makes no sense for this provider.
    Senseless,
    Tried(Box<Tried>),
}

/// A case that was sent.
struct Tried {
    job: Job,
    /// As it was sent.
    case: Case,
    request: Request,
    reply: Reply,
    verdict: Verdict,
}

/// What an answer says of a case that failed before.
fn again(verdict: &Verdict, check: &str) -> Again {
    let fails = verdict.violations.iter().any(|violation| violation.check.name() == check);
    match verdict.is_as_expected {
        _ if fails => Again::Fails,
        Some(true) => Again::Passes,
        _ => Again::Open,
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
    /// The part of the run.
    pub phase: Phase,
    /// What was wrong with it.
    pub violations: &'e [Violation],
    /// How many violations that count have been found so far, each cause once.
    pub found: usize,
    /// How many parts of the run were planned, and how many there are.
    pub reached: (usize, usize),
}

/// What makes two violations one.
type Cause = (Check, usize, usize, String);

/// What makes two violations one: check, operation, and the place and rule that are broken.
fn cause(violation: &Violation) -> Cause {
    let Violation { check, operation, finding, what, response, .. } = violation;
    let place = match &finding.location {
        Location::Request(part, pointer) | Location::Response(part, pointer) => {
            format!("{part} {}", general(pointer))
        }
        Location::Document(..) => String::new(),
    };
    let keyword = finding.keyword.as_deref().unwrap_or_default();
    let cause = match check {
        // Two crashes, or two refusals, are one only where the same was tried.
        Check::ServerError | Check::RejectsValid => {
            let kind = what.split(": ").next().unwrap_or_default().trim_end_matches(shrink::SMALLER);
            format!("{} {kind}", response.status)
        }
        Check::UndeclaredStatus => response.status.to_string(),
        // What a provider does not keep of one property, it may well not keep of any.
        check if check.is_of_sequences() => String::new(),
        _ => format!("{place} {keyword}"),
    };
    (*check, operation.api, operation.operation, cause)
}

/// As [`cause`], but for what is different each time that something is thrown: the words for what was tried, and the names
/// that a place has.
fn broad_cause(violation: &Violation) -> Cause {
    let (check, api, operation, narrow) = cause(violation);
    let broad = match (check, &violation.finding.rule) {
        (Check::ServerError | Check::RejectsValid, _) => violation.response.status.to_string(),
        (Check::AcceptsInvalid | Check::ResponseSchema, Some(rule)) => {
            format!("{}#{}", rule.file, rule.pointer)
        }
        _ => narrow,
    };
    (check, api, operation, broad)
}

/// A place in a value, all items of a list being one.
fn general(pointer: &Pointer) -> String {
    let steps = pointer.tokens().map(|step| if step.parse::<u32>().is_ok() { "*".to_owned() } else { step });
    steps.collect::<Vec<_>>().join("/")
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
