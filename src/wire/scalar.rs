//! One text → a value. A text may mean several things: `5` is a number and a string; the schema tells which is meant.

use serde_json::Value;

use crate::schema::{Schema, Violation};

/// What a text means as JSON.
///
/// An integer beyond 64 bits is read as the nearest float. That may be the least `int64`, and would satisfy a bound that
/// the text breaks; of such a text it is the float below.
pub(super) fn json(text: &str) -> serde_json::Result<Value> {
    let mut value = serde_json::from_str(text)?;
    if has_less_than_least(text) {
        lower(&mut value);
    }
    Ok(value)
}

/// The float that is nearest to a number, or below the least `int64` where the number is.
pub(super) fn float(text: &str) -> Option<f64> {
    let float: f64 = text.parse().ok()?;
    Some(if has_less_than_least(text) { float.next_down() } else { float })
}

/// Whether a text holds an integer whose nearest float is the least `int64`, although it is less.
fn has_less_than_least(text: &str) -> bool {
    const START: &str = "-922337203685477";
    text.match_indices(START).any(|(at, _)| {
        let rest = &text[at..];
        let end = rest[1..].find(|other: char| !other.is_ascii_digit()).map_or(rest.len(), |end| end + 1);
        let (digits, after) = rest.split_at(end);
        let is_whole = !after.starts_with(['.', 'e', 'E']);
        is_whole && digits.parse::<i64>().is_err() && digits.parse() == Ok(LEAST)
    })
}

/// The least `int64`, which is a power of two.
const LEAST: f64 = -9_223_372_036_854_775_808.0;

fn lower(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() && number.as_f64() == Some(LEAST) => {
            *value = LEAST.next_down().into();
        }
        Value::Array(items) => items.iter_mut().for_each(lower),
        Value::Object(members) => members.values_mut().for_each(lower),
        _ => {}
    }
}

/// What a text means as a JSON scalar; the text itself where it means none.
pub(super) fn scalar(text: &str) -> Value {
    // JSON allows spaces around a value; around a number in a text they are part of the text.
    match json(text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::Null)) if text.trim() == text => value,
        _ => Value::String(text.to_owned()),
    }
}

/// The reading that satisfies the schema; where none does, the one whose violations tell most about the text.
pub(super) fn best(schema: Option<&Schema>, readings: Vec<Value>) -> (Value, Vec<Violation>) {
    let judged = readings.into_iter().map(|reading| {
        let violations = schema.map(|schema| schema.violations(&reading)).unwrap_or_default();
        (reading, violations)
    });
    judged.min_by_key(|(_, violations)| rank(violations)).unwrap_or((Value::Null, Vec::new()))
}

/// A reading of the wrong type says nothing about the text; it is told only where every reading is of a wrong type.
pub(super) fn rank(violations: &[Violation]) -> (bool, usize, usize) {
    let of_type = violations.iter().filter(|violation| violation.keyword == "type").count();
    (!violations.is_empty(), of_type, violations.len())
}
