//! One document, tried: every operation, right and wrong requests, each answer judged.

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use standin::{
    api::{self, Api},
    document::{self, Source},
    exchange::{Reply, Request},
    finding::{Finding, Location, Severity},
    mock::{Mock, Options},
    plan::Bodies,
    sandbox::Clock,
    schema::Dice,
};

use crate::{
    declared::Operation,
    exceptions::Exception,
    faults::{Fault, faults},
    judge::{Deserved, Judge},
    requests::{Draft, Scene, Wanted, shown},
    schemas::Way,
};

/// What came of a document.
#[derive(Default)]
pub(crate) struct Trial {
    pub(crate) name: String,
    /// Nothing where it is refused.
    pub(crate) version: &'static str,
    pub(crate) operations: usize,
    /// How many of them have the method and path of another, which answers.
    pub(crate) shadowed: usize,
    /// How many successes were accepted.
    pub(crate) answers: usize,
    /// How many refusals were accepted.
    pub(crate) refusals: usize,
    /// How many objections are known, each with its reason.
    pub(crate) excused: usize,
    pub(crate) objections: Vec<Objection>,
    /// How many things were found in it when it was loaded.
    pub(crate) findings: usize,
    pub(crate) time: Duration,
}

/// What is wrong with an answer, or with the document.
pub(crate) struct Objection {
    /// Its method and path; empty of the document.
    pub(crate) operation: String,
    pub(crate) text: String,
}

/// When all requests are sent.
const NOON: Timestamp = Timestamp::constant(1_743_422_400, 500_000_000);
/// How many right requests each operation gets, each from a mock of another seed.
const SEEDS: u64 = 20;

impl Trial {
    /// Tries the document at `path`.
    #[expect(clippy::disallowed_methods, reason = "it tells how long it took")]
    pub(crate) fn of(name: &str, path: &Path) -> Self {
        let begun = Instant::now();
        let mut trial = Self { name: name.to_owned(), ..Self::default() };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| trial.run(path))) {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            trial.object("", format!("a panic: {}", text.unwrap_or_default()));
        }
        trial.time = begun.elapsed();
        trial
    }

    fn object(&mut self, operation: &str, text: impl Into<String>) {
        self.objections.push(Objection { operation: operation.to_owned(), text: text.into() });
    }

    fn run(&mut self, path: &Path) {
        let document = match document::load(&Source::Path(path.to_owned())) {
            Ok(document) => document,
            Err(refused) => return self.refused(&refused.findings),
        };
        let (api, findings) = match api::read(Arc::new(document)) {
            Ok(read) => read,
            Err(findings) => return self.refused(&findings),
        };
        self.findings = findings.len();
        let judge = match Judge::new(path) {
            Ok(judge) => judge,
            Err(why) => return self.object("", format!("the judge cannot read it: {why}")),
        };
        self.version = judge.version.name();
        self.operations(&Arc::new(api), &judge);
    }

    /// A document that is refused is told why, with the line.
    fn refused(&mut self, findings: &[Finding]) {
        self.findings = findings.len();
        let is_placed = |finding: &Finding| matches!(finding.location, Location::Document(_, Some(_)));
        if !findings.iter().any(is_placed) {
            self.object("", format!("it is refused without a line: {findings:?}"));
        }
    }

    fn operations(&mut self, api: &Arc<Api>, judge: &Judge) {
        self.operations = judge.operations.len();
        let mocks: Vec<Mock> = (0..SEEDS).map(|seed| mock(api, seed)).collect();
        let mut seen = BTreeSet::new();
        for declared in &judge.operations {
            let bare = bare(&declared.path);
            if !seen.insert((declared.method.clone(), bare.clone())) {
                self.shadowed += 1;
                continue;
            }
            let is_it =
                |one: &api::Operation| one.method == *declared.method && self::bare(&one.path) == bare;
            match api.operations.iter().position(is_it) {
                Some(operation) => self.operation(&mocks, operation, judge, declared),
                None => self.object(&declared.line(), "it is not read"),
            }
        }
    }

    fn operation(&mut self, mocks: &[Mock], operation: usize, judge: &Judge, declared: &Operation) {
        for (seed, mock) in (0..).zip(mocks) {
            match success(Scene { mock, operation }, seed, judge, declared) {
                Ok(()) => self.answers += 1,
                Err(why) => self.object(&declared.line(), format!("seed {seed}: {why}")),
            }
        }
        let scene = Scene { mock: &mocks[0], operation };
        match faults(scene, judge, declared) {
            Ok(faults) => {
                for fault in faults {
                    match refusal(scene, &fault, judge, declared) {
                        Ok(()) => self.refusals += 1,
                        Err(why) => self.object(&declared.line(), format!("{}: {why}", fault.what)),
                    }
                }
            }
            Err(why) => self.object(&declared.line(), why),
        }
    }

    /// Takes out the objections that are known; which exceptions they are, by their numbers.
    pub(crate) fn excuse(&mut self, exceptions: &[Exception]) -> BTreeSet<usize> {
        let mut used = BTreeSet::new();
        let name = self.name.clone();
        let before = self.objections.len();
        self.objections.retain(|objection| {
            let found =
                exceptions.iter().position(|one| one.is_for(&name, &objection.operation, &objection.text));
            used.extend(found);
            found.is_none()
        });
        self.excused = before - self.objections.len();
        used
    }

    /// The row of the table, without the time.
    pub(crate) fn row(&self) -> String {
        let version = if self.version.is_empty() { "refused" } else { self.version };
        let Self { name, operations, shadowed, answers, refusals, excused, objections, findings, .. } = self;
        let invalid = objections.len();
        format!(
            "| {name} | {version} | {operations} | {shadowed} | {answers} | {refusals} | {excused} | {invalid} | {findings} |"
        )
    }
}

fn mock(api: &Arc<Api>, seed: u64) -> Mock {
    let bodies = if seed.is_multiple_of(2) { Bodies::Examples } else { Bodies::Generated };
    let options = Options { seed, bodies, ..Options::default() };
    Mock::new(vec![Arc::clone(api)], Arc::new(Clock::frozen_at(NOON)), options).0
}

/// A right request gets a success that the document allows.
fn success(scene: Scene<'_>, seed: u64, judge: &Judge, declared: &Operation) -> Result<(), String> {
    let mut dice = Dice::seeded(seed);
    let draft = scene.right(Wanted::Some, &mut dice).map_err(|why| format!("no request: {why}"))?;
    is_right(scene, &draft, judge, declared)?;
    let request = draft.request(scene.operation());
    let reply = scene.mock.answer(&request);
    // What is deprecated may be sent.
    let judged = match reply.findings.iter().find(|finding| finding.severity == Severity::Error) {
        None => judge
            .answer(declared, Deserved::Success, draft.accept.as_deref(), &reply.response)
            .and_then(|()| conforms(scene, &request, &reply)),
        Some(first) => Err(format!("found {first}")),
    };
    judged.map_err(|why| told(&why, &request, &reply))
}

/// Whether our own judge of responses accepts what the mock answers.
fn conforms(scene: Scene<'_>, request: &Request, reply: &Reply) -> Result<(), String> {
    let route = scene.mock.plan().route(request).map_err(|unrouted| format!("{unrouted:?}"))?;
    match route.check_response(&request.method, &reply.response).first() {
        None => Ok(()),
        Some(finding) => Err(format!("our judge of responses finds {finding}")),
    }
}

/// Whether the second judge, too, finds the values of a request right.
fn is_right(scene: Scene<'_>, draft: &Draft, judge: &Judge, declared: &Operation) -> Result<(), String> {
    for (number, value, _) in &draft.parameters {
        let parameter = &scene.operation().parameters[*number];
        let (part, name) = (parameter.part.to_string(), &parameter.name);
        let found = declared.parameters.iter().find(|one| one.name == *name && one.place == part);
        let found = found.ok_or_else(|| format!("the judge has no {part} `{name}`"))?;
        let judged = judge.admits(Way::Request, found.schema.as_ref(), value);
        judged.map_err(|why| format!("the generated {part} `{name}` is {value}: {why}"))?;
    }
    let (Some((number, value, _)), Some(body)) = (&draft.body, &declared.body) else { return Ok(()) };
    let Some(content) = body.content.get(*number) else { return Ok(()) };
    let judged = judge.admits(Way::Request, content.schema.as_ref(), value);
    judged.map_err(|why| format!("the generated body is {value}: {why}"))
}

/// A wrong request gets the refusal that it deserves.
fn refusal(scene: Scene<'_>, fault: &Fault, judge: &Judge, declared: &Operation) -> Result<(), String> {
    let reply = scene.mock.answer(&fault.request);
    let kind = reply.findings.first().map(|finding| finding.code.name());
    let judged = if kind == Some(fault.kind) {
        judge.answer(declared, Deserved::Refusal(fault.kind), None, &reply.response)
    } else {
        Err(format!("{kind:?} in place of {}", fault.kind))
    };
    judged.map_err(|why| told(&why, &fault.request, &reply))
}

fn told(why: &str, request: &Request, reply: &Reply) -> String {
    let Reply { response, why: reason, .. } = reply;
    let body = cut(&String::from_utf8_lossy(&response.body));
    format!("{why}: {} ({reason}) {body} to {}", response.status, cut(&shown(request)))
}

fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

/// A path without the names of its templates, and without what is written after it.
fn bare(path: &str) -> String {
    let mut bare = String::new();
    let mut is_inside = false;
    for letter in path.split(['#', '?']).next().unwrap_or_default().chars() {
        match letter {
            '{' => is_inside = true,
            '}' => is_inside = false,
            _ if is_inside => continue,
            _ => {}
        }
        bare.push(letter);
    }
    bare
}
