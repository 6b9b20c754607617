//! What stands where in an `OpenAPI` document: which keys of which object hold an operation, a parameter, a schema.
//!
//! Everything that walks a document walks by this table, so that data (examples, defaults, extensions) is never taken for
//! a part of the description. It knows the keys of Swagger 2.0 as well as those of `OpenAPI` 3. Read [`children`] first.

use serde_json::Value;

use crate::finding::Trail;

/// What an object of the document is (OAS 3.2, section 4; JSON Schema for schemas).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The document itself.
    Root,
    /// The paths.
    Paths,
    /// What a path has.
    PathItem,
    /// A method of a path.
    Operation,
    /// A parameter.
    Parameter,
    /// A request body.
    RequestBody,
    /// A media type of a body or a response.
    MediaType,
    /// How a property of a form is written.
    Encoding,
    /// The responses of an operation.
    Responses,
    /// A response.
    Response,
    /// A header field.
    Header,
    /// An example.
    Example,
    /// A link.
    Link,
    /// A callback.
    Callback,
    /// A security scheme.
    SecurityScheme,
    /// A server.
    Server,
    /// What other parts refer to.
    Components,
    /// A schema.
    Schema,
}

/// What a key holds: one thing, a list, or things by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// One of the kind.
    One(Kind),
    /// A list of them.
    List(Kind),
    /// Such things by names that somebody chose.
    Map(Kind),
}

use Kind::{
    Callback, Components, Encoding, Example, Header, Link, MediaType, Operation, Parameter, PathItem, Paths,
    RequestBody, Response, Responses, Root, Schema, SecurityScheme, Server,
};
use Shape::{List, Map, One};

/// The methods that a path item may have (OAS 3.2, section 4.9.1).
pub const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

impl Kind {
    /// What stands under `key`; `None` where it is text, data, or nothing that is known.
    fn child(self, key: &str) -> Option<Shape> {
        let found = match self {
            Root => match key {
                "paths" => One(Paths),
                "webhooks" => Map(PathItem),
                "components" => One(Components),
                "servers" => List(Server),
                "definitions" => Map(Schema),
                "parameters" => Map(Parameter),
                "responses" => Map(Response),
                "securityDefinitions" => Map(SecurityScheme),
                _ => return None,
            },
            Paths | Callback => One(PathItem),
            Responses => One(Response),
            PathItem => match key {
                "parameters" => List(Parameter),
                "additionalOperations" => Map(Operation),
                "servers" => List(Server),
                method if METHODS.contains(&method) => One(Operation),
                _ => return None,
            },
            Operation => match key {
                "parameters" => List(Parameter),
                "requestBody" => One(RequestBody),
                "responses" => One(Responses),
                "callbacks" => Map(Callback),
                "servers" => List(Server),
                _ => return None,
            },
            Parameter | Header => match key {
                "schema" => One(Schema),
                "content" => Map(MediaType),
                "examples" => Map(Example),
                _ => return None,
            },
            RequestBody => match key {
                "content" => Map(MediaType),
                _ => return None,
            },
            MediaType => match key {
                "schema" | "itemSchema" => One(Schema),
                "examples" => Map(Example),
                "encoding" => Map(Encoding),
                "prefixEncoding" => List(Encoding),
                "itemEncoding" => One(Encoding),
                _ => return None,
            },
            Encoding => match key {
                "headers" => Map(Header),
                "encoding" => Map(Encoding),
                "prefixEncoding" => List(Encoding),
                "itemEncoding" => One(Encoding),
                _ => return None,
            },
            Response => match key {
                "headers" => Map(Header),
                "content" => Map(MediaType),
                "links" => Map(Link),
                "schema" => One(Schema),
                _ => return None,
            },
            Components => return component(key),
            Schema => return subschema(key),
            Link => match key {
                "server" => One(Server),
                _ => return None,
            },
            Example | Server | SecurityScheme => return None,
        };
        Some(found)
    }
}

fn component(key: &str) -> Option<Shape> {
    Some(Map(match key {
        "schemas" => Schema,
        "responses" => Response,
        "parameters" => Parameter,
        "examples" => Example,
        "requestBodies" => RequestBody,
        "headers" => Header,
        "securitySchemes" => SecurityScheme,
        "links" => Link,
        "callbacks" => Callback,
        "pathItems" => PathItem,
        "mediaTypes" => MediaType,
        _ => return None,
    }))
}

/// The keywords of all dialects that hold schemas.
fn subschema(key: &str) -> Option<Shape> {
    Some(match key {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "dependencies" => Map(Schema),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => List(Schema),
        "items"
        | "additionalItems"
        | "unevaluatedItems"
        | "contains"
        | "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => One(Schema),
        _ => return None,
    })
}

/// The key or index under which a child stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'v> {
    /// A key of an object.
    Key(&'v str),
    /// An index of a list.
    Index(usize),
}

impl<'v> Step<'v> {
    /// The trail one step on.
    pub(super) fn after<'t>(self, trail: &'t Trail<'t>) -> Trail<'t>
    where
        'v: 't,
    {
        match self {
            Self::Key(key) => trail.key(key),
            Self::Index(index) => trail.index(index),
        }
    }
}

/// The parts that stand directly in a value of this shape.
pub(super) fn children(shape: Shape, value: &Value) -> impl Iterator<Item = (Step<'_>, Shape, &Value)> {
    let members = value.as_object().into_iter().flatten();
    let members =
        members.filter_map(move |(key, member)| Some((Step::Key(key.as_str()), under(shape, key)?, member)));
    let items = item(shape).zip(value.as_array()).into_iter();
    let items = items.flat_map(|(shape, items)| {
        items.iter().enumerate().map(move |(index, value)| (Step::Index(index), shape, value))
    });
    members.chain(items)
}

/// What stands under a key of an object of this shape.
pub(super) fn under(shape: Shape, key: &str) -> Option<Shape> {
    let names_parts = |kind: Kind| matches!(kind, Paths | Callback | Responses);
    match shape {
        One(kind) if names_parts(kind) && key.starts_with("x-") => None,
        One(kind) => kind.child(key),
        Map(kind) => Some(One(kind)),
        List(_) => None,
    }
}

/// What the items of a list of this shape are; `items` may hold a list of schemas (JSON Schema draft 7, section 6.4.1).
pub(super) fn item(shape: Shape) -> Option<Shape> {
    match shape {
        List(kind) => Some(One(kind)),
        One(Schema) => Some(One(Schema)),
        One(_) | Map(_) => None,
    }
}

/// The reference that a value of this shape is; every part may be one, and so may a list or a map of parts.
pub(super) fn reference(value: &Value, shape: Shape) -> Option<&str> {
    let text = |key: &str| value.get(key)?.as_str();
    let dynamic = || text("$dynamicRef").or_else(|| text("$recursiveRef")).filter(|_| shape == One(Schema));
    text("$ref").or_else(dynamic)
}
