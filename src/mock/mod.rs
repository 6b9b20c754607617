//! Answers from the plan: the mock server, without a socket.
//!
//! `Mock::reply`, behind [`Mock::answer`], is the table of contents: route, faults that are asked for, check, credentials,
//! what is kept; then the steps of an answer: choose, body, tokens, render, callbacks. All of it happens in a [`Sandbox`],
//! which the request may name.

mod keep;
mod memory;
mod trouble;

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

pub use self::{
    keep::{Keeper, Kept},
    trouble::{Trouble, Wanted},
};
use self::{
    keep::{Said, Step, Turn},
    memory::Memory,
    trouble::Met,
};
use crate::{
    api::Api,
    credential::{self, Book, Foreign},
    exchange::{Handler, Reply, Request, Response},
    finding::{Finding, Severity},
    plan::{self, Address, Answer, Bodies, Checked, Done, Faults, Plan, Prefer, Route, Source, Unrouted},
    sandbox::{Clock, Fault, Name, Room, Sandbox, Sandboxes, State},
    schema::{Dice, Temper},
};

/// The header field that tells of an operation that is to be used no more, as Prism writes it.
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// The header field that tells which faults an answer has because they were asked for.
const FAULT: HeaderName = HeaderName::from_static("standin-fault");

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
    /// How much is kept of what is given; `None` where nothing is, and every answer is made up.
    pub keeps: Option<Room>,
    /// What goes wrong because it is asked for, in every sandbox that asks for nothing else.
    pub troubles: Vec<Fault>,
    /// Whether answers are such as few expect.
    pub temper: Temper,
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
            keeps: None,
            troubles: Vec::new(),
            temper: Temper::default(),
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
    /// What is kept of each API, in the plan's order; nothing where nothing is to be.
    keepers: Vec<Keeper>,
    sandboxes: Arc<Sandboxes>,
    options: Options,
    memory: Memory,
}

impl Mock {
    /// Plans the answers of `apis`, and tells what was found: paths in conflict, tokens that cannot live. The default sandbox
    /// has this clock, and each new one begins with one that shows the same.
    pub fn new(apis: Vec<Arc<Api>>, clock: Arc<Clock>, options: Options) -> (Self, Vec<Finding>) {
        let mut findings = plan::judge_examples(&apis);
        let (mock, told) = Self::unjudged(apis, clock, options);
        findings.extend(told);
        (mock, findings)
    }

    /// The same, but nothing is told of the examples, which are judged when they are first asked for;
    /// [`plan::judge_examples`] tells the rest.
    pub fn unjudged(apis: Vec<Arc<Api>>, clock: Arc<Clock>, options: Options) -> (Self, Vec<Finding>) {
        let sandboxes = Sandboxes::new(clock, options.seed, options.max_sandboxes);
        Self::planned(apis, Arc::new(sandboxes), options)
    }

    /// The same mock of other documents, or of other versions of them: its sandboxes stay, with their clocks and all that
    /// they hold. Nothing is told of the examples, as in [`Mock::unjudged`].
    pub fn again(&self, apis: Vec<Arc<Api>>) -> (Self, Vec<Finding>) {
        Self::planned(apis, Arc::clone(&self.sandboxes), self.options.clone())
    }

    fn planned(apis: Vec<Arc<Api>>, sandboxes: Arc<Sandboxes>, options: Options) -> (Self, Vec<Finding>) {
        let inferred =
            apis.iter().map(|api| credential::infer(api, options.secret.as_bytes(), options.foreign));
        let (books, told): (Vec<Book>, Vec<Vec<Finding>>) = inferred.unzip();
        let keepers = apis.iter().filter(|_| options.keeps.is_some()).map(|api| Keeper::new(api));
        let (keepers, wrong): (Vec<Keeper>, Vec<Vec<Finding>>) = keepers.unzip();
        let (plan, mut findings) = plan::compile_unjudged(apis, options.plan.clone());
        findings.extend(told.into_iter().chain(wrong).flatten());
        (Self { plan, books, keepers, sandboxes, options, memory: Memory::default() }, findings)
    }

    /// The plan that it answers from.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The credentials of each API, in the plan's order.
    pub fn books(&self) -> &[Book] {
        &self.books
    }

    /// What it keeps of each API, in the plan's order; nothing where it keeps nothing.
    pub fn keepers(&self) -> &[Keeper] {
        &self.keepers
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

    /// Answers one request in a sandbox: by its clock and its seed, from what it keeps, with what it asks to go wrong.
    pub fn answer_in(&self, sandbox: &Sandbox, request: &Request) -> Reply {
        let is_plain = self.is_plain(sandbox);
        if is_plain && let Some(reply) = self.recalled(sandbox, request) {
            return reply;
        }
        let (mut reply, lasting) = self.reply(sandbox, request);
        if request.method == Method::HEAD {
            reply.response.body.clear();
        }
        if let Some(address) = lasting.filter(|_| is_plain) {
            self.memory.keep(request, address, &reply);
        }
        reply
    }

    /// Whether an answer in the sandbox depends on nothing but the request and the time.
    fn is_plain(&self, sandbox: &Sandbox) -> bool {
        let is_stateless = self.keepers.is_empty() && sandbox.seed() == self.options.seed;
        is_stateless && !trouble::is_likely(&self.options, sandbox)
    }

    /// What was answered to the same request before, where it would be answered again: the time has a say in who is let in
    /// alone.
    fn recalled(&self, sandbox: &Sandbox, request: &Request) -> Option<Reply> {
        let kept = self.memory.recall(request)?;
        let Address { api, operation } = kept.address;
        let is_let_in = self.books[api].judge(operation, request, sandbox.clock().now()).is_empty();
        is_let_in.then(|| kept.reply.clone())
    }

    /// The answer, and the operation that gave it where the same request would be answered so at any time.
    fn reply(&self, sandbox: &Sandbox, request: &Request) -> (Reply, Option<Address>) {
        let (mut prefer, request) = Prefer::take(request);
        let request = &*request;
        let route = match self.plan.route(request) {
            Ok(route) => route,
            Err(unrouted) => return (no_route(&unrouted, request), None),
        };
        let met = trouble::met(&self.options, sandbox, &prefer, route.operation);
        let checked = route.check(request);
        let shown = route.shown(request, checked.body.as_ref()).filter(|_| prefer.code.is_none());
        if let Some((status, name)) = shown {
            (prefer.code, prefer.example) = (Some(status), Some(name.to_owned()));
        }
        prefer.code = prefer.code.or(met.status);
        if met.temper == Temper::Surprising {
            prefer.bodies = Some(Bodies::Generated);
        }
        // What keeps the request out comes first, and so decides on the answer.
        let book = &self.books[route.address.api];
        let mut findings = book.judge(route.address.operation, request, sandbox.clock().now());
        let is_lasting =
            findings.is_empty() && !book.is_issuer(route.address.operation) && prefer.is_steady();
        findings.extend(checked.findings.iter().cloned());
        let (prefer, checked) = (&prefer, &checked);
        let asked = Asked { sandbox, route: &route, request, prefer, checked, met: &met, findings };
        let reply = self.stepped(&asked);
        (met.told(prefer, reply), is_lasting.then_some(route.address))
    }

    /// The answer: from what is kept, where that has a say, else made up.
    fn stepped(&self, asked: &Asked<'_>) -> Reply {
        let state = asked.sandbox.kept::<State>();
        match self.step(asked, &state) {
            Step::Turn(turn) => self.kept(asked, *turn).unwrap_or_else(|| {
                let why = "made up, for the document leaves no room for what is kept".to_owned();
                Reply { why, ..self.made_up(asked) }
            }),
            Step::Refused(finding) => self.refused(asked, *finding),
            Step::Stateless => self.made_up(asked),
        }
    }

    /// What a request comes to, where something is kept and it does not ask for another answer.
    fn step<'k>(&'k self, asked: &Asked<'_>, state: &'k State) -> Step<'k> {
        let Asked { route, request, prefer, checked, findings, .. } = asked;
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let is_wrong = findings.iter().chain(&prefer.findings).any(is_error);
        let is_free = prefer.code.is_none() && prefer.example.is_none() && !is_wrong;
        match (self.keepers.get(route.address.api), self.options.keeps) {
            (Some(keeper), Some(room)) if is_free => keeper.turn(route, request, checked, state.lock(room)),
            _ => Step::Stateless,
        }
    }

    /// The answer to what cannot be done to what is kept: no fault of the request's, so it breaks nothing.
    fn refused(&self, asked: &Asked<'_>, finding: Finding) -> Reply {
        let code = finding.code;
        let findings = std::iter::once(finding).chain(asked.findings.iter().cloned()).collect();
        let mut reply = self.made_up(&Asked { findings, ..*asked });
        // What is told in header fields breaks the document; this does not.
        for name in plan::violations(&reply.findings).keys() {
            reply.response.headers.remove(name);
        }
        for finding in reply.findings.iter_mut().filter(|finding| finding.code == code) {
            finding.severity = Severity::Note;
        }
        let rest = reply.findings.iter().filter(|finding| finding.code != code).cloned();
        reply.response.headers.extend(plan::violations(&rest.collect::<Vec<Finding>>()));
        reply
    }

    /// The answer that says what is kept; `None` where the document leaves no room for it.
    fn kept(&self, asked: &Asked<'_>, mut turn: Turn<'_>) -> Option<Reply> {
        let mut prefer = asked.prefer.clone();
        prefer.code = turn.status(asked.route.operation);
        let wanted = Asked { prefer: &prefer, findings: asked.findings.clone(), ..*asked };
        let Draft { mut answer, body, mut dice } = self.draft(&wanted, turn.made());
        if !answer.findings.is_empty() {
            return None;
        }
        let Said(body) = turn.body(asked.route, &answer, asked.checked, body, &mut dice)?;
        if let Some(body) = &body {
            if !answer.can_say(body) {
                return None;
            }
            answer.source = Source::Generated;
        }
        let rendered = answer.render(body, &mut dice);
        let mut reply = self.finished(asked, answer, rendered, &mut dice);
        let why = turn.settle(asked.route, asked.request, &mut reply.response)?;
        Some(Reply { why: format!("valid request, {why}"), ..reply })
    }

    fn made_up(&self, asked: &Asked<'_>) -> Reply {
        let Draft { answer, body, mut dice } = self.draft(asked, 0);
        let rendered = answer.render(body, &mut dice);
        if rendered.is_err() && asked.met.temper == Temper::Surprising {
            // Better one that was expected than none.
            let met = Met { temper: Temper::Usual, ..asked.met.clone() };
            return self.made_up(&Asked { met: &met, findings: asked.findings.clone(), ..*asked });
        }
        self.finished(asked, answer, rendered, &mut dice)
    }

    /// Chooses the answer, and makes its body up; `made` tells apart what is to differ though it is asked for alike.
    fn draft<'p>(&self, asked: &Asked<'p>, made: u64) -> Draft<'p> {
        let Asked { sandbox, route, request, prefer, checked, met, findings } = asked;
        let surprise = if met.temper == Temper::Surprising { met.number } else { 0 };
        let differs = (made << 32 | surprise).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let seed = prefer.seed.unwrap_or_else(|| sandbox.seed()).wrapping_add(differs);
        let mut dice = route.dice(seed, request).with(met.temper);
        let answer = route.choose(request, findings.clone(), prefer, self.options.bodies);
        let mut body = answer.body(&checked.sent(), &mut dice);
        let is_live = answer.status.is_success() && !matches!(answer.source, Source::AsWritten(_));
        if let (Some(body), true) = (&mut body, is_live) {
            let (operation, now) = (route.address.operation, sandbox.clock().now());
            self.books[route.address.api].issue(operation, body, checked.body.as_ref(), now, &mut dice);
        }
        Draft { answer, body, dice }
    }

    fn finished(&self, asked: &Asked<'_>, answer: Answer<'_>, rendered: Rendered, dice: &mut Dice) -> Reply {
        let Asked { route, request, prefer, checked, .. } = asked;
        let is_trusted = matches!(answer.source, Source::AsWritten(_));
        let (callbacks, unsent) = match &rendered {
            Ok(response) if answer.status.is_success() && answer.findings.is_empty() => {
                let bodies = prefer.bodies_or(self.options.bodies);
                let (body, content, said) = (checked.body.as_ref(), answer.content, checked.sent());
                let done = Done { request, body, said: &said, response, content, bodies };
                route.callbacks(&done, dice)
            }
            _ => Default::default(),
        };
        let mut reply = sent(route, answer, rendered);
        reply.findings.extend(unsent);
        if is_trusted {
            self.judge(route, request, &mut reply);
        }
        reply.response.headers.extend(plan::violations(&reply.findings));
        Reply { callbacks, ..reply }
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
        self.handle_shared(&request).await
    }

    async fn handle_shared(&self, request: &Request) -> Reply {
        match self.sandbox_of(&request.headers) {
            Ok(sandbox) => self.answer_in(&sandbox, request),
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

/// A request, and what was found about it.
struct Asked<'p> {
    sandbox: &'p Sandbox,
    route: &'p Route<'p>,
    request: &'p Request,
    prefer: &'p Prefer,
    checked: &'p Checked,
    met: &'p Met,
    findings: Vec<Finding>,
}

/// An answer that was chosen, and its body before it is written.
struct Draft<'p> {
    answer: Answer<'p>,
    body: Option<Value>,
    dice: Dice,
}

impl Met {
    /// Says in an answer what it has because it was asked for, and lets it happen.
    fn told(self, prefer: &Prefer, mut reply: Reply) -> Reply {
        reply.delay = self.struck.delay;
        reply.conduct = self.struck.conduct;
        let mut told = self.struck.told;
        if self.temper == Temper::Surprising {
            told.push("surprise".to_owned());
        }
        if !told.is_empty() {
            let told = told.join("; ");
            reply.why = format!("{}; as asked for: {told}", reply.why);
            reply.response.headers.extend(HeaderValue::from_str(&told).ok().map(|told| (FAULT, told)));
        }
        let applied = self.applied.into_iter().filter_map(|key| prefer.written(key));
        for applied in applied.filter_map(|applied| HeaderValue::from_str(&applied).ok()) {
            reply.response.headers.append("preference-applied", applied);
        }
        reply
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
