//! A tree of texts → the value that the schema takes it for.
//!
//! A text may mean several things, and then the schema judges: first all of these texts are taken as texts, then as the
//! scalars that they spell, and last as texts but for those that the schema refuses.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Shape, Tree};
use crate::{
    schema::{Schema, Types, Violation, Written},
    wire::{
        Read,
        scalar::{best, json, scalar},
        typed::wanted,
    },
};

/// What a text is taken for, where it may be a string and something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Text,
    Scalar,
}

/// The scalars that a text can spell out.
fn spelled() -> Types {
    Types::BOOLEAN.or(Types::NUMBER).or(Types::STRING)
}

/// The shapes that the values of a schema may have, likely ones first.
pub(super) fn shapes(about: Option<&Written<'_>>) -> Vec<Shape> {
    let types = about.map_or(Types::ALL, wanted);
    if types == Types::ALL || types == Types::NONE {
        return vec![Shape::Text];
    }
    let mut shapes = Vec::new();
    shapes.extend(types.meets(spelled()).then_some(Shape::Text));
    shapes.extend(types.meets(Types::ARRAY).then_some(Shape::List));
    shapes.extend(types.meets(Types::OBJECT).then_some(Shape::Members));
    shapes.extend((types.meets(Types::NULL) && !types.meets(spelled())).then_some(Shape::Text));
    shapes
}

/// Whether an object takes properties that its schema does not name.
pub(super) fn takes_others(about: &Written<'_>) -> bool {
    let others = about.keyword("additionalProperties").or_else(|| about.keyword("patternProperties"));
    // Where nothing is said, everything is allowed; but an object that has names is hardly meant to take all the rest.
    others.map_or_else(|| about.names().is_empty(), |others| *others != Value::Bool(false))
}

/// The value that the schema likes best, of all that the trees may mean; there is at least one tree.
pub(super) fn read(schema: Option<&Schema>, about: Option<&Written<'_>>, trees: &[Tree]) -> Read {
    let readings = readings(about, trees);
    let values = readings.iter().flat_map(|(texts, scalars)| [texts, scalars]);
    let (mut value, mut violations) = best(schema, apart(values));
    if !violations.is_empty() {
        let mixed = readings.iter().filter_map(|(texts, scalars)| mixed(schema?, texts, scalars));
        if let Some(sound) = mixed.into_iter().next() {
            (value, violations) = (sound, Vec::new());
        }
    }
    Read { value, violations }
}

/// All that the trees may mean, likeliest first.
pub(super) fn all(about: Option<&Written<'_>>, trees: &[Tree]) -> Vec<Value> {
    apart(readings(about, trees).iter().flat_map(|(texts, scalars)| [texts, scalars]))
}

/// What each tree means where texts are taken as texts, and where they are taken as scalars.
fn readings(about: Option<&Written<'_>>, trees: &[Tree]) -> Vec<(Value, Value)> {
    trees.iter().map(|tree| (value(tree, about, Leaf::Text), value(tree, about, Leaf::Scalar))).collect()
}

/// Each of the values once.
fn apart<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<Value> {
    let mut apart: Vec<Value> = Vec::new();
    for value in values {
        if !apart.contains(value) {
            apart.push(value.clone());
        }
    }
    apart
}

/// The texts, with scalars where the schema refuses a text; `None` where it refuses that, too.
fn mixed(schema: &Schema, texts: &Value, scalars: &Value) -> Option<Value> {
    if texts == scalars {
        return None;
    }
    let mut mixed = texts.clone();
    for Violation { instance, .. } in schema.violations(texts) {
        let scalar = scalars.pointer(instance.as_str());
        if let (Some(slot), Some(scalar)) = (mixed.pointer_mut(instance.as_str()), scalar) {
            *slot = scalar.clone();
        }
    }
    schema.is_valid(&mixed).then_some(mixed)
}

fn value(tree: &Tree, about: Option<&Written<'_>>, leaf: Leaf) -> Value {
    let types = about.map_or(Types::ALL, wanted);
    match tree {
        Tree::Text(text) => match about {
            Some(about) => of_text(text, about, types, leaf),
            None => Value::String(text.clone()),
        },
        Tree::List(items) => list(items, about.filter(|_| types.meets(Types::ARRAY)), leaf),
        Tree::Members(members) if types.meets(Types::ARRAY) && !types.meets(Types::OBJECT) => {
            match numbered(members) {
                Some(items) => list(&items, about, leaf),
                None => object(members, about, leaf),
            }
        }
        Tree::Members(members) => object(members, about, leaf),
    }
}

fn of_text(text: &str, about: &Written<'_>, types: Types, leaf: Leaf) -> Value {
    let is_null = types.meets(Types::NULL) && (text.is_empty() || text == "null");
    if types.meets(spelled()) || (is_null && leaf == Leaf::Scalar) {
        return of_scalar(text, types, leaf);
    }
    if let Some(json) = composite(text, types) {
        return json;
    }
    if types.meets(Types::ARRAY) {
        let item = || value(&Tree::Text(text.to_owned()), Some(&about.item(0)), leaf);
        // Within a list of lists this goes one list deeper, and no further: the item has no schema of its own then.
        let is_flat = about.item(0).types().meets(spelled());
        return match text {
            "" => Value::Array(Vec::new()),
            _ if is_flat => Value::Array(vec![item()]),
            _ => Value::Array(vec![Value::String(text.to_owned())]),
        };
    }
    if types.meets(Types::OBJECT) && text.is_empty() {
        return Value::Object(serde_json::Map::new());
    }
    of_scalar(text, types, leaf)
}

/// A text that is JSON of one of the types. No style has a way to say a list or an object within another one, and those who
/// send one nevertheless write it so.
fn composite(text: &str, types: Types) -> Option<Value> {
    let json = || json(text).ok();
    text.starts_with(['[', '{']).then(json).flatten().filter(|json| Types::of(json).meets(types))
}

fn of_scalar(text: &str, types: Types, leaf: Leaf) -> Value {
    let text_itself = || Value::String(text.to_owned());
    if types == Types::STRING || (types.meets(Types::STRING) && leaf == Leaf::Text) {
        return text_itself();
    }
    let value = if text.is_empty() { Value::Null } else { scalar(text) };
    // A fraction where a whole number is asked for is told as the number that it is.
    let wanted = if types.meets(Types::NUMBER) { types.or(Types::NUMBER) } else { types };
    if Types::of(&value).meets(wanted) { value } else { text_itself() }
}

fn list(items: &[Tree], about: Option<&Written<'_>>, leaf: Leaf) -> Value {
    let prefix = about.and_then(|about| about.keyword("prefixItems")?.as_array()).map_or(0, Vec::len);
    let rest = about.map(|about| about.item(prefix));
    if let ([Tree::Text(text)], Some(rest)) = (items, &rest)
        && !wanted(rest).meets(spelled())
        && let Some(json) = composite(text, Types::ARRAY)
    {
        return json;
    }
    let values = items.iter().enumerate().map(|(index, item)| {
        let own = about.filter(|_| index < prefix).map(|about| about.item(index));
        value(item, own.as_ref().or(rest.as_ref()), leaf)
    });
    values.collect()
}

fn object(members: &IndexMap<String, Tree>, about: Option<&Written<'_>>, leaf: Leaf) -> Value {
    let values = members.iter().map(|(name, member)| {
        let property = about.map(|about| about.property(name));
        (name.clone(), value(member, property.as_ref(), leaf))
    });
    Value::Object(values.collect())
}

/// The members in the order of their numbers, where each has one; gaps are closed.
fn numbered(members: &IndexMap<String, Tree>) -> Option<Vec<Tree>> {
    let numbers = members.iter().map(|(name, member)| Some((name.parse::<u32>().ok()?, member)));
    let mut items: Vec<(u32, &Tree)> = numbers.collect::<Option<_>>()?;
    items.sort_by_key(|(number, _)| *number);
    Some(items.into_iter().map(|(_, member)| member.clone()).collect())
}
