//! Texts → typed values. A text may mean several things where a schema leaves it open; the whole value then decides.
//!
//! [`meanings`] gives what a text may mean, likeliest first; [`settle`] puts the readings together that satisfy the schema.

use serde_json::Value;

use super::{
    Read,
    scalar::{json, rank, scalar},
};
use crate::{
    finding::Pointer,
    schema::{Types, Violation, Written},
};

/// How many places of a value are read anew where the first reading is not right.
const OPEN: usize = 32;

/// How many violations are looked at to tell which places those are.
const LOOKED_AT: usize = 256;

/// How many readings of one place are tried.
pub(super) const READINGS: usize = 4;

/// How many items of a list are looked up by their place; those after them are all alike, but for very long tuples.
const APART: usize = 16;

/// The types that a value may have; where none is written, those whose keywords are.
pub(super) fn wanted(about: &Written<'_>) -> Types {
    let types = about.types();
    if types != Types::ALL {
        return types;
    }
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| about.keyword(keyword).is_some());
    match (has(&["properties", "additionalProperties", "patternProperties"]), has(&["items", "prefixItems"]))
    {
        (true, false) => Types::OBJECT,
        (false, true) => Types::ARRAY,
        _ => types,
    }
}

/// Whether a list is among the values that are asked for by name.
pub(super) fn wants_list(types: Types) -> bool {
    types != Types::ALL && types.meets(Types::ARRAY)
}

/// What a text may mean as one value, likeliest first; never empty.
pub(super) fn meanings(about: &Written<'_>, text: &str) -> Vec<Value> {
    let types = wanted(about);
    let as_text = Value::String(text.to_owned());
    // Alternatives that exclude one another say nothing together: each reading may be meant.
    let is_open = types == Types::ALL || types == Types::NONE;
    let mut found = Vec::new();
    if text == "null" && types.meets(Types::NULL) && !is_open {
        found.push(Value::Null);
    }
    if is_open || types.meets(Types::STRING) {
        found.push(as_text.clone());
    }
    match scalar(text) {
        Value::String(_) => {}
        value if is_open || types.meets(broad(&value)) => found.push(value),
        _ => {}
    }
    if text.is_empty() && types.meets(Types::NULL) && !types.meets(Types::STRING) {
        found.push(Value::Null);
    }
    if (types.meets(Types::OBJECT) || types.meets(Types::ARRAY)) && text.trim_start().starts_with(['{', '['])
    {
        found.extend(json(text).ok().filter(|value| is_open || types.meets(broad(value))));
    }
    if found.is_empty() {
        found.push(as_text);
    }
    found.dedup();
    found
}

/// The type of a value, all numbers taken as one.
fn broad(value: &Value) -> Types {
    if value.is_number() { Types::NUMBER } else { Types::of(value) }
}

/// What a field may mean that was sent once or repeatedly; never empty.
pub(super) fn field(about: &Written<'_>, texts: &[String]) -> Vec<Value> {
    let types = wanted(about);
    let list = || lists(&each(about, texts, |about, text| meanings(about, text)));
    match texts {
        [text] if types == Types::ARRAY => {
            let mut found = list();
            found.extend(meanings(about, text).into_iter().filter(Value::is_array));
            found
        }
        [text] => {
            let mut found = meanings(about, text);
            if wants_list(types) {
                found.extend(list());
            }
            found
        }
        _ if types.meets(Types::ARRAY) => list(),
        // A single value that is repeated is no single value: it is judged as the list that was sent.
        _ => vec![texts.iter().map(|text| Value::String(text.clone())).collect()],
    }
}

/// What is made of each item, by what is written about it.
pub(super) fn each<'a, T, R>(
    about: &Written<'a>,
    items: &[T],
    mut read: impl FnMut(&Written<'a>, &T) -> R,
) -> Vec<R> {
    let beyond = about.item(APART);
    let items = items.iter().enumerate();
    items
        .map(|(at, item)| if at < APART { read(&about.item(at), item) } else { read(&beyond, item) })
        .collect()
}

/// The lists that items may make: of their first readings, of their second ones, and so on.
pub(super) fn lists(items: &[Vec<Value>]) -> Vec<Value> {
    let ways = items.iter().map(Vec::len).max().unwrap_or(1).clamp(1, READINGS);
    let nth = |way: usize| items.iter().filter_map(|readings| picked(readings, way)).collect();
    (0..ways).map(nth).collect()
}

/// The objects that members may make, in the same way.
pub(super) fn objects(members: &[(String, Vec<Value>)]) -> Vec<Value> {
    let ways = members.iter().map(|(_, readings)| readings.len()).max().unwrap_or(1).clamp(1, READINGS);
    let nth = |way: usize| {
        let members =
            members.iter().filter_map(|(name, readings)| Some((name.clone(), picked(readings, way)?)));
        Value::Object(members.collect())
    };
    (0..ways).map(nth).collect()
}

/// The reading of that number, or the last one.
pub(super) fn picked(readings: &[Value], way: usize) -> Option<Value> {
    readings.get(way).or(readings.last()).cloned()
}

/// The value that is made of the first readings, and the places that may be read otherwise.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) value: Value,
    pub(super) open: Vec<(Pointer, Vec<Value>)>,
}

impl Draft {
    /// A draft of an object.
    pub(super) fn object(members: Vec<(String, Vec<Value>)>) -> Self {
        let value = members.iter().filter_map(|(name, readings)| Some((name.clone(), picked(readings, 0)?)));
        let value = Value::Object(value.collect());
        let open = members.into_iter().map(|(name, readings)| (Pointer::root().join(name), readings));
        Self { value, open: open.filter(|(_, readings)| readings.len() > 1).collect() }
    }

    /// A draft of a list.
    pub(super) fn list(items: Vec<Vec<Value>>) -> Self {
        let value = items.iter().filter_map(|readings| picked(readings, 0)).collect();
        let open = items.into_iter().enumerate().map(|(at, readings)| (Pointer::root().join(at), readings));
        Self { value, open: open.filter(|(_, readings)| readings.len() > 1).collect() }
    }

    /// A draft of a value that may mean several things as a whole.
    pub(super) fn whole(readings: Vec<Value>) -> Self {
        Self { value: picked(&readings, 0).unwrap_or_default(), open: vec![(Pointer::root(), readings)] }
    }
}

/// The readings that satisfy the schema; where none do, those whose violations tell most about what was sent.
pub(super) fn settle(draft: Draft, judge: impl Fn(&Value) -> Vec<Violation>) -> Read {
    let Draft { value, open } = draft;
    let mut best = Read { violations: judge(&value), value };
    let told = &best.violations[..best.violations.len().min(LOOKED_AT)];
    let may_mend = |(pointer, _): &(Pointer, _)| told.iter().any(|violation| concerns(violation, pointer));
    let open: Vec<_> = open.into_iter().filter(may_mend).take(OPEN).collect();
    for way in 1..READINGS {
        attempt(&mut best, &open, way, &judge);
    }
    for place in &open {
        for way in 0..place.1.len().min(READINGS) {
            attempt(&mut best, std::slice::from_ref(place), way, &judge);
        }
    }
    best
}

/// Reads the places in another way, and keeps it where that is better.
fn attempt(
    best: &mut Read,
    places: &[(Pointer, Vec<Value>)],
    way: usize,
    judge: impl Fn(&Value) -> Vec<Violation>,
) {
    if best.violations.is_empty() {
        return;
    }
    let mut held = Vec::new();
    for (pointer, readings) in places {
        if let (Some(slot), Some(reading)) = (best.value.pointer_mut(pointer.as_str()), picked(readings, way))
        {
            held.push((pointer, std::mem::replace(slot, reading)));
        }
    }
    let violations = judge(&best.value);
    if rank(&violations) < rank(&best.violations) {
        best.violations = violations;
        return;
    }
    for (pointer, value) in held {
        if let Some(slot) = best.value.pointer_mut(pointer.as_str()) {
            *slot = value;
        }
    }
}

/// Whether another reading of a place may mend a violation: one in it, or one of a whole that looks at its parts.
fn concerns(violation: &Violation, place: &Pointer) -> bool {
    let counts =
        ["required", "additionalProperties", "minProperties", "maxProperties", "minItems", "maxItems"];
    let (at, place) = (violation.instance.as_str(), place.as_str());
    let is_below = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_below(at, place) || is_below(place, at) && !counts.contains(&violation.keyword.as_str())
}
