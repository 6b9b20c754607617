//! Does a value satisfy one schema among many? Asked inside the search, to steer it.
//!
//! The validator knows best, but it judges whole compiled schemas; a search asks thousands of times about parts. So parts
//! are judged over the same steps that values are made from, patterns and formats by the validator itself. A wrong
//! answer costs an attempt: the finished value is always judged by the validator. Start at [`Judge::accepts`].

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{
    facets::{Arrays, Broken, Facets, Objects, Texts, is_among, same},
    node::{Files, Node, Step},
    number,
    pattern::Pattern,
};

/// How deep references that apply in place are followed.
pub(super) const DEEPEST: u32 = 64;

/// Compiled patterns and formats, made when first asked for.
#[derive(Debug, Default)]
pub(super) struct Tests {
    compiled: HashMap<(&'static str, String), Test>,
    read: HashMap<String, Option<Arc<Pattern>>>,
}

/// A pattern or a format, compiled; `None` where it cannot be.
type Test = Option<Arc<Validator>>;

/// How many patterns and formats are kept for those who come later.
const KEPT: usize = 4096;

/// What was compiled before, for whatever schema: one text means the same in all of them.
static COMPILED: LazyLock<RwLock<HashMap<(&'static str, String), Test>>> = LazyLock::new(RwLock::default);
static READ: LazyLock<RwLock<HashMap<String, Option<Arc<Pattern>>>>> = LazyLock::new(RwLock::default);

/// What is kept under a key, else what is made now, and then kept.
fn kept<K: Clone + Eq + Hash, T: Clone>(all: &RwLock<HashMap<K, T>>, key: &K, make: impl FnOnce() -> T) -> T {
    let held = all.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
    held.unwrap_or_else(|| {
        let new = make();
        let mut all = all.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() < KEPT {
            all.insert(key.clone(), new.clone());
        }
        new
    })
}

impl Tests {
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> bool {
        self.test("pattern", pattern, text)
    }

    pub(super) fn is_in_format(&mut self, format: &str, text: &str) -> bool {
        self.test("format", format, text)
    }

    /// The pattern as something that makes texts; `None` where it cannot be read.
    pub(super) fn pattern(&mut self, pattern: &str) -> Option<Arc<Pattern>> {
        if let Some(read) = self.read.get(pattern) {
            return read.clone();
        }
        let read = kept(&READ, &pattern.to_owned(), || Pattern::read(pattern).map(Arc::new));
        self.read.insert(pattern.to_owned(), read.clone());
        read
    }

    /// What cannot be compiled rejects nothing.
    fn test(&mut self, keyword: &'static str, argument: &str, text: &str) -> bool {
        let key = (keyword, argument.to_owned());
        let make = || {
            let options = jsonschema::options().should_validate_formats(true);
            options.build(&json!({ keyword: argument })).ok().map(Arc::new)
        };
        let compiled = self.compiled.entry(key).or_insert_with_key(|key| kept(&COMPILED, key, make));
        compiled.as_ref().is_none_or(|test| test.is_valid(&Value::from(text)))
    }
}

/// Whether a text has all the facets.
pub(super) fn text_fits(text: &str, facets: &Texts, tests: &mut Tests) -> bool {
    let length = text.chars().count() as u64;
    length >= facets.min
        && facets.max.is_none_or(|max| length <= max)
        && !facets.barred.iter().any(|barred| barred == text)
        && facets.patterns.iter().all(|pattern| tests.matches(pattern, text))
        && !facets.barred_patterns.iter().any(|pattern| tests.matches(pattern, text))
        && facets.formats.iter().all(|format| tests.is_in_format(format, text))
        && !facets.barred_formats.iter().any(|format| tests.is_in_format(format, text))
}

/// Judges values against parts of a schema.
pub(super) struct Judge<'j, 'a> {
    pub(super) files: Files<'a>,
    pub(super) tests: &'j mut Tests,
    pub(super) depth: u32,
}

impl<'a> Judge<'_, 'a> {
    /// Whether `value` satisfies `node`.
    pub(super) fn accepts(&mut self, node: &Node<'a>, value: &Value) -> bool {
        if self.depth > DEEPEST {
            return true;
        }
        self.depth += 1;
        let accepted = self.follow(node.step(self.files), value);
        self.depth -= 1;
        accepted
    }

    fn follow(&mut self, step: Step<'a>, value: &Value) -> bool {
        match step {
            Step::Nothing => false,
            Step::Leaf(facets) => self.fits(&facets, value),
            Step::All(nodes) => nodes.iter().all(|node| self.accepts(node, value)),
            Step::Any(nodes) => nodes.iter().any(|node| self.accepts(node, value)),
            Step::One(nodes) => nodes.iter().filter(|node| self.accepts(node, value)).count() == 1,
            Step::Not(node) => !self.accepts(&node, value),
            Step::Jump { to, .. } => self.accepts(&to, value),
        }
    }

    /// Whether `value` has all the facets.
    pub(super) fn fits(&mut self, facets: &Facets<'a>, value: &Value) -> bool {
        let listed = facets.values.as_ref().is_none_or(|values| is_among(value, values));
        let typed = facets.types.meets(super::facets::Types::of(value));
        let inside = listed && typed && self.fits_inside(facets, value);
        inside && !facets.barred.iter().any(|node| self.accepts(node, value))
    }

    pub(super) fn fits_inside(&mut self, facets: &Facets<'a>, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => true,
            Value::Number(number) => number::fits(number, &facets.number),
            Value::String(text) => text_fits(text, &facets.text, self.tests),
            Value::Array(items) => self.array_fits(&facets.array, items),
            Value::Object(members) => self.object_fits(&facets.object, members),
        }
    }

    fn array_fits(&mut self, arrays: &Arrays<'a>, items: &[Value]) -> bool {
        let length = items.len() as u64;
        let distinct = || all_differ(items);
        length >= arrays.min
            && arrays.max.is_none_or(|max| length <= max)
            && (!arrays.unique || distinct())
            && (!arrays.repeated || !distinct())
            && items.iter().enumerate().all(|(index, item)| self.item_fits(arrays, index, item))
            && arrays.contains.iter().all(|contains| {
                let count = items.iter().filter(|item| self.accepts(&contains.node, item)).count() as u64;
                count >= contains.min && contains.max.is_none_or(|max| count <= max)
            })
    }

    fn item_fits(&mut self, arrays: &Arrays<'a>, index: usize, item: &Value) -> bool {
        let mut nodes = arrays.layers.iter().filter_map(|layer| layer.at(index));
        nodes.all(|node| self.accepts(node, item))
    }

    fn object_fits(&mut self, objects: &Objects<'a>, members: &Map<String, Value>) -> bool {
        let count = members.len() as u64;
        count >= objects.min
            && objects.max.is_none_or(|max| count <= max)
            && objects.required.iter().all(|name| members.contains_key(name))
            && members.iter().all(|(name, value)| self.member_fits(objects, name, value))
            && objects
                .broken
                .iter()
                .all(|broken| members.iter().any(|(name, value)| self.breaks(broken, name, value)))
    }

    fn member_fits(&mut self, objects: &Objects<'a>, name: &str, value: &Value) -> bool {
        let key = Value::from(name);
        objects.names.iter().all(|node| self.accepts(node, &key))
            && member_nodes(objects, name, self.tests).into_iter().all(|node| self.accepts(node, value))
    }

    /// Whether a property breaks the rule.
    pub(super) fn breaks(&mut self, broken: &Broken<'a>, name: &str, value: &Value) -> bool {
        match broken {
            Broken::Name(node) => !self.accepts(node, &Value::from(name)),
            Broken::Undeclared { names, patterns, node } => {
                !names.iter().any(|declared| declared == name)
                    && !patterns.iter().any(|pattern| self.tests.matches(pattern, name))
                    && !self.accepts(node, value)
            }
            Broken::Matching { pattern, node } => {
                self.tests.matches(pattern, name) && !self.accepts(node, value)
            }
        }
    }
}

/// All that an object asks of the property `name`.
pub(super) fn member_nodes<'f, 'a>(
    objects: &'f Objects<'a>,
    name: &str,
    tests: &mut Tests,
) -> Vec<&'f Node<'a>> {
    let mut nodes = Vec::new();
    for layer in &objects.layers {
        let before = nodes.len();
        nodes.extend(layer.named.get(name));
        let matching = layer.patterns.iter().filter(|(pattern, _)| tests.matches(pattern, name));
        nodes.extend(matching.map(|(_, node)| node));
        if nodes.len() == before {
            nodes.extend(&layer.rest);
        }
    }
    nodes
}

pub(super) fn all_differ(items: &[Value]) -> bool {
    items.iter().enumerate().all(|(index, item)| !items[..index].iter().any(|other| same(item, other)))
}
