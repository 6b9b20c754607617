//! The control interface, described by its own `OpenAPI` document.

mod document;
mod explain;
mod faults;
mod journal;
mod model;
mod requests;
mod sandboxes;
mod world;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use poem::{
    Endpoint, EndpointExt, Response, Route,
    endpoint::{BoxEndpoint, make_sync},
};
use poem_openapi::{
    ApiResponse, OpenApi, OpenApiService,
    param::{Header, Path},
    payload::{Json, PlainText},
    types::Any,
};
use serde_json::{Value, json};

use self::{
    model::{
        Area, Document, Health, Inspected, Kind, Minted, Move, Operation, Order, Problem, Question, State,
        Time,
    },
    world::{Readiness, Ready},
};
use super::{metrics::Metrics, scribe::Scribe};
use crate::{
    api::Api,
    credential::{Credential, Verdict},
    finding::Finding,
    mock::Mock,
    sandbox::{self, Sandbox},
    schema::Dice,
};

/// A document that is served, and what was found in it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The name under which it is shown.
    pub name: String,
    /// What it says.
    pub api: Arc<Api>,
    /// What was found in it.
    pub findings: Arc<Findings>,
}

/// What was found in a document so far: more is found while it is served.
#[derive(Debug, Default)]
pub struct Findings {
    found: Mutex<Found>,
    looked: Condvar,
}

#[derive(Debug, Default)]
struct Found {
    all: Vec<Finding>,
    /// Whether somebody is about to tell more, and who asks had better wait for it.
    is_open: bool,
}

/// How long somebody who asks waits for a document to be looked through.
const WAIT: Duration = Duration::from_secs(3);

impl Findings {
    /// What was found before the document is served.
    pub fn new(all: Vec<Finding>) -> Self {
        Self { found: Mutex::new(Found { all, is_open: false }), looked: Condvar::new() }
    }

    /// The same, and somebody is about to tell the rest ([`Findings::settle`]): whoever asks waits for that, a while.
    pub fn open(all: Vec<Finding>) -> Self {
        Self { found: Mutex::new(Found { all, is_open: true }), looked: Condvar::new() }
    }

    /// Tells what was found after all; nobody has to wait any more.
    pub fn settle(&self, all: Vec<Finding>) {
        *self.held() = Found { all, is_open: false };
        self.looked.notify_all();
    }

    /// Adds what was found since.
    pub fn add(&self, found: Vec<Finding>) {
        self.held().all.extend(found);
    }

    /// What was found so far.
    fn told(&self) -> Vec<Finding> {
        let waited = self.looked.wait_timeout_while(self.held(), WAIT, |found| found.is_open);
        waited.unwrap_or_else(PoisonError::into_inner).0.all.clone()
    }

    fn held(&self) -> MutexGuard<'_, Found> {
        // A panic elsewhere leaves the list as it was before or after one finding.
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The control interface under its prefix.
pub(super) struct Control {
    endpoint: BoxEndpoint<'static>,
    /// Where the mock is, if it is somewhere else.
    base: Arc<OnceLock<String>>,
}

impl Control {
    /// The operations on `mock`; `is_guarded` where only those get here who know a token.
    pub(super) fn new(
        mock: Arc<Mock>,
        documents: Vec<Shown>,
        (scribe, metrics): (Scribe, Arc<Metrics>),
        prefix: &str,
        is_guarded: bool,
    ) -> Self {
        let documents: Arc<[Shown]> = documents.into();
        let explainer = explain::Explainer { documents: Arc::clone(&documents) };
        let troubles = faults::Troubles { mock: Arc::clone(&mock) };
        let worlds = sandboxes::Worlds { mock: Arc::clone(&mock), scribe: scribe.clone() };
        let base = Arc::new(OnceLock::new());
        let interface =
            Interface { mock, documents, scribe: scribe.clone(), metrics, base: Arc::clone(&base) };
        let apis = (interface, troubles, requests::Requests { scribe, explainer }, worlds);
        let description = "Moves time, mints tokens, and tells what is served and what was asked and answered. Everything \
                           here acts on the mock only.";
        let service = OpenApiService::new(apis, "standin control interface", env!("CARGO_PKG_VERSION"))
            .description(description)
            .server(prefix);
        let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
        if is_guarded {
            document::guarded(&mut document);
        }
        let text = document.to_string();
        let document =
            make_sync(move |_| Response::builder().content_type("application/json").body(text.clone()));
        let route = Route::new().at("/openapi.json", poem::get(document)).nest("/", service);
        Self { endpoint: Route::new().nest(prefix, route).boxed(), base }
    }

    /// Takes note that the mock is somewhere else.
    pub(super) fn stands_apart_from(&self, url: &str) {
        // It is set once, before anything is served.
        let _ = self.base.set(url.to_owned());
    }
}

impl Endpoint for Control {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        self.endpoint.call(request).await
    }
}

struct Interface {
    mock: Arc<Mock>,
    documents: Arc<[Shown]>,
    scribe: Scribe,
    metrics: Arc<Metrics>,
    base: Arc<OnceLock<String>>,
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Clocked {
    /// What the clock shows then.
    #[oai(status = 200, content_type = "application/json")]
    Shows(Json<Time>),
    /// The clock was not moved.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Mint {
    /// The token.
    #[oai(status = 201, content_type = "application/json")]
    Minted(Json<Minted>),
    /// Nothing was minted.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Inspection {
    /// What it is.
    #[oai(status = 200, content_type = "application/json")]
    Is(Json<Inspected>),
    /// The question was not understood.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
enum Healthy {
    /// It runs.
    #[oai(status = 200, content_type = "application/json")]
    Runs(Json<Health>),
}

#[derive(ApiResponse)]
enum Listed {
    /// What is served.
    #[oai(status = 200, content_type = "application/json")]
    Documents(Json<Vec<Document>>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Timed {
    /// What the clock shows.
    #[oai(status = 200, content_type = "application/json")]
    Shows(Json<Time>),
    /// The sandbox is named by what is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
enum Prepared {
    /// It takes requests.
    #[oai(status = 200, content_type = "application/json")]
    Takes(Json<Readiness>),
    /// It was told to stop.
    #[oai(status = 503, content_type = "application/json")]
    Stops(Json<Readiness>),
}

#[derive(ApiResponse)]
enum Counted {
    /// The numbers, in the text format of OpenMetrics.
    #[oai(status = 200, content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    Numbers(PlainText<String>),
}

#[derive(ApiResponse)]
enum Known {
    /// The kinds of tokens.
    #[oai(status = 200, content_type = "application/json")]
    Kinds(Json<Vec<Kind>>),
}

#[derive(ApiResponse)]
enum Fetched {
    /// The document, with the mock as its server.
    #[oai(status = 200, content_type = "application/json")]
    Document(Json<Any<Value>>),
    /// There is no document of this name.
    #[oai(status = 404, content_type = "application/problem+json")]
    Unknown(Json<Problem>),
}

macro_rules! refuses_what_it_cannot_read {
    ($($answer:ty),+) => {$(
        impl $answer {
            #[allow(clippy::needless_pass_by_value, clippy::allow_attributes, reason = "the macro hands the error over")]
            fn unreadable(error: poem::Error) -> Self {
                Self::Refused($crate::net::control::refused(&error.to_string()))
            }
        }
    )+};
}
use refuses_what_it_cannot_read;

refuses_what_it_cannot_read!(Clocked, Mint, Inspection, Timed);

/// The sandbox that header fields name; what is wrong with the name, in words.
fn named(mock: &Mock, fields: &HeaderMap) -> Result<Arc<Sandbox>, String> {
    mock.sandbox_of(fields).map_err(|finding| {
        let help = finding.help.as_deref().unwrap_or_default();
        format!("{}: {}; {help}", finding.location, finding.message)
    })
}

fn refused(detail: &str) -> Json<Problem> {
    Json(Problem {
        title: "The request cannot be carried out".to_owned(),
        status: 400,
        detail: detail.to_owned(),
    })
}

#[expect(clippy::unused_async, reason = "the macro calls these as asynchronous functions")]
#[OpenApi]
impl Interface {
    /// Tells that the server runs.
    #[oai(path = "/health", method = "get", tag = "Area::Health", operation_id = "health")]
    async fn health(&self) -> Healthy {
        Healthy::Runs(Json(Health {
            status: "ok".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            operations: self.documents.iter().map(|document| document.api.operations.len() as u64).sum(),
        }))
    }

    /// Tells whether it takes requests: from the first moment until it is told to stop.
    #[oai(path = "/ready", method = "get", tag = "Area::Health", operation_id = "ready")]
    async fn ready(&self) -> Prepared {
        match self.scribe.is_stopping() {
            false => Prepared::Takes(Json(Readiness { status: Ready::Ready })),
            true => Prepared::Stops(Json(Readiness { status: Ready::Stopping })),
        }
    }

    /// Counts what was asked and answered, as Prometheus reads it.
    #[oai(path = "/metrics", method = "get", tag = "Area::Health", operation_id = "metrics")]
    async fn metrics(&self) -> Counted {
        Counted::Numbers(PlainText(self.metrics.text(self.scribe.journal(), self.mock.sandboxes())))
    }

    /// Lists the documents, their operations and what was found in them.
    #[oai(path = "/documents", method = "get", tag = "Area::Documents", operation_id = "listDocuments")]
    async fn documents(&self) -> Listed {
        Listed::Documents(Json(self.documents.iter().map(document).collect()))
    }

    /// Fetches a document, with the mock as its server.
    #[oai(path = "/documents/:name", method = "get", tag = "Area::Documents", operation_id = "getDocument")]
    async fn document(&self, name: Path<String>) -> Fetched {
        let Some(shown) = self.documents.iter().find(|shown| shown.name == name.0) else {
            let names: Vec<&str> = self.documents.iter().map(|shown| shown.name.as_str()).collect();
            let detail = format!("there is no document `{}`; there is {}", name.0, names.join(", "));
            return Fetched::Unknown(Json(Problem {
                title: "No such document".to_owned(),
                status: 404,
                detail,
            }));
        };
        let mut document = shown.api.document.bundled();
        let fixed = shown.api.base_paths.iter().filter(|base| !base.contains('{')).map(String::as_str);
        let bases: Vec<&str> = fixed.chain([""]).collect();
        let prefix = self.mock.plan().prefix();
        let mock = self.base.get().map_or("", String::as_str);
        let server =
            |base: &&str| json!({ "url": format!("{mock}{prefix}{base}/"), "description": "this mock" });
        document["servers"] = bases.iter().map(server).collect();
        own_servers_removed(&mut document);
        Fetched::Document(Json(Any(document)))
    }

    /// Tells the time of a sandbox.
    #[oai(path = "/clock", method = "get", tag = "Area::Clock", operation_id = "getClock")]
    async fn clock(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
    ) -> Timed {
        match self.named(fields) {
            Ok(sandbox) => Timed::Shows(Json(time(&sandbox))),
            Err(detail) => Timed::Refused(refused(&detail)),
        }
    }

    /// Moves, stops or resets the clock of a sandbox; everything in it that reads time reads this clock.
    #[oai(path = "/clock", method = "post", tag = "Area::Clock", operation_id = "moveClock")]
    async fn move_clock(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        change: Json<Move>,
    ) -> Clocked {
        let moved = self.named(fields).and_then(|sandbox| moved(&sandbox, &change.0));
        match moved {
            Ok(time) => Clocked::Shows(Json(time)),
            Err(detail) => Clocked::Refused(refused(&detail)),
        }
    }

    /// Lists the kinds of tokens that the documents know, and why this is believed.
    #[oai(path = "/tokens", method = "get", tag = "Area::Tokens", operation_id = "listCredentials")]
    async fn credentials(&self) -> Known {
        let books = self.documents.iter().zip(self.mock.books());
        let kinds = books
            .flat_map(|(document, book)| book.credentials().iter().map(|known| kind(&document.name, known)));
        Known::Kinds(Json(kinds.collect()))
    }

    /// Mints a token: one that lives at the time of the sandbox, or with a negative lifetime one that has ended.
    #[oai(path = "/tokens", method = "post", tag = "Area::Tokens", operation_id = "mintToken")]
    async fn mint(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        order: Json<Order>,
    ) -> Mint {
        let minted = self.named(fields).and_then(|sandbox| self.minted(&sandbox, &order.0));
        match minted {
            Ok(token) => Mint::Minted(Json(token)),
            Err(detail) => Mint::Refused(refused(&detail)),
        }
    }

    /// Tells what a token is at the time of the sandbox: whose, and until when.
    #[oai(path = "/tokens/inspect", method = "post", tag = "Area::Tokens", operation_id = "inspectToken")]
    async fn inspect(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        question: Json<Question>,
    ) -> Inspection {
        let sandbox = match self.named(fields) {
            Ok(sandbox) => sandbox,
            Err(detail) => return Inspection::Refused(refused(&detail)),
        };
        let now = sandbox.clock().now();
        let found = self.mock.books().iter().find_map(|book| book.recognise(&question.0.token, now));
        let inspected =
            found.map_or(Inspected::unknown(), |(credential, verdict)| inspected(credential, &verdict));
        Inspection::Is(Json(inspected))
    }
}

fn time(sandbox: &Sandbox) -> Time {
    let clock = sandbox.clock();
    Time { now: clock.now().to_string(), frozen: clock.is_frozen() }
}

fn moved(sandbox: &Sandbox, change: &Move) -> Result<Time, String> {
    let set = change.set.as_deref().map(|text| {
        let right = "write it as in `2030-01-01T00:00:00Z`";
        text.parse::<Timestamp>().map_err(|error| format!("`set` is no time: {error}; {right}"))
    });
    let advance = change.advance.as_deref().map(|text| duration("advance", text));
    let change = sandbox::Move {
        reset: change.reset == Some(true),
        set: set.transpose()?,
        advance: advance.transpose()?.unwrap_or_default(),
        freeze: change.freeze,
    };
    sandbox.clock().apply(&change).map_err(|error| error.to_string())?;
    Ok(time(sandbox))
}

impl Interface {
    /// The sandbox that a request to the control interface is about.
    fn named(&self, fields: &HeaderMap) -> Result<Arc<Sandbox>, String> {
        named(&self.mock, fields)
    }

    fn minted(&self, sandbox: &Sandbox, order: &Order) -> Result<Minted, String> {
        let asked = order.lifetime.as_deref().map(|text| duration("lifetime", text)).transpose()?;
        let now = sandbox.clock().now();
        let wanted = |known: &Credential| match &order.credential {
            Some(name) => known.name == *name,
            None => known.issued_by.is_some(),
        };
        let books = self.mock.books();
        let found = books.iter().find_map(|book| Some((book, book.credentials().iter().position(wanted)?)));
        let Some((book, index)) = found else {
            let all = books.iter().flat_map(|book| book.credentials().iter().map(|one| one.name.as_str()));
            let names = all.collect::<Vec<_>>().join(", ");
            let wanted = order.credential.as_deref().unwrap_or("that is issued");
            return Err(format!("there is no credential `{wanted}`; there is {names}"));
        };
        let credential = &book.credentials()[index];
        let lifetime = asked.unwrap_or(credential.lifetime.fixed);
        let mut dice = Dice::seeded(sandbox.seed() ^ now.as_microsecond().unsigned_abs());
        let scopes = order.scopes.as_deref().unwrap_or_default();
        let token = book.mint_scoped(index, now, lifetime, scopes, &mut dice);
        let token = token.ok_or("only a JWT can tell scopes, and this credential is opaque")?;
        Ok(Minted {
            credential: credential.name.clone(),
            token: token.text,
            expires: token.end.to_string(),
            carried_by: credential.carried_by.clone(),
        })
    }
}

fn inspected(credential: &Credential, verdict: &Verdict) -> Inspected {
    let (state, end) = match verdict {
        Verdict::Expired(end) => (State::Expired, Some(*end)),
        Verdict::Valid(end) => (State::Valid, *end),
        Verdict::Invalid(_) | Verdict::Foreign => return Inspected::unknown(),
    };
    Inspected { state, credential: Some(credential.name.clone()), expires: end.map(|end| end.to_string()) }
}

fn duration(field: &str, text: &str) -> Result<SignedDuration, String> {
    sandbox::duration(text)
        .map_err(|error| format!("`{field}` is no duration: {error}; write it as in `5m1s`"))
}

fn document(shown: &Shown) -> Document {
    let operations = shown.api.operations.iter().map(|operation| Operation {
        id: operation.id.clone(),
        method: operation.method.to_string(),
        path: operation.path.clone(),
        summary: operation.summary.lines().next().unwrap_or_default().to_owned(),
    });
    let held = shown.findings.told();
    let findings = held.iter().map(|finding| explain::found(finding, None));
    Document {
        name: shown.name.clone(),
        title: shown.api.title.clone(),
        url: format!("documents/{}", super::docs::encoded(&shown.name)),
        operations: operations.collect(),
        findings: findings.collect(),
    }
}

fn kind(document: &str, known: &Credential) -> Kind {
    Kind {
        name: known.name.clone(),
        document: document.to_owned(),
        format: known.format.to_string(),
        lifetime: known.lifetime.to_string(),
        issued_by: known.issued_by.clone(),
        carried_by: known.carried_by.clone(),
        reasons: known.reasons.clone(),
    }
}

/// Takes the servers of single paths and operations out of a document: the mock serves them all.
fn own_servers_removed(document: &mut Value) {
    let items =
        document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut());
    for item in items.filter_map(Value::as_object_mut) {
        item.shift_remove("servers");
        for operation in item.values_mut().filter_map(Value::as_object_mut) {
            operation.shift_remove("servers");
        }
    }
}
