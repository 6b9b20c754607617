//! The control interface with its pages, and who may use it: beside the mock, or at an address of its own.

use std::sync::{Arc, LazyLock, OnceLock};

use http::StatusCode;
use poem::{Endpoint, Response};

use super::{
    Shown,
    control::Control,
    cors,
    docs::Docs,
    guard::{Guard, problem},
    metrics::Metrics,
    scribe::Scribe,
    served::Held,
};
use crate::mock::Mock;

/// Makes the papers of a mock and its documents.
pub(super) type Print = Arc<dyn Fn(Arc<Mock>, Vec<Shown>) -> Papers + Send + Sync>;

/// Whoever wants to look at the mock or to move it comes here.
pub(super) struct Desk {
    prefix: String,
    pub(super) papers: Held<Papers>,
    pub(super) print: Print,
    pub(super) guard: Guard,
    /// Where the mock is, if it is somewhere else.
    apart: Arc<OnceLock<String>>,
}

/// What is told of a mock; new ones come with a new version of its documents.
pub(super) struct Papers {
    mock: Arc<Mock>,
    /// Its own document takes a while to write, and most runs never ask for it.
    control: LazyLock<Control, Box<dyn FnOnce() -> Control + Send>>,
    docs: Docs,
}

impl Desk {
    /// A desk at a path; the guard comes with whether only those get here who know a token.
    pub(super) fn new(
        prefix: String,
        (mock, documents): (Arc<Mock>, Vec<Shown>),
        parts: (Scribe, Arc<Metrics>),
        (guard, is_guarded): (Guard, bool),
    ) -> Self {
        let apart = Arc::new(OnceLock::<String>::new());
        let (below, elsewhere) = (prefix.clone(), Arc::clone(&apart));
        let print: Print = Arc::new(move |mock, documents: Vec<Shown>| {
            let names: Vec<String> = documents.iter().map(|document| document.name.clone()).collect();
            let docs = Docs::new(&below, &names);
            let (held, below) = (Arc::clone(&mock), below.clone());
            let (parts, elsewhere) = (parts.clone(), Arc::clone(&elsewhere));
            let control = move || {
                let control = Control::new(held, documents, parts, &below, is_guarded);
                if let Some(url) = elsewhere.get() {
                    control.stands_apart_from(url);
                }
                control
            };
            Papers { mock, control: LazyLock::new(Box::new(control)), docs }
        });
        let papers = Held::new(print(mock, documents));
        Self { prefix, papers, print, guard, apart }
    }

    /// Takes note that the mock is somewhere else.
    pub(super) fn stands_apart_from(&self, url: &str) {
        // It is set once, before anything is served.
        let _ = self.apart.set(url.to_owned());
    }

    /// Whether a path belongs to the control interface: it never takes one that a document has.
    pub(super) fn has(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.prefix.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && self.papers.get().mock.plan().methods(path).is_empty()
    }

    pub(super) async fn answer(&self, request: poem::Request) -> Response {
        let asked = request.headers().clone();
        if !self.guard.is_open() {
            return self.admitted(request).await;
        }
        if let Some(fields) = cors::preflight(request.method(), &asked) {
            let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
            *response.headers_mut() = fields;
            return response;
        }
        let mut response = self.admitted(request).await;
        cors::Page::of(&asked).allow(response.headers_mut());
        response
    }

    async fn admitted(&self, request: poem::Request) -> Response {
        let path = request.original_uri().path().to_owned();
        if let Some(refusal) = self.guard.refusal(request.headers()) {
            return refusal;
        }
        let papers = self.papers.get();
        if let Some(page) = papers.docs.page(&path, request.headers()) {
            return page;
        }
        papers.control.call(request).await.unwrap_or_else(|error| {
            problem(error.status(), "The request cannot be carried out", &format!("`{path}`: {error}"))
        })
    }
}

/// A desk at an address of its own.
pub(super) struct Apart(pub(super) Desk);

impl Endpoint for Apart {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        let path = request.original_uri().path();
        if path == "/" {
            let to = format!("{}/", self.0.prefix);
            return Ok(Response::builder()
                .status(StatusCode::FOUND)
                .header(http::header::LOCATION, to)
                .finish());
        }
        if !self.0.has(path) {
            let detail =
                format!("`{path}` is not below `{}`, where the control interface stands", self.0.prefix);
            return Ok(problem(StatusCode::NOT_FOUND, "Here is the control interface alone", &detail));
        }
        Ok(self.0.answer(request).await)
    }
}
