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

use std::{collections::HashSet, sync::Arc};

use indexmap::IndexMap;
use serde_json::Value;

use super::{Document, Kind, Shape, Version, reference, shape::children};
use crate::finding::{Place, Trail};

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the provider.
    Request,
    /// From the provider.
    Response,
}

/// How many references lead to each other at most.
const LONGEST: usize = 16;

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
        for Marked { place, names, barred } in self.marked(direction) {
            if let Some(tree) = trees.get_mut(&*place.file).map(Arc::make_mut)
                && let Some(schema) = tree.pointer_mut(place.pointer.as_str())
            {
                relax(schema, &names, &barred, DEEP);
            }
        }
        trees
    }

    /// The schemas whose properties are only read, or only written, in the document's order.
    fn marked(&self, direction: Direction) -> Vec<Marked> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for (entry, shape) in &self.entries {
            let Some(file) = self.files.get(&entry.file) else { continue };
            let Some(value) = entry.pointer.within(&file.root) else { continue };
            let at = At { document: self, file: &entry.file, value };
            at.walk(*shape, &Trail::root(), &mut seen, &mut |at, trail| {
                let mut names = Vec::new();
                at.marked(direction.keyword(), DEEP, &mut names);
                if names.is_empty() {
                    return;
                }
                let pointer = entry.pointer.append(&trail.pointer());
                let barred = at.barred(direction, &mut names);
                found.push(Marked { place: Place { file: Arc::clone(&entry.file), pointer }, names, barred });
            });
        }
        found
    }
}

/// A schema, and what its properties are.
struct Marked {
    place: Place,
    /// Those that need not be there.
    names: Vec<String>,
    /// Those that must not.
    barred: Vec<String>,
}

/// A value and the file that it stands in: less than a [`Node`](super::Node), as hundreds of thousands are looked at.
#[derive(Clone, Copy)]
struct At<'d> {
    document: &'d Document,
    file: &'d Arc<str>,
    value: &'d Value,
}

impl At<'_> {
    /// Shows every schema, references not followed, each once.
    fn walk(
        self,
        shape: Shape,
        trail: &Trail<'_>,
        seen: &mut HashSet<(*const Value, Shape)>,
        tell: &mut dyn FnMut(Self, &Trail<'_>),
    ) {
        if !seen.insert((std::ptr::from_ref(self.value), shape)) {
            return;
        }
        if shape == Shape::One(Kind::Schema) {
            tell(self, trail);
        }
        for (step, shape, value) in children(shape, self.value) {
            Self { value, ..self }.walk(shape, &step.after(trail), seen, tell);
        }
    }

    /// The properties of a schema, and of what always applies with it, that carry the keyword.
    fn marked(self, keyword: &str, depth: u32, names: &mut Vec<String>) {
        if depth == 0 {
            return;
        }
        let properties = self.value.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let property = Self { value: property, ..self };
            if !names.iter().any(|held| held == name) && property.says(keyword, depth) {
                names.push(name.to_owned());
            }
        }
        self.together(|part| part.marked(keyword, depth - 1, names));
    }

    /// The properties that must not be there; of `names`, those are left that need not be.
    fn barred(self, direction: Direction, names: &mut Vec<String>) -> Vec<String> {
        match (direction, self.document.version()) {
            (Direction::Request, _) => Vec::new(),
            (Direction::Response, Version::V31 | Version::Postman) => {
                let mut required = Vec::new();
                self.needed(DEEP, &mut required);
                names.retain(|name| !required.contains(name));
                names.clone()
            }
            (Direction::Response, _) => names.clone(),
        }
    }

    /// The properties that a schema, and what always applies with it, requires.
    fn needed(self, depth: u32, names: &mut Vec<String>) {
        if depth == 0 {
            return;
        }
        let required = self.value.get("required").and_then(Value::as_array).into_iter().flatten();
        names.extend(required.filter_map(|name| name.as_str().map(str::to_owned)));
        self.together(|part| part.needed(depth - 1, names));
    }

    /// Whether a schema, or what always applies with it, carries the keyword.
    fn says(self, keyword: &str, depth: u32) -> bool {
        let mut says = self.value.get(keyword) == Some(&Value::Bool(true));
        if depth > 0 && !says {
            self.together(|part| says = says || part.says(keyword, depth - 1));
        }
        says
    }

    /// Shows the schemas that always apply together with this one.
    fn together(self, mut tell: impl FnMut(Self)) {
        if self.value.get("$ref").is_some_and(Value::is_string) {
            tell(self.follow());
        }
        for value in self.value.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            tell(Self { value, ..self }.follow());
        }
    }

    /// What a reference leads to; the value itself where it is none, or where it leads nowhere.
    fn follow(self) -> Self {
        let mut at = self;
        // A longer chain leads back to itself, which has been told.
        for _ in 0..LONGEST {
            let Some(reference) = at.value.get("$ref").and_then(Value::as_str) else { return at };
            let place = reference::target(at.file, reference);
            let Some((file, held)) = self.document.files.get_key_value(&place.file) else { return self };
            let Some(value) = place.pointer.within(&held.root) else { return self };
            at = Self { file, value, ..self };
        }
        self
    }
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
