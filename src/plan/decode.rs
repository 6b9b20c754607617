//! Texts of a request → values that a schema can judge.

use serde_json::Value;

use crate::{
    api::Parameter,
    finding::Part,
    schema::{Schema, Violation},
};

/// What a parameter's texts mean, and how that breaks its schema.
///
/// A text may mean several things: `5` is a number and a string. The reading that satisfies the schema is the right one;
/// where none does, the violations are those of the reading that the schema's types ask for.
pub(super) fn parameter(parameter: &Parameter, texts: &[String]) -> (Value, Vec<Violation>) {
    let Some(schema) = &parameter.schema else {
        return (Value::String(texts.join(",")), Vec::new());
    };
    let is_separated = !(parameter.explode && matches!(parameter.part, Part::Query | Part::Cookie));
    if is_separated && has_type(schema, "array") {
        let items: Vec<String> = texts.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
        return best(schema, readings(schema, &items));
    }
    best(schema, readings(schema, texts))
}

/// The value of a form's field, sent once or repeatedly, read as the schema wants it; without one, as it was sent.
pub(super) fn texts(schema: Option<&Schema>, texts: &[String]) -> Value {
    match (schema, texts) {
        (Some(schema), _) => best(schema, readings(schema, texts)).0,
        (None, [text]) => Value::String(text.clone()),
        (None, _) => texts.iter().map(|text| Value::String(text.clone())).collect(),
    }
}

fn readings(schema: &Schema, texts: &[String]) -> Vec<Value> {
    let as_texts = || texts.iter().map(|text| Value::String(text.clone())).collect();
    if has_type(schema, "array") {
        return vec![as_texts(), texts.iter().map(|text| scalar(text)).collect()];
    }
    match texts {
        [text] => vec![Value::String(text.clone()), scalar(text)],
        // A single value that is repeated is no single value: it is judged as the list that was sent.
        _ => vec![as_texts()],
    }
}

fn best(schema: &Schema, readings: Vec<Value>) -> (Value, Vec<Violation>) {
    let judged = readings.into_iter().map(|reading| {
        let violations = schema.violations(&reading);
        (reading, violations)
    });
    // A reading of the wrong type says nothing about the text; it is told only where every reading is of a wrong type.
    let rank = |violations: &[Violation]| {
        let of_type = violations.iter().filter(|violation| violation.keyword == "type").count();
        (!violations.is_empty(), of_type, violations.len())
    };
    judged.min_by_key(|(_, violations)| rank(violations)).unwrap_or((Value::Null, Vec::new()))
}

/// What a text means as a JSON scalar; the text itself where it means none.
fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => value,
        _ => Value::String(text.to_owned()),
    }
}

fn has_type(schema: &Schema, name: &str) -> bool {
    match schema.resolved().get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}
