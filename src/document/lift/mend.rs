//! Leaves out the keywords of a schema whose values are not of their form, and tells each.
//!
//! A validator refuses a schema for one such keyword, and with it everything around; without the keyword the rest of the
//! schema still says what it says.

use serde_json::{Map, Value, json};

use super::{Dialect, Lifter};
use crate::finding::{Code, Pointer, Trail};

/// What the value of a keyword must be (JSON Schema 2020-12 and its older dialects).
#[derive(Clone, Copy)]
enum Form {
    Schema,
    /// A list of schemas, not empty.
    Schemas,
    SchemaOrSchemas,
    /// Schemas by name.
    Named,
    Types,
    Count,
    Number,
    Divisor,
    /// A number, or a truth value as draft 4 has it.
    Limit,
    Names,
    List,
    Text,
    Pattern,
    Truth,
    NamesByName,
}

fn form(keyword: &str) -> Option<Form> {
    Some(match keyword {
        "not"
        | "if"
        | "then"
        | "else"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "contains"
        | "unevaluatedItems"
        | "contentSchema"
        | "additionalItems" => Form::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Form::Schemas,
        "items" => Form::SchemaOrSchemas,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => Form::Named,
        "type" => Form::Types,
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
        | "minContains" | "maxContains" => Form::Count,
        "minimum" | "maximum" => Form::Number,
        "multipleOf" => Form::Divisor,
        "exclusiveMinimum" | "exclusiveMaximum" => Form::Limit,
        "required" => Form::Names,
        "enum" => Form::List,
        "format" | "$ref" | "contentEncoding" | "contentMediaType" => Form::Text,
        "pattern" => Form::Pattern,
        "uniqueItems" | "readOnly" | "writeOnly" => Form::Truth,
        "dependentRequired" => Form::NamesByName,
        _ => return None,
    })
}

impl Form {
    fn is_of(self, value: &Value) -> bool {
        let texts = |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
        let schemas = |value: &Value| {
            value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(is_schema))
        };
        match self {
            Self::Schema => is_schema(value),
            Self::Schemas => schemas(value),
            Self::SchemaOrSchemas => is_schema(value) || schemas(value),
            Self::Named => value.as_object().is_some_and(|members| members.values().all(is_schema)),
            Self::Types => match value {
                Value::String(name) => is_type(name),
                Value::Array(names) => {
                    !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(is_type))
                }
                _ => false,
            },
            Self::Count => value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::Divisor => value.as_f64().is_some_and(|divisor| divisor > 0.0),
            Self::Limit => value.is_number() || value.is_boolean(),
            Self::Names => texts(value),
            Self::List => value.is_array(),
            Self::Text => value.is_string(),
            Self::Pattern => value.as_str().is_some_and(is_pattern),
            Self::Truth => value.is_boolean(),
            Self::NamesByName => value.as_object().is_some_and(|members| members.values().all(texts)),
        }
    }

    fn told(self) -> &'static str {
        match self {
            Self::Schema => "a schema: an object, `true` or `false`",
            Self::Schemas => "a list of schemas that is not empty",
            Self::SchemaOrSchemas => "a schema, or a list of them",
            Self::Named => "an object whose values are schemas",
            Self::Types => {
                "one of `null`, `boolean`, `integer`, `number`, `string`, `array`, `object`, or a list of them"
            }
            Self::Count => "a whole number that is not negative",
            Self::Number => "a number",
            Self::Divisor => "a number above zero",
            Self::Limit => "a number",
            Self::Names => "a list of the names of properties, beside `properties`",
            Self::List => "a list of values",
            Self::Text => "a text",
            Self::Pattern => "a regular expression of ECMA-262",
            Self::Truth => "`true` or `false`",
            Self::NamesByName => "an object whose values are lists of names",
        }
    }
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

fn is_type(name: &str) -> bool {
    // Swagger 2.0 has a type of its own for files, which is lifted.
    ["null", "boolean", "integer", "number", "string", "array", "object", "file"].contains(&name)
}

/// Whether an engine reads the pattern.
fn is_pattern(pattern: &str) -> bool {
    jsonschema_regex::to_rust_regex(pattern).is_ok_and(|pattern| fancy_regex::Regex::new(&pattern).is_ok())
}

impl Lifter<'_> {
    /// Leaves out what is not of its form.
    pub(super) fn mend(&mut self, value: &mut Value, trail: &Trail<'_>) {
        let Value::Object(schema) = value else { return };
        if schema.keys().all(|keyword| form(keyword).is_none()) {
            return;
        }
        // Of all dialects only draft 4 says by a truth value that a bound excludes.
        let has_flags = self.dialect.last() == Some(&Dialect::OpenApi30);
        let broken: Vec<(String, Form)> = schema
            .iter()
            .filter_map(|(keyword, value)| {
                let form = match form(keyword)? {
                    Form::Limit if !has_flags => Form::Number,
                    form => form,
                };
                (!form.is_of(value)).then(|| (keyword.clone(), form))
            })
            .collect();
        for (keyword, form) in broken {
            for (place, held, form) in mended(schema, &keyword, form) {
                let help = format!("`{keyword}` is {}; as it is, it says nothing", form.told());
                let pointer = self.pointer(trail).join(&keyword).append(&place);
                let name = place.last().unwrap_or_else(|| keyword.clone());
                self.tell(Code::InvalidSchema, pointer, format!("`{name}` is {}", short(&held)), &help);
            }
        }
    }
}

/// Takes out what is wrong, and only that where the keyword holds several things: where it stood below the keyword, what
/// it was, and what it should have been.
fn mended(schema: &mut Map<String, Value>, keyword: &str, form: Form) -> Vec<(Pointer, Value, Form)> {
    let Some(value) = schema.get_mut(keyword) else { return Vec::new() };
    let mut told = Vec::new();
    match (form, value) {
        (Form::Named, Value::Object(members)) => {
            for (name, member) in members.iter_mut().filter(|(_, member)| !is_schema(member)) {
                told.push((Pointer::root().join(name), std::mem::replace(member, json!({})), form));
            }
        }
        (Form::Types, Value::Array(names)) if names.iter().any(|name| name.as_str().is_some_and(is_type)) => {
            let held = names.clone();
            names.retain(|name| name.as_str().is_some_and(is_type));
            let wrong = held.into_iter().enumerate().filter(|(_, name)| !name.as_str().is_some_and(is_type));
            told.extend(wrong.map(|(index, name)| (Pointer::root().join(index), name, form)));
        }
        (Form::Schemas, Value::Array(schemas)) if schemas.iter().any(is_schema) => {
            let held = schemas.clone();
            schemas.retain(is_schema);
            let wrong = held.into_iter().enumerate().filter(|(_, schema)| !is_schema(schema));
            told.extend(wrong.map(|(index, value)| (Pointer::root().join(index), value, form)));
        }
        _ => told.extend(schema.shift_remove(keyword).map(|held| (Pointer::root(), held, form))),
    }
    told
}

/// A value in a message.
fn short(value: &Value) -> String {
    const READABLE: usize = 60;
    let text = value.to_string();
    if text.chars().count() <= READABLE {
        return format!("`{text}`");
    }
    let cut: String = text.chars().take(READABLE).collect();
    format!("`{cut}…`")
}
