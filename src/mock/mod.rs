//! Answers from the plan: the mock server, without a socket.
//!
//! `Mock::reply`, behind [`Mock::answer`], is the table of contents: route, credentials, check, choose, body, tokens,
//! render, callbacks.

mod memory;

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use self::memory::Memory;
use crate::{
    api::Api,
    credential::{self, Book, Foreign},
    exchange::{Handler, Reply, Request, Response},
    finding::{Finding, Severity},
    plan::{self, Address, Answer, Bodies, Done, Faults, Plan, Prefer, Route, Source, Unrouted},
    sandbox::Clock,
};

/// The header field that tells of an operation that is to be used no more, as Prism writes it.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// How a mock answers.
#[derive(Debug, Clone)]
pub struct Options {
    /// Changes every generated value.
    pub seed: u64,
    /// Signs the tokens; replicas with the same secret take each other's.
    pub secret: String,
    /// What becomes of tokens that nobody here issued.
    pub foreign: Foreign,
    /// Where the bodies of successful answers come from.
    pub bodies: Bodies,
    /// What becomes of answers that break the document.
    pub faults: Faults,
    /// How requests are matched and judged.
    pub plan: plan::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 0,
            secret: "standin".to_owned(),
            foreign: Foreign::default(),
            bodies: Bodies::default(),
            faults: Faults::default(),
            plan: plan::Options::default(),
        }
    }
}

/// A mock of one or more APIs.
///
/// ```
/// use std::sync::Arc;
/// use http::{Method, StatusCode};
/// use standin::{api, document, exchange::{Handler, Request}, mock::{Mock, Options}, sandbox::Clock};
///
/// let text = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/ping": {"get": {"responses":
///     {"200": {"description": "pong", "content": {"application/json": {"schema": {"const": "pong"}}}}}}}}}"#;
/// let document = document::load(&document::Source::Text { name: "ping".into(), text: text.into() }).expect("it loads");
/// let (api, findings) = api::read(Arc::new(document)).expect("its schemas can be indexed");
/// assert!(findings.is_empty());
///
/// let (mock, _) = Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), Options::default());
/// let reply = mock.answer(&Request::new(Method::GET, "/ping"));
/// assert_eq!(reply.response.status, StatusCode::OK);
/// assert_eq!(&reply.response.body[..], b"\"pong\"");
/// ```
#[derive(Debug)]
pub struct Mock {
    plan: Plan,
    /// The credentials of each API, in the plan's order.
    books: Vec<Book>,
    clock: Arc<Clock>,
    options: Options,
    memory: Memory,
}

impl Mock {
    /// Plans the answers of `apis`, and tells what was found: paths in conflict, tokens that cannot live.
    pub fn new(apis: Vec<Arc<Api>>, clock: Arc<Clock>, options: Options) -> (Self, Vec<Finding>) {
        let mut findings = plan::judge_examples(&apis);
        let (mock, told) = Self::unjudged(apis, clock, options);
        findings.extend(told);
        (mock, findings)
    }

    /// The same, but nothing is told of the examples, which are judged when they are first asked for;
    /// [`plan::judge_examples`] tells the rest.
    pub fn unjudged(apis: Vec<Arc<Api>>, clock: Arc<Clock>, options: Options) -> (Self, Vec<Finding>) {
        let inferred =
            apis.iter().map(|api| credential::infer(api, options.secret.as_bytes(), options.foreign));
        let (books, told): (Vec<Book>, Vec<Vec<Finding>>) = inferred.unzip();
        let (plan, mut findings) = plan::compile_unjudged(apis, options.plan.clone());
        findings.extend(told.into_iter().flatten());
        (Self { plan, books, clock, options, memory: Memory::default() }, findings)
    }

    /// The plan that it answers from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The credentials of each API, in the plan's order.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// Its options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Answers one request. It never fails: what goes wrong is a response and a finding.
    pub fn answer(&self, request: &Request) -> Reply {
        if let Some(reply) = self.recalled(request) {
            return reply;
        }
        let (mut reply, lasting) = self.reply(request);
        if request.method == Method::HEAD {
            reply.response.body.clear();
        }
        if let Some(address) = lasting {
            self.memory.keep(request, address, &reply);
        }
        reply
    }

    /// What was answered to the same request before, where it would be answered again: the time has a say in who is let in
    /// alone.
    fn recalled(&self, request: &Request) -> Option<Reply> {
        let kept = self.memory.recall(request)?;
        let Address { api, operation } = kept.address;
        let is_let_in = self.books[api].judge(operation, request, self.clock.now()).is_empty();
        is_let_in.then(|| kept.reply.clone())
    }

    /// The answer, and the operation that gave it where the same request would be answered so at any time.
    fn reply(&self, request: &Request) -> (Reply, Option<Address>) {
        let (mut prefer, request) = Prefer::take(request);
        let request = &*request;
        let route = match self.plan.route(request) {
            Ok(route) => route,
            Err(unrouted) => return (no_route(&unrouted, request), None),
        };
        let book = &self.books[route.address.api];
        let now = self.clock.now();
        let mut dice = route.dice(prefer.seed.unwrap_or(self.options.seed), request);
        let checked = route.check(request);
        let said = checked.sent();
        // What keeps the request out comes first, and so decides on the answer.
        let mut findings = book.judge(route.address.operation, request, now);
        let is_lasting = findings.is_empty() && !book.is_issuer(route.address.operation);
        findings.extend(checked.findings);
        let shown = route.shown(request, checked.body.as_ref()).filter(|_| prefer.code.is_none());
        if let Some((status, name)) = shown {
            (prefer.code, prefer.example) = (Some(status), Some(name.to_owned()));
        }
        let answer = route.choose(request, findings, &prefer, self.options.bodies);
        let mut body = answer.body(&said, &mut dice);
        let is_live = answer.status.is_success() && !matches!(answer.source, Source::AsWritten(_));
        if let (Some(body), true) = (&mut body, is_live) {
            book.issue(route.address.operation, body, checked.body.as_ref(), now, &mut dice);
        }
        let is_trusted = matches!(answer.source, Source::AsWritten(_));
        let rendered = answer.render(body, &mut dice);
        let (callbacks, unsent) = match &rendered {
            Ok(response) if answer.status.is_success() && answer.findings.is_empty() => {
                let bodies = prefer.bodies_or(self.options.bodies);
                let (body, content) = (checked.body.as_ref(), answer.content);
                let done = Done { request, body, said: &said, response, content, bodies };
                route.callbacks(&done, &mut dice)
            }
            _ => Default::default(),
        };
        let mut reply = sent(&route, answer, rendered);
        reply.findings.extend(unsent);
        if is_trusted {
            self.judge(&route, request, &mut reply);
        }
        reply.response.headers.extend(plan::violations(&reply.findings));
        let reply = Reply { delay: prefer.delay.unwrap_or_default(), callbacks, ..reply };
        (reply, is_lasting.then_some(route.address))
    }

    /// Tells in what an answer breaks the document that was sent to the letter, or answers with that.
    fn judge(&self, route: &Route<'_>, request: &Request, reply: &mut Reply) {
        let found = route.check_response(&request.method, &reply.response);
        let is_error = |finding: &&Finding| finding.severity == Severity::Error;
        let errors: Vec<Finding> = found.iter().filter(is_error).cloned().collect();
        if self.options.faults == Faults::Answered && !errors.is_empty() {
            reply.response = plan::problem(&errors);
        }
        reply.findings.extend(found);
    }
}

impl Handler for Mock {
    async fn handle(&self, request: Request) -> Reply {
        self.answer(&request)
    }

    async fn handle_shared(&self, request: &Request) -> Reply {
        self.answer(request)
    }
}

type Rendered = Result<Response, Box<(Finding, Response)>>;

fn sent(route: &Route<'_>, answer: Answer<'_>, rendered: Rendered) -> Reply {
    let Answer { mut findings, notes, mut why, .. } = answer;
    findings.extend(notes);
    let mut response = rendered.unwrap_or_else(|impossible| {
        let (finding, response) = *impossible;
        why = finding.to_string();
        findings.push(finding);
        response
    });
    if route.operation.is_deprecated {
        response.headers.insert(DEPRECATION, HeaderValue::from_static("true"));
    }
    Reply { findings, operation: Some(route.operation.id.clone()), ..Reply::new(response, why) }
}

fn no_route(unrouted: &Unrouted, request: &Request) -> Reply {
    if let (Unrouted::Method(methods), &Method::OPTIONS) = (unrouted, &request.method) {
        let mut response = Response::empty(StatusCode::NO_CONTENT);
        response.headers.extend(allow(methods));
        return Reply::new(response, "what the path has");
    }
    let finding = unrouted.finding(&request.method, &request.path);
    let mut response = plan::problem(std::slice::from_ref(&finding));
    if let Unrouted::Method(methods) = unrouted {
        response.headers.extend(allow(methods));
    }
    let why = finding.code.to_string();
    Reply { findings: vec![finding], ..Reply::new(response, why) }
}

/// The methods that a path has, as a header field (RFC 9110, section 10.2.1).
fn allow(methods: &[Method]) -> Option<(HeaderName, HeaderValue)> {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    Some((header::ALLOW, HeaderValue::from_str(&names.join(", ")).ok()?))
}
