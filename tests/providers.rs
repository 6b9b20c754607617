//! Providers written code-first, held in process to the documents of `openapi/` and to the contracts: right, and with each
//! fault.
//!
//! What is found of the faults is written to `docs/verify-providers.md`. What is not found yet has its reason in
//! [`MISSED`]; once it is found, its reason has to go.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the project's own files"
)]

#[path = "../examples/built_in/provider/mod.rs"]
mod provider;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use poem::{EndpointExt, endpoint::BoxEndpoint};
use serde_json::{Value, json};
use standin::{
    api::{self, Api},
    contract,
    document::{self, Source},
    exchange::{Handler, Reply, Request, Response},
    mock::{self, Mock},
    net::InProcess,
    sandbox::{Clock, Move},
    verify::{
        Check, Exchange, Observer, Options, Outcome, Verifier,
        contract::{End, Performed, Runner, Terms},
    },
};

use self::provider::{
    Accounts, FAULTS, Fault, fault, provider, tokens,
    tokens::{Kind, Tokens},
};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: PathBuf) -> Arc<Api> {
    Arc::new(api::read(Arc::new(document::load(&Source::Path(path)).unwrap())).unwrap().0)
}

/// What is known of an API: its plan, and who carries credentials.
fn described(api: &str) -> Mock {
    let api = read(root(&format!("openapi/{api}.yaml")));
    Mock::new(vec![api], Arc::new(Clock::system()), mock::Options::default()).0
}

/// The header fields that a user gives to `standin verify`.
fn headers(api: &str) -> Vec<(String, String)> {
    let key = ("x-auth-apikey".to_owned(), "my-key".to_owned());
    if api == "rhombus" { vec![key] } else { Vec::new() }
}

/// The provider and whoever can move its clock and look into its tokens.
fn started(
    clock: &Arc<Clock>,
    accounts: Accounts,
    fault: Option<&'static Fault>,
) -> (InProcess<BoxEndpoint<'static>>, Arc<Tokens>) {
    let clock = Arc::clone(clock);
    let tokens = tokens(Arc::new(move || clock.now()), fault);
    (InProcess::new(provider(&tokens, accounts, fault).map_to_response().boxed()), tokens)
}

fn verified(described: &Mock, name: &str, accounts: Accounts, seed: u64) -> Outcome {
    let (target, _) = started(&Arc::new(Clock::system()), accounts, None);
    let options = Options { seed, headers: headers(name), ..Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Verifier::new(described.plan(), described.books(), target, options).run(&()))
}

/// Has a run go on until something is found that counts.
struct Until(AtomicBool);

impl Observer for Until {
    fn goes_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }

    fn see(&self, exchange: &Exchange<'_>) {
        self.0.fetch_or(exchange.found > 0, Ordering::Relaxed);
    }
}

/// How many requests are sent until the check of a fault tells of it, where nothing else is asked for.
fn needed(described: &Mock, name: &str, fault: &'static Fault, seed: u64) -> Option<usize> {
    let (target, _) = started(&Arc::new(Clock::system()), Accounts::Open, Some(fault));
    let checks = vec![Check::named(fault.check)?];
    let options = Options { seed, headers: headers(name), checks, shrink: 0, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let verifier = Verifier::new(described.plan(), described.books(), target, options);
    let outcome = runtime.block_on(verifier.run(&Until(AtomicBool::new(false))));
    outcome.violations.iter().map(|one| one.number).min()
}

fn told(outcome: &Outcome) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(200).collect::<String>();
    let lines = outcome.violations.iter().map(|one| {
        let (request, response) = (&one.request, &one.response);
        let sent =
            format!("{} {} {:?} {}", request.method, request.path, request.headers, text(request.bytes()));
        let came = format!("{} {}", response.status, text(&response.body));
        format!("{}: {} ({}): {sent}\n  {came}", one.check, one.what, one.finding)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_is_found_in_a_provider_that_is_right() {
    for (name, _) in FAULTS {
        let described = described(name);
        for accounts in [Accounts::Open, Accounts::Known] {
            for seed in 0..20 {
                let outcome = verified(&described, name, accounts, seed);
                assert!(
                    outcome.violations.is_empty(),
                    "{name}, {accounts:?}, seed {seed}:\n{}",
                    told(&outcome)
                );
                assert!(outcome.untried.is_empty(), "{name}: {:?}", outcome.untried);
            }
        }
    }
}

#[test]
fn every_operation_of_a_provider_that_is_right_succeeds() {
    for (name, _) in FAULTS {
        let outcome = verified(&described(name), name, Accounts::Open, 0);
        for (address, tally) in &outcome.operations {
            assert!(tally.successes > 0, "{name}, operation {}: {tally:?}", address.operation);
        }
    }
}

/// Who answers for a source of a contract.
enum Target {
    Provider(Box<InProcess<BoxEndpoint<'static>>>),
    /// The control interface, for a provider whose clock and tokens are at hand.
    Control(Arc<Clock>, Arc<Tokens>),
}

impl Handler for Target {
    async fn handle(&self, request: Request) -> Reply {
        match self {
            Self::Provider(provider) => provider.handle(request).await,
            Self::Control(clock, tokens) => {
                let body: Value = serde_json::from_slice(request.bytes()).unwrap();
                let answer = match request.path.as_str() {
                    "/clock" => moved(clock, &body),
                    "/tokens/inspect" => inspected(clock, tokens, body["token"].as_str().unwrap()),
                    other => panic!("no contract asks for {other}"),
                };
                let mut response = Response::empty(StatusCode::OK);
                response.headers.insert("content-type", HeaderValue::from_static("application/json"));
                response.body = answer.to_string().into();
                Reply::new(response, "controlled")
            }
        }
    }
}

fn moved(clock: &Clock, order: &Value) -> Value {
    let text = |name: &str| order[name].as_str();
    let change = Move {
        reset: order["reset"] == true,
        set: text("set").map(|time| time.parse().unwrap()),
        advance: text("advance").map(|time| time.parse().unwrap()).unwrap_or_default(),
        freeze: order["freeze"].as_bool(),
    };
    clock.apply(&change).unwrap();
    json!({"now": clock.now().to_string(), "frozen": clock.is_frozen()})
}

fn inspected(clock: &Clock, tokens: &Tokens, text: &str) -> Value {
    let Some(held) = tokens.found(text) else { return json!({"state": "unknown"}) };
    let credential = match held.kind {
        Kind::Device => "device-session",
        Kind::Federated => "federated-session",
        Kind::Session => "session",
        Kind::Backend => "authentication",
        Kind::ApiKey => "api-key",
    };
    let state = if held.end <= clock.now() { "expired" } else { "valid" };
    json!({"state": state, "credential": credential, "expires": held.end.to_string()})
}

/// The workflows of an API's contract, by what became of them.
fn performed(name: &str, fault: Option<&'static Fault>) -> (Vec<String>, Performed) {
    let path = root(&format!("contracts/{name}.arazzo.yaml"));
    let document = Arc::new(document::alone(&Source::Path(path)).unwrap());
    let (sources, _) = contract::sources(&document);
    let apis = vec![
        Some(read(root(&format!("openapi/{name}.yaml")))),
        Some(read(root("contracts/control.openapi.json"))),
    ];
    assert_eq!(sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>(), [name, "control"]);
    let contract = contract::read(&document, apis).unwrap();
    let clock = Arc::new(Clock::frozen_at(Timestamp::UNIX_EPOCH));
    let (provider, tokens) = started(&clock, Accounts::Known, fault);
    let targets = [Target::Provider(Box::new(provider)), Target::Control(clock, tokens)];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let performed = runtime.block_on(Runner::new(&contract, &targets, (), Terms::default()).run());
    let broken = performed.workflows.iter().filter(|(_, end)| *end != End::Kept);
    (broken.map(|(number, _)| contract.workflows[*number].id.clone()).collect(), performed)
}

#[test]
fn a_provider_that_is_right_keeps_the_contracts() {
    for (name, _) in FAULTS {
        let (broken, performed) = performed(name, None);
        let breaches = performed.breaches.iter().map(|breach| breach.finding.to_string());
        assert!(broken.is_empty(), "{name}: {broken:?}\n{}", breaches.collect::<Vec<_>>().join("\n"));
    }
}

/// Why faults are not found, by what is lacking.
const MISSED: &[(&str, &[&str])] = &[
    ("no text is long that has no bound", &["session-long", "login-long"]),
    (
        "no body is sent without a media type, or with one that is none",
        &["session-crash-no-type", "crash-no-type", "crash-login-type"],
    ),
    ("a credential that is optional is never sent", &["session-not-with-token"]),
    ("no credential is sent in other letters", &["key-case", "auth-case", "apps-case"]),
    ("no credential is sent behind another prefix", &["key-bearer", "auth-bearer", "apps-bearer"]),
    ("no credential is of another kind", &["key-of-session"]),
    ("the document does not say that its example has ended", &["auth-sample"]),
    (
        "no sequence shows that a token was right when it was issued",
        &["auth-one-use", "apps-one-use", "login-one-each"],
    ),
];

/// How soon a fault is found, in words; nothing where it is not.
fn found(described: &Mock, name: &str, fault: &'static Fault) -> Option<String> {
    if fault.check == Check::ContractCriterion.name() {
        let broken = performed(name, Some(fault)).0;
        return (!broken.is_empty()).then(|| format!("by `{}`", broken.join("`, `")));
    }
    let needed = |seed: u64| needed(described, name, fault, seed);
    let (one, other) = (needed(0)?, needed(1)?);
    Some(if one == other { one.to_string() } else { format!("{} to {}", one.min(other), one.max(other)) })
}

/// What comes of each API, all at once, for a run of all faults takes its time.
fn each_api<T: Send>(of: impl Fn(&'static str, &'static [Fault]) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let of = &of;
        let running = FAULTS.map(|(name, faults)| scope.spawn(move || of(name, faults)));
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn every_fault_is_found_or_has_a_reason_why_not() {
    let mut names: Vec<&str> =
        FAULTS.iter().flat_map(|(_, faults)| *faults).map(|fault| fault.name).collect();
    names.sort_unstable();
    assert!(names.is_sorted_by(|one, next| one < next), "two faults have the same name");
    let mut reasons: BTreeMap<&str, &str> = BTreeMap::new();
    for (reason, names) in MISSED {
        for name in *names {
            assert!(fault(name).is_some(), "there is no fault `{name}`");
            assert!(reasons.insert(name, reason).is_none(), "`{name}` has two reasons");
        }
    }
    let (mut rows, mut wrong) = (String::new(), Vec::new());
    let (mut count, mut missed) = (0, 0);
    let tried = each_api(|name, faults| {
        let described = described(name);
        faults.iter().map(|fault| (fault, found(&described, name, fault))).collect::<Vec<_>>()
    });
    for of_api in tried {
        for (fault, found) in of_api {
            let reason = reasons.get(fault.name);
            match (&found, reason) {
                (Some(_), Some(_)) => wrong.push(format!("{} is found: its reason can go", fault.name)),
                (None, None) => wrong.push(format!("{} is not found, and has no reason", fault.name)),
                _ => {}
            }
            count += 1;
            missed += usize::from(found.is_none());
            let found = found.unwrap_or_else(|| format!("not found: {}", reason.unwrap_or(&"why?")));
            writeln!(rows, "| `{}` | {} | `{}` | {found} |", fault.name, fault.what, fault.check).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let table = format!(
        "# What is found in a provider written code-first\n\nMade by `tests/providers.rs`: the provider of \
         `examples/built_in`, with one fault at a time, held in process to the documents of `openapi/` by two seeds, or, where no \
         document can tell, to the contract in `contracts/`. The last column says after how many requests a fault is found \
         where only its check is asked for, by which workflows, or what is lacking. Found are {} of {count}. In the provider without a fault nothing is found, \
         with 20 seeds for each document, and it keeps the contracts.\n\n\
         | fault | what is wrong | check | found after |\n|---|---|---|---|\n{rows}",
        count - missed
    );
    let path = root("docs/verify-providers.md");
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), table, "STANDIN_REWRITE=1 writes it anew");
}
