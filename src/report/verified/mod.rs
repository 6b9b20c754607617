//! The outcome of `standin verify` → what its reports tell: one plain value, which each of them only reads.
//!
//! Its form as JSON is described by a JSON Schema, which is kept in `docs/`. It hides nothing: an outcome comes here
//! through [`super::Mask`]. Read [`Verified::new`] first.

mod github;
mod html;
mod junit;
mod message;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use self::message::{Answered, Asked};
use super::{
    Colour, curl,
    json::{At, Level, at},
    violations::{located, told},
};
use crate::{
    api::{Api, Operation},
    finding::{Finding, Location},
    plan::{Address, Plan},
    verify::{Check, Earlier, Outcome, Tally, Violation},
};

/// What `standin verify --report json=PATH` writes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verified {
    /// The URL of the provider.
    url: String,
    /// How many operations the documents have.
    operations: usize,
    /// To how many of them a request was sent.
    reached: usize,
    /// The counts of all operations together.
    #[serde(flatten)]
    counts: Counts,
    /// How many violations were found, each cause once.
    violations: usize,
    /// The documents, in the order in which they were given.
    documents: Vec<Tried>,
}

/// How many requests were sent, and what came of them.
#[derive(Debug, Default, Clone, Copy, Serialize, JsonSchema)]
struct Counts {
    /// Requests that were sent.
    requests: usize,
    /// Answers that were successes.
    successes: usize,
    /// Requests whose answer did not tell whether the provider is right.
    open: usize,
}

/// A document.
#[derive(Debug, Serialize, JsonSchema)]
struct Tried {
    /// The title that it gives its API.
    title: String,
    /// The file, as it was named.
    file: String,
    /// Its operations, in its order.
    operations: Vec<Reached>,
}

/// An operation, and what became of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Reached {
    /// Its `operationId`, or its method and path where it has none.
    id: String,
    /// The method.
    method: String,
    /// The path template.
    path: String,
    /// What came of its requests.
    #[serde(flatten)]
    counts: Counts,
    /// Why it could not be tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    untried: Option<String>,
    /// The statuses that it declares, and then those that were answered all the same.
    statuses: Vec<Status>,
    /// Its parameters.
    parameters: Vec<Parameter>,
    /// In what the provider breaks it.
    violations: Vec<Told>,
    /// What it is called within a page.
    #[serde(skip)]
    anchor: String,
}

/// A status of an operation.
#[derive(Debug, Serialize, JsonSchema)]
struct Status {
    /// The status, a range such as `4XX`, or `default`.
    #[serde(rename = "status")]
    name: String,
    /// Whether the document declares it.
    is_declared: bool,
    /// How often it was answered.
    answers: usize,
}

/// A parameter of an operation.
#[derive(Debug, Serialize, JsonSchema)]
struct Parameter {
    /// Its name.
    name: String,
    /// Where in the request it stands.
    part: String,
    /// How many requests had it.
    requests: usize,
}

/// Something that the provider did wrong.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// The stable name of what it should have done.
    check: &'static str,
    /// What is wrong where this check fails.
    meaning: &'static str,
    /// How bad it is.
    severity: Level,
    /// The part of the answer, or of the request that should have been refused.
    location: String,
    /// What is.
    message: String,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// What was tried, in words.
    tried: String,
    /// The place in the document that rules it.
    #[serde(flatten)]
    at: At,
    /// The line of the document at this place.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The part of the run that found it: `examples`, `coverage`, `fuzz` or `stateful`.
    phase: &'static str,
    /// What was sent before, in order, as far as the violation shows only after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<Before>,
    /// The request.
    request: Asked,
    /// The answer, where one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Answered>,
    /// The `curl` line that sends the request again, but for what is hidden in it.
    curl: String,
    /// All of it for people, as the terminal has it.
    #[serde(skip)]
    text: String,
}

/// An exchange that led to a violation.
#[derive(Debug, Serialize, JsonSchema)]
struct Before {
    /// The request.
    request: Asked,
    /// The answer.
    response: Answered,
    /// The `curl` line that sends the request again, but for what is hidden in it.
    curl: String,
}

/// The JSON Schema of what [`Verified::json`] writes.
pub fn verified_schema() -> Value {
    schemars::schema_for!(Verified).to_value()
}

impl Verified {
    /// What is told of an outcome; `base` is the URL of the provider.
    pub fn new(outcome: &Outcome, plan: &Plan, base: &str) -> Self {
        let drawn = located(outcome, plan);
        let found: Vec<_> = outcome.violations.iter().zip(&drawn).collect();
        let documents: Vec<Tried> = plan
            .apis()
            .iter()
            .enumerate()
            .map(|(number, api)| Tried {
                title: api.title.clone(),
                file: api.document.files().values().next().map(|file| file.name.clone()).unwrap_or_default(),
                operations: (0..api.operations.len())
                    .map(|operation| {
                        let address = Address { api: number, operation };
                        let of_it = found.iter().filter(|(violation, _)| violation.operation == address);
                        Reached::new(outcome, address, api)
                            .with(of_it.map(|(violation, drawn)| Told::new(violation, drawn, plan, base)))
                    })
                    .collect(),
            })
            .collect();
        let operations = || documents.iter().flat_map(|document| &document.operations);
        Self {
            url: base.to_owned(),
            operations: operations().count(),
            reached: operations().filter(|operation| operation.counts.requests > 0).count(),
            counts: operations().fold(Counts::default(), |sum, operation| sum.plus(operation.counts)),
            violations: outcome.violations.len(),
            documents,
        }
    }

    /// As JSON, in the form that [`verified_schema`] describes.
    pub fn json(&self) -> String {
        // Writing to a string does not fail, and the report has texts for keys.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// Every violation, with the operation it is of.
    fn told(&self) -> impl Iterator<Item = (&Reached, &Told)> {
        let operations = self.documents.iter().flat_map(|document| &document.operations);
        operations.flat_map(|operation| operation.violations.iter().map(move |told| (operation, told)))
    }
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            successes: self.successes + other.successes,
            open: self.open + other.open,
        }
    }
}

impl Reached {
    fn new(outcome: &Outcome, address: Address, api: &Api) -> Self {
        let operation = &api.operations[address.operation];
        let tally = outcome.operations.iter().find(|(tried, _)| *tried == address);
        let tally = tally.map(|(_, tally)| tally.clone()).unwrap_or_default();
        let untried = outcome.untried.iter().find(|(untried, _)| *untried == address);
        Self {
            id: operation.id.clone(),
            method: operation.method.to_string(),
            path: operation.path.clone(),
            counts: Counts { requests: tally.cases, successes: tally.successes, open: tally.open },
            untried: untried.map(|(_, why)| why.clone()),
            statuses: statuses(operation, &tally),
            parameters: parameters(operation, &tally),
            violations: Vec::new(),
            anchor: format!("operation-{}-{}", address.api, address.operation),
        }
    }

    fn with(mut self, violations: impl Iterator<Item = Told>) -> Self {
        self.violations = violations.collect();
        self
    }

    /// Its method and path.
    fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn statuses(operation: &Operation, tally: &Tally) -> Vec<Status> {
    let ruled = |status: u16| operation.response(status).map(|response| response.status);
    let declared = operation.responses.iter().map(|response| Status {
        name: response.status.to_string(),
        is_declared: true,
        answers: tally
            .statuses
            .iter()
            .filter(|(status, _)| ruled(**status) == Some(response.status))
            .map(|(_, answers)| answers)
            .sum(),
    });
    let undeclared = tally.statuses.iter().filter(|(status, _)| ruled(**status).is_none());
    let undeclared = undeclared.map(|(status, answers)| Status {
        name: status.to_string(),
        is_declared: false,
        answers: *answers,
    });
    declared.chain(undeclared).collect()
}

fn parameters(operation: &Operation, tally: &Tally) -> Vec<Parameter> {
    let parameters = operation.parameters.iter().enumerate();
    parameters
        .map(|(number, parameter)| Parameter {
            name: parameter.name.clone(),
            part: parameter.part.to_string(),
            requests: tally.parameters.get(&number).copied().unwrap_or_default(),
        })
        .collect()
}

impl Before {
    fn new(earlier: &Earlier, base: &str) -> Self {
        Self {
            request: Asked::new(&earlier.request),
            response: Answered::new(&earlier.response),
            curl: curl(base, &earlier.request),
        }
    }
}

impl Told {
    /// The lines that send everything again, in order.
    fn again(&self) -> String {
        let before = self.before.iter().map(|earlier| earlier.curl.as_str());
        before.chain([self.curl.as_str()]).collect::<Vec<_>>().join("\n")
    }

    fn new(violation: &Violation, drawn: &Finding, plan: &Plan, base: &str) -> Self {
        let api = &plan.apis()[violation.operation.api];
        let text =
            |uri: &str| api.document.files().get(uri).map(|file| (file.name.clone(), file.text.clone()));
        let (at, source) = match &drawn.location {
            Location::Document(place, span) => {
                let line = span.and_then(|span| {
                    Some(text(&place.file)?.1.lines().nth(span.line.checked_sub(1)?)?.trim_end().to_owned())
                });
                (at(place, *span, &text), line)
            }
            Location::Request(..) | Location::Response(..) => (At::default(), None),
        };
        Self {
            check: violation.check.name(),
            meaning: violation.check.meaning(),
            severity: violation.check.severity().into(),
            location: violation.finding.location.to_string(),
            message: violation.finding.message.clone(),
            help: violation.finding.help.clone(),
            tried: violation.what.clone(),
            at,
            source,
            phase: violation.phase.name(),
            before: violation.before.iter().map(|earlier| Before::new(earlier, base)).collect(),
            request: Asked::new(&violation.request),
            response: (violation.check != Check::Unreachable).then(|| Answered::new(&violation.response)),
            curl: curl(base, &violation.request),
            text: told(violation, drawn, plan, base, Colour::Plain),
        }
    }

    /// Where in the document it is ruled, as in `api.yaml:3:5`.
    fn place(&self) -> String {
        let At { file, line, column, .. } = &self.at;
        match (line, column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            _ => file.clone(),
        }
    }
}
