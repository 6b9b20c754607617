//! Requests to the control interface → the same, held to its own document by the engine that holds all others to theirs.
//!
//! The code that takes them converts what it can, as a number to a text; a document that says what is taken does not. Read
//! [`Judge::admit`] first.

use std::sync::{Arc, OnceLock};

use http::{HeaderValue, StatusCode, header};
use poem::{Body, Response};
use serde_json::Value;

use crate::{
    api,
    document::{self, Source},
    exchange::Request,
    finding::{Finding, Severity},
    net::guard::problem,
    plan::{self, Plan, Unrouted},
};

/// The most bytes that a request to the control interface may have.
const LIMIT: usize = 1024 * 1024;

/// Knows the document.
pub(super) struct Judge {
    text: Arc<str>,
    document: Value,
    /// Compiled when it is first needed: many a server is never asked.
    plan: OnceLock<Option<Plan>>,
}

impl Judge {
    pub(super) fn new(document: Value, text: &str) -> Self {
        Self { text: text.into(), document, plan: OnceLock::new() }
    }

    fn plan(&self) -> Option<&Plan> {
        let compiled = self.plan.get_or_init(|| {
            let source =
                Source::Text { name: "control-interface.json".to_owned(), text: Arc::clone(&self.text) };
            let (api, _) = api::read(Arc::new(document::load(&source).ok()?)).ok()?;
            Some(plan::compile(vec![Arc::new(api)], plan::Options::default()).0)
        });
        compiled.as_ref()
    }

    /// The request as it came, or what is answered where it is not right.
    pub(super) async fn admit(&self, mut request: poem::Request) -> Result<poem::Request, Response> {
        let Ok(bytes) = request.take_body().into_bytes_limit(LIMIT).await else {
            let detail = format!("the body ended early, or has more than {LIMIT} bytes");
            return Err(refusal(StatusCode::BAD_REQUEST, &detail));
        };
        let uri = request.original_uri();
        let target = uri.path_and_query().map_or(uri.path(), http::uri::PathAndQuery::as_str);
        let mut known = Request::new(request.method().clone(), target).body(bytes.clone());
        known.headers.clone_from(request.headers());
        request.set_body(Body::from_bytes(bytes));
        match self.plan().map(|plan| plan.route(&known)) {
            Some(Ok(route)) => match self.faults(&route.check(&known).findings) {
                None => Ok(request),
                Some(detail) => Err(refusal(StatusCode::BAD_REQUEST, &detail)),
            },
            Some(Err(Unrouted::Method(methods))) => {
                let names: Vec<&str> = methods.iter().map(http::Method::as_str).collect();
                let names = names.join(", ");
                let detail = format!("`{}` has {names}", known.path);
                let mut refused = refusal(StatusCode::METHOD_NOT_ALLOWED, &detail);
                let allow = HeaderValue::try_from(names).ok();
                refused.headers_mut().extend(allow.map(|allow| (header::ALLOW, allow)));
                Err(refused)
            }
            // Not every page is an operation.
            Some(Err(Unrouted::Path)) | None => Ok(request),
        }
    }

    /// What is wrong with a request, and what would be right, in words; `None` where nothing is.
    fn faults(&self, findings: &[Finding]) -> Option<String> {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let told: Vec<String> = errors.map(|finding| self.fault(finding)).collect();
        (!told.is_empty()).then(|| told.join("\n"))
    }

    /// A pattern tells people little: what the schema is described by says it better.
    fn fault(&self, finding: &Finding) -> String {
        let schema = finding.rule.as_ref().and_then(|rule| rule.pointer.parent());
        let schema = schema.and_then(|pointer| self.document.pointer(pointer.as_str()));
        let is_pattern = finding.keyword.as_deref() == Some("pattern");
        let description = schema.and_then(|schema| schema["description"].as_str()).filter(|_| is_pattern);
        match (description, &finding.help) {
            (Some(description), _) => format!("{}: not of its form. {description}", finding.location),
            (None, Some(help)) => format!("{}: {}; {help}", finding.location, finding.message),
            (None, None) => format!("{}: {}", finding.location, finding.message),
        }
    }
}

fn refusal(status: StatusCode, detail: &str) -> Response {
    problem(status, "The request cannot be carried out", detail)
}
