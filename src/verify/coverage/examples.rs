//! What the document shows → requests: each example by itself, and those that it shows together with an answer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    api::{Example, Form, Operation, Status},
    plan::{Address, Draft},
    schema::Schema,
    verify::{
        Phase,
        case::{Case, Expected, Planner, Shape, Subject},
    },
};

impl Planner<'_> {
    /// The requests that the document itself shows.
    pub(super) fn shown(&self, address: Address, least: &Draft) -> Vec<Case> {
        let operation = self.operation(address);
        let mut cases = Vec::new();
        for (number, content) in operation.body.iter().flat_map(|body| &body.content).enumerate() {
            let of_schema = content.schema.as_ref().map(examples_of).unwrap_or_default();
            let all = values(&content.examples).into_iter().chain(of_schema);
            for (name, value) in all.filter(|(name, _)| !is_of_failure(operation, name)) {
                let draft = Draft { body: Some((number, value)), ..least.clone() };
                let what = format!("the example `{name}` of the body");
                cases.extend(self.judged(address, draft, Subject::Shown(Vec::new()), what));
            }
        }
        for (number, parameter) in operation.parameters.iter().enumerate() {
            let of_schema = parameter.schema.as_ref().map(examples_of).unwrap_or_default();
            let all = values(&parameter.examples).into_iter().chain(of_schema);
            for (name, value) in all.filter(|(name, _)| !is_of_failure(operation, name)) {
                let draft = with_parameter(least, number, value);
                let what = format!("the example `{name}` of the {} `{}`", parameter.part, parameter.name);
                cases.extend(self.judged(address, draft, Subject::Shown(vec![number]), what));
            }
        }
        cases.retain(|case| case.expected == Expected::Accepted);
        for case in &mut cases {
            case.phase = Phase::Examples;
        }
        cases
    }

    /// The requests that the document shows with an answer, by giving both the same name.
    pub(super) fn named(&self, address: Address, least: &Draft) -> Vec<Case> {
        let cases = self.answered(address).into_iter().filter_map(|(name, status)| {
            let (draft, shown) = self.example_named(address, least, name)?;
            let what = format!("the examples named `{name}`");
            let shape = Shape::Draft(draft, Subject::Shown(shown));
            self.request(address, &shape)?;
            Some(Case { address, phase: Phase::Examples, expected: Expected::Status(status), what, shape })
        });
        cases.collect()
    }

    /// The names of the examples of responses, each with the one status that it stands under.
    fn answered(&self, address: Address) -> BTreeMap<&str, u16> {
        let mut found: BTreeMap<&str, Option<u16>> = BTreeMap::new();
        for response in &self.operation(address).responses {
            let Status::Exact(status) = response.status else { continue };
            let examples = response.content.iter().flat_map(|content| &content.as_written);
            for name in examples.filter_map(|example| example.name.as_deref()) {
                let held = found.entry(name).or_insert(Some(status));
                // A name under several statuses tells none of them.
                *held = held.filter(|held| *held == status);
            }
        }
        found.into_iter().filter_map(|(name, status)| Some((name, status?))).collect()
    }

    /// A request with all examples of this name, and the parameters among them; `None` where there are none.
    fn example_named(&self, address: Address, least: &Draft, name: &str) -> Option<(Draft, Vec<usize>)> {
        let operation = self.operation(address);
        let is_named =
            |example: &&Example| example.name.as_deref() == Some(name) && example.form == Form::Value;
        let mut draft = least.clone();
        let mut shown = Vec::new();
        for (number, parameter) in operation.parameters.iter().enumerate() {
            if let Some(example) = parameter.examples.iter().find(is_named) {
                draft = with_parameter(&draft, number, Value::clone(&example.value));
                shown.push(number);
            }
        }
        let contents = operation.body.iter().flat_map(|body| &body.content).enumerate();
        let body = contents.into_iter().find_map(|(number, content)| {
            let example = content.as_written.iter().find(is_named)?;
            Some((number, Value::clone(&example.value)))
        });
        if body.is_none() && shown.is_empty() {
            return None;
        }
        draft.body = body.or(draft.body);
        Some((draft, shown))
    }
}

fn with_parameter(draft: &Draft, number: usize, value: Value) -> Draft {
    let mut draft = draft.clone();
    draft.parameters.retain(|(held, _)| *held != number);
    draft.parameters.push((number, value));
    draft
}

/// Whether an answer that is no success has an example of this name.
fn is_of_failure(operation: &Operation, name: &str) -> bool {
    let failures = operation
        .responses
        .iter()
        .filter(|response| !matches!(response.status, Status::Exact(200..=399) | Status::Range(2 | 3)));
    let mut examples =
        failures.flat_map(|response| &response.content).flat_map(|content| &content.as_written);
    examples.any(|example| example.name.as_deref() == Some(name))
}

/// Examples as values, each with its name.
fn values(examples: &[Example]) -> Vec<(String, Value)> {
    let found = examples.iter().filter(|example| example.form == Form::Value);
    found
        .map(|one| (one.name.clone().unwrap_or_else(|| "default".to_owned()), Value::clone(&one.value)))
        .collect()
}

/// What a schema shows of its values.
fn examples_of(schema: &Schema) -> Vec<(String, Value)> {
    let about = schema.about();
    let many = about.certain("examples").and_then(Value::as_array).into_iter().flatten();
    let all = many.chain(about.certain("example"));
    all.enumerate().map(|(number, value)| (format!("{} of its schema", number + 1), value.clone())).collect()
}
