//! The outcome of `standin run` → what is told of it: one plain value, and from it text, JSON and `JUnit`.
//!
//! Its form as JSON is described by a JSON Schema, which is kept in `docs/`. It hides nothing: a journal tells no secrets.
//! Read [`Ran::new`] first.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use indexmap::IndexMap;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{
    Colour, Rules, findings,
    json::{At, at},
};
use crate::{
    api::Api,
    finding::{Finding, Location},
    journal::{Exchange, Filter, Journal},
};

/// What `standin run --report json=PATH` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ran {
    /// The command and its arguments.
    command: Vec<String>,
    /// What the command ended with: its exit code, or how it was killed.
    ended: String,
    /// Whether the command was content.
    succeeded: bool,
    /// Whether every request and response satisfied the documents.
    satisfied: bool,
    /// How many requests it sent.
    requests: u64,
    /// How many of these the journal had no room to keep.
    dropped: u64,
    /// How many errors of each kind those had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    lost: BTreeMap<String, u64>,
    /// The operations that were asked, in the order in which they first were; the empty name is that of none.
    operations: Vec<Asked>,
}

/// An operation, and what was wrong with its requests and answers.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Asked {
    /// Its `operationId`, or its method and path; empty where no operation was meant.
    operation: String,
    /// How many requests there were.
    requests: u64,
    /// In what they break the documents.
    causes: Vec<Cause>,
}

/// The same fault at the same place of the same operation.
#[derive(Debug, Serialize, JsonSchema)]
struct Cause {
    /// The stable name of what was wrong.
    code: &'static str,
    /// The part of the request or of the answer.
    location: String,
    /// What was.
    message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// How many requests have it.
    count: usize,
    /// The first request that has it: its method, path and query.
    request: String,
    /// The sandbox in which that was sent.
    sandbox: String,
    /// The place in the document that rules it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<At>,
    /// All of it for people, as the terminal has it.
    #[serde(skip)]
    text: String,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The command and its arguments.
    pub command: Vec<String>,
    /// Whether it was content.
    pub succeeded: bool,
    /// Its exit code, or how it was killed.
    pub how: String,
}

/// The JSON Schema of what [`Ran::json`] writes.
pub fn ran_schema() -> Value {
    schemars::schema_for!(Ran).to_value()
}

impl Ran {
    /// What is told of a command that sent the requests in a journal to a mock of `apis`.
    pub fn new(ended: Ended, journal: &Journal, except: &[crate::finding::Code], apis: &[Arc<Api>]) -> Self {
        let verdict = journal.verdict(None, except);
        let exchanges = journal.select(&Filter::default()).exchanges;
        let mut operations: IndexMap<String, Asked> = IndexMap::new();
        for exchange in &exchanges {
            let operation = exchange.answered.operation.clone().unwrap_or_default();
            let asked = operations.entry(operation.clone()).or_default();
            asked.operation = operation;
            asked.requests += 1;
        }
        for cause in &verdict.causes {
            let operation = cause.operation.clone().unwrap_or_default();
            let first = exchanges.iter().find(|exchange| exchange.id == cause.first);
            let told = Cause::new(&cause.finding, cause.count, &operation, first, apis);
            operations.entry(operation).or_default().causes.push(told);
        }
        Self {
            command: ended.command,
            ended: ended.how,
            succeeded: ended.succeeded,
            satisfied: verdict.is_good(),
            requests: exchanges.len() as u64 + verdict.dropped,
            dropped: verdict.dropped,
            lost: verdict.lost.iter().map(|(code, count)| (code.name().to_owned(), *count)).collect(),
            operations: operations.into_values().collect(),
        }
    }

    /// Whether every request and response satisfied the documents.
    pub fn is_satisfied(&self) -> bool {
        self.satisfied
    }

    /// As JSON, in the form that [`ran_schema`] describes.
    pub fn json(&self) -> String {
        // Writing to a string does not fail, and the report has texts for keys.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// For people: what was broken, each cause with the line of its document, and how it ended.
    pub fn text(&self) -> String {
        let causes = || self.operations.iter().flat_map(|asked| &asked.causes);
        let mut text: String = causes().map(|cause| cause.text.as_str()).collect();
        let asked = self.operations.iter().filter(|asked| !asked.operation.is_empty()).count();
        let kept = match causes().count() {
            0 if self.satisfied => "the contract was kept".to_owned(),
            0 => "the contract was broken".to_owned(),
            1 => "the contract was broken in 1 way".to_owned(),
            several => format!("the contract was broken in {several} ways"),
        };
        let (requests, operations) = (plural(self.requests, "request"), plural(asked as u64, "operation"));
        // Writing to a string does not fail.
        let _ = writeln!(text, "{requests} to {operations}: {kept}");
        if self.dropped > 0 {
            let lost: Vec<String> =
                self.lost.iter().map(|(code, count)| format!("{count} × {code}")).collect();
            let lost = if lost.is_empty() { "nothing".to_owned() } else { lost.join(", ") };
            let dropped = self.dropped;
            let _ = writeln!(
                text,
                "{dropped} of them the journal had no room to keep (`--journal-bytes`); wrong with them was: {lost}"
            );
        }
        if !self.succeeded {
            let _ = writeln!(text, "the command ended with {}", self.ended);
        }
        text
    }

    /// As `JUnit` has it: a case for the command, and one for each operation that was asked.
    pub fn junit(&self) -> String {
        let mut suite = TestSuite::new("standin run");
        let command = if self.succeeded {
            TestCaseStatus::success()
        } else {
            failure("command", &format!("it ended with {}", self.ended), &self.command.join(" "))
        };
        suite.add_test_case(TestCase::new("the command", command));
        suite.add_test_cases(self.operations.iter().flat_map(cases));
        if !self.lost.is_empty() {
            let lost = self.lost.iter().map(|(code, count)| format!("{count} × {code}")).collect::<Vec<_>>();
            let message = "the journal had no room to keep requests that broke the contract";
            suite.add_test_case(TestCase::new("the journal", failure("dropped", message, &lost.join(", "))));
        }
        let mut report = Report::new("standin run");
        report.add_test_suite(suite);
        // Writing to a string does not fail, and the texts are made fit for XML where they enter the report.
        report.to_string().unwrap_or_default()
    }
}

/// An operation that was broken has a case for each cause instead, so that one failure does not hide another.
fn cases(asked: &Asked) -> Vec<TestCase> {
    let name = if asked.operation.is_empty() { "no operation" } else { &asked.operation };
    if asked.causes.is_empty() {
        return vec![TestCase::new(name, TestCaseStatus::success())];
    }
    let case = |cause: &Cause| {
        let message = format!("{}: {}", cause.location, cause.message);
        let mut case =
            TestCase::new(format!("{name}: {}", cause.code), failure(cause.code, &message, &cause.text));
        if let Some(At { file, line: Some(line), .. }) = &cause.rule {
            case.extra.insert("file".into(), file.as_str().into());
            case.extra.insert("line".into(), line.to_string().into());
        }
        case
    };
    asked.causes.iter().map(case).collect()
}

fn failure(kind: &str, message: &str, text: &str) -> TestCaseStatus {
    let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
    failure.set_type(kind).set_message(message).set_description(text);
    failure
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

impl Cause {
    fn new(
        found: &Finding,
        count: usize,
        operation: &str,
        first: Option<&Exchange>,
        apis: &[Arc<Api>],
    ) -> Self {
        let texts = |uri: &str| {
            let file = apis.iter().find_map(|api| api.document.files().get(uri))?;
            Some((file.name.clone(), Arc::clone(&file.text)))
        };
        let mut drawn = [found.clone()];
        let name = if operation.is_empty() { String::new() } else { format!("{operation}: ") };
        drawn[0].message = format!("{name}{}: {}", found.location, found.message);
        if let Some(rule) = drawn[0].rule.take() {
            drawn[0].location = Location::Document(rule, None);
            for api in apis {
                api.document.locate(&mut drawn);
            }
        }
        let ruled = match &drawn[0].location {
            Location::Document(place, span) => Some(at(place, *span, &texts)),
            Location::Request(..) | Location::Response(..) => None,
        };
        let request = first.map(|first| &first.answered.request).map(|request| {
            let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
            format!("{} {}{query}", request.method, request.path)
        });
        let request = request.unwrap_or_default();
        let mut text = findings(&drawn, &texts, &Rules::new(), Colour::Plain);
        let _ = writeln!(text, "  {}, first `{request}`\n", plural(count as u64, "request"));
        Self {
            code: found.code.name(),
            location: found.location.to_string(),
            message: found.message.clone(),
            help: found.help.clone(),
            count,
            request,
            sandbox: first.map(|first| first.answered.sandbox.to_string()).unwrap_or_default(),
            rule: ruled,
            text,
        }
    }
}
