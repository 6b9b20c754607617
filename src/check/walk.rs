//! Every object of a document whose kind is known, by where it stands: what a reference leads to is of the kind that is
//! expected where the reference stands.
//!
//! Each place is met once for each kind, so documents that refer to themselves end. Read [`positions`] first.

use std::{collections::HashSet, sync::Arc};

use crate::{
    document::{Document, Node},
    finding::{Place, Pointer},
};

/// What an object of a document is (OAS 3.1, section 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Document,
    Components,
    Server,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Response,
    Callback,
    Example,
    Link,
    Header,
    Schema,
    SecurityScheme,
}

/// How the objects of a kind stand in a field.
#[derive(Clone, Copy)]
enum Shape {
    One,
    Many,
    Named,
}

/// An object of a document.
#[derive(Debug, Clone)]
pub(super) struct Position<'d> {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands, and what it holds.
    pub(super) node: Node<'d>,
    /// Whether a reference led here.
    pub(super) is_target: bool,
}

/// The deepest place that is looked at.
const DEEPEST: usize = 400;

/// Every object of the document, in the document's order; what is referred to comes after what refers to it.
pub(super) fn positions(document: &Document) -> Vec<Position<'_>> {
    let mut seen: HashSet<(Place, Kind)> = HashSet::new();
    let mut waiting = vec![Position { kind: Kind::Document, node: document.root(), is_target: false }];
    let mut found = Vec::new();
    while let Some(position) = waiting.pop() {
        let is_deep = position.node.place().pointer.as_str().matches('/').count() > DEEPEST;
        if is_deep || !seen.insert((position.node.place().clone(), position.kind)) {
            continue;
        }
        if position.node.text("$ref").is_some() {
            let target = position.node.clone().follow();
            if target.place() != position.node.place() {
                waiting.push(Position { kind: position.kind, node: target, is_target: true });
            }
            if ![Kind::Schema, Kind::PathItem].contains(&position.kind) {
                continue;
            }
        }
        waiting.extend(children(&position).into_iter().rev());
        found.push(position);
    }
    found
}

fn children<'d>(position: &Position<'d>) -> Vec<Position<'d>> {
    let mut children = Vec::new();
    let mut add = |kind, node: Option<Node<'d>>| {
        children.extend(node.map(|node| Position { kind, node, is_target: false }));
    };
    if position.kind == Kind::Callback {
        for key in keys(&position.node).filter(|key| !key.starts_with("x-")) {
            add(Kind::PathItem, position.node.raw(key));
        }
    }
    for (name, kind, shape) in position.kind.fields() {
        let Some(field) = position.node.raw(name) else { continue };
        match shape {
            Shape::One if !field.value().is_array() => add(*kind, Some(field)),
            Shape::One | Shape::Many => {
                let count = field.value().as_array().map_or(0, Vec::len);
                (0..count).for_each(|index| add(*kind, item(&field, index)));
            }
            Shape::Named => {
                let is_path = |key: &&str| *name != "paths" || key.starts_with('/');
                keys(&field).filter(is_path).for_each(|key| add(*kind, field.raw(key)));
            }
        }
    }
    children
}

fn keys<'d>(node: &Node<'d>) -> impl Iterator<Item = &'d str> + use<'d> {
    node.value().as_object().into_iter().flat_map(|members| members.keys()).map(String::as_str)
}

/// The item of a list as it stands.
pub(super) fn item<'d>(list: &Node<'d>, index: usize) -> Option<Node<'d>> {
    let Place { file, pointer } = list.place();
    list.document().at(&Place { file: Arc::clone(file), pointer: Pointer::join(pointer, index) })
}

impl Kind {
    /// The fields of a kind that hold objects of a known kind.
    fn fields(self) -> &'static [(&'static str, Self, Shape)] {
        use Shape::{Many, Named, One};
        match self {
            Self::Document => &[
                ("paths", Self::PathItem, Named),
                ("webhooks", Self::PathItem, Named),
                ("components", Self::Components, One),
                ("servers", Self::Server, Many),
            ],
            Self::Components => &[
                ("schemas", Self::Schema, Named),
                ("responses", Self::Response, Named),
                ("parameters", Self::Parameter, Named),
                ("examples", Self::Example, Named),
                ("requestBodies", Self::RequestBody, Named),
                ("headers", Self::Header, Named),
                ("securitySchemes", Self::SecurityScheme, Named),
                ("links", Self::Link, Named),
                ("callbacks", Self::Callback, Named),
                ("pathItems", Self::PathItem, Named),
                ("mediaTypes", Self::MediaType, Named),
            ],
            Self::PathItem => &[
                ("get", Self::Operation, One),
                ("put", Self::Operation, One),
                ("post", Self::Operation, One),
                ("delete", Self::Operation, One),
                ("options", Self::Operation, One),
                ("head", Self::Operation, One),
                ("patch", Self::Operation, One),
                ("trace", Self::Operation, One),
                ("query", Self::Operation, One),
                ("additionalOperations", Self::Operation, Named),
                ("parameters", Self::Parameter, Many),
                ("servers", Self::Server, Many),
            ],
            Self::Operation => &[
                ("parameters", Self::Parameter, Many),
                ("requestBody", Self::RequestBody, One),
                ("responses", Self::Response, Named),
                ("callbacks", Self::Callback, Named),
                ("servers", Self::Server, Many),
            ],
            Self::Parameter | Self::Header => &[
                ("schema", Self::Schema, One),
                ("content", Self::MediaType, Named),
                ("examples", Self::Example, Named),
            ],
            Self::RequestBody => &[("content", Self::MediaType, Named)],
            Self::MediaType => &[
                ("schema", Self::Schema, One),
                ("itemSchema", Self::Schema, One),
                ("examples", Self::Example, Named),
                ("encoding", Self::Encoding, Named),
                ("prefixEncoding", Self::Encoding, Many),
                ("itemEncoding", Self::Encoding, One),
            ],
            Self::Encoding => &[("headers", Self::Header, Named)],
            Self::Response => &[
                ("headers", Self::Header, Named),
                ("content", Self::MediaType, Named),
                ("links", Self::Link, Named),
            ],
            Self::Link => &[("server", Self::Server, One)],
            Self::Schema => &[
                ("properties", Self::Schema, Named),
                ("patternProperties", Self::Schema, Named),
                ("additionalProperties", Self::Schema, One),
                ("unevaluatedProperties", Self::Schema, One),
                ("propertyNames", Self::Schema, One),
                ("dependentSchemas", Self::Schema, Named),
                ("items", Self::Schema, One),
                ("prefixItems", Self::Schema, Many),
                ("unevaluatedItems", Self::Schema, One),
                ("contains", Self::Schema, One),
                ("allOf", Self::Schema, Many),
                ("anyOf", Self::Schema, Many),
                ("oneOf", Self::Schema, Many),
                ("not", Self::Schema, One),
                ("if", Self::Schema, One),
                ("then", Self::Schema, One),
                ("else", Self::Schema, One),
                ("$defs", Self::Schema, Named),
            ],
            Self::Server | Self::Callback | Self::Example | Self::SecurityScheme => &[],
        }
    }
}
