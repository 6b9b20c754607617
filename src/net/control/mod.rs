//! The control interface, described by its own `OpenAPI` document.

mod checks;
mod document;
mod explain;
mod faults;
mod journal;
mod judge;
mod lines;
mod model;
mod requests;
mod sandboxed;
mod sandboxes;
mod world;

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use poem::{
    Endpoint, EndpointExt, Response, Route,
    endpoint::{BoxEndpoint, make_sync},
};
use poem_openapi::{
    ApiResponse, OpenApi, OpenApiService,
    param::Path,
    payload::{Json, PlainText},
    types::Any,
};
use serde_json::{Value, json};

use self::{
    model::{Area, Document, Health, Operation, Problem, Refusal},
    world::{Readiness, Ready},
};
use super::{metrics::Metrics, scribe::Scribe};
use crate::{api::Api, credential::Book, document::Refused, finding::Finding, mock::Mock};

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
    /// What is wrong with a newer version, which is not served because of it.
    refused: Option<Refused>,
}

/// How long somebody who asks waits for a document to be looked through.
const WAIT: Duration = Duration::from_secs(3);

impl Findings {
    /// What was found before the document is served.
    pub fn new(all: Vec<Finding>) -> Self {
        Self { found: Mutex::new(Found { all, ..Found::default() }), looked: Condvar::new() }
    }

    /// The same, and somebody is about to tell the rest ([`Findings::settle`]): whoever asks waits for that, a while.
    pub fn open(all: Vec<Finding>) -> Self {
        Self { found: Mutex::new(Found { all, is_open: true, ..Found::default() }), looked: Condvar::new() }
    }

    /// Tells what was found after all; nobody has to wait any more.
    pub fn settle(&self, all: Vec<Finding>) {
        let mut held = self.held();
        (held.all, held.is_open) = (all, false);
        drop(held);
        self.looked.notify_all();
    }

    /// Adds what was found since.
    pub fn add(&self, found: Vec<Finding>) {
        self.held().all.extend(found);
    }

    /// Tells why a newer version is not served; nothing, where it is again the newest that is.
    pub fn refuse(&self, refused: Option<Refused>) {
        self.held().refused = refused;
    }

    /// What was found so far, and what is wrong with a newer version.
    fn told(&self) -> (Vec<Finding>, Option<Refused>) {
        let waited = self.looked.wait_timeout_while(self.held(), WAIT, |found| found.is_open);
        let found = waited.unwrap_or_else(PoisonError::into_inner).0;
        (found.all.clone(), found.refused.clone())
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
    judge: judge::Judge,
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
        let credentials = mock.books().iter().flat_map(Book::credentials);
        let names = document::Names {
            documents: documents.iter().map(|document| document.name.clone()).collect(),
            credentials: credentials.map(|credential| credential.name.clone()).collect(),
        };
        let explainer = explain::Explainer { documents: Arc::clone(&documents) };
        let troubles = faults::Troubles { mock: Arc::clone(&mock) };
        let worlds = sandboxes::Worlds { mock: Arc::clone(&mock), scribe: scribe.clone() };
        let sandboxed = sandboxed::Sandboxed { mock: Arc::clone(&mock), documents: Arc::clone(&documents) };
        let base = Arc::new(OnceLock::new());
        let interface =
            Interface { mock, documents, scribe: scribe.clone(), metrics, base: Arc::clone(&base) };
        let apis = (interface, sandboxed, troubles, requests::Requests { scribe, explainer }, worlds);
        let description = "Moves time, mints tokens, and tells what is served and what was asked and answered. Everything \
                           here acts on the mock only.";
        let service = OpenApiService::new(apis, "standin control interface", env!("CARGO_PKG_VERSION"))
            .description(description)
            .server(prefix);
        let mut document: Value = serde_json::from_str(&service.spec()).unwrap_or_default();
        document::finish(&mut document, &names);
        if is_guarded {
            document::guarded(&mut document);
        }
        let text = format!("{document:#}");
        let judge = judge::Judge::new(document, &text);
        let document =
            make_sync(move |_| Response::builder().content_type("application/json").body(text.clone()));
        let route = Route::new().at("/openapi.json", poem::get(document)).nest("/", service);
        Self { endpoint: Route::new().nest(prefix, route).boxed(), base, judge }
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
        match self.judge.admit(request).await {
            Ok(request) => self.endpoint.call(request).await,
            Err(refusal) => Ok(refusal),
        }
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

fn conflict(title: &str, detail: &str) -> Json<Problem> {
    Json(Problem { title: title.to_owned(), status: 409, detail: detail.to_owned() })
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
        if self.scribe.is_stopping() {
            return Prepared::Stops(Json(Readiness { status: Ready::Stopping }));
        }
        Prepared::Takes(Json(Readiness { status: Ready::Ready }))
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
}

fn document(shown: &Shown) -> Document {
    let operations = shown.api.operations.iter().map(|operation| Operation {
        id: operation.id.clone(),
        method: operation.method.to_string(),
        path: operation.path.clone(),
        summary: operation.summary.lines().next().unwrap_or_default().to_owned(),
    });
    let (held, refused) = shown.findings.told();
    let files = shown.api.document.files();
    let text = |uri: &str| files.get(uri).map(|file| Arc::clone(&file.text));
    let findings = held.iter().map(|finding| explain::found_at(finding, &text));
    let refused = refused.map(|Refused { findings, texts }| {
        let text = |uri: &str| texts.get(uri).map(|(_, text)| Arc::clone(text));
        Refusal { findings: findings.iter().map(|finding| explain::found_at(finding, &text)).collect() }
    });
    Document {
        name: shown.name.clone(),
        title: shown.api.title.clone(),
        url: format!("documents/{}", super::docs::encoded(&shown.name)),
        operations: operations.collect(),
        findings: findings.collect(),
        refused,
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
