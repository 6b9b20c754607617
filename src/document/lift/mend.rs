//! Leaves out the keywords of a schema whose values are not of their form, and tells each.
//!
//! A validator refuses a schema for one such keyword, and with it everything around; without the keyword the rest of the
//! schema still says what it says.

use serde_json::{Map, Value, json};

use super::{Dialect, Lifter};
use crate::finding::{Code, Pointer, Trail};

/// What the value of a keyword must be (JSON Schema 2020-12 and its older dialects).
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Schema,
    /// A list of schemas, not empty.
    Schemas,
    SchemaOrSchemas,
    /// Schemas by name.
    Named,
    /// Schemas by pattern.
    NamedByPattern,
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
        "properties" | "$defs" | "definitions" | "dependentSchemas" => Form::Named,
        "patternProperties" => Form::NamedByPattern,
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
            Self::NamedByPattern => value.as_object().is_some_and(|members| {
                members.iter().all(|(pattern, member)| is_pattern(pattern) && is_schema(member))
            }),
            Self::Types => match value {
                Value::String(name) => is_type(name),
                Value::Array(names) => !names.is_empty() && names.iter().all(is_type_name),
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
            Self::NamedByPattern => "an object of schemas by regular expressions of ECMA-262",
            Self::Types => {
                "one of `null`, `boolean`, `integer`, `number`, `string`, `array`, `object`, or a list of them"
            }
            Self::Count => "a whole number that is not negative",
            Self::Number | Self::Limit => "a number",
            Self::Divisor => "a number above zero",
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
    jsonschema_regex::to_rust_regex(pattern)
        .is_ok_and(|pattern| is_plain(&pattern) || fancy_regex::Regex::new(&pattern).is_ok())
}

/// Whether a pattern is one that can be read at a glance: to compile it would take a hundred times as long, and could fail
/// for nothing but its size, which only repetitions of repetitions, or long ones, make too large.
fn is_plain(pattern: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let is_short = |repeated: &str| {
        let least = digits(repeated);
        let most = repeated.get(least..).and_then(|rest| rest.strip_prefix(',')).map_or(0, digits);
        least <= 2 && most <= 2
    };
    let are_short = pattern.split('{').skip(1).all(is_short) && pattern.len() <= 256;
    are_short && !pattern.contains("){") && regex_syntax::parse(pattern).is_ok()
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
            for slip in mended(schema, &keyword, form) {
                let pointer = self.pointer(trail).join(&keyword).append(&slip.place);
                if let Some(pattern) = slip.pattern {
                    let message = format!("`{pattern}` is no regular expression");
                    self.tell(Code::UnreadablePattern, pointer, message, PATTERN);
                } else {
                    let name = slip.place.last().unwrap_or_else(|| keyword.clone());
                    let help = format!("`{keyword}` is {}; as it is, it says nothing", form.told());
                    let message = format!("`{name}` is {}", short(&slip.held));
                    self.tell(Code::InvalidSchema, pointer, message, &help);
                }
            }
        }
    }
}

/// What would be right in the place of a pattern that no engine reads.
const PATTERN: &str =
    "a pattern is written as in ECMA-262: close each group and class, escape what is meant as itself";

/// What was taken out.
struct Slip {
    /// Where it stood below the keyword.
    place: Pointer,
    held: Value,
    /// The pattern that no engine reads, where that is what was wrong.
    pattern: Option<String>,
}

impl Slip {
    fn new(place: Pointer, held: Value) -> Self {
        Self { place, held, pattern: None }
    }
}

/// Takes out what is wrong, and only that where the keyword holds several things.
fn mended(schema: &mut Map<String, Value>, keyword: &str, form: Form) -> Vec<Slip> {
    let Some(value) = schema.get_mut(keyword) else { return Vec::new() };
    let mut slips = Vec::new();
    match (form, value) {
        (Form::Named | Form::NamedByPattern, Value::Object(members)) => {
            for (name, member) in members.iter_mut().filter(|(_, member)| !is_schema(member)) {
                slips.push(Slip::new(Pointer::root().join(name), std::mem::replace(member, json!({}))));
            }
            let is_kept = |name: &String| form == Form::Named || is_pattern(name);
            let broken: Vec<String> = members.keys().filter(|name| !is_kept(name)).cloned().collect();
            for pattern in broken {
                let held = members.shift_remove(&pattern).unwrap_or_default();
                slips.push(Slip {
                    pattern: Some(pattern.clone()),
                    ..Slip::new(Pointer::root().join(pattern), held)
                });
            }
        }
        (Form::Types, Value::Array(names)) if names.iter().any(is_type_name) => {
            slips = taken(names, is_type_name);
        }
        (Form::Schemas, Value::Array(schemas)) if schemas.iter().any(is_schema) => {
            slips = taken(schemas, is_schema);
        }
        _ => {
            let held = schema.shift_remove(keyword).unwrap_or_default();
            let pattern = held.as_str().filter(|_| form == Form::Pattern).map(str::to_owned);
            slips.push(Slip { pattern, ..Slip::new(Pointer::root(), held) });
        }
    }
    slips
}

/// Takes out of a list what is not right.
fn taken(list: &mut Vec<Value>, is_right: fn(&Value) -> bool) -> Vec<Slip> {
    let all = std::mem::take(list).into_iter().enumerate();
    let mut slips = Vec::new();
    for (index, item) in all {
        if is_right(&item) {
            list.push(item);
        } else {
            slips.push(Slip::new(Pointer::root().join(index), item));
        }
    }
    slips
}

fn is_type_name(value: &Value) -> bool {
    value.as_str().is_some_and(is_type)
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
