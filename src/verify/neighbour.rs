//! A value → values that differ from it in one thing, each chosen because somebody may draw the line there.
//!
//! Nothing here decides whether a neighbour is right: the schema does, so that the same list tries what must be taken and
//! what must be refused. Read [`neighbours`] first.

use std::collections::HashMap;

use serde_json::{Number, Value, json};

use crate::{
    finding::{Pointer, Trail},
    schema::{Schema, Written},
};

/// How deep a value is looked into.
const DEEP: u32 = 8;
/// How many neighbours a value has at most.
const MOST: usize = 400;

/// What becomes of the value at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// Where.
    pub(super) at: Pointer,
    /// What stands there then; nothing where it is taken away.
    pub(super) to: Option<Value>,
    /// What is tried, in words.
    pub(super) what: String,
}

impl Change {
    /// The value with the change made to it; `None` where there is no such place, or nothing changes.
    pub(super) fn made(&self, value: &Value) -> Option<Value> {
        let mut changed = value.clone();
        let slot = changed.pointer_mut(self.at.as_str());
        if let (Some(slot), Some(to)) = (slot, &self.to) {
            if slot == to {
                return None;
            }
            *slot = to.clone();
            return Some(changed);
        }
        let (parent, name) = parent(&self.at)?;
        let members = changed.pointer_mut(parent.as_str())?.as_object_mut()?;
        match &self.to {
            Some(to) => drop(members.insert(name, to.clone())),
            None => drop(members.shift_remove(&name)?),
        }
        Some(changed)
    }
}

/// The object that holds what stands at a place, and its name there.
fn parent(at: &Pointer) -> Option<(Pointer, String)> {
    let (parent, _) = at.as_str().rsplit_once('/')?;
    Some((Pointer::from_escaped(parent.to_owned()), at.last()?))
}

/// The changes that lead to the neighbours of `value`: the first of each place in it, then the second of each, and so on, so
/// that no place goes without where there are too many.
pub(super) fn neighbours(schema: &Schema, value: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    visit(value, &schema.about(), &Trail::root(), DEEP, &mut changes);
    let mut turns: HashMap<Pointer, usize> = HashMap::new();
    let mut ordered: Vec<(usize, Change)> = Vec::new();
    for change in changes {
        let turn = turns.entry(change.at.clone()).or_default();
        ordered.push((*turn, change));
        *turn += 1;
    }
    ordered.sort_by_key(|(turn, _)| *turn);
    ordered.into_iter().take(MOST).map(|(_, change)| change).collect()
}

fn visit(value: &Value, about: &Written<'_>, trail: &Trail<'_>, depth: u32, changes: &mut Vec<Change>) {
    let at = trail.pointer();
    let put = |to: Value, what: &str| Change { at: at.clone(), to: Some(to), what: what.to_owned() };
    changes.extend(listed(about).map(|member| put(member, "a value that is listed")));
    changes.extend(of_other_types(value).map(|(to, what)| put(to, what)));
    let own = match value {
        Value::String(text) => texts(text, about),
        Value::Number(number) => numbers(number, about),
        Value::Array(items) => lists(items, about),
        _ => Vec::new(),
    };
    changes.extend(own.into_iter().map(|(to, what)| put(to, what)));
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(members) => {
            let name = "standinUnknown";
            let unknown = Change {
                at: at.join(name),
                to: Some("unknown".into()),
                what: "a property that the schema does not name".to_owned(),
            };
            changes.extend((!members.contains_key(name)).then_some(unknown));
            for (name, member) in members {
                let trail = trail.key(name);
                changes.push(Change { at: trail.pointer(), to: None, what: format!("without `{name}`") });
                visit(member, &about.property(name), &trail, depth - 1, changes);
            }
        }
        // What holds of one item holds of the others.
        Value::Array(items) => {
            if let Some(first) = items.first() {
                visit(first, &about.item(0), &trail.index(0), depth - 1, changes);
            }
        }
        _ => {}
    }
}

type Tried = (Value, &'static str);

fn listed(about: &Written<'_>) -> impl Iterator<Item = Value> {
    let members = about.keyword("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    members.into_iter().chain(about.keyword("const").cloned())
}

fn of_other_types(value: &Value) -> impl Iterator<Item = Tried> {
    let all = [
        (Value::Null, "null"),
        (json!(true), "a boolean"),
        (json!(12), "a number"),
        (json!(1.5), "a fraction"),
        (json!("text"), "a text"),
        (json!([]), "a list"),
        (json!({}), "an object"),
    ];
    let own = std::mem::discriminant(value);
    let is_number = value.is_number();
    all.into_iter().filter(move |(other, _)| std::mem::discriminant(other) != own || is_number)
}

fn number_of(about: &Written<'_>, keyword: &str) -> Option<f64> {
    about.keyword(keyword).and_then(Value::as_f64)
}

fn length_of(about: &Written<'_>, keyword: &str) -> Option<usize> {
    // Beyond, a message would be large for what it tells.
    let length = usize::try_from(about.keyword(keyword)?.as_u64()?).ok()?;
    (length <= 20_000).then_some(length)
}

fn texts(text: &str, about: &Written<'_>) -> Vec<Tried> {
    let mut tried: Vec<Tried> = vec![
        ("".into(), "an empty text"),
        ("é漢😀".into(), "characters beyond ASCII"),
        ("\"quoted\" \\ 'text'".into(), "quotes and a backslash"),
        (" spaces around ".into(), "spaces around a text"),
        ("two\nlines\tand a tab".into(), "a line break and a tab"),
        ("12".into(), "digits in a text"),
    ];
    let of_length = |length: usize| -> Value {
        text.chars().cycle().chain("a".chars().cycle()).take(length).collect::<String>().into()
    };
    let of_length =
        |length: usize| if text.is_empty() { "a".repeat(length).into() } else { of_length(length) };
    if let Some(least) = length_of(about, "minLength") {
        tried.push((of_length(least), "the shortest text"));
        tried.extend(least.checked_sub(1).map(|length| (of_length(length), "a text that is too short")));
    }
    if let Some(most) = length_of(about, "maxLength") {
        tried.push((of_length(most), "the longest text"));
        tried.push((of_length(most + 1), "a text that is too long"));
    }
    if about.keyword("enum").is_some() {
        tried.push((text.to_uppercase().into(), "a listed value in another case"));
        tried.push((format!("{text} ").into(), "a listed value and a space"));
    }
    if about.keyword("pattern").is_some() {
        tried.push((format!("{text}!").into(), "a character after the pattern"));
        tried.push((format!("!{text}").into(), "a character before the pattern"));
        tried.push((format!("{text}\n").into(), "a line break after the pattern"));
        tried.push((format!("{text}{text}").into(), "the pattern twice"));
    }
    if let Some(format) = about.keyword("format").and_then(Value::as_str) {
        tried.extend(
            misformed(format).iter().map(|text| ((*text).into(), "a text that is not of its format")),
        );
    }
    tried
}

/// Texts that look like a format and are not of it.
fn misformed(format: &str) -> &'static [&'static str] {
    match format {
        "date" => &["2026-02-30", "2026-13-01", "01.02.2026"],
        "date-time" => &["2026-13-45T25:61:61Z", "2026-01-01", "2026-01-01T00:00:00"],
        "time" => &["25:00:00Z", "noon"],
        "uuid" => &["123e4567-e89b-12d3-a456-42661417400z", "123e4567"],
        "email" => &["nobody", "a@b@c"],
        "uri" | "url" => &["no uri", "//"],
        "ipv4" => &["256.1.1.1", "1.2.3"],
        "ipv6" => &["::g", "1.2.3.4"],
        "hostname" => &["-a-.example", "a b"],
        "byte" => &["$$$"],
        _ => &[],
    }
}

fn numbers(number: &Number, about: &Written<'_>) -> Vec<Tried> {
    let mut tried: Vec<(f64, &'static str)> =
        vec![(0.0, "zero"), (1.0, "one"), (-1.0, "a negative number"), (1e30, "a very large number")];
    let step = number_of(about, "multipleOf").unwrap_or(1.0);
    for keyword in ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] {
        if let Some(bound) = number_of(about, keyword) {
            tried.push((bound, "a bound"));
            tried.push((bound - step, "a step below a bound"));
            tried.push((bound + step, "a step above a bound"));
        }
    }
    match about.keyword("format").and_then(Value::as_str) {
        Some("int32") => {
            tried.extend([(2_147_483_647.0, "the largest int32"), (2_147_483_648.0, "more than an int32")]);
        }
        Some("int64") => tried.push((9.3e18, "more than an int64")),
        _ => {}
    }
    if let Some(value) = number.as_f64() {
        tried.push((value + 0.5, "half a step more"));
        tried.push((value + step / 2.0, "half a step more"));
    }
    tried.into_iter().filter_map(|(value, what)| Some((numeral(value)?, what))).collect()
}

/// A number as JSON, whole where it is.
fn numeral(value: f64) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53 are exact")]
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        return Some(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number)
}

fn lists(items: &[Value], about: &Written<'_>) -> Vec<Tried> {
    let mut tried: Vec<Tried> = vec![(json!([]), "an empty list")];
    let Some(first) = items.first() else { return tried };
    let of_length = |length: usize| -> Value { items.iter().cycle().take(length).cloned().collect() };
    let twice: Value = [first, first].into_iter().cloned().collect();
    tried.push((twice, "an item twice"));
    if let Some(least) = length_of(about, "minItems").filter(|least| *least <= 100) {
        tried.extend(least.checked_sub(1).map(|length| (of_length(length), "too few items")));
    }
    if let Some(most) = length_of(about, "maxItems").filter(|most| *most <= 1000) {
        tried.push((of_length(most), "the most items"));
        tried.push((of_length(most + 1), "too many items"));
    }
    tried
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::schema::Library;

    fn schema(schema: Value) -> Schema {
        let files = [("standin:a".to_owned(), Arc::new(schema))].into_iter().collect();
        Library::new(files).unwrap().compile("standin:a", &Pointer::root()).unwrap()
    }

    fn told(schema: &Schema, value: &Value, is_right: bool) -> Vec<String> {
        let changes = neighbours(schema, value).into_iter();
        let judged = changes.filter_map(|change| Some((schema.is_valid(&change.made(value)?), change)));
        judged
            .filter(|(right, _)| *right == is_right)
            .map(|(_, change)| format!("{}: {}", change.at, change.what))
            .collect()
    }

    #[test]
    fn the_neighbours_of_a_value_stand_on_both_sides_of_every_bound() {
        let pet = schema(json!({
            "type": "object", "required": ["name"], "additionalProperties": false,
            "properties": {"name": {"type": "string", "minLength": 2, "maxLength": 4}, "age": {"type": "integer", "minimum": 1}},
        }));
        let value = json!({"name": "Rex", "age": 3});
        let right = told(&pet, &value, true);
        for wanted in
            ["/name: the shortest text", "/name: the longest text", "/age: without `age`", "/age: a bound"]
        {
            assert!(right.iter().any(|told| told == wanted), "{wanted}: {right:?}");
        }
        let wrong = told(&pet, &value, false);
        for wanted in [
            "/name: without `name`",
            "/name: a text that is too short",
            "/name: a text that is too long",
            "/age: a step below a bound",
            "/age: a fraction",
            "/standinUnknown: a property that the schema does not name",
            ": a list",
        ] {
            assert!(wrong.iter().any(|told| told == wanted), "{wanted}: {wrong:?}");
        }
    }

    #[test]
    fn a_change_that_changes_nothing_is_none() {
        let put = |at: &str, to: Option<Value>| Change {
            at: Pointer::from_escaped(at.to_owned()),
            to,
            what: String::new(),
        };
        let value = json!({"a": {"b": 1}});
        assert_eq!(put("/a/b", Some(json!(1))).made(&value), None);
        assert_eq!(put("/a/c", None).made(&value), None);
        assert_eq!(put("/a/c", Some(json!(2))).made(&value), Some(json!({"a": {"b": 1, "c": 2}})));
        assert_eq!(put("/a/b", None).made(&value), Some(json!({"a": {}})));
        assert_eq!(put("", Some(json!([]))).made(&value), Some(json!([])));
    }
}
