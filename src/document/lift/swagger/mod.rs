//! Swagger 2.0 → the shape of `OpenAPI` 3.1, but for schemas; request bodies and the contents of responses beside this.
//!
//! Parts keep their place as far as that is possible: `definitions` stay under the root, and a response keeps its
//! `schema`, to which its `content` refers. Read [`Lifter::swagger`] first.

mod body;
mod response;

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value, json};

use super::{
    super::{
        gather::Gathered,
        shape::{Kind, METHODS},
    },
    Lifter, reference,
};
use crate::finding::{Place, Pointer, Trail};

/// A parameter that makes a body: where it stood in its list, and where what it says stands.
type Taken = (Pointer, Place, Value);

/// What a reference leads to: where, and a copy of what stands there.
#[derive(Debug)]
pub(super) struct Target {
    place: Place,
    value: Value,
}

/// What holds where an operation says nothing else.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    consumes: Option<Vec<String>>,
    produces: Option<Vec<String>>,
}

impl Defaults {
    pub(super) fn of(root: Option<&Value>) -> Self {
        let types = |key: &str| root.and_then(|root| media_types(root.get(key)));
        Self { consumes: types("consumes"), produces: types("produces") }
    }
}

fn media_types(value: Option<&Value>) -> Option<Vec<String>> {
    let types = value?.as_array()?.iter().filter_map(Value::as_str);
    let types: Vec<String> = types.map(str::to_owned).collect();
    (!types.is_empty()).then_some(types)
}

/// What the references to parameters and responses lead to: an operation has to know before it can be lifted.
pub(super) fn targets(gathered: &Gathered) -> HashMap<Place, Target> {
    let mut targets = HashMap::new();
    for holder in &gathered.references {
        let tokens: Vec<String> = holder.pointer.tokens().collect();
        let is_wanted = tokens.iter().any(|token| token == "parameters" || token == "responses");
        if let Some(target) = is_wanted.then(|| end(gathered, holder)).flatten() {
            targets.insert(holder.clone(), target);
        }
    }
    targets
}

/// The end of a chain of references.
fn end(gathered: &Gathered, holder: &Place) -> Option<Target> {
    let mut place = holder.clone();
    for _ in 0..16 {
        let value = gathered.files.get(&place.file)?.root.pointer(place.pointer.as_str())?;
        let Some(text) = value.get("$ref").and_then(Value::as_str) else {
            return Some(Target { value: value.clone(), place });
        };
        let rewritten = gathered.rewritten.iter().find(|(held, _)| *held == place);
        place = reference::target(&place.file, rewritten.map_or(text, |(_, text)| text));
    }
    None
}

/// The keywords of a parameter, header or `items` object that are its schema's (Swagger 2.0, parameter object).
const SCHEMA: [&str; 19] = [
    "type",
    "format",
    "items",
    "default",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "enum",
    "multipleOf",
    "example",
    "x-nullable",
    "x-example",
];

impl Lifter<'_> {
    /// Lifts one part whose own parts are lifted already.
    pub(super) fn swagger(&mut self, value: &mut Value, kind: Kind, trail: &Trail<'_>) {
        let Value::Object(part) = value else { return };
        match kind {
            Kind::Parameter if part.get("in").and_then(Value::as_str) == Some("body") => {}
            Kind::Parameter | Kind::Header if !part.contains_key("$ref") => self.parameter(part, trail),
            Kind::Response => self.response(part, trail),
            Kind::PathItem => self.path_item(part, trail),
            Kind::SecurityScheme => security_scheme(part),
            Kind::Root => self.root(part),
            _ => {}
        }
    }

    /// Gathers what is said of the value into a `schema`, and the way of writing into `style` and `explode`.
    fn parameter(&mut self, part: &mut Map<String, Value>, trail: &Trail<'_>) {
        if !part.contains_key("schema") {
            let mut schema = Value::Object(
                SCHEMA.iter().filter_map(|key| Some(((*key).to_owned(), part.shift_remove(*key)?))).collect(),
            );
            let home = self.pointer(trail);
            self.moved.push((home.join("schema"), home));
            self.items(&mut schema, trail);
            part.insert("schema".to_owned(), schema);
        }
        let place = part.get("in").and_then(Value::as_str).unwrap_or("header").to_owned();
        if matches!(place.as_str(), "query" | "formData") {
            self.filled(part, trail);
        }
        let is_array = part["schema"]["type"] == "array";
        let format = part.shift_remove("collectionFormat");
        if !is_array && format.is_none() {
            return;
        }
        let (style, explode) = match format.as_ref().and_then(Value::as_str).unwrap_or("csv") {
            "multi" => ("form", true),
            "ssv" => ("spaceDelimited", false),
            "tsv" => ("tabDelimited", false),
            "pipes" => ("pipeDelimited", false),
            _ if matches!(place.as_str(), "query" | "formData") => ("form", false),
            _ => ("simple", false),
        };
        part.insert("style".to_owned(), style.into());
        part.insert("explode".to_owned(), explode.into());
    }

    /// A text that may not be empty, where that is written out: left out, `allowEmptyValue` says the same (Swagger 2.0,
    /// parameter object), and nobody means it.
    fn filled(&mut self, part: &mut Map<String, Value>, trail: &Trail<'_>) {
        let is_refused = part.get("allowEmptyValue") == Some(&Value::Bool(false));
        let Some(Value::Object(schema)) = part.get_mut("schema").filter(|_| is_refused) else { return };
        if schema.get("type") == Some(&json!("string"))
            && schema.get("minLength").is_none_or(|least| *least == 0)
        {
            schema.insert("minLength".to_owned(), 1.into());
            let home = self.pointer(trail);
            self.moved.push((home.join("schema").join("minLength"), home.join("allowEmptyValue")));
        }
    }

    /// Lifts a schema that stood in a parameter, and its `items`.
    fn items(&mut self, schema: &mut Value, trail: &Trail<'_>) {
        if let Some(items) = schema.get_mut("items") {
            self.items(items, &trail.key("items"));
        }
        self.schema(schema, trail);
    }

    fn path_item(&mut self, item: &mut Map<String, Value>, trail: &Trail<'_>) {
        let shared = self.taken(item, trail);
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                self.operation(operation, &shared, &trail.key(method));
            }
        }
    }

    /// Takes the parameters that make a body out of a list; where each stood, and what it says.
    fn taken(&mut self, holder: &mut Map<String, Value>, trail: &Trail<'_>) -> Vec<Taken> {
        let home = self.pointer(trail).join("parameters");
        let Some(Value::Array(list)) = holder.get_mut("parameters") else { return Vec::new() };
        let mut taken = Vec::new();
        let mut kept = Vec::new();
        for (index, parameter) in std::mem::take(list).into_iter().enumerate() {
            let at = home.join(index);
            let here = Place { file: Arc::clone(&self.home.file), pointer: at.clone() };
            let (place, meant) = match self.targets.get(&here) {
                Some(target) => (target.place.clone(), target.value.clone()),
                None => (here, parameter.clone()),
            };
            if matches!(meant.get("in").and_then(Value::as_str), Some("body" | "formData")) {
                taken.push((at, place, meant));
            } else {
                if kept.len() != index {
                    self.moved.push((home.join(kept.len()), at));
                }
                kept.push(parameter);
            }
        }
        *list = kept;
        taken
    }

    fn operation(&mut self, operation: &mut Map<String, Value>, shared: &[Taken], trail: &Trail<'_>) {
        let mut taken = self.taken(operation, trail);
        let own = |(_, _, meant): &Taken| meant.get("name").cloned();
        let names: Vec<Option<Value>> = taken.iter().map(own).collect();
        taken.extend(shared.iter().filter(|entry| !names.contains(&own(entry))).cloned());
        let consumes = media_types(operation.get("consumes")).or_else(|| self.defaults.consumes.clone());
        if !operation.contains_key("requestBody")
            && let Some(body) = self.request_body(&taken, consumes, trail)
        {
            operation.insert("requestBody".to_owned(), body);
        }
        let produces = media_types(operation.get("produces"));
        let Some(produces) = produces.filter(|own| Some(own) != self.defaults.produces.as_ref()) else {
            return;
        };
        let home = self.pointer(trail).join("responses");
        let Some(Value::Object(responses)) = operation.get_mut("responses") else { return };
        for (status, response) in responses.iter_mut().filter(|(status, _)| !status.starts_with("x-")) {
            self.own_content(response, &home.join(status), &produces);
        }
    }

    fn root(&mut self, root: &mut Map<String, Value>) {
        root.shift_remove("swagger");
        root.shift_insert(0, "openapi".to_owned(), "3.1.0".into());
        self.moved.push((Pointer::root().join("openapi"), Pointer::root().join("swagger")));
        if let Some(servers) = servers(root) {
            root.insert("servers".to_owned(), servers);
        }
        if let Some(schemes) = root.shift_remove("securityDefinitions") {
            let components = root.entry("components").or_insert_with(|| json!({}));
            components["securitySchemes"] = schemes;
            let there = Pointer::root().join("components").join("securitySchemes");
            self.moved.push((there, Pointer::root().join("securityDefinitions")));
        }
    }
}

/// Whether a schema is of Swagger's type for files, before or after it was lifted.
fn is_file(schema: &Value) -> bool {
    schema["type"] == "file" || schema["format"] == "binary"
}

fn servers(root: &Map<String, Value>) -> Option<Value> {
    let text = |key: &str| root.get(key).and_then(Value::as_str);
    let base = text("basePath").unwrap_or("/");
    let Some(host) = text("host") else {
        return root.contains_key("basePath").then(|| json!([{ "url": base }]));
    };
    let schemes = media_types(root.get("schemes")).unwrap_or_else(|| vec!["https".to_owned()]);
    let base = base.trim_end_matches('/');
    Some(schemes.iter().map(|scheme| json!({ "url": format!("{scheme}://{host}{base}") })).collect())
}

fn security_scheme(scheme: &mut Map<String, Value>) {
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => {
            scheme.insert("type".to_owned(), "http".into());
            scheme.insert("scheme".to_owned(), "basic".into());
        }
        Some("oauth2") if !scheme.contains_key("flows") => {
            let name = match scheme.shift_remove("flow").as_ref().and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some("password") => "password",
                _ => "implicit",
            };
            let keys = ["authorizationUrl", "tokenUrl", "scopes"];
            let flow = keys.iter().filter_map(|key| Some(((*key).to_owned(), scheme.shift_remove(*key)?)));
            let flow: Map<String, Value> = flow.collect();
            let mut flows = Map::new();
            flows.insert(name.to_owned(), Value::Object(flow));
            scheme.insert("flows".to_owned(), Value::Object(flows));
        }
        _ => {}
    }
}
