//! One document, tried: every operation, right and wrong requests, each answer judged.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use standin::{
    api::{self, Api},
    document::{self, Source},
    mock::{Mock, Options},
    plan::Prefer,
    sandbox::Clock,
    schema::Dice,
};

use crate::{
    declared::Operation,
    faults::faults,
    judge::{Deserved, Judge},
    requests::{Scene, Wanted, shown},
    schemas::{Version, Way},
};

/// What came of a document.
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) version: &'static str,
    pub(crate) operations: usize,
    pub(crate) shadowed: usize,
    pub(crate) answers: usize,
    pub(crate) refusals: usize,
    pub(crate) findings: usize,
    pub(crate) is_refused: bool,
    pub(crate) time: Duration,
    pub(crate) objections: Vec<String>,
}

/// When all requests are sent.
const NOON: Timestamp = Timestamp::constant(1_743_422_400, 500_000_000);
/// How many right requests each operation gets.
const SEEDS: u64 = 20;

impl Trial {
    /// Tries the document at `path`.
    #[expect(clippy::disallowed_methods, reason = "it tells how long it took")]
    pub(crate) fn of(name: &str, path: &Path) -> Self {
        let begun = Instant::now();
        let mut trial = Self {
            name: name.to_owned(),
            version: "",
            operations: 0,
            shadowed: 0,
            answers: 0,
            refusals: 0,
            findings: 0,
            is_refused: false,
            time: Duration::ZERO,
            objections: Vec::new(),
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| trial.run(path))) {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            trial.objections.push(format!("panic: {}", text.unwrap_or_default()));
        }
        trial.time = begun.elapsed();
        trial
    }

    fn run(&mut self, path: &Path) {
        let document = match document::load(&Source::Path(path.to_owned())) {
            Ok(document) => document,
            Err(refused) => {
                self.is_refused = true;
                self.findings = refused.findings.len();
                let is_placed = refused.findings.iter().any(|finding| {
                    matches!(finding.location, standin::finding::Location::Document(_, Some(_)))
                });
                if !is_placed {
                    self.objections.push(format!("no finding with a line: {:?}", refused.findings));
                }
                return;
            }
        };
        let (api, findings) = match api::read(Arc::new(document)) {
            Ok(read) => read,
            Err(findings) => {
                self.is_refused = true;
                self.findings = findings.len();
                return self.objections.push(format!("it loads and is not read: {findings:?}"));
            }
        };
        self.findings = findings.len();
        let judge = match Judge::new(path) {
            Ok(judge) => judge,
            Err(why) => return self.objections.push(format!("the judge cannot read it: {why}")),
        };
        self.version = match judge.version {
            Version::V2 => "2.0",
            Version::V30 => "3.0",
            Version::V31 => "3.1",
        };
        self.operations(Arc::new(api), &judge);
    }

    fn operations(&mut self, api: Arc<Api>, judge: &Judge) {
        self.operations = api.operations.len();
        if api.operations.len() != judge.operations.len() {
            let counts = (api.operations.len(), judge.operations.len());
            return self.objections.push(format!("it has {counts:?} operations"));
        }
        let mocks: Vec<Mock> = (0..SEEDS)
            .map(|seed| {
                let prefer = if seed % 2 == 0 { Prefer::Examples } else { Prefer::Generated };
                let options = Options { seed, prefer, ..Options::default() };
                Mock::new(vec![Arc::clone(&api)], Arc::new(Clock::frozen_at(NOON)), options).0
            })
            .collect();
        let mut seen = Vec::new();
        for declared in &judge.operations {
            let bare = bare(&declared.path);
            let key = (declared.method.clone(), bare.clone());
            if seen.contains(&key) {
                self.shadowed += 1;
                continue;
            }
            seen.push(key);
            let held = api.operations.iter().position(|operation| {
                operation.method.as_str() == declared.method && self::bare(&operation.path) == bare
            });
            let Some(operation) = held else {
                self.objections.push(format!("{} {} is not read", declared.method, declared.path));
                continue;
            };
            self.operation(&mocks, operation, judge, declared);
        }
    }

    fn operation(&mut self, mocks: &[Mock], operation: usize, judge: &Judge, declared: &Operation) {
        let mut told: Vec<String> = Vec::new();
        for (seed, mock) in mocks.iter().enumerate() {
            let scene = Scene { mock, operation };
            if let Err(objection) = self.success(scene, seed as u64, judge, declared) {
                let line = format!("{} {}: {objection}", declared.method, declared.path);
                told.push(line);
            }
        }
        if let Some(first) = told.first() {
            self.objections.push(format!("{} of {}: {first}", told.len(), mocks.len()));
        }
        if let Err(why) = self.failures(Scene { mock: &mocks[0], operation }, judge, declared) {
            self.objections.push(format!("{} {}: {why}", declared.method, declared.path));
        }
    }

    /// A right request gets a success.
    fn success(
        &mut self,
        scene: Scene<'_>,
        seed: u64,
        judge: &Judge,
        declared: &Operation,
    ) -> Result<(), String> {
        let operation = scene.operation();
        let mut dice = Dice::seeded(seed);
        let draft = scene.right(Wanted::Some, &mut dice).map_err(|why| format!("no request: {why}"))?;
        for (number, value, _) in &draft.parameters {
            let parameter = &operation.parameters[*number];
            let found = declared
                .parameters
                .iter()
                .find(|one| one.name == parameter.name && one.place == parameter.part.to_string());
            let found =
                found.ok_or_else(|| format!("the judge has no {} `{}`", parameter.part, parameter.name))?;
            judge
                .admits(Way::Request, found.schema.as_ref(), value)
                .map_err(|why| format!("request, {} `{}`: {value}: {why}", parameter.part, parameter.name))?;
        }
        if let (Some((number, value, _)), Some(body)) = (&draft.body, &declared.body)
            && let Some(content) = body.content.get(*number)
        {
            judge
                .admits(Way::Request, content.schema.as_ref(), value)
                .map_err(|why| format!("request body {value}: {why}"))?;
        }
        let request = draft.request(operation);
        let reply = scene.mock.answer(&request);
        self.answers += 1;
        let told = |why: String| {
            format!(
                "seed {seed}: {why}: {} {} {:?} <- {}",
                reply.why,
                reply.response.status,
                cut(&String::from_utf8_lossy(&reply.response.body)),
                cut(&shown(&request))
            )
        };
        if !reply.findings.is_empty() {
            let all: Vec<String> = reply.findings.iter().map(ToString::to_string).collect();
            return Err(told(format!("found {}", all.join("; "))));
        }
        judge.answer(declared, Deserved::Success, draft.accept.as_deref(), &reply.response).map_err(told)
    }

    /// Every wrong request gets the refusal that it deserves.
    fn failures(&mut self, scene: Scene<'_>, judge: &Judge, declared: &Operation) -> Result<(), String> {
        let mut told = Vec::new();
        for fault in faults(scene, judge, declared)? {
            let reply = scene.mock.answer(&fault.request);
            self.refusals += 1;
            let kinds: Vec<&str> = reply.findings.iter().map(|finding| finding.code.name()).collect();
            let judged = if kinds.first() == Some(&fault.kind) {
                judge.answer(declared, Deserved::Refusal(fault.kind), None, &reply.response)
            } else {
                Err(format!("{kinds:?} in place of {}", fault.kind))
            };
            if let Err(why) = judged {
                let body = String::from_utf8_lossy(&reply.response.body);
                told.push(format!(
                    "{}: {why}: {} {} <- {}",
                    fault.what,
                    reply.response.status,
                    cut(&body),
                    cut(&shown(&fault.request))
                ));
            }
        }
        match told.first() {
            None => Ok(()),
            Some(first) => Err(format!("{} faults: {first}", told.len())),
        }
    }

    /// The row of the table.
    pub(crate) fn row(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.name,
            if self.is_refused { "refused" } else { self.version },
            self.operations,
            self.shadowed,
            self.answers,
            self.refusals,
            self.objections.len(),
            self.findings,
            self.time.as_millis(),
        )
    }
}

fn cut(text: &str) -> String {
    text.chars().take(600).collect()
}

/// A path without the names of its templates, and without what follows a `#`.
fn bare(path: &str) -> String {
    let mut bare = String::new();
    let mut is_inside = false;
    for letter in path.split('#').next().unwrap_or_default().chars() {
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
