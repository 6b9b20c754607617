//! What a value must be like, as plain data: one set of facets for each JSON type, whichever form they were read from.
//!
//! Facets of several schemas that hold together are joined with [`Facets::meet`]. What stands deeper in the value stays
//! a list of [`Node`]s, so that joining never looks deeper than one level. Start at [`Facets`].

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use super::node::Node;
pub(super) use crate::schema::types::Types;

/// All that is asked of one value.
#[derive(Debug, Clone)]
pub(super) struct Facets<'a> {
    pub(super) types: Types,
    /// The only values allowed, where they are listed.
    pub(super) values: Option<Vec<Value>>,
    pub(super) number: Numbers,
    pub(super) text: Texts,
    pub(super) array: Arrays<'a>,
    pub(super) object: Objects<'a>,
    /// Schemas that the value must break.
    pub(super) barred: Vec<Node<'a>>,
}

/// Bounds and divisors of a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    pub(super) low: Vec<Bound>,
    pub(super) high: Vec<Bound>,
    pub(super) steps: Vec<Number>,
    /// Divisors that must not divide it.
    pub(super) barred_steps: Vec<Number>,
}

/// One end of a range.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    pub(super) at: Number,
    /// Whether the end itself is outside.
    pub(super) open: bool,
}

/// What a string must be like; lengths are in characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) patterns: Vec<String>,
    pub(super) barred_patterns: Vec<String>,
    pub(super) formats: Vec<String>,
    pub(super) barred_formats: Vec<String>,
    pub(super) barred: Vec<String>,
}

/// What an array must be like.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrays<'a> {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) unique: bool,
    /// Whether some item must occur twice.
    pub(super) repeated: bool,
    pub(super) layers: Vec<Arc<Items<'a>>>,
    pub(super) contains: Vec<Contains<'a>>,
}

/// One `prefixItems` with its `items`.
#[derive(Debug, Clone, Default)]
pub(super) struct Items<'a> {
    pub(super) prefix: Vec<Node<'a>>,
    pub(super) rest: Option<Node<'a>>,
}

/// One `contains` with its counts.
#[derive(Debug, Clone)]
pub(super) struct Contains<'a> {
    pub(super) node: Node<'a>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

/// What an object must be like.
#[derive(Debug, Clone, Default)]
pub(super) struct Objects<'a> {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    pub(super) required: Vec<String>,
    /// Schemas of every name.
    pub(super) names: Vec<Node<'a>>,
    pub(super) layers: Vec<Arc<Members<'a>>>,
    pub(super) broken: Vec<Broken<'a>>,
}

/// One `properties` with its `patternProperties` and `additionalProperties`.
#[derive(Debug, Clone, Default)]
pub(super) struct Members<'a> {
    pub(super) named: IndexMap<String, Node<'a>>,
    pub(super) patterns: Vec<(String, Node<'a>)>,
    pub(super) rest: Option<Node<'a>>,
}

/// A rule that at least one entry of the object must break.
#[derive(Debug, Clone)]
pub(super) enum Broken<'a> {
    /// Some name breaks the schema.
    Name(Node<'a>),
    /// The value of some property that is neither among `names` nor matched by `patterns` breaks the schema.
    Undeclared { names: Vec<String>, patterns: Vec<String>, node: Node<'a> },
    /// The value of some property whose name matches breaks the schema.
    Matching { pattern: String, node: Node<'a> },
}

impl Facets<'_> {
    /// Facets that ask for one of these types and no more.
    pub(super) fn of(types: Types) -> Self {
        Self {
            types,
            values: None,
            number: Numbers::default(),
            text: Texts::default(),
            array: Arrays::default(),
            object: Objects::default(),
            barred: Vec::new(),
        }
    }

    /// Facets that ask for one of these values.
    pub(super) fn one_of(values: Vec<Value>) -> Self {
        let types = values.iter().fold(Types::NONE, |types, value| types.or(Types::of(value)));
        Self { values: Some(values), ..Self::of(types) }
    }

    /// Makes these facets ask for all that `other` asks for, too.
    pub(super) fn meet(&mut self, other: Self) {
        self.types = self.types.and(other.types);
        self.values = match (self.values.take(), other.values) {
            (Some(mine), Some(theirs)) => {
                Some(mine.into_iter().filter(|value| is_among(value, &theirs)).collect())
            }
            (mine, theirs) => mine.or(theirs),
        };
        self.number.meet(other.number);
        self.text.meet(other.text);
        self.array.meet(other.array);
        self.object.meet(other.object);
        self.barred.extend(other.barred);
    }

    /// Whether it shows at once that no value can have these facets.
    pub(super) fn is_empty(&self) -> bool {
        self.types == Types::NONE || self.values.as_ref().is_some_and(Vec::is_empty)
    }
}

impl Numbers {
    fn meet(&mut self, other: Self) {
        self.low.extend(other.low);
        self.high.extend(other.high);
        self.steps.extend(other.steps);
        self.barred_steps.extend(other.barred_steps);
    }
}

impl Texts {
    fn meet(&mut self, other: Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        join(&mut self.patterns, other.patterns);
        join(&mut self.barred_patterns, other.barred_patterns);
        join(&mut self.formats, other.formats);
        join(&mut self.barred_formats, other.barred_formats);
        join(&mut self.barred, other.barred);
    }
}

impl Arrays<'_> {
    fn meet(&mut self, other: Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        self.unique |= other.unique;
        self.repeated |= other.repeated;
        self.layers.extend(other.layers);
        self.contains.extend(other.contains);
    }
}

impl Objects<'_> {
    fn meet(&mut self, other: Self) {
        self.min = self.min.max(other.min);
        self.max = least(self.max, other.max);
        join(&mut self.required, other.required);
        self.names.extend(other.names);
        self.layers.extend(other.layers);
        self.broken.extend(other.broken);
    }
}

impl<'a> Items<'a> {
    /// What this layer asks of the item at `index`.
    pub(super) fn at(&self, index: usize) -> Option<&Node<'a>> {
        self.prefix.get(index).or(self.rest.as_ref())
    }
}

fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn join(list: &mut Vec<String>, more: Vec<String>) {
    for text in more {
        if !list.contains(&text) {
            list.push(text);
        }
    }
}

/// Whether `value` is in `values`; `1` and `1.0` are the same number.
pub(super) fn is_among(value: &Value, values: &[Value]) -> bool {
    values.iter().any(|other| same(value, other))
}

/// Whether two values are equal as JSON Schema says (2020-12 core, section 4.2.2).
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || floats_are_same(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn floats_are_same(one: &Number, other: &Number) -> bool {
    (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}
