//! One schema, in normal form or as written, and the step that tells what it asks for.
//!
//! The normal form is the truth; where a schema has none, its keywords are read instead. Both give the same [`Step`]s,
//! so everything after this module is one generator. Start at [`Node::step`].

use std::sync::Arc;

use indexmap::IndexMap;
use jsonschema::canonical::{CanonicalKind, CanonicalSchema};
use serde_json::Value;

use super::{
    facets::{Facets, Types},
    keywords, normal,
};
use crate::finding::Pointer;

/// A schema as written: the file it stands in, and the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) schema: &'a Value,
}

/// One schema that a value is asked to satisfy.
#[derive(Debug, Clone)]
pub(super) enum Node<'a> {
    /// In normal form.
    Normal(CanonicalSchema),
    /// As written, where there is no normal form.
    Written(Place<'a>),
    /// Made by the generator itself.
    Made(Arc<Step<'a>>),
}

/// What a schema asks for, one level of it.
#[derive(Debug, Clone)]
pub(super) enum Step<'a> {
    /// No value.
    Nothing,
    /// A value with these facets.
    Leaf(Box<Facets<'a>>),
    /// A value that satisfies each of these.
    All(Vec<Node<'a>>),
    /// A value that satisfies at least one of these.
    Any(Vec<Node<'a>>),
    /// A value that satisfies exactly one of these.
    One(Vec<Node<'a>>),
    /// A value that breaks this one.
    Not(Node<'a>),
    /// What another schema asks for; `key` tells that one from all others, `name` is what its author calls it, `place`
    /// is where it is written.
    Jump { key: String, name: String, to: Node<'a>, place: Option<Place<'a>> },
}

impl<'a> Node<'a> {
    pub(super) fn made(step: Step<'a>) -> Self {
        Self::Made(Arc::new(step))
    }

    pub(super) fn of_types(types: Types) -> Self {
        Self::made(Step::Leaf(Box::new(Facets::of(types))))
    }

    /// Whether it shows at once that no value satisfies the schema.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Normal(schema) => schema.kind() == CanonicalKind::False,
            Self::Written(place) => place.schema == &Value::Bool(false),
            Self::Made(step) => matches!(**step, Step::Nothing),
        }
    }

    pub(super) fn not(node: Self) -> Self {
        Self::made(Step::Not(node))
    }

    /// What this schema asks for.
    pub(super) fn step(&self, files: Files<'a>) -> Step<'a> {
        match self {
            Self::Normal(schema) => normal::step(schema, files),
            Self::Written(place) => keywords::step(*place, files),
            Self::Made(step) => Step::clone(step),
        }
    }

    /// The types that this schema may leave, as far as a short look tells.
    pub(super) fn types(&self, files: Files<'a>, depth: u32) -> Types {
        if depth == 0 {
            return Types::ALL;
        }
        if let Some(types) = self.types_of_leaf() {
            return types;
        }
        match self.step(files) {
            Step::Nothing => Types::NONE,
            Step::Leaf(facets) => facets.types,
            Step::All(nodes) => {
                nodes.iter().fold(Types::ALL, |types, node| types.and(node.types(files, depth - 1)))
            }
            Step::Any(nodes) | Step::One(nodes) => {
                nodes.iter().fold(Types::NONE, |types, node| types.or(node.types(files, depth - 1)))
            }
            Step::Not(_) => Types::ALL,
            Step::Jump { to, .. } => to.types(files, depth - 1),
        }
    }
}

impl Node<'_> {
    /// The types of a leaf in normal form, read off its kind: taking its step would copy all of it.
    fn types_of_leaf(&self) -> Option<Types> {
        let Self::Normal(schema) = self else {
            return None;
        };
        match schema.kind() {
            CanonicalKind::String => Some(Types::STRING),
            CanonicalKind::Integer => Some(Types::INTEGER),
            CanonicalKind::Number => Some(Types::NUMBER),
            CanonicalKind::Array => Some(Types::ARRAY),
            CanonicalKind::Object => Some(Types::OBJECT),
            CanonicalKind::True => Some(Types::ALL),
            _ => None,
        }
    }
}

/// The files that references lead into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Files<'a>(pub(super) &'a IndexMap<String, Arc<Value>>);

impl<'a> Files<'a> {
    /// What stands at a URI with a fragment, which may be a pointer or an anchor.
    pub(super) fn at(self, uri: &str) -> Option<Place<'a>> {
        let (file, fragment) = uri.split_once('#').unwrap_or((uri, ""));
        self.within(file, fragment)
    }

    fn within(self, file: &str, fragment: &str) -> Option<Place<'a>> {
        let (file, root) = self.0.get_key_value(file)?;
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
        let schema = if fragment.is_empty() || fragment.starts_with('/') {
            root.pointer(Pointer::from_escaped(fragment).as_str())?
        } else {
            anchor(root, &fragment)?
        };
        Some(Place { file, schema })
    }

    /// What a reference written in `file` leads to.
    pub(super) fn follow(self, file: &str, reference: &str) -> Option<Place<'a>> {
        let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        if path.is_empty() {
            return self.within(file, fragment);
        }
        self.at(&format!("{}#{fragment}", resolve(file, path)))
    }
}

/// The schema below `node` that carries the anchor.
fn anchor<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    let carries = |keyword: &str| node.get(keyword).and_then(Value::as_str) == Some(name);
    if carries("$anchor") || carries("$dynamicAnchor") {
        return Some(node);
    }
    match node {
        Value::Object(members) => members.values().find_map(|member| anchor(member, name)),
        Value::Array(items) => items.iter().find_map(|item| anchor(item, name)),
        _ => None,
    }
}

/// A relative reference without its fragment, resolved against a base (RFC 3986, section 5.2, without queries).
fn resolve(base: &str, path: &str) -> String {
    let has_scheme = path.split(['/', '?']).next().is_some_and(|start| start.contains(':'));
    if path.is_empty() {
        return base.to_owned();
    }
    if has_scheme {
        return path.to_owned();
    }
    let (root, folder) = split_base(base);
    let mut steps: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    steps.pop();
    for step in path.trim_start_matches('/').split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("{root}{}", steps.join("/"))
}

/// A base URI as what stays in front of every path, and its path without the first slash.
fn split_base(base: &str) -> (&str, &str) {
    let start = match base.find("://") {
        Some(scheme) => base[scheme + 3..].find('/').map_or(base.len(), |slash| scheme + 3 + slash + 1),
        None => base.find(':').map_or(0, |colon| colon + 1),
    };
    base.split_at(start)
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn a_relative_reference_is_resolved_against_its_file() {
        assert_eq!(resolve("file:///api/openapi.yaml", "schemas/pet.yaml"), "file:///api/schemas/pet.yaml");
        assert_eq!(resolve("file:///api/schemas/pet.yaml", "../a.yaml"), "file:///api/a.yaml");
        assert_eq!(resolve("https://host/a/b", "/c"), "https://host/c");
        assert_eq!(resolve("standin:pets", "owners"), "standin:owners");
        assert_eq!(resolve("standin:pets", ""), "standin:pets");
        assert_eq!(resolve("standin:pets", "urn:x:y"), "urn:x:y");
    }
}
