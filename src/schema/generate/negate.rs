//! What breaks a schema, as a schema: the negation of its normal form, or where that cannot be had, of its facets.
//!
//! A value breaks facets by having another type or by breaking one of the facets of its type, so the negation is a choice
//! among these. Where a part has no such form it is left to testing: `None`. Start at [`negated`].

use std::sync::Arc;

use jsonschema::canonical::CanonicalKind;
use serde_json::Number;

use super::{
    facets::{Arrays, Bound, Broken, Contains, Facets, Items, Members, Numbers, Objects, Texts, Types},
    node::{Files, Node, Step},
};

/// A schema that asks for what breaks `node`.
pub(super) fn negated<'a>(node: &Node<'a>, files: Files<'a>) -> Option<Node<'a>> {
    let normal = match node {
        Node::Normal(schema) => schema.negate().ok(),
        _ => None,
    };
    if let Some(negated) = normal.filter(|negated| negated.kind() != CanonicalKind::Not) {
        return Some(Node::Normal(negated));
    }
    let not = |nodes: Vec<Node<'a>>| nodes.into_iter().map(Node::not).collect();
    match node.step(files) {
        Step::Nothing => Some(Node::of_types(Types::ALL)),
        Step::Leaf(facets) if facets.values.is_none() && facets.barred.is_empty() => {
            Some(Node::made(Step::Any(alternatives(&facets))))
        }
        Step::All(nodes) => Some(Node::made(Step::Any(not(nodes)))),
        Step::Any(nodes) => Some(Node::made(Step::All(not(nodes)))),
        Step::Not(node) => Some(node),
        Step::Leaf(_) | Step::One(_) | Step::Jump { .. } => None,
    }
}

fn alternatives<'a>(facets: &Facets<'a>) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    let others = facets.types.others();
    if others != Types::NONE {
        found.push(Facets::of(others));
    }
    found.extend(
        numbers(&facets.number).into_iter().map(|number| Facets { number, ..Facets::of(Types::NUMBER) }),
    );
    found.extend(texts(&facets.text).into_iter().map(|text| Facets { text, ..Facets::of(Types::STRING) }));
    found.extend(arrays(&facets.array).into_iter().map(|array| Facets { array, ..Facets::of(Types::ARRAY) }));
    found.extend(
        objects(&facets.object).into_iter().map(|object| Facets { object, ..Facets::of(Types::OBJECT) }),
    );
    found.into_iter().map(|facets| Node::made(Step::Leaf(Box::new(facets)))).collect()
}

fn numbers(facets: &Numbers) -> Vec<Numbers> {
    let beyond = |bound: &Bound| vec![Bound { at: bound.at.clone(), open: !bound.open }];
    let steps = |steps: &Number| vec![steps.clone()];
    let low = facets.low.iter().map(|bound| Numbers { high: beyond(bound), ..Numbers::default() });
    let high = facets.high.iter().map(|bound| Numbers { low: beyond(bound), ..Numbers::default() });
    let barred = facets.steps.iter().map(|step| Numbers { barred_steps: steps(step), ..Numbers::default() });
    let asked = facets.barred_steps.iter().map(|step| Numbers { steps: steps(step), ..Numbers::default() });
    low.chain(high).chain(barred).chain(asked).collect()
}

/// The counts below `min` and above `max`, each as a least and a most.
fn outside(min: u64, max: Option<u64>) -> impl Iterator<Item = (u64, Option<u64>)> {
    let below = min.checked_sub(1).map(|most| (0, Some(most)));
    let above = max.and_then(|max| max.checked_add(1)).map(|least| (least, None));
    below.into_iter().chain(above)
}

fn texts(facets: &Texts) -> Vec<Texts> {
    let one = |text: &String| vec![text.clone()];
    let lengths = outside(facets.min, facets.max).map(|(min, max)| Texts { min, max, ..Texts::default() });
    let pattern = facets.patterns.iter().map(|text| Texts { barred_patterns: one(text), ..Texts::default() });
    let barred = facets.barred_patterns.iter().map(|text| Texts { patterns: one(text), ..Texts::default() });
    let format = facets.formats.iter().map(|text| Texts { barred_formats: one(text), ..Texts::default() });
    lengths.chain(pattern).chain(barred).chain(format).collect()
}

fn arrays<'a>(facets: &Arrays<'a>) -> Vec<Arrays<'a>> {
    let lengths = outside(facets.min, facets.max).map(|(min, max)| Arrays { min, max, ..Arrays::default() });
    let repeated = facets.unique.then(|| Arrays { repeated: true, ..Arrays::default() });
    let unique = facets.repeated.then(|| Arrays { unique: true, ..Arrays::default() });
    let items = facets.layers.iter().flat_map(|layer| broken_items(layer));
    let counts = facets.contains.iter().flat_map(|contains| {
        outside(contains.min, contains.max).map(|(min, max)| Contains {
            node: contains.node.clone(),
            min,
            max,
        })
    });
    let counts = counts.map(|contains| Arrays { contains: vec![contains], ..Arrays::default() });
    lengths.chain(repeated).chain(unique).chain(items).chain(counts).collect()
}

/// Arrays that break one place of the layer.
fn broken_items<'a>(layer: &Items<'a>) -> Vec<Arrays<'a>> {
    let places = layer.prefix.iter().chain(&layer.rest).enumerate();
    let broken = places.map(|(index, node)| {
        let mut prefix = vec![Node::of_types(Types::ALL); index];
        prefix.push(Node::not(node.clone()));
        Arrays {
            min: index as u64 + 1,
            layers: vec![Arc::new(Items { prefix, rest: None })],
            ..Arrays::default()
        }
    });
    broken.collect()
}

fn objects<'a>(facets: &Objects<'a>) -> Vec<Objects<'a>> {
    let counts = outside(facets.min, facets.max).map(|(min, max)| Objects { min, max, ..Objects::default() });
    let absent = facets.required.iter().map(|name| with_member(name, Node::made(Step::Nothing)));
    let members = facets.layers.iter().flat_map(|layer| broken_members(layer));
    let names = facets.names.iter().map(|node| breaking(Broken::Name(node.clone())));
    counts.chain(absent).chain(members).chain(names).collect()
}

/// Objects that break one rule of the layer.
fn broken_members<'a>(layer: &Members<'a>) -> Vec<Objects<'a>> {
    let named = layer.named.iter().map(|(name, node)| Objects {
        required: vec![name.clone()],
        ..with_member(name, Node::not(node.clone()))
    });
    let matching = layer
        .patterns
        .iter()
        .map(|(pattern, node)| breaking(Broken::Matching { pattern: pattern.clone(), node: node.clone() }));
    let undeclared = layer.rest.iter().map(|node| {
        breaking(Broken::Undeclared {
            names: layer.named.keys().cloned().collect(),
            patterns: layer.patterns.iter().map(|(pattern, _)| pattern.clone()).collect(),
            node: node.clone(),
        })
    });
    named.chain(matching).chain(undeclared).collect()
}

/// Objects in which the property, where it is present, satisfies the node.
fn with_member<'a>(name: &str, node: Node<'a>) -> Objects<'a> {
    let named = [(name.to_owned(), node)].into_iter().collect();
    Objects { layers: vec![Arc::new(Members { named, ..Members::default() })], ..Objects::default() }
}

fn breaking(broken: Broken<'_>) -> Objects<'_> {
    Objects { broken: vec![broken], ..Objects::default() }
}
