//! One text → a value. A text may mean several things: `5` is a number and a string; the schema tells which is meant.

use serde_json::Value;

use crate::schema::{Schema, Violation};

/// What a text means as a JSON scalar; the text itself where it means none.
pub(super) fn scalar(text: &str) -> Value {
    // JSON allows spaces around a value; around a number in a text they are part of the text.
    match serde_json::from_str(text) {
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
