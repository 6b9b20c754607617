//! What `readOnly` and `writeOnly` mean for a message: schemas as a request and as a response sees them.
//!
//! In both directions the version of the document rules (OAS 3.0.4, section 4.7.24.3; OAS 3.1.1, section 4.8.24; JSON
//! Schema 2020-12, section 9.4):
//!
//! | | 2.0, 3.0 | 3.1, 3.2 |
//! |---|---|---|
//! | `readOnly` in a request | may be there; never required | may be there; never required, as its owner ignores it |
//! | `writeOnly` in a response | never there, never required | there only where it is required |
//!
//! Nothing moves: a place in a tree made here is the same place in the document.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use super::{Document, Kind, Node, Version};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the provider.
    Request,
    /// From the provider.
    Response,
}

/// How deep references and parts are followed to find what a property is.
const DEEP: u32 = 8;

impl Direction {
    /// The other way.
    #[must_use]
    pub fn turned(self) -> Self {
        match self {
            Self::Request => Self::Response,
            Self::Response => Self::Request,
        }
    }

    fn keyword(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

impl Document {
    /// The files by URI, their schemas as messages of this direction have to satisfy them.
    pub fn seen_in(&self, direction: Direction) -> IndexMap<String, Arc<Value>> {
        let mut trees: IndexMap<String, Arc<Value>> =
            self.files().iter().map(|(uri, file)| (uri.to_string(), Arc::clone(&file.root))).collect();
        // Most documents mark nothing, and need not be looked through for it.
        if !self.files().values().any(|file| file.text.contains(direction.keyword())) {
            return trees;
        }
        let schemas = self.parts().into_iter().filter(|(_, kind)| *kind == Kind::Schema);
        for (place, _) in schemas {
            let Some(node) = self.at(&place) else { continue };
            let mut names = Vec::new();
            marked(&node, direction.keyword(), DEEP, &mut names);
            if names.is_empty() {
                continue;
            }
            let barred = match (direction, self.version()) {
                (Direction::Request, _) => Vec::new(),
                (Direction::Response, Version::V31 | Version::Postman) => {
                    let mut required = Vec::new();
                    needed(&node, DEEP, &mut required);
                    names.retain(|name| !required.contains(name));
                    names.clone()
                }
                (Direction::Response, _) => names.clone(),
            };
            if let Some(tree) = trees.get_mut(&*place.file).map(Arc::make_mut)
                && let Some(schema) = tree.pointer_mut(place.pointer.as_str())
            {
                relax(schema, &names, &barred, DEEP);
            }
        }
        trees
    }
}

/// The properties of a schema, and of what always applies with it, that carry the keyword.
fn marked(node: &Node<'_>, keyword: &str, depth: u32, names: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    for (name, property) in node.raw("properties").iter().flat_map(members) {
        if !names.iter().any(|held| held == name) && says(&property, keyword, depth) {
            names.push(name.to_owned());
        }
    }
    for part in together(node) {
        marked(&part, keyword, depth - 1, names);
    }
}

/// The properties that a schema, and what always applies with it, requires.
fn needed(node: &Node<'_>, depth: u32, names: &mut Vec<String>) {
    if depth == 0 {
        return;
    }
    let required = node.value().get("required").and_then(Value::as_array).into_iter().flatten();
    names.extend(required.filter_map(|name| name.as_str().map(str::to_owned)));
    for part in together(node) {
        needed(&part, depth - 1, names);
    }
}

/// Whether a schema, or what always applies with it, carries the keyword.
fn says(node: &Node<'_>, keyword: &str, depth: u32) -> bool {
    node.is_set(keyword) || (depth > 0 && together(node).iter().any(|part| says(part, keyword, depth - 1)))
}

/// The schemas that always apply together with this one.
fn together<'d>(node: &Node<'d>) -> Vec<Node<'d>> {
    let mut parts = Vec::new();
    if node.text("$ref").is_some() {
        parts.push(node.clone().follow());
    }
    if let Some(all) = node.raw("allOf") {
        parts.extend(all.items());
    }
    parts
}

fn members<'d>(node: &Node<'d>) -> Vec<(&'d str, Node<'d>)> {
    let names = node.value().as_object().into_iter().flat_map(serde_json::Map::keys);
    names.filter_map(|name| Some((name.as_str(), node.raw(name)?))).collect()
}

/// Takes `names` out of what a schema requires, and lets those that are barred have no value.
fn relax(schema: &mut Value, names: &[String], barred: &[String], depth: u32) {
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.retain(|name| name.as_str().is_none_or(|name| !names.iter().any(|held| held == name)));
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (_, property) in properties.iter_mut().filter(|(name, _)| barred.contains(name)) {
            *property = Value::Bool(false);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        let Some(Value::Array(parts)) = schema.get_mut(keyword).filter(|_| depth > 0) else { continue };
        for part in parts.iter_mut().filter(|part| part.get("$ref").is_none()) {
            relax(part, names, barred, depth - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Source, load};

    fn seen(version: &str, direction: Direction) -> Value {
        let text = format!(
            "openapi: {version}
info: {{title: t, version: '1'}}
paths: {{}}
components:
  schemas:
    Id: {{type: string, readOnly: true}}
    User:
      required: [id, name, password]
      properties:
        id: {{allOf: [{{$ref: '#/components/schemas/Id'}}]}}
        name: {{type: string}}
        password: {{type: string, writeOnly: true}}
        hint: {{type: string, writeOnly: true}}
"
        );
        let document = load(&Source::Text { name: "users.yaml".into(), text: text.into() }).unwrap();
        let trees = document.seen_in(direction);
        trees[&*document.uri()]["components"]["schemas"]["User"].clone()
    }

    #[test]
    fn what_is_only_read_is_required_of_no_request() {
        for version in ["3.0.3", "3.1.0"] {
            let user = seen(version, Direction::Request);
            assert_eq!(user["required"], serde_json::json!(["name", "password"]));
            assert!(user["properties"]["id"].is_object());
        }
    }

    #[test]
    fn what_is_only_written_is_in_a_response_as_the_version_says() {
        let older = seen("3.0.3", Direction::Response);
        assert_eq!(older["required"], serde_json::json!(["id", "name"]));
        assert_eq!(
            (&older["properties"]["password"], &older["properties"]["hint"]),
            (&false.into(), &false.into())
        );
        let newer = seen("3.1.0", Direction::Response);
        assert_eq!(newer["required"], serde_json::json!(["id", "name", "password"]));
        assert!(newer["properties"]["password"].is_object());
        assert_eq!(newer["properties"]["hint"], false);
    }
}
