//! A schema in normal form → the [`Step`] it asks for.

use std::sync::Arc;

use jsonschema::{
    JsonType, JsonTypeSet,
    canonical::{
        ArrayView, CanonicalSchema, CanonicalView, Distinctness, IntegerView, NumberView, ObjectView,
        ObjectViolationView, StringView,
    },
};
use serde_json::Number;

use super::{
    facets::{Arrays, Bound, Broken, Contains, Facets, Items, Members, Numbers, Objects, Texts, Types},
    node::{Files, Node, Step},
};
use crate::schema::written::last_token;

/// The normal form names the target of a reference by its URI, percent-encoded, after this.
const TARGET: &str = "urn:jsonschema:canonical:";

/// What `schema` asks for.
pub(super) fn step<'a>(schema: &CanonicalSchema, files: Files<'a>) -> Step<'a> {
    match schema.view() {
        CanonicalView::False => Step::Nothing,
        CanonicalView::True | CanonicalView::Raw(_) => leaf(Facets::of(Types::ALL)),
        CanonicalView::MultiType(set) => leaf(Facets::of(types(set))),
        CanonicalView::Const(value) => leaf(Facets::one_of(vec![value])),
        CanonicalView::Enum(values) => leaf(Facets::one_of(values)),
        CanonicalView::String(view) => leaf(text(view)),
        CanonicalView::Integer(view) => leaf(integer(view)),
        CanonicalView::Number(view) => leaf(number(view)),
        CanonicalView::Array(view) => leaf(array(view)),
        CanonicalView::Object(view) => leaf(object(view)),
        CanonicalView::TypedGroup(view) => {
            Step::All(vec![Node::of_types(of(view.ty)), Node::Normal(view.body)])
        }
        CanonicalView::Not(schema) => Step::Not(Node::Normal(*schema)),
        CanonicalView::AllOf(branches) => Step::All(nodes(branches)),
        CanonicalView::AnyOf(branches) => Step::Any(nodes(branches)),
        CanonicalView::OneOf(branches) => Step::One(nodes(branches)),
        CanonicalView::Reference(uri) => jump(schema, uri, files),
    }
}

fn leaf(facets: Facets<'_>) -> Step<'_> {
    Step::Leaf(Box::new(facets))
}

fn nodes<'a>(schemas: Vec<CanonicalSchema>) -> Vec<Node<'a>> {
    schemas.into_iter().map(Node::Normal).collect()
}

fn jump<'a>(schema: &CanonicalSchema, uri: String, files: Files<'a>) -> Step<'a> {
    let Some(to) = schema.definition(&uri) else {
        return leaf(Facets::of(Types::ALL));
    };
    let encoded = uri.strip_prefix(TARGET).unwrap_or_default();
    let written = percent_encoding::percent_decode_str(encoded).decode_utf8_lossy();
    let (place, name) = (files.at(&written), last_token(&written));
    Step::Jump { key: uri, name, to: Node::Normal(to), place }
}

fn types(set: JsonTypeSet) -> Types {
    set.iter().fold(Types::NONE, |types, ty| types.or(of(ty)))
}

fn of(ty: JsonType) -> Types {
    Types::named(ty.as_str())
}

fn integer<'a>(view: IntegerView) -> Facets<'a> {
    let closed = |at| Bound { at, open: false };
    Facets {
        number: Numbers {
            low: view.minimum.map(closed).into_iter().collect(),
            high: view.maximum.map(closed).into_iter().collect(),
            steps: view.multiple_of,
            barred_steps: view.not_multiple_of,
        },
        ..Facets::of(Types::INTEGER)
    }
}

fn number<'a>(view: NumberView) -> Facets<'a> {
    let bound = |at: Option<Number>, open| at.map(|at| Bound { at, open }).into_iter().collect();
    Facets {
        number: Numbers {
            low: bound(view.minimum, view.exclusive_minimum),
            high: bound(view.maximum, view.exclusive_maximum),
            steps: view.multiple_of,
            barred_steps: view.not_multiple_of,
        },
        ..Facets::of(if view.excludes_integers { Types::FRACTION } else { Types::NUMBER })
    }
}

fn text<'a>(view: StringView) -> Facets<'a> {
    Facets {
        text: Texts {
            min: count(view.min_length.as_ref()).unwrap_or(0),
            max: count(view.max_length.as_ref()),
            patterns: view.patterns,
            barred_patterns: view.excluded_patterns,
            formats: view.formats,
            barred_formats: view.excluded_formats,
            barred: view.excluded,
        },
        ..Facets::of(Types::STRING)
    }
}

fn array<'a>(view: ArrayView) -> Facets<'a> {
    let contains = view.contains.into_iter().map(|contains| Contains {
        min: count(contains.min_contains.as_ref()).unwrap_or(1),
        max: count(contains.max_contains.as_ref()),
        node: Node::Normal(contains.schema),
    });
    Facets {
        array: Arrays {
            min: count(view.min_items.as_ref()).unwrap_or(0),
            max: count(view.max_items.as_ref()),
            unique: view.distinctness == Distinctness::AllDistinct,
            repeated: view.distinctness == Distinctness::SomeRepeated,
            contains: contains.collect(),
            layers: vec![Arc::new(Items {
                prefix: nodes(view.prefix_items),
                rest: view.items.map(Node::Normal),
            })],
        },
        ..Facets::of(Types::ARRAY)
    }
}

fn object<'a>(view: ObjectView) -> Facets<'a> {
    let normal = |(name, schema)| (name, Node::Normal(schema));
    Facets {
        object: Objects {
            min: count(view.min_properties.as_ref()).unwrap_or(0),
            max: count(view.max_properties.as_ref()),
            required: view.required,
            names: view.property_names.map(Node::Normal).into_iter().collect(),
            layers: vec![Arc::new(Members {
                named: view.properties.into_iter().map(normal).collect(),
                patterns: view.pattern_properties.into_iter().map(normal).collect(),
                rest: view.additional_properties.map(Node::Normal),
            })],
            broken: view.violations.into_iter().map(broken).collect(),
        },
        ..Facets::of(Types::OBJECT)
    }
}

fn broken<'a>(view: ObjectViolationView) -> Broken<'a> {
    match view {
        ObjectViolationView::NameFails(schema) => Broken::Name(Node::Normal(schema)),
        ObjectViolationView::UndeclaredValueFails { names, patterns, additional } => {
            Broken::Undeclared { names, patterns, node: Node::Normal(additional) }
        }
        ObjectViolationView::PatternValueFails { pattern, schema } => {
            Broken::Matching { pattern, node: Node::Normal(schema) }
        }
    }
}

/// A count such as `minLength` has; `2.0` is one, and those beyond all measure become the largest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, which is meant"
)]
pub(super) fn count(number: Option<&Number>) -> Option<u64> {
    let number = number?;
    number.as_u64().or_else(|| number.as_f64().map(|float| float as u64))
}
