//! The control interface with its pages, and who may use it: beside the mock, or at an address of its own.

use std::sync::{Arc, LazyLock};

use http::StatusCode;
use poem::{Endpoint, Response};

use super::{
    control::Control,
    cors,
    docs::Docs,
    guard::{Guard, problem},
};
use crate::mock::Mock;

/// Whoever wants to look at the mock or to move it comes here.
pub(super) struct Desk {
    pub(super) prefix: String,
    /// Its own document takes a while to write, and most runs never ask for it.
    pub(super) control: LazyLock<Control, Box<dyn FnOnce() -> Control + Send>>,
    pub(super) docs: Docs,
    pub(super) guard: Guard,
    pub(super) mock: Arc<Mock>,
}

impl Desk {
    /// Whether a path belongs to the control interface: it never takes one that a document has.
    pub(super) fn has(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.prefix.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && self.mock.plan().methods(path).is_empty()
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
        if let Some(page) = self.docs.page(&path, request.headers()) {
            return page;
        }
        self.control.call(request).await.unwrap_or_else(|error| {
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
