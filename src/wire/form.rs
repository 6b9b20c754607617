//! `application/x-www-form-urlencoded` ↔ an object (WHATWG URL, section 5; OAS 3.1, section 4.8.14.4).

use indexmap::IndexMap;
use serde_json::Value;

use super::scalar::{best, scalar};
use crate::{
    api::Content,
    exchange,
    schema::{Schema, Types},
};

/// A form as an object, each field read as its property's schema wants it; a list is a field that is repeated.
pub(super) fn read(content: &Content, text: &str) -> Value {
    let schema = content.schema.as_ref();
    let mut fields: IndexMap<String, Vec<String>> = IndexMap::new();
    for (name, value) in exchange::pairs(text) {
        fields.entry(name).or_default().push(value);
    }
    let members = fields.into_iter().map(|(name, texts)| {
        let property = schema.and_then(|schema| schema.property(&name));
        let value = field(property, &texts);
        (name, value)
    });
    Value::Object(members.collect())
}

/// The value of a field, sent once or repeatedly, read as the schema wants it; without one, as it was sent.
fn field(schema: Option<&Schema>, texts: &[String]) -> Value {
    match (schema, texts) {
        (Some(schema), _) => best(Some(schema), readings(schema, texts)).0,
        (None, [text]) => Value::String(text.clone()),
        (None, _) => texts.iter().map(|text| Value::String(text.clone())).collect(),
    }
}

/// What texts may mean, one value for each reading.
pub(super) fn readings(schema: &Schema, texts: &[String]) -> Vec<Value> {
    let as_texts = || texts.iter().map(|text| Value::String(text.clone())).collect();
    let types = schema.about().types();
    if types != Types::ALL && types.meets(Types::ARRAY) {
        return vec![as_texts(), texts.iter().map(|text| scalar(text)).collect()];
    }
    match texts {
        [text] => vec![Value::String(text.clone()), scalar(text)],
        // A single value that is repeated is no single value: it is judged as the list that was sent.
        _ => vec![as_texts()],
    }
}
