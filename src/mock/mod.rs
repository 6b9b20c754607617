//! Answers from the plan: the mock server, without a socket.
//!
//! `Mock::reply`, behind [`Mock::answer`], is the table of contents: route, credentials, check, choose, body, tokens,
//! render, callbacks. All of it happens in a [`Sandbox`], which the request may name.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    api::Api,
    credential::{self, Book, Foreign},
    exchange::{Handler, Reply, Request, Response},
    finding::{Finding, Severity},
    plan::{self, Answer, Bodies, Done, Faults, Plan, Prefer, Route, Source, Unrouted},
    sandbox::{Clock, Name, Sandbox, Sandboxes},
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
    /// How many sandboxes there may be beside the default one; the one that was not used for longest goes first.
    pub max_sandboxes: usize,
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
            max_sandboxes: 2000,
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
    sandboxes: Sandboxes,
    options: Options,
}

impl Mock {
    /// Plans the answers of `apis`, and tells what was found: paths in conflict, tokens that cannot live. The default sandbox
    /// has this clock, and each new one begins with one that shows the same.
    pub fn new(apis: Vec<Arc<Api>>, clock: Arc<Clock>, options: Options) -> (Self, Vec<Finding>) {
        let inferred =
            apis.iter().map(|api| credential::infer(api, options.secret.as_bytes(), options.foreign));
        let (books, told): (Vec<Book>, Vec<Vec<Finding>>) = inferred.unzip();
        let (plan, mut findings) = plan::compile(apis, options.plan.clone());
        findings.extend(told.into_iter().flatten());
        let sandboxes = Sandboxes::new(clock, options.seed, options.max_sandboxes);
        (Self { plan, books, sandboxes, options }, findings)
    }

    /// The plan that it answers from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The credentials of each API, in the plan's order.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// The clock of the default sandbox.
    pub fn clock(&self) -> &Arc<Clock> {
        self.sandboxes.default().clock()
    }

    /// Its sandboxes.
    pub fn sandboxes(&self) -> &Sandboxes {
        &self.sandboxes
    }

    /// The sandbox that the header fields of a request name, made where there is none of this name yet; else the default one.
    ///
    /// # Errors
    /// What is wrong with the name.
    pub fn sandbox_of(&self, headers: &HeaderMap) -> Result<Arc<Sandbox>, Box<Finding>> {
        Ok(match Name::of(headers)? {
            Some(name) => self.sandbox(&name),
            None => Arc::clone(self.sandboxes.default()),
        })
    }

    /// The sandbox of a name, made where there is none; the log tells which one had to go for it.
    pub fn sandbox(&self, name: &Name) -> Arc<Sandbox> {
        let (sandbox, gone) = self.sandboxes.of(name);
        for gone in gone {
            let most = self.sandboxes.most();
            tracing::warn!(
                "sandbox {}: dropped, for it was not used for longest, and there may be {most}; `--max-sandboxes` says how many",
                gone.name()
            );
        }
        sandbox
    }

    /// Its options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Answers one request in the default sandbox. It never fails: what goes wrong is a response and a finding.
    pub fn answer(&self, request: &Request) -> Reply {
        self.answer_in(self.sandboxes.default(), request)
    }

    /// Answers one request in a sandbox: by its clock and its seed.
    pub fn answer_in(&self, sandbox: &Sandbox, request: &Request) -> Reply {
        let mut reply = self.reply(sandbox, request);
        if request.method == Method::HEAD {
            reply.response.body.clear();
        }
        reply
    }

    fn reply(&self, sandbox: &Sandbox, request: &Request) -> Reply {
        let (mut prefer, request) = Prefer::take(request);
        let request = &*request;
        let route = match self.plan.route(request) {
            Ok(route) => route,
            Err(unrouted) => return no_route(&unrouted, request),
        };
        let book = &self.books[route.address.api];
        let now = sandbox.clock().now();
        let mut dice = route.dice(prefer.seed.unwrap_or_else(|| sandbox.seed()), request);
        let checked = route.check(request);
        let said = checked.sent();
        // What keeps the request out comes first, and so decides on the answer.
        let mut findings = book.judge(route.address.operation, request, now);
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
        Reply { delay: prefer.delay.unwrap_or_default(), callbacks, ..reply }
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
    /// Answers in the sandbox that the request names.
    async fn handle(&self, request: Request) -> Reply {
        match self.sandbox_of(&request.headers) {
            Ok(sandbox) => self.answer_in(&sandbox, &request),
            Err(finding) => misnamed(*finding),
        }
    }
}

/// The answer to a request that names a sandbox which cannot be.
pub fn misnamed(finding: Finding) -> Reply {
    let mut response = plan::problem(std::slice::from_ref(&finding));
    response.headers.extend(plan::violations(std::slice::from_ref(&finding)));
    let why = finding.code.to_string();
    Reply { findings: vec![finding], ..Reply::new(response, why) }
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
