//! Runs of `verify` as a whole, in memory: what fails is made small, is found again by its id, is tried first the next time;
//! cases are shared out without loss; a provider is asked no more often than it can bear.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{
    api,
    credential::Foreign,
    document::{self, Source},
    exchange::{Handler, Reply, Request, Response},
    mock::{self, Mock},
    plan::Optional,
    sandbox::Clock,
    schema::Dice,
    verify::{Again, Check, Options, Outcome, Paced, Phase, Shard, Timer, Verifier, Violation},
};

fn mock() -> Mock {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/orders.yaml");
    let (api, _) = api::read(Arc::new(document::load(&Source::Path(path)).unwrap())).unwrap();
    let options = mock::Options { foreign: Foreign::Refused, ..mock::Options::default() };
    Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), options).0
}

/// What a provider makes of a request and of what the mock answers to it.
type Answer = fn(&Mock, &Request, Reply) -> Reply;

/// The mock, unless what is sent is overlooked or resented.
struct Provider<'m> {
    mock: &'m Mock,
    answer: Answer,
    sent: Mutex<Vec<String>>,
}

impl<'m> Provider<'m> {
    fn new(mock: &'m Mock, answer: Answer) -> Self {
        Self { mock, answer, sent: Mutex::default() }
    }
}

impl Handler for &Provider<'_> {
    async fn handle(&self, request: Request) -> Reply {
        let query = request.query.clone().unwrap_or_default();
        let body = String::from_utf8_lossy(request.bytes()).into_owned();
        self.sent.lock().unwrap().push(format!("{} {}?{query} {body}", request.method, request.path));
        (self.answer)(self.mock, &request, self.mock.answer(&request))
    }
}

fn status(status: u16) -> Reply {
    Reply::new(Response::empty(StatusCode::from_u16(status).unwrap()), "sabotage")
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.bytes()).unwrap_or_default()
}

fn is_order(request: &Request) -> bool {
    request.method == Method::POST && request.path == "/orders"
}

fn run(mock: &Mock, target: impl Handler, options: Options) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Verifier::new(mock.plan(), mock.books(), target, options).run(&()))
}

/// The one violation of a check.
fn only(outcome: &Outcome, check: Check) -> &Violation {
    let mut of_it = outcome.violations.iter().filter(|violation| violation.check == check);
    let first = of_it.next().unwrap_or_else(|| panic!("{check} is not found"));
    let more: Vec<_> = of_it.map(|other| (&other.what, other.response.status)).collect();
    assert!(more.is_empty(), "{check}, {}: {more:?}", first.what);
    first
}

/// Takes an order whose customer's name is too long, and makes one of it.
fn takes_long_names(mock: &Mock, request: &Request, reply: Reply) -> Reply {
    let is_only_this = reply.findings.len() == 1 && reply.findings[0].keyword.as_deref() == Some("maxLength");
    if !is_order(request) || !is_only_this {
        return reply;
    }
    let mut right = body(request);
    right["customer"] = json!("Ann");
    mock.answer(&request.clone().body(right.to_string()))
}

fn resents_discounts(_: &Mock, request: &Request, reply: Reply) -> Reply {
    let has = body(request)["discount"].as_f64().is_some_and(|discount| discount > 0.0);
    if is_order(request) && has && reply.response.status.is_success() { status(422) } else { reply }
}

/// Fails where two optional things come together, which no planned case but the fullest sends.
fn fails_on_dated_gifts(_: &Mock, request: &Request, reply: Reply) -> Reply {
    let order = body(request);
    let is_both = order["kind"] == "gift" && order["due"].is_string();
    if is_order(request) && is_both { status(500) } else { reply }
}

/// How many properties a value has, in all of it.
fn properties(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len() + members.values().map(properties).sum::<usize>(),
        Value::Array(items) => items.iter().map(properties).sum(),
        _ => 0,
    }
}

/// How many properties an order has at least.
fn fewest(mock: &Mock) -> usize {
    let operations = &mock.plan().apis()[0].operations;
    let operation = operations.iter().position(|operation| operation.id == "createOrder").unwrap();
    let address = standin::plan::Address { api: 0, operation };
    let draft = mock.plan().draft(address, Optional::Left, &mut Dice::smallest()).unwrap();
    properties(&draft.body.unwrap().1)
}

#[test]
fn what_fails_is_told_with_the_smallest_request_that_shows_it() {
    let mock = mock();
    let providers: [(Answer, Check, Vec<Phase>); 5] = [
        (takes_long_names, Check::AcceptsInvalid, vec![Phase::Coverage]),
        (takes_long_names, Check::AcceptsInvalid, vec![Phase::Fuzz]),
        (resents_discounts, Check::RejectsValid, vec![Phase::Fuzz]),
        (fails_on_dated_gifts, Check::ServerError, vec![Phase::Fuzz]),
        (fails_on_dated_gifts, Check::UndeclaredStatus, vec![Phase::Coverage]),
    ];
    for (answer, check, phases) in providers {
        for seed in 0..2 {
            let options = Options { seed, phases: phases.clone(), fuzz: 400, ..Options::default() };
            let outcome = run(&mock, &Provider::new(&mock, answer), options);
            let found = only(&outcome, check);
            let more = properties(&body(&found.request)).saturating_sub(fewest(&mock));
            assert!(more <= 3, "{check}, seed {seed}: {more} more than needed in {}", body(&found.request));
        }
    }
}

#[test]
fn what_is_made_smaller_is_as_wrong_as_it_was_and_at_the_limit() {
    let mock = mock();
    let options = Options { phases: vec![Phase::Fuzz], fuzz: 400, ..Options::default() };
    let outcome = run(&mock, &Provider::new(&mock, takes_long_names), options);
    let found = only(&outcome, Check::AcceptsInvalid);
    assert_eq!(found.finding.keyword.as_deref(), Some("maxLength"));
    assert_eq!(body(&found.request)["customer"].as_str().unwrap().chars().count(), 21);
}

#[test]
fn an_id_finds_its_case_again_and_the_same_is_found() {
    let mock = mock();
    for phase in [Phase::Coverage, Phase::Fuzz] {
        for answer in [takes_long_names, resents_discounts, fails_on_dated_gifts] {
            let options = Options { seed: 7, phases: vec![phase], shrink: 40, ..Options::default() };
            let outcome = run(&mock, &Provider::new(&mock, answer), options.clone());
            assert!(!outcome.violations.is_empty(), "{phase}");
            for found in &outcome.violations {
                let options = Options { only: found.replay, phases: Phase::ALL.to_vec(), ..options.clone() };
                let again = run(&mock, &Provider::new(&mock, answer), options.clone());
                let again = again.violations.iter().find(|one| one.check == found.check).unwrap();
                // Texts that do not matter are other ones, so that what must be unique does not collide with the first time.
                let cause = |one: &Violation| (one.finding.keyword.clone(), one.finding.location.clone());
                assert_eq!((&again.what, cause(again)), (&found.what, cause(found)));
                assert_eq!(body(&again.request).to_string().len(), body(&found.request).to_string().len());
                let right = run(&mock, &Provider::new(&mock, |_, _, reply| reply), options);
                assert!(right.violations.is_empty());
                assert_eq!(right.operations.iter().map(|(_, tally)| tally.cases).sum::<usize>(), 1);
            }
        }
    }
}

#[test]
fn what_failed_is_tried_first_and_is_known_to_pass_once_it_does() {
    let mock = mock();
    let first = run(&mock, &Provider::new(&mock, takes_long_names), Options::default());
    let kept = only(&first, Check::AcceptsInvalid).regression.clone().unwrap();
    let text = serde_json::to_string(&kept).unwrap();
    assert!(!text.contains("Bearer"), "credentials are nobody's to keep: {text}");
    let read = serde_json::from_str(&text).unwrap();
    let gone = serde_json::from_str(&text.replace("createOrder", "bakeOrder")).unwrap();
    let options = Options { regressions: vec![read, gone], seed: 9, ..Options::default() };
    let second = run(&mock, &Provider::new(&mock, takes_long_names), options.clone());
    assert_eq!(second.again, [(0, Again::Fails), (1, Again::Gone)]);
    let found = only(&second, Check::AcceptsInvalid);
    assert_eq!((found.number, &found.regression.as_ref().unwrap().name), (1, &kept.name));
    let third = run(&mock, &Provider::new(&mock, |_, _, reply| reply), options);
    assert_eq!(third.again, [(0, Again::Passes), (1, Again::Gone)]);
    assert!(third.violations.is_empty());
}

#[test]
fn every_part_of_a_run_has_its_cases_and_together_they_have_all() {
    let mock = mock();
    let sent = |shard: Option<Shard>| {
        // What a case needs is sent for each, so only what is about nothing else is compared.
        let provider = Provider::new(&mock, |_, _, reply| reply);
        // Whether sequences make sense is asked in each part.
        let phases = vec![Phase::Examples, Phase::Coverage, Phase::Fuzz];
        let outcome =
            run(&mock, &provider, Options { shard, phases, fuzz: 30, workers: 1, ..Options::default() });
        let cases: BTreeMap<usize, usize> =
            outcome.operations.iter().map(|(address, tally)| (address.operation, tally.cases)).collect();
        let list = provider.sent.lock().unwrap().clone();
        let lists: BTreeSet<String> =
            list.into_iter().filter(|line| line.starts_with("GET /orders?")).collect();
        (cases, lists)
    };
    let (cases, lists) = sent(None);
    for of in [2, 3, 5] {
        let parts: Vec<_> = (1..=of).map(|number| sent(Some(Shard { number, of }))).collect();
        for (operation, number) in &cases {
            let sum: usize = parts.iter().map(|(cases, _)| cases[operation]).sum();
            assert_eq!(sum, *number, "operation {operation} in {of} parts");
        }
        let together: BTreeSet<String> = parts.iter().flat_map(|(_, lists)| lists.clone()).collect();
        assert_eq!(together, lists);
        assert!(parts.iter().all(|(cases, _)| cases.values().sum::<usize>() > 0));
    }
}

#[test]
fn no_operation_is_left_out_where_only_few_cases_may_be_sent() {
    let mock = mock();
    let options = Options { most: 64, ..Options::default() };
    let outcome = run(&mock, &Provider::new(&mock, |_, _, reply| reply), options);
    for (address, tally) in &outcome.operations {
        assert!(tally.cases >= 10, "operation {}: {tally:?}", address.operation);
    }
}

/// Time that passes only while somebody waits.
#[derive(Debug, Default)]
struct Virtual(Mutex<Duration>);

impl Timer for &Virtual {
    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    async fn wait(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

/// Counts what it is asked.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Handler for &Counted {
    async fn handle(&self, _: Request) -> Reply {
        self.0.fetch_add(1, Ordering::Relaxed);
        status(404)
    }
}

#[test]
fn a_provider_is_asked_no_more_often_than_it_can_bear() {
    let mock = mock();
    let (time, counted) = (Virtual::default(), Counted::default());
    let target = Paced::new(&counted, Duration::from_millis(20), &time);
    run(&mock, target, Options { most: 200, workers: 1, ..Options::default() });
    let sent = u32::try_from(counted.0.load(Ordering::Relaxed)).unwrap();
    assert!(sent >= 200);
    assert_eq!(*time.0.lock().unwrap(), Duration::from_millis(20) * (sent - 1));
}

/// The mock, which lets nobody in who asked so often since somebody logged in.
struct Forgetful<'m> {
    mock: &'m Mock,
    asked: AtomicUsize,
    refused: AtomicUsize,
}

impl Handler for &Forgetful<'_> {
    async fn handle(&self, request: Request) -> Reply {
        let reply = self.mock.answer(&request);
        if request.path == "/login" {
            if reply.response.status.is_success() {
                self.asked.store(0, Ordering::Relaxed);
            }
            return reply;
        }
        if self.asked.fetch_add(1, Ordering::Relaxed) < 50 {
            return reply;
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        status(401)
    }
}

#[test]
fn a_token_that_ends_in_the_middle_of_a_run_is_renewed_and_nothing_is_missed() {
    let mock = mock();
    for workers in [1, 8] {
        let forgetful =
            Forgetful { mock: &mock, asked: AtomicUsize::default(), refused: AtomicUsize::default() };
        // Sequences log in by themselves.
        let phases = vec![Phase::Examples, Phase::Coverage, Phase::Fuzz];
        let options = Options { workers, phases, fuzz: 20, ..Options::default() };
        let outcome = run(&mock, &forgetful, options.clone());
        let whole = run(&mock, &Provider::new(&mock, |_, _, reply| reply), options);
        assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
        let successes =
            |outcome: &Outcome| outcome.operations.iter().map(|(_, tally)| tally.successes).sum::<usize>();
        assert!(forgetful.refused.load(Ordering::Relaxed) > 2);
        // Beside each other some are refused twice, and what they need is made without them.
        let missed = successes(&whole) - successes(&outcome);
        assert!(missed <= if workers == 1 { 0 } else { 16 }, "{missed} of {}", successes(&whole));
    }
}

#[test]
fn a_provider_that_lets_nobody_in_is_not_asked_to_log_in_again_and_again() {
    let mock = mock();
    let closed = |_: &Mock, request: &Request, reply: Reply| {
        if request.path == "/login" { reply } else { status(401) }
    };
    let provider = Provider::new(&mock, closed);
    run(&mock, &provider, Options { phases: vec![Phase::Coverage], ..Options::default() });
    let sent = provider.sent.lock().unwrap();
    let right = |line: &&String| line.starts_with("GET /orders");
    assert!(sent.iter().filter(right).count() > 30);
    let open = Provider::new(&mock, |_, _, reply| reply);
    run(&mock, &open, Options { phases: vec![Phase::Coverage], ..Options::default() });
    let logins = |sent: &[String]| sent.iter().filter(|line| line.starts_with("POST /login")).count();
    assert_eq!(logins(&sent), logins(&open.sent.lock().unwrap()));
}
