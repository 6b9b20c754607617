//! End to end in memory: every page under `tests/cases` is asked of a mock, and its answers are compared.
//!
//! A page has, in this order: `yaml document [NAME]` blocks (with `yaml file NAME` beside them, all are written to a
//! folder), `yaml options`, `text findings` of the documents, `text tokens`, `text resources`, and then exchanges: `http request`,
//! `http response`, and after it, where they matter, `text findings` and `text why`. Each callback that is sent because of
//! an exchange has its `http callback`, in order; `http callback-answer` answers the last one, and `text findings` after it
//! tells what is wrong with that answer. `yaml capture` gives names to values
//! of the last answer, `yaml clock` moves the time (of one sandbox where it names one), which stands still otherwise.
//!
//! `http upstream`, before a request, is what a provider answers to it: the page's requests then go through the proxy, and
//! `http forwarded` after an answer is what the provider was sent. `http upstream broken` ends early, `http upstream late`
//! does not end.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the pages and files that it is about"
)]

mod page;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Write as _,
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use futures_util::{FutureExt, StreamExt, stream};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde_json::Value;
use standin::{
    api::{self, Api},
    check,
    credential::{Book, Foreign},
    document::{self, Document, Refused, Source},
    exchange::{Body, Handler, MediaType, Outgoing, Reply, Request, Response, Rest},
    finding::{Code, Finding, Location, Severity},
    mock::{self, Mock},
    plan::{self, Bodies, Faults, Undeclared},
    proxy::{self, Proxy, Requests},
    sandbox::{self, Clock},
    schema::Temper,
};

use crate::page::{Block, Outcome, Page, Shown};

const KNOWN: &[&str] = &[
    "yaml document",
    "json document",
    "yaml file",
    "json file",
    "yaml options",
    "text findings",
    "text tokens",
    "text resources",
    "text why",
    "http request",
    "http response",
    "http upstream",
    "http forwarded",
    "http callback",
    "http callback-answer",
    "yaml capture",
    "yaml clock",
];

#[test]
fn every_page_tells_what_the_mock_answers() {
    page::check("tests/cases", KNOWN, run);
}

/// What a page's `yaml options` block may say.
#[derive(Debug, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
struct Options {
    /// Built-in documents, before those on the page.
    documents: Vec<String>,
    seed: u64,
    secret: String,
    tokens: Tokens,
    dynamic: bool,
    /// Whether examples are sent to the letter.
    trust: bool,
    /// Whether what is given is kept.
    stateful: bool,
    /// What goes wrong on purpose.
    fault: Vec<String>,
    surprise: bool,
    /// What the clock shows at first.
    clock: String,
    body_limit: usize,
    prefix: String,
    strict: bool,
    /// Whether the page shows the header fields that tell of violations, which its bodies and findings tell already.
    violations: bool,
    errors: bool,
    /// Whether the proxy judges requests.
    validate_request: bool,
    /// When the mock answers in the place of the provider.
    mock_when: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tokens {
    #[default]
    Lenient,
    Strict,
}

/// What a `yaml clock` block may say.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance: Option<String>,
    set: Option<String>,
    /// Whose clock; without it, that of the default sandbox.
    sandbox: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            documents: Vec::new(),
            seed: 0,
            secret: "standin".to_owned(),
            tokens: Tokens::Lenient,
            dynamic: false,
            trust: false,
            stateful: false,
            fault: Vec::new(),
            surprise: false,
            clock: "2026-01-01T00:00:00Z".to_owned(),
            body_limit: 10 * 1024 * 1024,
            prefix: String::new(),
            strict: false,
            violations: false,
            errors: false,
            validate_request: true,
            mock_when: vec!["501".to_owned()],
        }
    }
}

impl Options {
    fn faults(&self) -> Faults {
        if self.errors { Faults::Answered } else { Faults::Told }
    }

    fn proxy(&self) -> proxy::Options {
        proxy::Options {
            faults: self.faults(),
            requests: if self.validate_request { Requests::Judged } else { Requests::PassedOver },
            mock_when: self.mock_when.iter().map(|rule| rule.parse().unwrap()).collect(),
            body_limit: self.body_limit,
        }
    }

    fn mock(&self) -> mock::Options {
        mock::Options {
            seed: self.seed,
            secret: self.secret.clone(),
            foreign: match self.tokens {
                Tokens::Lenient => Foreign::Accepted,
                Tokens::Strict => Foreign::Refused,
            },
            bodies: match (self.dynamic, self.trust) {
                (true, _) => Bodies::Generated,
                (false, true) => Bodies::Trusted,
                (false, false) => Bodies::Examples,
            },
            faults: self.faults(),
            keeps: self.stateful.then(sandbox::Room::default),
            troubles: self.fault.iter().map(|fault| fault.parse().unwrap()).collect(),
            temper: if self.surprise { Temper::Surprising } else { Temper::Usual },
            plan: plan::Options {
                prefix: self.prefix.clone(),
                undeclared: if self.strict { Undeclared::Refused } else { Undeclared::Ignored },
            },
            ..mock::Options::default()
        }
    }
}

fn run(page: &Page) -> Outcome {
    let options = match page.blocks.iter().find(|block| block.is("yaml options")) {
        Some(block) => yaml(block)?,
        None => Options::default(),
    };
    let loaded = Loaded::new(page, &options);
    let is_exchange = |block: &Block| block.is("http upstream") || block.is("http request");
    let first = page.blocks.iter().position(is_exchange).unwrap_or(page.blocks.len());
    let mut shown = Vec::new();
    let about_documents = |words: &str| page.blocks[..first].iter().position(|block| block.is(words));
    match (about_documents("text findings"), loaded.findings.is_empty()) {
        (Some(block), _) => shown.push(Shown { block, text: loaded.findings.clone() }),
        (None, true) => {}
        (None, false) => {
            return Err((1, format!("the documents have findings that are not shown:\n{}", loaded.findings)));
        }
    }
    let Some(mock) = loaded.mock else {
        return if first == page.blocks.len() { Ok(shown) } else { Err((1, "nothing is served".to_owned())) };
    };
    shown.extend(about_documents("text tokens").map(|block| Shown { block, text: tokens(&mock) }));
    shown.extend(about_documents("text resources").map(|block| Shown { block, text: resources(&mock) }));
    let mock = Arc::new(mock);
    let proxy = Proxy::new(Arc::clone(&mock), Provider::default(), options.proxy()).unwrap();
    let walk =
        Walk { page, mock, proxy, options, captured: BTreeMap::new(), reply: None, calls: Calls::default() };
    walk.from(first, &mut shown)?;
    Ok(shown)
}

fn yaml<T: serde::de::DeserializeOwned>(block: &Block) -> Result<T, (usize, String)> {
    serde_saphyr::from_str(&block.text).map_err(|error| (block.line, error.to_string()))
}

/// The documents of a page, loaded: the mock of them, where none is refused, and what was found in them.
struct Loaded {
    mock: Option<Mock>,
    findings: String,
}

impl Loaded {
    fn new(page: &Page, options: &Options) -> Self {
        let is_document = |block: &&Block| block.is("yaml document") || block.is("json document");
        let is_file = |block: &&Block| block.is("yaml file") || block.is("json file");
        let documents = page.blocks.iter().filter(is_document);
        let needs_files = page
            .blocks
            .iter()
            .any(|block| is_file(&block) || block.words.iter().any(|word| word == "latin-1"));
        let folder = needs_files.then(|| page::folder(page));
        let built_in = options.documents.iter().map(|path| {
            let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
            Source::Text { name: path.rsplit('/').next().unwrap_or(path).to_owned(), text: text.into() }
        });
        let own = documents.map(|block| {
            let ending = &block.words[0];
            let name = block.words.get(2).cloned().unwrap_or_else(|| format!("document.{ending}"));
            match &folder {
                None => Source::Text { name, text: block.text.as_str().into() },
                Some(folder) => {
                    page::write(folder, &name, block);
                    Source::Path(folder.join(name))
                }
            }
        });
        let sources: Vec<Source> = built_in.chain(own).collect();
        if let Some(folder) = &folder {
            page.blocks.iter().filter(is_file).for_each(|block| page::write(folder, &block.words[2], block));
        }
        let mut loaded = Self::of(&sources, options);
        if let Some(folder) = folder {
            let path = format!("{}/", folder.display());
            loaded.findings = loaded.findings.replace(&format!("file://{path}"), "").replace(&path, "");
        }
        loaded
    }

    fn of(sources: &[Source], options: &Options) -> Self {
        let (mut apis, mut told) = (Vec::new(), String::new());
        for source in sources {
            match document::load(source).and_then(understood) {
                Ok((api, findings)) => {
                    told.push_str(&findings_text(&findings));
                    apis.push(api);
                }
                Err(refused) => told.push_str(&findings_text(&refused.findings)),
            }
        }
        if apis.len() < sources.len() {
            return Self { mock: None, findings: told };
        }
        let clock = Arc::new(Clock::frozen_at(options.clock.parse().unwrap()));
        let (mock, mut findings) = Mock::new(apis.clone(), clock, options.mock());
        for api in &apis {
            api.document.locate(&mut findings);
        }
        told.push_str(&findings_text(&findings));
        Self { mock: Some(mock), findings: told }
    }
}

fn understood(document: Document) -> Result<(Arc<Api>, Vec<Finding>), Refused> {
    match api::read(Arc::new(document)) {
        Ok((api, mut findings)) => {
            findings.extend(check::unsatisfiable(&api.document, &|| true));
            Ok((Arc::new(api), findings))
        }
        Err(findings) => Err(Refused { findings, ..Refused::default() }),
    }
}

fn findings_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let severity = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let at = match &finding.location {
            Location::Document(place, Some(span)) => {
                let name = place.file.strip_prefix("standin://documents/").unwrap_or(&place.file);
                format!("{name}:{}:{}", span.line, span.column)
            }
            location => location.to_string(),
        };
        writeln!(text, "{severity} {} at {at}\n  {}", finding.code, finding.message).unwrap();
        if let Some(help) = &finding.help {
            writeln!(text, "  help: {help}").unwrap();
        }
    }
    text
}

fn tokens(mock: &Mock) -> String {
    let mut text = String::new();
    for known in mock.books().iter().flat_map(Book::credentials) {
        let issuer = known.issued_by.as_deref().unwrap_or("nobody");
        writeln!(text, "{}: issued by {issuer}, lives {}, {}", known.name, known.lifetime, known.format)
            .unwrap();
        for reason in &known.reasons {
            writeln!(text, "  because {reason}").unwrap();
        }
    }
    text
}

fn resources(mock: &Mock) -> String {
    let mut text = String::new();
    for (keeper, api) in mock.keepers().iter().zip(mock.plan().apis()) {
        for kept in keeper.kept(api) {
            writeln!(text, "{}: {}", kept.path, kept.acts.join(", ")).unwrap();
            for reason in &kept.reasons {
                writeln!(text, "  because {reason}").unwrap();
            }
        }
    }
    text
}

/// A provider that answers as the page says.
#[derive(Debug, Default)]
struct Provider {
    answer: Mutex<Option<Response>>,
    asked: Mutex<Option<Request>>,
}

impl Handler for Provider {
    async fn handle(&self, mut request: Request) -> Reply {
        if let Body::Coming(rest) = &request.body {
            let chunks: Vec<_> = rest.take().unwrap().collect().await;
            request.body =
                Body::Whole(chunks.into_iter().flat_map(Result::unwrap).collect::<Vec<u8>>().into());
        }
        *self.asked.lock().unwrap() = Some(request);
        let response = self.answer.lock().unwrap().take().expect("`http upstream` stands before the request");
        Reply::new(response, "")
    }
}

/// What an `http upstream` block says; its body comes as a provider's does.
fn answer(block: &Block) -> Result<Response, String> {
    let (head, body) = block.text.split_once("\n\n").unwrap_or((block.text.trim_end(), ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.get(..3)).and_then(|code| code.parse().ok());
    let mut response = Response::empty(status.ok_or("it begins with no status")?);
    for line in lines {
        let (name, value) = line.split_once(": ").ok_or(format!("`{line}` has no colon"))?;
        let name: http::HeaderName = name.parse().map_err(|_| format!("`{name}` is no name"))?;
        response.headers.append(name, value.parse().map_err(|_| format!("`{value}` is no value"))?);
    }
    let bytes = block.bytes(body.strip_suffix('\n').unwrap_or(body));
    let mut chunks = vec![Ok(bytes.into())];
    match block.words.get(2).map(String::as_str) {
        Some("broken") => chunks.push(Err(io::Error::other("the connection was closed"))),
        Some("late") => chunks.push(Err(io::Error::new(io::ErrorKind::TimedOut, "nothing came within 30 s"))),
        _ => {}
    }
    response.rest = (!body.is_empty()).then(|| Rest::new(stream::iter(chunks)));
    Ok(response)
}

/// A body, after an empty line; JSON is written so that it can be read.
fn body_text(headers: &HeaderMap, body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    let media_type = headers.get("content-type").and_then(|value| MediaType::parse(value.to_str().ok()?));
    let json = media_type.filter(MediaType::is_json).and_then(|_| serde_json::from_slice(body).ok());
    let body = json.map_or_else(
        || String::from_utf8_lossy(body).into_owned(),
        |value: Value| serde_json::to_string_pretty(&value).unwrap(),
    );
    format!("\n{body}\n")
}

/// What is sent for a callback, to a whole URL.
fn callback_text(call: &Outgoing) -> String {
    let mut text = format!("{} {}\n", call.request.method, call.url());
    for (name, value) in &call.request.headers {
        writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
    }
    text + &body_text(&call.request.headers, call.request.bytes())
}

/// What an `http callback-answer` block says: a status alone.
fn callback_answer(block: &Block) -> Result<Response, String> {
    let status = block.text.split_whitespace().next().and_then(|code| code.parse().ok());
    Ok(Response::empty(status.ok_or("it begins with no status")?))
}

/// The exchanges of a page, one after the other.
struct Walk<'p> {
    page: &'p Page,
    mock: Arc<Mock>,
    proxy: Proxy<Provider>,
    options: Options,
    captured: BTreeMap<String, String>,
    reply: Option<Reply>,
    calls: Calls,
}

/// The callbacks of the last exchange.
#[derive(Default)]
struct Calls {
    /// Those that are still to be shown.
    waiting: VecDeque<Outgoing>,
    /// The one that was shown last.
    shown: Option<Outgoing>,
    /// What is wrong with its answer.
    judged: Option<Vec<Finding>>,
}

impl Walk<'_> {
    fn from(mut self, first: usize, shown: &mut Vec<Shown>) -> Result<(), (usize, String)> {
        for (at, block) in self.page.blocks.iter().enumerate().skip(first) {
            if block.is("http upstream") {
                let provider = self.proxy.upstream();
                *provider.answer.lock().unwrap() = Some(answer(block).map_err(|why| (block.line, why))?);
                *provider.asked.lock().unwrap() = None;
            } else if block.is("http request") {
                self.all_calls_are_shown(block.line)?;
                let request = self.request(block)?;
                let mut reply = self.ask(request).map_err(|why| (block.line, why))?;
                self.calls =
                    Calls { waiting: std::mem::take(&mut reply.callbacks).into(), ..Calls::default() };
                self.reply = Some(reply);
            } else if block.is("http callback") {
                self.calls.shown = self.calls.waiting.pop_front();
                let text = self.calls.shown.as_ref().map(callback_text).unwrap_or_default();
                shown.push(Shown { block: at, text });
            } else if block.is("http callback-answer") {
                let call =
                    self.calls.shown.as_ref().ok_or((block.line, "there is no callback".to_owned()))?;
                let answer = callback_answer(block).map_err(|why| (block.line, why))?;
                self.calls.judged = Some(call.judge.judge(&answer));
            } else if block.is("yaml clock") {
                self.move_clock(&yaml(block)?).map_err(|why| (block.line, why))?;
            } else if block.is("yaml capture") {
                self.capture(&yaml(block)?).map_err(|why| (block.line, why))?;
            } else if let Some(reply) = &self.reply {
                let text = match block.words[1].as_str() {
                    "response" => self.named(at, self.response_text(reply))?,
                    "findings" => findings_text(self.calls.judged.as_ref().unwrap_or(&reply.findings)),
                    "why" => reply.why.clone(),
                    "forwarded" => forwarded(self.proxy.upstream()),
                    _ => continue,
                };
                shown.push(Shown { block: at, text });
            }
        }
        self.all_calls_are_shown(self.page.blocks.last().map_or(1, |block| block.line))
    }

    fn all_calls_are_shown(&self, line: usize) -> Result<(), (usize, String)> {
        match self.calls.waiting.front() {
            None => Ok(()),
            Some(call) => Err((line, format!("a callback is not shown before:\n{}", callback_text(call)))),
        }
    }

    /// Asks the proxy, where there is an upstream on the page, else the mock. What the mock answers, the judge of responses
    /// accepts.
    fn ask(&self, request: Request) -> Result<Reply, String> {
        if self.page.blocks.iter().any(|block| block.is("http upstream")) {
            let reply = self.proxy.handle(request).now_or_never().expect("nothing is waited for");
            return Ok(whole(reply));
        }
        let reply = self.mock.handle(request.clone()).now_or_never().expect("nothing is waited for");
        // No document has a place for what the mock says of itself: that it has no answer, or not the preferred one.
        let own =
            [Code::NoValidResponse, Code::UnmetPreference, Code::InvalidPreference, Code::InvalidSandbox];
        let is_own = |finding: &Finding| own.contains(&finding.code) && finding.severity == Severity::Error;
        let is_impossible = self.options.trust || reply.findings.iter().any(is_own);
        if let (Ok(route), false) = (self.mock.plan().route(&request), is_impossible) {
            let found = route.check_response(&request.method, &reply.response);
            if let Some(objection) = found.iter().find(|finding| finding.severity == Severity::Error) {
                return Err(format!("the judge of responses objects: {objection}"));
            }
        }
        Ok(reply)
    }

    fn request(&self, block: &Block) -> Result<Request, (usize, String)> {
        let text = self.filled(&block.text).map_err(|why| (block.line, why))?;
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let mut lines = head.lines();
        let (method, target) = lines.next().and_then(|line| line.split_once(' ')).unwrap_or_default();
        let method =
            Method::from_bytes(method.as_bytes()).map_err(|error| (block.line, error.to_string()))?;
        let mut request = Request::new(method, target.trim());
        for line in lines {
            let (name, value) = line.split_once(':').ok_or((block.line, format!("`{line}` has no colon")))?;
            request = request.header(name, value.trim());
        }
        let bytes = block.bytes(body.strip_suffix('\n').unwrap_or(body));
        request.body = self.received(&request.headers, bytes);
        Ok(request)
    }

    /// The body as the server hands it on.
    fn received(&self, headers: &HeaderMap, bytes: Vec<u8>) -> Body {
        let claimed = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        let limit = self.options.body_limit;
        match claimed {
            _ if self.page.blocks.iter().any(|block| block.is("http upstream")) && bytes.len() > limit => {
                Body::Coming(Rest::new(stream::iter([Ok(bytes.into())])))
            }
            Some(length) if bytes.len() < length => Body::Interrupted("the body ended early".to_owned()),
            _ if bytes.len() > limit => Body::TooLarge { limit },
            _ => Body::Whole(bytes.into()),
        }
    }

    /// A text with the captured values in the place of their names.
    fn filled(&self, text: &str) -> Result<String, String> {
        let mut parts = text.split("{{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, after) = part.split_once("}}").ok_or("`{{` has no `}}`")?;
            filled.push_str(self.captured.get(name).ok_or(format!("nothing is captured as `{name}`"))?);
            filled.push_str(after);
        }
        Ok(filled)
    }

    fn response_text(&self, Reply { response, .. }: &Reply) -> String {
        let mut text = format!("{}\n", response.status);
        let mut fields: Vec<(&str, String)> = response
            .headers
            .iter()
            .filter(|(name, _)| self.options.violations || !name.as_str().ends_with("-violations"))
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        fields.sort();
        for (name, value) in fields {
            writeln!(text, "{name}: {value}").unwrap();
        }
        text + &body_text(&response.headers, &response.body)
    }

    /// An answer's text with names in the place of the values that the next block captures, so that it reads well.
    fn named(&self, response: usize, text: String) -> Result<String, (usize, String)> {
        let Some(block) = self.page.blocks.get(response + 1).filter(|block| block.is("yaml capture")) else {
            return Ok(text);
        };
        let values = self.values(&yaml(block)?).map_err(|why| (block.line, why))?;
        Ok(values.iter().fold(text, |text, (name, value)| text.replace(value, &format!("{{{{{name}}}}}"))))
    }

    fn capture(&mut self, pointers: &BTreeMap<String, String>) -> Result<(), String> {
        let values = self.values(pointers)?;
        self.captured.extend(values);
        Ok(())
    }

    fn values(&self, pointers: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, String> {
        let bytes = self.reply.as_ref().map_or(&[][..], |reply| &reply.response.body);
        let body: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let value = |pointer: &str| -> Result<String, String> {
            let found = body.pointer(pointer).ok_or_else(|| format!("the answer has no `{pointer}`"))?;
            Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
        };
        pointers.iter().map(|(name, pointer)| Ok((name.clone(), value(pointer)?))).collect()
    }

    fn move_clock(&self, to: &Move) -> Result<(), String> {
        let set = to.set.as_deref().map(str::parse::<Timestamp>).transpose();
        let set = set.map_err(|error| error.to_string())?;
        let advance = to.advance.as_deref().map(sandbox::duration).transpose()?.unwrap_or_default();
        let change = sandbox::Move { set, advance, ..sandbox::Move::default() };
        let name = to
            .sandbox
            .as_deref()
            .unwrap_or(sandbox::DEFAULT)
            .parse::<sandbox::Name>()
            .map_err(|error| error.to_string())?;
        self.mock.sandboxes().of(&name).0.clock().apply(&change).map_err(|error| error.to_string())
    }
}

/// A reply with all of its body.
fn whole(mut reply: Reply) -> Reply {
    if let Some(chunks) = reply.response.rest.take().and_then(|rest| rest.take()) {
        let chunks: Vec<_> = chunks.collect().now_or_never().expect("nothing is waited for");
        let rest = chunks.into_iter().flat_map(Result::unwrap);
        reply.response.body = reply.response.body.iter().copied().chain(rest).collect::<Vec<u8>>().into();
    }
    reply
}

/// What the provider was sent; nothing where it was not asked.
fn forwarded(provider: &Provider) -> String {
    let asked = provider.asked.lock().unwrap();
    let Some(request) = asked.as_ref() else { return String::new() };
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let mut text = format!("{} {}{query}\n", request.method, request.path);
    for (name, value) in &request.headers {
        writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes())).unwrap();
    }
    if !request.bytes().is_empty() {
        writeln!(text, "\n{}", String::from_utf8_lossy(request.bytes())).unwrap();
    }
    text
}
