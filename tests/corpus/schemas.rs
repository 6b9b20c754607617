//! Schemas as they are written in any version → JSON Schema 2020-12, for the second validator.
//!
//! Only what judges is taken over, each keyword by its own rule; whatever is referred to becomes a definition. What
//! `readOnly` and `writeOnly` mean in a message is written out. Read [`Bundle::number`] first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    files::{Node, Place},
    formats,
};

/// The versions, as far as their schemas differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V2,
    V30,
    V31,
}

impl Version {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V2 => "2.0",
            Self::V30 => "3.0",
            Self::V31 => "3.1, 3.2",
        }
    }
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    Request,
    Response,
}

/// The schemas of one document that messages of one way are judged by.
pub(crate) struct Bundle {
    version: Version,
    way: Way,
    numbers: BTreeMap<Place, usize>,
    definitions: Map<String, Value>,
    left: Vec<Place>,
}

/// What holds for properties that go only one way.
#[derive(Clone, Default)]
struct OneWay {
    never_required: BTreeSet<String>,
    never_there: BTreeSet<String>,
}

/// How deep references and parts are followed to find what a property is.
const DEEP: usize = 8;

impl Bundle {
    pub(crate) fn new(version: Version, way: Way) -> Self {
        Self { version, way, numbers: BTreeMap::new(), definitions: Map::new(), left: Vec::new() }
    }

    /// The number of the definition that a schema becomes.
    pub(crate) fn number(&mut self, place: &Place) -> usize {
        if let Some(number) = self.numbers.get(place) {
            return *number;
        }
        let number = self.numbers.len();
        self.numbers.insert(place.clone(), number);
        self.left.push(place.clone());
        number
    }

    /// A reference to that definition.
    pub(crate) fn reference(&mut self, place: &Place) -> Value {
        json!({ "$ref": format!("#/$defs/{}", self.number(place)) })
    }

    /// All definitions, and where they stand.
    pub(crate) fn finish(mut self, root: &Node<'_>) -> (Value, BTreeMap<Place, usize>) {
        while let Some(place) = self.left.pop() {
            let name = self.numbers[&place].to_string();
            let schema = match root.files.raw(place) {
                Some(node) => self.schema(&node, &OneWay::default()),
                None => Value::Bool(true),
            };
            self.definitions.insert(name, schema);
        }
        (json!({ "$defs": self.definitions }), self.numbers)
    }

    fn schema(&mut self, node: &Node<'_>, around: &OneWay) -> Value {
        let Value::Object(members) = node.value else {
            return Value::Bool(node.value != &Value::Bool(false));
        };
        let mut judging = Map::new();
        let reference = ["$ref", "$dynamicRef", "$recursiveRef"].iter().find_map(|key| members.get(*key));
        if let Some(text) = reference.and_then(Value::as_str) {
            if let Some(place) = node.files.target(node.place.0, text) {
                judging = self.reference(&place).as_object().cloned().unwrap_or_default();
            }
            if self.version != Version::V31 {
                return judging.into();
            }
        }
        let one_way = self.one_way(node, around);
        for (keyword, value) in members {
            let Some(part) = node.raw(keyword) else { continue };
            if let Some((keyword, value)) = self.keyword(keyword, &part, value, &one_way) {
                judging.insert(keyword.to_owned(), value);
            }
        }
        // In 3.1 a schema may name a dialect of its own.
        let is_draft_4 = node.text("$schema").contains("draft-04");
        if self.version != Version::V31 || is_draft_4 {
            older(members, &mut judging);
        }
        judging.into()
    }

    /// What a keyword says in 2020-12, under which name; `None` where it judges nothing.
    fn keyword<'k>(
        &mut self,
        keyword: &'k str,
        part: &Node<'_>,
        value: &Value,
        one_way: &OneWay,
    ) -> Option<(&'k str, Value)> {
        let beyond = OneWay::default();
        let value = match keyword {
            "not"
            | "if"
            | "then"
            | "else"
            | "additionalProperties"
            | "unevaluatedProperties"
            | "propertyNames"
            | "contains"
            | "unevaluatedItems"
                if is_schema(value) =>
            {
                self.schema(part, &beyond)
            }
            "items" if is_schema(value) => self.schema(part, &beyond),
            "items" | "prefixItems" if value.is_array() => {
                return Some(("prefixItems", self.schemas(part, &beyond)?));
            }
            "allOf" | "anyOf" | "oneOf" => self.schemas(part, one_way)?,
            "properties" => {
                let entries = part.names().filter_map(|name| Some((name, part.raw(name)?)));
                let schemas = entries.map(|(name, node)| {
                    let is_barred = one_way.never_there.contains(name);
                    let schema = if is_barred { Value::Bool(false) } else { self.schema(&node, &beyond) };
                    (name.to_owned(), schema)
                });
                Value::Object(schemas.collect())
            }
            "patternProperties" | "dependentSchemas" => {
                let entries = part.names().filter_map(|name| Some((name, part.raw(name)?)));
                Value::Object(
                    entries.map(|(name, node)| (name.to_owned(), self.schema(&node, &beyond))).collect(),
                )
            }
            "required" => {
                let mut names: Vec<&str> = value.as_array()?.iter().filter_map(Value::as_str).collect();
                names.sort_unstable();
                names.dedup();
                names.retain(|name| !one_way.never_required.contains(*name));
                json!(names)
            }
            _ => simple(keyword, value)?,
        };
        Some((keyword, value))
    }

    fn schemas(&mut self, list: &Node<'_>, one_way: &OneWay) -> Option<Value> {
        let items: Vec<Value> = list
            .items()
            .iter()
            .filter(|item| is_schema(item.value))
            .map(|item| self.schema(item, one_way))
            .collect();
        (!items.is_empty()).then(|| items.into())
    }

    /// What holds at a schema for properties that go only one way, and for those around it.
    fn one_way(&self, node: &Node<'_>, around: &OneWay) -> OneWay {
        let mut one_way = around.clone();
        let keyword = if self.way == Way::Request { "readOnly" } else { "writeOnly" };
        let mut marked = BTreeSet::new();
        properties_that_say(node, keyword, DEEP, &mut marked);
        if self.way == Way::Response && self.version == Version::V31 {
            let mut required = BTreeSet::new();
            required_of(node, DEEP, &mut required);
            marked.retain(|name| !required.contains(name));
        }
        if self.way == Way::Response {
            one_way.never_there.extend(marked.iter().cloned());
        }
        one_way.never_required.extend(marked);
        one_way
    }
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

/// A keyword whose value is no schema, where it is of its form.
fn simple(keyword: &str, value: &Value) -> Option<Value> {
    let is_count = || value.as_f64().is_some_and(|count| count >= 0.0 && count.fract() == 0.0);
    let holds = match keyword {
        "type" => return types(value),
        "enum" => value.is_array(),
        "const" => true,
        "multipleOf" => value.as_f64().is_some_and(|divisor| divisor > 0.0),
        "maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum" => value.is_number(),
        "maxLength" | "minLength" | "maxItems" | "minItems" | "maxContains" | "minContains"
        | "maxProperties" | "minProperties" => is_count(),
        "uniqueItems" => value.is_boolean(),
        "pattern" => value.as_str().is_some_and(formats::is_pattern),
        "format" => value.is_string(),
        "dependentRequired" => value.is_object(),
        _ => false,
    };
    holds.then(|| value.clone())
}

fn types(value: &Value) -> Option<Value> {
    const TYPES: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];
    let names: BTreeSet<&str> = match value {
        Value::String(name) => [name.as_str()].into(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let names: Vec<&str> = names.into_iter().filter(|name| TYPES.contains(name)).collect();
    (!names.is_empty()).then(|| json!(names))
}

/// What 2.0 and 3.0 say otherwise: null, and bounds that exclude.
fn older(members: &Map<String, Value>, judging: &mut Map<String, Value>) {
    let says = |key: &str| members.get(key) == Some(&Value::Bool(true));
    if let Some(Value::Array(types)) = judging.get_mut("type")
        && (says("nullable") || says("x-nullable"))
        && !types.contains(&"null".into())
    {
        types.push("null".into());
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if says(flag)
            && let Some(limit) = judging.remove(bound)
        {
            judging.insert(flag.to_owned(), limit);
        }
    }
}

/// The parts of a schema that always hold together with it.
fn parts<'f>(node: &Node<'f>) -> Vec<Node<'f>> {
    let mut parts = node.raw("allOf").map(|all| all.items()).unwrap_or_default();
    if let Some(Value::String(text)) = node.value.get("$ref")
        && let Some(place) = node.files.target(node.place.0, text)
    {
        parts.extend(node.files.raw(place));
    }
    parts
}

fn properties_that_say(node: &Node<'_>, keyword: &str, depth: usize, found: &mut BTreeSet<String>) {
    if let Some(properties) = node.raw("properties") {
        for name in properties.names() {
            if properties.raw(name).is_some_and(|property| says(&property, keyword, depth)) {
                found.insert(name.to_owned());
            }
        }
    }
    if depth > 0 {
        for part in parts(node) {
            properties_that_say(&part, keyword, depth - 1, found);
        }
    }
}

fn says(node: &Node<'_>, keyword: &str, depth: usize) -> bool {
    node.is_set(keyword) || (depth > 0 && parts(node).iter().any(|part| says(part, keyword, depth - 1)))
}

fn required_of(node: &Node<'_>, depth: usize, found: &mut BTreeSet<String>) {
    found.extend(node.texts("required").unwrap_or_default());
    if depth > 0 {
        for part in parts(node) {
            required_of(&part, depth - 1, found);
        }
    }
}
