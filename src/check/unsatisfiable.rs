//! Schemas that nothing satisfies, and the fewest keywords that are to blame.
//!
//! Whether nothing satisfies a schema is the validator's set algebra to prove. The blame is found by leaving out one
//! keyword after the other for as long as still nothing satisfies the rest (delta debugging, one by one).

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    structure::{DEEPEST, is_deeper, ticked},
    walk::{Kind, Position},
};
use crate::{
    document::{self, Document, Node},
    finding::{Code, Finding, Place, Pointer},
    schema::Library,
};

/// How many keywords are tried, at most.
const MOST: usize = 64;

/// The schemas of the document that nothing satisfies; of schemas within each other, the innermost.
pub(super) fn judge(
    library: &Library,
    document: &Document,
    positions: &[Position<'_>],
    goes_on: &dyn Fn() -> bool,
) -> Vec<Finding> {
    let schemas = positions.iter().filter(|position| position.kind == Kind::Schema);
    schemas.filter_map(|position| finding(library, document, &position.node, goes_on)).collect()
}

/// A keyword, or a part of one, that may be left out of a schema.
#[derive(Debug, Clone)]
struct Unit {
    /// Where it stands in the schema that is tried.
    trial: Pointer,
    /// Where it stands in the document.
    place: Place,
}

fn finding(
    library: &Library,
    document: &Document,
    schema: &Node<'_>,
    goes_on: &dyn Fn() -> bool,
) -> Option<Finding> {
    let members = schema.value().as_object().filter(|members| may_conflict(members))?;
    if is_deeper(schema.value(), DEEPEST) || !goes_on() {
        return None;
    }
    let Place { file, pointer } = schema.place();
    if !library.is_unsatisfiable(file, schema.value()) {
        return None;
    }
    let (trial, units) = spread(document, schema.place(), members);
    let mut blamed = fewest(library, file, (trial, units), goes_on)?;
    blamed.sort_by_key(|unit| rank(unit, schema.place()));
    // A part that nothing satisfies by itself is told where it stands.
    let is_inner = |unit: &Unit| {
        let Some(node) = document.at(&unit.place) else { return false };
        if unit.place.pointer.last().as_deref() == Some("$ref") {
            return library.is_unsatisfiable(&unit.place.file, &json!({ "$ref": node.value() }));
        }
        let parts = inner_schemas(&unit.place, node.value());
        parts.into_iter().any(|part| part.is_object() && library.is_unsatisfiable(&unit.place.file, part))
    };
    if blamed.iter().any(is_inner) || is_meant(&blamed) {
        return None;
    }
    let names: Vec<String> = blamed.iter().map(|unit| shown(&unit.place, file, pointer, document)).collect();
    let message = match names.as_slice() {
        [one] => format!("nothing satisfies this schema: {one} leaves no value"),
        _ => format!("nothing satisfies this schema: {} exclude each other", names.join(", ")),
    };
    let first = document.at(&blamed.first()?.place)?;
    let mut finding = first.error(Code::UnsatisfiableSchema, message);
    if let Some(other) = blamed.get(1) {
        finding = finding.ruled_by(&other.place);
    }
    let change = if blamed.len() > 1 { "change one of them" } else { "change it" };
    Some(finding.help(format!("{change}, or write the schema `false` where nothing is meant to satisfy it")))
}

/// Whether a schema has keywords that may leave no value: most have none, and need no proof.
fn may_conflict(members: &Map<String, Value>) -> bool {
    const HARMLESS: [&str; 20] = [
        "type",
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "nullable",
        "xml",
        "externalDocs",
        "discriminator",
        "$comment",
        "$id",
        "$anchor",
        "$schema",
        "$defs",
        "contentMediaType",
        "contentEncoding",
    ];
    let is_harmless = |name: &String, value: &Value| match name.as_str() {
        "properties" => {
            let is_object = |value: &Value| value != &Value::Bool(false);
            value.as_object().is_some_and(|properties| properties.values().all(is_object))
        }
        "required" => !members.contains_key("additionalProperties"),
        "additionalProperties" | "items" => !matches!(value, Value::Bool(false)),
        "$ref" => members.len() == 1,
        name => HARMLESS.contains(&name) || name.starts_with("x-"),
    };
    !members.iter().all(|(name, value)| is_harmless(name, value))
}

/// The schema with the parts of its `allOf` written out, and every keyword of it.
fn spread(document: &Document, at: &Place, members: &Map<String, Value>) -> (Value, Vec<Unit>) {
    let mut trial = Value::Object(members.clone());
    let mut units = Vec::new();
    let root = Pointer::root();
    own_units(members, &root, at, &mut units);
    let parts = members.get("allOf").and_then(Value::as_array).into_iter().flatten();
    for (index, part) in parts.enumerate() {
        let here = Pointer::root().join("allOf").join(index);
        let mut place = Place { file: Arc::clone(&at.file), pointer: at.pointer.append(&here) };
        let mut value = part.clone();
        if let Some(reference) = part
            .get("$ref")
            .and_then(Value::as_str)
            .filter(|_| part.as_object().is_some_and(|part| part.len() == 1))
        {
            let target = document::target(&at.file, reference);
            // References in another file are relative to that file, so a part of it is not written out here.
            if let Some(node) = document.at(&target).filter(|_| target.file == at.file) {
                value = node.value().clone();
                place = target;
            }
        }
        if let Some(members) = value.as_object() {
            own_units(members, &here, &place, &mut units);
        }
        if let Some(slot) = trial.pointer_mut(here.as_str()) {
            *slot = value;
        }
    }
    (trial, units)
}

fn own_units(members: &Map<String, Value>, trial: &Pointer, at: &Place, units: &mut Vec<Unit>) {
    for (name, value) in members {
        let mut add = |tail: &Pointer| {
            let place = Place { file: Arc::clone(&at.file), pointer: at.pointer.append(tail) };
            units.push(Unit { trial: trial.append(tail), place });
        };
        let keyword = Pointer::root().join(name);
        match (name.as_str(), value.as_object()) {
            ("allOf", _) if trial.as_str().is_empty() => {}
            ("properties", Some(properties)) => {
                properties.keys().for_each(|property| add(&keyword.join(property)));
            }
            _ => add(&keyword),
        }
    }
}

/// Leaves out every keyword without which still nothing satisfies the schema; what stays is to blame.
fn fewest(
    library: &Library,
    file: &str,
    (mut trial, units): (Value, Vec<Unit>),
    goes_on: &dyn Fn() -> bool,
) -> Option<Vec<Unit>> {
    if units.len() > MOST || !library.is_unsatisfiable(file, &trial) {
        return None;
    }
    let mut blamed = Vec::new();
    for unit in units {
        if !goes_on() {
            return None;
        }
        let without = without(&trial, &unit.trial);
        if library.is_unsatisfiable(file, &without) {
            trial = without;
        } else {
            blamed.push(unit);
        }
    }
    Some(blamed)
}

/// In which order keywords are told: the schema's own first, and last those that seldom surprise.
fn rank(unit: &Unit, schema: &Place) -> (u8, bool) {
    let plainness = match unit.trial.last().as_deref() {
        Some("type") => 2,
        Some("required") => 1,
        _ => 0,
    };
    let is_own =
        unit.place.file == schema.file && unit.place.pointer.as_str().starts_with(schema.pointer.as_str());
    (plainness, !is_own)
}

fn without(schema: &Value, pointer: &Pointer) -> Value {
    let mut schema = schema.clone();
    let holder = pointer.parent().and_then(|parent| schema.pointer_mut(parent.as_str()));
    if let (Some(Value::Object(members)), Some(name)) = (holder, pointer.last()) {
        members.shift_remove(&name);
    }
    schema
}

/// The schemas that a keyword or a property holds.
fn inner_schemas<'v>(place: &Place, value: &'v Value) -> Vec<&'v Value> {
    let is_property =
        place.pointer.parent().and_then(|parent| parent.last()).as_deref() == Some("properties");
    match (place.pointer.last().as_deref(), value) {
        _ if is_property => vec![value],
        (Some("oneOf" | "anyOf"), Value::Array(branches)) if !branches.is_empty() => {
            branches.iter().take(1).collect()
        }
        (Some("allOf" | "prefixItems"), Value::Array(parts)) => parts.iter().collect(),
        (Some("items" | "contains" | "additionalProperties" | "propertyNames"), schema) => vec![schema],
        _ => Vec::new(),
    }
}

/// Whether the schema is `not: {}` or the like, which is a way to write `false`.
fn is_meant(blamed: &[Unit]) -> bool {
    matches!(blamed, [unit] if unit.place.pointer.last().as_deref() == Some("not"))
}

/// A keyword as a reader finds it: what it says, and its place where that is not in the schema itself.
fn shown(place: &Place, file: &Arc<str>, schema: &Pointer, document: &Document) -> String {
    const READABLE: usize = 60;
    let value = document.at(place).map(|node| node.value().to_string()).unwrap_or_default();
    let value = if value.chars().count() > READABLE { "…".to_owned() } else { value };
    let name = place.pointer.last().unwrap_or_default();
    let holder = place.pointer.parent().unwrap_or_default();
    let inside = holder.as_str().strip_prefix(schema.as_str()).filter(|_| place.file == *file);
    let at = match inside {
        Some("") => String::new(),
        Some(tail) => format!(" in `{}`", tail.trim_start_matches('/')),
        None => format!(" in `{holder}`"),
    };
    format!("{}{at}", ticked(&[format!("{name}: {value}")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_that_refer_to_each_other_hundreds_of_times_fit_a_small_stack() {
        let link = |at: usize| {
            let next = json!({ "$ref": format!("#/{}", at + 1) });
            json!({ "type": "object", "required": ["next"], "properties": { "next": next } })
        };
        let mut chain: Map<String, Value> = (0..800).map(|at| (at.to_string(), link(at))).collect();
        chain.insert("800".to_owned(), json!({ "type": "string" }));
        let file = ("standin:chain".to_owned(), Arc::new(Value::Object(chain)));
        let library = Library::new([file].into_iter().collect()).unwrap();
        let small = std::thread::Builder::new().stack_size(256 * 1024);
        let proof = small.spawn(move || library.is_unsatisfiable("standin:chain", &json!({ "$ref": "#/0" })));
        assert!(!proof.unwrap().join().unwrap());
    }
}
