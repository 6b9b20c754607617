//! Stands between a client and the real provider, and tells in what either of them breaks the document.
//!
//! [`Proxy`] wraps whatever is upstream: `route`, judge the request, forward, judge the response. Without `--errors` nothing
//! of what passes is changed but for the header fields that tell. Bodies are passed on byte for byte, large ones of requests
//! while they come. A response is kept back until it is judged, for the fields that tell stand before its body; one that is
//! a stream or over the limit is passed on as it comes. It opens no socket. Read `Proxy::exchange` first.

mod body;
mod incoming;
mod rule;

use std::{io, sync::Arc};

use bytes::Bytes;
use http::{Method, header};

pub use self::rule::{Meaningless, Rule};
use self::{
    body::Gathered,
    incoming::{Incoming, unjudged},
    rule::Rules,
};
use crate::{
    exchange::{
        Body, End, Handler, Heard, Later, MediaType, Reply, Request, Response, claimed_length, overhear,
    },
    finding::{Code, Finding, Location, Part, Pointer, Severity},
    mock::{self, Mock},
    plan::{self, Faults, Route, Unrouted},
    sandbox::Sandbox,
    wire,
};

/// The most bytes of a request's body that are waited for in any case.
const SMALL: usize = 64 * 1024;

/// How a proxy judges and answers.
#[derive(Debug, Clone)]
pub struct Options {
    /// What becomes of what breaks the document.
    pub faults: Faults,
    /// Whether requests are judged.
    pub requests: Requests,
    /// What the mock answers in the place of the upstream.
    pub mock_when: Vec<Rule>,
    /// The most bytes of a body that are kept for the judge.
    pub body_limit: usize,
}

/// What becomes of requests before they are forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Requests {
    /// They are judged.
    #[default]
    Judged,
    /// Only the responses are.
    PassedOver,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            faults: Faults::default(),
            requests: Requests::default(),
            mock_when: vec![Rule::Status(crate::api::Status::Exact(501))],
            body_limit: 10 * 1024 * 1024,
        }
    }
}

/// A judge between clients and an upstream.
#[derive(Debug)]
pub struct Proxy<U> {
    mock: Arc<Mock>,
    upstream: U,
    options: Options,
    rules: Rules,
}

impl<U: Handler> Proxy<U> {
    /// Judges by the mock's plan and credentials; the mock answers where a rule says so.
    ///
    /// # Errors
    /// [`Meaningless`] where a rule means no operation.
    pub fn new(mock: Arc<Mock>, upstream: U, options: Options) -> Result<Self, Meaningless> {
        let rules = Rules::resolve(&options.mock_when, mock.plan())?;
        Ok(Self { mock, upstream, options, rules })
    }

    /// What it forwards to.
    pub fn upstream(&self) -> &U {
        &self.upstream
    }

    async fn exchange(&self, sandbox: &Sandbox, route: &Route<'_>, request: Request) -> Reply {
        if self.rules.has_operation(route.address) {
            let (incoming, _) = Incoming::gather(request, self.options.body_limit).await;
            return self.mocked(sandbox, &incoming.known(), "not forwarded");
        }
        let (incoming, forwarded) = match self.options.faults {
            Faults::Told if !is_small(&request) => Incoming::overhear(request, self.options.body_limit),
            Faults::Told | Faults::Answered => Incoming::gather(request, self.options.body_limit).await,
        };
        if self.options.faults == Faults::Answered {
            let findings = self.judge(sandbox, route, &incoming.known());
            if findings.iter().any(is_error) {
                return told(Some(route), refusal(&findings), findings, "refused");
            }
        }
        let answer = self.upstream.handle(forwarded).await;
        let request = incoming.known();
        let status = answer.response.status;
        if answer.findings.is_empty() && self.rules.has_status(status) {
            return self.mocked(sandbox, &request, &format!("the upstream answered {}", status.as_u16()));
        }
        let findings = self.judge(sandbox, route, &request);
        if matches!(request.body, Body::Interrupted(_)) {
            return told(Some(route), plan::problem(&findings), findings, "the request ended early");
        }
        self.pass(route, request, findings, answer).await
    }

    /// What is wrong with a request, and what of it is not judged.
    fn judge(&self, sandbox: &Sandbox, route: &Route<'_>, request: &Request) -> Vec<Finding> {
        if self.options.requests == Requests::PassedOver {
            return Vec::new();
        }
        let book = &self.mock.books()[route.address.api];
        let mut findings = book.judge(route.address.operation, request, sandbox.clock().now());
        findings.extend(route.check(request).findings);
        // What is too large for the judge is not too large for the upstream.
        findings.retain(|finding| finding.code != Code::BodyTooLarge);
        findings.extend(unjudged(request));
        findings
    }

    /// The upstream's answer, judged; an error in its place, where those are wanted.
    async fn pass(
        &self,
        route: &Route<'_>,
        request: Request,
        mut findings: Vec<Finding>,
        answer: Reply,
    ) -> Reply {
        if !answer.findings.is_empty() {
            findings.extend(answer.findings);
            return told(Some(route), answer.response, findings, "the upstream failed");
        }
        let later = Later::default();
        let mut response = match self.received(&request, answer.response, &later).await {
            Ok((response, note)) => {
                findings.extend(note);
                response
            }
            Err(finding) => {
                let response = plan::problem(std::slice::from_ref(&*finding));
                findings.push(*finding);
                return told(Some(route), response, findings, "the upstream failed");
            }
        };
        let found = route.check_response(&request.method, &response);
        let errors: Vec<Finding> = found.iter().filter(|finding| is_error(finding)).cloned().collect();
        findings.extend(found);
        if self.options.faults == Faults::Answered && !errors.is_empty() {
            response = plan::problem(&errors);
        }
        let later = response.rest.is_some().then_some(later);
        Reply { later, ..told(Some(route), response, findings, "forwarded") }
    }

    /// The response with as much of its body as is judged.
    async fn received(
        &self,
        request: &Request,
        mut response: Response,
        later: &Later,
    ) -> Result<(Response, Option<Finding>), Box<Finding>> {
        let Some(chunks) = response.rest.as_ref().and_then(crate::exchange::Rest::take) else {
            return Ok((response, None));
        };
        let media_type = response.header(header::CONTENT_TYPE.as_str()).and_then(MediaType::parse);
        if media_type.is_some_and(|media_type| wire::is_sequence(&media_type)) {
            let judge = late_judge(Arc::clone(&self.mock), request, &response, later.clone());
            let length = claimed_length(&response.headers);
            response.rest = Some(overhear(chunks, length, self.options.body_limit, judge).0);
            let note = late("it is a stream, and judged in the log and the journal when it has ended");
            return Ok((response, Some(note)));
        }
        match body::gather(chunks, self.options.body_limit).await {
            Gathered::Whole(bytes) => Ok((Response { body: bytes, rest: None, ..response }, None)),
            Gathered::Larger(start, chunks) => {
                let later = later.clone();
                let told = move |heard: &Heard| later.add(broken_off(&heard.passed().end));
                let length =
                    claimed_length(&response.headers).map(|length| length.saturating_sub(start.len()));
                let rest = Some(overhear(chunks, length, 0, told).0);
                let note = late(&format!("not judged: it is over {} bytes", self.options.body_limit));
                Ok((Response { body: start, rest, ..response }, Some(note)))
            }
            Gathered::Broken(error) => Err(Box::new(broken(&error))),
        }
    }

    /// The mock's answer in the place of the upstream's.
    fn mocked(&self, sandbox: &Sandbox, request: &Request, why: &str) -> Reply {
        let reply = self.mock.answer_in(sandbox, request);
        Reply { why: format!("{why}, mocked: {}", reply.why), ..reply }
    }

    /// What no document has a place for: passed on, or told to be unknown.
    async fn stray(&self, sandbox: &Sandbox, request: Request, unrouted: &Unrouted) -> Reply {
        if self.options.faults == Faults::Answered {
            return self.mocked(sandbox, &request, "not forwarded");
        }
        let mut finding = unrouted.finding(&request.method, &request.path);
        finding.severity = Severity::Warning;
        let answer = self.upstream.handle(request).await;
        let findings = std::iter::once(finding).chain(answer.findings).collect();
        told(None, answer.response, findings, "forwarded")
    }
}

impl<U: Handler> Handler for Proxy<U> {
    async fn handle(&self, request: Request) -> Reply {
        let is_head = request.method == Method::HEAD;
        let sandbox = match self.mock.sandbox_of(&request.headers) {
            Ok(sandbox) => sandbox,
            Err(finding) => return mock::misnamed(*finding),
        };
        let mut reply = match self.mock.plan().route(&request) {
            Ok(route) => self.exchange(&sandbox, &route, request).await,
            Err(unrouted) => self.stray(&sandbox, request, &unrouted).await,
        };
        if is_head {
            reply.response.body.clear();
        }
        reply
    }
}

/// Whether a body says that it is small. It is waited for: a provider that answers before it has read the body would leave
/// it to chance whether the judge has seen it.
fn is_small(request: &Request) -> bool {
    claimed_length(&request.headers).is_some_and(|length| length <= SMALL)
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// The problem of a request that is not forwarded: who is not let in is not told what else is wrong.
fn refusal(findings: &[Finding]) -> Response {
    let is_of_credentials = |finding: &&Finding| {
        let codes =
            [Code::MissingCredential, Code::InvalidCredential, Code::TokenExpired, Code::InsufficientScope];
        codes.contains(&finding.code)
    };
    let keeping_out: Vec<Finding> = findings.iter().filter(is_of_credentials).cloned().collect();
    let errors = || findings.iter().filter(|finding| is_error(finding)).cloned().collect();
    plan::problem(&if keeping_out.is_empty() { errors() } else { keeping_out })
}

/// A reply that tells what was found in its header fields.
fn told(route: Option<&Route<'_>>, mut response: Response, findings: Vec<Finding>, why: &str) -> Reply {
    response.headers.extend(plan::violations(&findings));
    let operation = route.map(|route| route.operation.id.clone());
    Reply { findings, operation, ..Reply::new(response, why) }
}

/// Judges a stream when it has ended; nobody waits for that, so that only the log tells, and the journal.
fn late_judge(
    mock: Arc<Mock>,
    request: &Request,
    response: &Response,
    later: Later,
) -> impl FnOnce(&Heard) + Send + use<> {
    let target = Request { body: Body::Whole(Bytes::new()), ..request.clone() };
    let head = Response { rest: None, ..response.clone() };
    move |heard| {
        let passed = heard.passed();
        later.add(broken_off(&passed.end));
        let (End::Whole, true) = (passed.end, passed.start.len() == passed.length) else { return };
        let Ok(route) = mock.plan().route(&target) else { return };
        let body = passed.start;
        let found = route.check_response(&target.method, &Response { body, ..head });
        for finding in &found {
            tracing::warn!("{} {}: {finding}", target.method, target.path);
        }
        later.add(found);
    }
}

/// What there is to say of an answer that broke off after its start was passed on.
fn broken_off(end: &End) -> Option<Finding> {
    let End::Broken(why) = end else { return None };
    let location = Location::Response(Part::Body, Pointer::root());
    Some(Finding::error(Code::UpstreamBroken, location, format!("it broke off: {why}")))
}

fn late(why: &str) -> Finding {
    Finding::note(Code::Unjudged, Location::Response(Part::Body, Pointer::root()), why)
}

/// The finding of an answer that does not come to its end.
fn broken(error: &io::Error) -> Finding {
    let location = Location::Response(Part::Body, Pointer::root());
    match error.kind() {
        io::ErrorKind::TimedOut => Finding::error(Code::UpstreamTimeout, location, error.to_string()),
        _ => Finding::error(Code::UpstreamBroken, location, error.to_string()),
    }
}
