//! A schema of any dialect → the same schema in JSON Schema 2020-12.

use serde_json::{Map, Value, json};

use super::{Lifter, Version};
use crate::finding::Trail;

/// The dialects of JSON Schema, as far as they differ in what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::document) enum Dialect {
    /// The Schema Object of Swagger 2.0 and `OpenAPI` 3.0, and draft 4, which it extends.
    OpenApi30,
    /// Draft 6 and draft 7.
    Draft7,
    /// 2019-09.
    Draft201909,
    /// 2020-12, and the base dialects of `OpenAPI` 3.1 and 3.2.
    Draft202012,
}

impl Dialect {
    pub(super) const KNOWN: &str = "the dialects of JSON Schema are known (draft 4, 6, 7, 2019-09, 2020-12), and those of OpenAPI 3.1 and 3.2";

    /// The dialect of that URI.
    pub(super) fn named(uri: &str) -> Option<Self> {
        let uri = uri.trim_end_matches('#');
        let path = uri.split_once("://").map_or(uri, |(_, path)| path);
        Some(match path {
            "json-schema.org/draft-04/schema" => Self::OpenApi30,
            "json-schema.org/draft-06/schema" | "json-schema.org/draft-07/schema" => Self::Draft7,
            "json-schema.org/draft/2019-09/schema" => Self::Draft201909,
            "json-schema.org/draft/2020-12/schema" => Self::Draft202012,
            path if path.starts_with("spec.openapis.org/oas/3.") => Self::Draft202012,
            _ => return None,
        })
    }

    /// Whether what stands beside `$ref` is to be ignored (draft 7, section 8.3; OAS 3.0, section 4.7.23).
    fn ignores_siblings(self) -> bool {
        matches!(self, Self::OpenApi30 | Self::Draft7)
    }
}

/// What may stand beside a reference that says all: it judges nothing.
const ANNOTATIONS: [&str; 4] = ["$ref", "description", "summary", "title"];

/// The numbers that a format means (`OpenAPI` Format Registry).
fn bounds(format: &str) -> Option<(Value, Value)> {
    Some(match format {
        "int8" => (json!(i8::MIN), json!(i8::MAX)),
        "int16" => (json!(i16::MIN), json!(i16::MAX)),
        "int32" => (json!(i32::MIN), json!(i32::MAX)),
        "int64" => (json!(i64::MIN), json!(i64::MAX)),
        "uint8" => (json!(0), json!(u8::MAX)),
        "uint16" => (json!(0), json!(u16::MAX)),
        "uint32" => (json!(0), json!(u32::MAX)),
        "uint64" => (json!(0), json!(u64::MAX)),
        "float" => (json!(f64::from(f32::MIN)), json!(f64::from(f32::MAX))),
        _ => return None,
    })
}

impl Lifter<'_> {
    /// Brings one schema, whose subschemas are lifted already, to 2020-12.
    pub(super) fn schema(&mut self, value: &mut Value, trail: &Trail<'_>) {
        self.mend(value, trail);
        let Value::Object(schema) = value else { return };
        let dialect = self.dialect.last().copied().unwrap_or(Dialect::Draft202012);
        if dialect.ignores_siblings() && schema.contains_key("$ref") {
            schema.retain(|key, _| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"));
        }
        if dialect == Dialect::OpenApi30 {
            nullable(schema);
            exclusive(schema, "exclusiveMinimum", "minimum");
            exclusive(schema, "exclusiveMaximum", "maximum");
            if let Some(name) = schema.get("discriminator").and_then(Value::as_str) {
                schema["discriminator"] = json!({ "propertyName": name });
            }
        }
        if dialect != Dialect::Draft202012 {
            tuple(schema);
            dependencies(schema);
        }
        if schema.get("type").and_then(Value::as_str) == Some("file") {
            schema.insert("type".to_owned(), "string".into());
            schema.insert("format".to_owned(), "binary".into());
        }
        if self.version == Version::Swagger {
            schema.shift_remove("collectionFormat");
        }
        dynamic(schema);
        for name in ["$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"] {
            if schema.get(name).is_some_and(|value| value.is_string() || value.is_boolean()) {
                schema.shift_remove(name);
            }
        }
        bound(schema);
    }
}

/// `nullable` says something only beside a `type` (OAS 3.0.4, section 4.7.24).
fn nullable(schema: &mut Map<String, Value>) {
    let says = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    let is_nullable = says("nullable") || says("x-nullable");
    schema.shift_remove("nullable");
    if !is_nullable {
        return;
    }
    match schema.get_mut("type") {
        Some(Value::String(name)) if name != "null" => {
            let name = std::mem::take(name);
            schema.insert("type".to_owned(), json!([name, "null"]));
        }
        Some(Value::Array(names)) if !names.contains(&json!("null")) => names.push(json!("null")),
        _ => {}
    }
}

/// `exclusiveMinimum: true` makes `minimum` exclusive (draft 4, section 5.1.3).
fn exclusive(schema: &mut Map<String, Value>, flag: &str, bound: &str) {
    match schema.get(flag) {
        Some(Value::Bool(true)) => {
            schema.shift_remove(flag);
            if let Some(at) = schema.shift_remove(bound) {
                schema.insert(flag.to_owned(), at);
            }
        }
        Some(Value::Bool(false)) => {
            schema.shift_remove(flag);
        }
        _ => {}
    }
}

/// A list of `items` is `prefixItems` now, and what follows it `items` (2020-12, section 10.3.1).
fn tuple(schema: &mut Map<String, Value>) {
    if schema.get("items").is_some_and(Value::is_array) {
        let list = schema.shift_remove("items").unwrap_or_default();
        schema.insert("prefixItems".to_owned(), list);
        if let Some(rest) = schema.shift_remove("additionalItems") {
            schema.insert("items".to_owned(), rest);
        }
    }
    schema.shift_remove("additionalItems");
}

fn dependencies(schema: &mut Map<String, Value>) {
    let Some(Value::Object(members)) = schema.shift_remove("dependencies") else { return };
    for (name, value) in members {
        let keyword = if value.is_array() { "dependentRequired" } else { "dependentSchemas" };
        let held = schema.entry(keyword).or_insert_with(|| json!({}));
        if let Some(held) = held.as_object_mut() {
            held.entry(name).or_insert(value);
        }
    }
}

/// A dynamic reference is followed to where it leads at first; nothing overrides it.
fn dynamic(schema: &mut Map<String, Value>) {
    for keyword in ["$dynamicRef", "$recursiveRef"] {
        if let Some(reference) = schema.shift_remove(keyword).filter(Value::is_string) {
            schema.entry("$ref").or_insert(reference);
        }
    }
}

/// Writes out what the format of a number means.
fn bound(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let Some((least, most)) = format.and_then(bounds).filter(|_| is_numeric(schema.get("type"))) else {
        return;
    };
    if !schema.contains_key("minimum") && !schema.contains_key("exclusiveMinimum") {
        schema.insert("minimum".to_owned(), least);
    }
    if !schema.contains_key("maximum") && !schema.contains_key("exclusiveMaximum") {
        schema.insert("maximum".to_owned(), most);
    }
}

fn is_numeric(types: Option<&Value>) -> bool {
    let is_number = |name: &Value| matches!(name.as_str(), Some("integer" | "number"));
    match types {
        Some(Value::Array(types)) => types.iter().any(is_number),
        Some(name) => is_number(name),
        None => false,
    }
}
