//! Sample values → a JSON Schema (2020-12) that every one of them satisfies.
//!
//! What the samples have in common is required, what they differ in is united. Nothing here knows where samples come
//! from, or what an API is. Read [`Samples`] first.

mod format;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use self::format::Formats;

/// What a schema says of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// That they are texts: whoever sends another one is not refused for its form.
    Plain,
    /// Also their format, where every sample has it.
    Formats,
}

/// Values that were seen at one place.
///
/// ```
/// use serde_json::json;
/// use standin::inference::{Samples, Texts};
///
/// let mut samples = Samples::default();
/// samples.add(&json!({"id": 1, "name": "Rex"}));
/// samples.add(&json!({"id": 2.5}));
/// let schema = json!({
///     "type": "object",
///     "properties": {"id": {"type": "number"}, "name": {"type": "string"}},
///     "required": ["id"],
/// });
/// assert_eq!(samples.schema(Texts::Plain), schema);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Samples {
    count: usize,
    /// Whether one of them may be anything.
    is_open: bool,
    types: BTreeSet<Type>,
    texts: Option<Formats>,
    /// The items of all arrays.
    items: Option<Box<Samples>>,
    objects: Option<Objects>,
}

/// The types of JSON Schema, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Type {
    Object,
    Array,
    String,
    /// A number with a fraction.
    Number,
    Integer,
    Boolean,
    Null,
}

#[derive(Debug, Clone, Default)]
struct Objects {
    count: usize,
    members: IndexMap<String, Samples>,
}

impl Samples {
    /// Adds a value.
    pub fn add(&mut self, value: &Value) {
        self.note(value, None);
    }

    /// Adds a value in which the text `gap` stands for values of which nothing is known.
    pub fn add_around(&mut self, value: &Value, gap: &str) {
        self.note(value, Some(gap));
    }

    fn note(&mut self, value: &Value, gap: Option<&str>) {
        self.count += 1;
        if value.as_str().is_some() && value.as_str() == gap {
            self.is_open = true;
            return;
        }
        self.types.insert(Type::of(value));
        match value {
            Value::String(text) => match &mut self.texts {
                Some(formats) => formats.keep(text),
                None => self.texts = Some(Formats::of(text)),
            },
            Value::Array(items) => {
                let held = self.items.get_or_insert_default();
                for item in items {
                    held.note(item, gap);
                }
            }
            Value::Object(members) => {
                let held = self.objects.get_or_insert_default();
                held.count += 1;
                for (name, member) in members {
                    held.members.entry(name.clone()).or_default().note(member, gap);
                }
            }
            _ => {}
        }
    }

    /// The schema that all of them satisfy.
    ///
    /// Where there was nothing but `null`, it says nothing: `null` is what is sent for any value that is not known.
    pub fn schema(&self, texts: Texts) -> Value {
        let types = self.types();
        let mut schema = Map::new();
        match types.as_slice() {
            _ if self.is_open => return json!({}),
            [] | ["null"] => return json!({}),
            [one] => schema.insert("type".to_owned(), json!(one)),
            several => schema.insert("type".to_owned(), json!(several)),
        };
        if let Some(format) = self.texts.as_ref().and_then(Formats::name).filter(|_| texts == Texts::Formats)
        {
            schema.insert("format".to_owned(), format.into());
        }
        if let Some(items) = self.items.as_ref().filter(|items| items.count > 0) {
            schema.insert("items".to_owned(), items.schema(texts));
        }
        if let Some(objects) = &self.objects {
            objects.describe(&mut schema, texts);
        }
        Value::Object(schema)
    }

    fn types(&self) -> Vec<&'static str> {
        // Every integer is a number.
        let is_told = |one: &&Type| **one != Type::Integer || !self.types.contains(&Type::Number);
        self.types.iter().filter(is_told).map(|one| one.name()).collect()
    }
}

impl Type {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }
}

impl Objects {
    fn describe(&self, schema: &mut Map<String, Value>, texts: Texts) {
        if self.members.is_empty() {
            return;
        }
        let properties = self.members.iter().map(|(name, member)| (name.clone(), member.schema(texts)));
        schema.insert("properties".to_owned(), Value::Object(properties.collect()));
        let always = self.members.iter().filter(|(_, member)| member.count == self.count);
        let required: Vec<&str> = always.map(|(name, _)| name.as_str()).collect();
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(samples: &[Value], texts: Texts) -> Value {
        let mut all = Samples::default();
        for sample in samples {
            all.add(sample);
        }
        all.schema(texts)
    }

    #[test]
    fn types_that_differ_are_united() {
        let samples = [json!(1), json!("a"), json!(null), json!(true)];
        assert_eq!(schema(&samples, Texts::Plain), json!({"type": ["string", "integer", "boolean", "null"]}));
        assert_eq!(schema(&[json!(1), json!(1.5)], Texts::Plain), json!({"type": "number"}));
    }

    #[test]
    fn the_items_of_all_arrays_are_one() {
        let samples = [json!([]), json!([{"a": 1}, {"a": 2, "b": [null]}])];
        let item = json!({
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {}}},
            "required": ["a"],
        });
        assert_eq!(schema(&samples, Texts::Plain), json!({"type": "array", "items": item}));
        assert_eq!(schema(&[json!([])], Texts::Plain), json!({"type": "array"}));
    }

    #[test]
    fn a_gap_says_nothing_of_its_value() {
        let mut samples = Samples::default();
        samples.add_around(&json!({"id": "?", "name": "Rex"}), "?");
        let properties = json!({"id": {}, "name": {"type": "string"}});
        let expected = json!({"type": "object", "properties": properties, "required": ["id", "name"]});
        assert_eq!(samples.schema(Texts::Plain), expected);
    }

    #[test]
    fn a_format_is_told_where_it_is_asked_for_and_every_sample_has_it() {
        let dates = [json!("2026-01-31"), json!("2026-02-01")];
        assert_eq!(schema(&dates, Texts::Formats), json!({"type": "string", "format": "date"}));
        assert_eq!(schema(&dates, Texts::Plain), json!({"type": "string"}));
        let mixed = [json!("2026-01-31"), json!("soon")];
        assert_eq!(schema(&mixed, Texts::Formats), json!({"type": "string"}));
        assert_eq!(
            schema(&[json!("2026-01-31"), json!(null)], Texts::Formats),
            json!({"type": ["string", "null"], "format": "date"})
        );
    }
}
