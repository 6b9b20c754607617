//! One schema, in normal form or as written, and the step that tells what it asks for.
//!
//! The normal form is the truth; where a schema has none, its keywords are read instead. Both give the same [`Step`]s,
//! so everything after this module is one generator. Start at [`Node::step`].

use std::sync::Arc;

use jsonschema::canonical::{CanonicalKind, CanonicalSchema};
use serde_json::Value;

use super::{
    facets::{Facets, Types},
    keywords, normal,
};
pub(super) use crate::schema::written::{Files, Place};

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

    /// Whether it shows at once that both schemas say the same.
    pub(super) fn is_twin(&self, other: &Self, files: Files<'a>) -> bool {
        let (Self::Normal(one), Self::Normal(other)) = (self, other) else { return false };
        if one == other {
            return true;
        }
        match (normal::step(one, files), normal::step(other, files)) {
            (Step::Jump { to: Self::Normal(one), .. }, Step::Jump { to: Self::Normal(other), .. }) => {
                one == other
            }
            _ => false,
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
