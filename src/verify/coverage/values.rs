//! The values of a right request → requests in which one of them is another, absent, alone, or there twice.

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    api::Parameter,
    finding::{Code, Part, Trail},
    plan::{Address, Draft},
    schema::Schema,
    verify::{
        case::{Case, Expected, Planner, Raw, Shape, Subject},
        neighbour::{AS_FRACTION, Change, is_beyond, neighbours},
    },
    wire::{self, Spelled},
};

/// How many properties of a body are tried alone.
const ALONE: usize = 60;

impl Planner<'_> {
    /// The neighbours of each value of a draft, but for those that were tried in the same words.
    pub(super) fn around(
        &self,
        address: Address,
        draft: &Draft,
        share: usize,
        words: &mut HashSet<String>,
    ) -> Vec<Case> {
        let mut cases = Vec::new();
        for (at, (number, value)) in draft.parameters.iter().enumerate() {
            let parameter = &self.operation(address).parameters[*number];
            for change in changes(parameter.schema.as_ref(), value, share) {
                // In a text, `1.0` need not be a whole number.
                if change.what != AS_FRACTION && words.insert(of_parameter(parameter, &change)) {
                    cases.extend(self.changed_parameter(address, draft, at, &change));
                }
            }
        }
        if let Some((content, value)) = self.body(address, draft) {
            let mut found = changes(content.schema.as_ref(), value, share);
            found.retain(|change| words.insert(of_body(change)));
            cases.extend(found.iter().filter_map(|change| self.changed_body(address, draft, change)));
        }
        cases
    }

    fn changed_parameter(&self, address: Address, draft: &Draft, at: usize, change: &Change) -> Option<Case> {
        let (number, value) = &draft.parameters[at];
        let parameter = &self.operation(address).parameters[*number];
        let subject = if parameter.part == Part::Path { Subject::Path } else { Subject::Other };
        let value = change.made(value)?;
        let mut other = draft.clone();
        other.parameters[at].1 = value;
        Some(careful(self.judged(address, other, subject, of_parameter(parameter, change))?, change))
    }

    pub(super) fn changed_body(&self, address: Address, draft: &Draft, change: &Change) -> Option<Case> {
        let (number, value) = draft.body.as_ref()?;
        let value = change.made(value)?;
        let other = Draft { body: Some((*number, value)), ..draft.clone() };
        let subject = Subject::Body(change.at.clone());
        Some(careful(self.judged(address, other, subject, of_body(change))?, change))
    }

    /// Each parameter left out.
    pub(super) fn absent(&self, address: Address, full: &Draft) -> Vec<Case> {
        let parameters = &self.operation(address).parameters;
        let away = full.parameters.iter().enumerate().filter_map(|(at, (number, _))| {
            let parameter: &Parameter = &parameters[*number];
            let mut other = full.clone();
            other.parameters.remove(at);
            let what = format!("without the {} `{}`", parameter.part, parameter.name);
            let is_carrier = parameter.token.is_some();
            (parameter.part != Part::Path && !is_carrier)
                .then(|| self.judged(address, other, Subject::Other, what))?
        });
        away.collect()
    }

    /// Each optional part alone beside what is required.
    pub(super) fn each_alone(&self, address: Address, least: &Draft, full: &Draft) -> Vec<Case> {
        let parameters = &self.operation(address).parameters;
        let mut cases = Vec::new();
        for (number, value) in &full.parameters {
            if least.parameters.iter().any(|(held, _)| held == number) {
                continue;
            }
            let parameter = &parameters[*number];
            let mut other = least.clone();
            other.parameters.push((*number, value.clone()));
            let what = format!("only the {} `{}` beside what is required", parameter.part, parameter.name);
            cases.extend(self.judged(address, other, Subject::Other, what));
        }
        match (&least.body, &full.body) {
            (None, Some(body)) => {
                let other = Draft { body: Some(body.clone()), ..least.clone() };
                cases.extend(self.judged(
                    address,
                    other,
                    Subject::Other,
                    "only the body beside what is required",
                ));
            }
            (Some((held, some)), Some((number, all))) if held == number => {
                let mut found = Vec::new();
                lacking(some, all, &Trail::root(), &mut found);
                let found = found.iter().take(ALONE);
                cases.extend(found.filter_map(|change| self.changed_body(address, least, change)));
            }
            _ => {}
        }
        cases.retain(|case| case.expected == Expected::Accepted);
        cases
    }

    /// Each query parameter of one value sent with two, where neither the list of both nor their text in one is right.
    pub(super) fn repeated(&self, address: Address, least: &Draft, full: &Draft) -> Vec<Case> {
        let parameters = &self.operation(address).parameters;
        let of_query = full.parameters.iter().filter(|(number, _)| parameters[*number].part == Part::Query);
        let found = of_query.filter_map(|(number, value)| {
            let parameter = &parameters[*number];
            let is_scalar = !value.is_object() && !value.is_array();
            let Ok(Spelled::Query(pairs)) = wire::write_parameter(parameter, value) else { return None };
            let [(name, text)] = pairs.as_slice() else { return None };
            let joined = Value::from(format!("{text},{text}"));
            let is_read = parameter.schema.as_ref().is_none_or(|schema| schema.is_valid(&joined));
            if !is_scalar || is_read {
                return None;
            }
            let mut draft = least.clone();
            draft.parameters.retain(|(held, _)| held != number);
            draft.parameters.push((*number, value.clone()));
            let shape = Shape::Raw(draft, Raw::Query(format!("{name}={text}")));
            let case = self.case(address, shape, format!("query `{}` twice", parameter.name))?;
            let is_about_it =
                matches!(&case.expected, Expected::Refused(wrong) if wrong.code == Code::InvalidParam);
            is_about_it.then_some(case)
        });
        found.collect()
    }
}

/// What is tried, in words.
fn of_parameter(parameter: &Parameter, change: &Change) -> String {
    format!("{} `{}`{}: {}", parameter.part, parameter.name, change.at, change.what)
}

fn of_body(change: &Change) -> String {
    match change.at.as_str() {
        "" => format!("body: {}", change.what),
        at => format!("body at `{at}`: {}", change.what),
    }
}

/// What nobody can be sure to take, though its schema says so, is no ground for a verdict.
fn careful(mut case: Case, change: &Change) -> Case {
    let is_bound = change.what.ends_with("int64") || change.what.contains("imum");
    if case.expected == Expected::Accepted && !is_bound && change.to.as_ref().is_some_and(is_beyond) {
        case.expected = Expected::Anything;
    }
    case
}

fn changes(schema: Option<&Schema>, value: &Value, most: usize) -> Vec<Change> {
    let mut changes = schema.map(|schema| neighbours(schema, value)).unwrap_or_default();
    changes.truncate(most);
    changes
}

/// The properties that one value has and another has not.
fn lacking(some: &Value, all: &Value, trail: &Trail<'_>, found: &mut Vec<Change>) {
    match (some, all) {
        (Value::Object(some), Value::Object(all)) => {
            for (name, member) in all {
                let trail = trail.key(name);
                match some.get(name) {
                    Some(held) => lacking(held, member, &trail, found),
                    None => found.push(Change {
                        at: trail.pointer(),
                        to: Some(member.clone()),
                        what: format!("only `{name}` beside what is required"),
                    }),
                }
            }
        }
        (Value::Array(some), Value::Array(all)) => {
            if let (Some(some), Some(all)) = (some.first(), all.first()) {
                lacking(some, all, &trail.index(0), found);
            }
        }
        _ => {}
    }
}
