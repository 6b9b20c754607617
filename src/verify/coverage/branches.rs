//! A body → the same with a value of each branch of its `oneOf` and `anyOf`, and with what mixes them up.

use serde_json::Value;

use crate::{
    finding::{Pointer, Trail},
    plan::{Address, Draft},
    schema::{Dice, Schema},
    verify::{
        case::{Case, Planner},
        neighbour::{Change, neighbours},
    },
};

/// How deep in a body branches are looked for.
const DEEP: u32 = 6;
/// How many values are made for one choice of branches, at most.
const TRIES: usize = 24;
/// How many choices of branches a body has, at most, and how many branches of one are tried.
const CHOICES: usize = 12;
const BRANCHES: usize = 12;
/// How many cases choices have at most, before the last of them is looked at.
const MOST: usize = 300;
/// How many neighbours of a value of a branch are tried.
const NEIGHBOURS: usize = 30;

/// A place in a body where one of several schemas is chosen.
struct Choice {
    at: Pointer,
    schema: Schema,
    branches: Vec<Schema>,
}

impl Planner<'_> {
    /// The cases of each choice.
    pub(super) fn branches(&self, address: Address, full: &Draft, share: usize) -> Vec<Case> {
        let Some((content, value)) = self.body(address, full) else { return Vec::new() };
        let Some(schema) = &content.schema else { return Vec::new() };
        let mut choices = Vec::new();
        collect(schema, value, &Trail::root(), DEEP, &mut choices);
        choices.truncate(CHOICES);
        let mut cases = Vec::new();
        for (number, choice) in choices.iter().enumerate() {
            if cases.len() >= share.min(MOST) {
                break;
            }
            let values = choice.values(&mut self.dice(address, 100 + number as u64));
            for change in choice.changes(&values) {
                cases.extend(self.changed_body(address, full, &change));
            }
            for (branch, value) in &values {
                if cases.len() >= share.min(MOST) {
                    return cases;
                }
                cases.extend(self.around_branch(address, full, choice, *branch, value));
            }
        }
        cases
    }

    /// What must hold of the value of one branch.
    fn around_branch(
        &self,
        address: Address,
        full: &Draft,
        choice: &Choice,
        branch: usize,
        value: &Value,
    ) -> Vec<Case> {
        let Some((number, body)) = &full.body else { return Vec::new() };
        let put = Change { at: choice.at.clone(), to: Some(value.clone()), what: String::new() };
        let body = put.made(body).unwrap_or_else(|| body.clone());
        let draft = Draft { body: Some((*number, body)), ..full.clone() };
        let found = neighbours(&choice.schema, value).into_iter().take(NEIGHBOURS);
        let placed = found.map(|change| Change {
            at: choice.at.append(&change.at),
            what: format!("{} (branch {})", change.what, branch + 1),
            ..change
        });
        placed.filter_map(|change| self.changed_body(address, &draft, &change)).collect()
    }
}

impl Choice {
    /// A value of each branch, by its number, as far as the dice find one.
    fn values(&self, dice: &mut Dice) -> Vec<(usize, Value)> {
        let mut found: Vec<(usize, Value)> = Vec::new();
        for _ in 0..TRIES {
            if found.len() == self.branches.len().min(BRANCHES) {
                break;
            }
            let Some(value) = self.schema.generate(dice) else { break };
            let is_new = |number: &usize| found.iter().all(|(held, _)| held != number);
            let meets = |number: &usize| self.branches[*number].is_valid(&value);
            if let Some(number) = (0..self.branches.len()).filter(is_new).find(meets) {
                found.push((number, value));
            }
        }
        found.sort_by_key(|(number, _)| *number);
        found
    }

    fn changes(&self, values: &[(usize, Value)]) -> Vec<Change> {
        let put = |to: Value, what: String| Change { at: self.at.clone(), to: Some(to), what };
        let mut changes: Vec<Change> = values
            .iter()
            .map(|(number, value)| put(value.clone(), format!("a value of branch {}", number + 1)))
            .collect();
        let about = self.schema.about();
        let property =
            about.certain("discriminator").and_then(|told| told.get("propertyName")).and_then(Value::as_str);
        for (number, value) in values {
            for (other, held) in values.iter().filter(|(other, _)| other != number) {
                let (Some(value), Some(held)) = (value.as_object(), held.as_object()) else { continue };
                let mut mixed = held.clone();
                mixed.extend(value.clone());
                let what =
                    format!("a value of branch {} with the properties of branch {}", number + 1, other + 1);
                changes.push(put(mixed.into(), what));
                let Some(property) = property else { continue };
                let (mut unknown, mut misnamed) = (value.clone(), value.clone());
                unknown.insert(property.to_owned(), "standinUnknown".into());
                misnamed.extend(held.get(property).map(|name| (property.to_owned(), name.clone())));
                let of = number + 1;
                changes.push(put(
                    unknown.into(),
                    format!("a value of branch {of} whose `{property}` is unknown"),
                ));
                let what = format!("a value of branch {of} whose `{property}` names branch {}", other + 1);
                changes.push(put(misnamed.into(), what));
            }
        }
        changes
    }
}

fn collect(schema: &Schema, value: &Value, trail: &Trail<'_>, depth: u32, found: &mut Vec<Choice>) {
    if depth == 0 || found.len() >= CHOICES {
        return;
    }
    let branches: Vec<Schema> = ["oneOf", "anyOf"].iter().flat_map(|keyword| schema.parts(keyword)).collect();
    let whole = schema.parts("allOf");
    let meant = branches.iter().find(|branch| branch.is_valid(value)).cloned();
    if branches.len() > 1 {
        found.push(Choice { at: trail.pointer(), schema: schema.clone(), branches });
    }
    for part in whole.iter().chain(&meant) {
        collect(part, value, trail, depth - 1, found);
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let Some(schema) = schema.property(name) {
                    collect(schema, member, &trail.key(name), depth - 1, found);
                }
            }
        }
        Value::Array(items) => {
            if let (Some(first), Some(schema)) = (items.first(), schema.items()) {
                collect(&schema, first, &trail.index(0), depth - 1, found);
            }
        }
        _ => {}
    }
}
