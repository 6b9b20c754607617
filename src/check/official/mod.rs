//! The official JSON Schemas of `OpenAPI` documents, by version and kind of object.
//!
//! The files beside this one are the `OpenAPI` Initiative's, see `NOTICE`. They leave Schema Objects to their dialect, so
//! that part is added here; and where they forbid what the text of the specification allows, the text wins ([`corrected`]).

use std::{collections::HashMap, sync::Arc};

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::walk::Kind;
use crate::{finding::Pointer, schema::Standard};

/// A version of the specification that has an official schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Version {
    /// Swagger 2.0.
    V2_0,
    /// `OpenAPI` 3.0.
    V3_0,
    /// `OpenAPI` 3.1.
    V3_1,
    /// `OpenAPI` 3.2.
    V3_2,
}

impl Version {
    /// The version that the root of a document names; `None` where it names none of these.
    pub(super) fn of(root: &Value) -> Option<Self> {
        // YAML reads an unquoted `2.0` as a number, which the schema then tells.
        let text = |key: &str| match root.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        if let Some(version) = text("openapi") {
            let minor = [("3.0", Self::V3_0), ("3.1", Self::V3_1), ("3.2", Self::V3_2)];
            return minor
                .into_iter()
                .find(|(start, _)| version.starts_with(start))
                .map(|(_, version)| version);
        }
        text("swagger").filter(|version| version.starts_with('2')).map(|_| Self::V2_0)
    }

    fn text(self) -> &'static str {
        match self {
            Self::V2_0 => include_str!("oas-2.0.json"),
            Self::V3_0 => include_str!("oas-3.0.json"),
            Self::V3_1 => include_str!("oas-3.1.json"),
            Self::V3_2 => include_str!("oas-3.2.json"),
        }
    }

    /// Where the schema of a kind stands in the official one; `None` where the version has no such kind.
    fn pointer(self, kind: Kind) -> Option<&'static str> {
        let at = |v2: Option<&'static str>, v3_0: &'static str, later: &'static str| match self {
            Self::V2_0 => v2,
            Self::V3_0 => Some(v3_0).filter(|pointer| !pointer.is_empty()),
            Self::V3_1 | Self::V3_2 => Some(later),
        };
        match kind {
            Kind::Root => Some(""),
            Kind::Components => at(None, "/definitions/Components", "/$defs/components"),
            Kind::Server => at(None, "/definitions/Server", "/$defs/server"),
            Kind::Paths => at(Some("/definitions/paths"), "/definitions/Paths", "/$defs/paths"),
            Kind::Responses => {
                at(Some("/definitions/responses"), "/definitions/Responses", "/$defs/responses")
            }
            Kind::PathItem => at(Some("/definitions/pathItem"), "/definitions/PathItem", "/$defs/path-item"),
            Kind::Operation => {
                at(Some("/definitions/operation"), "/definitions/Operation", "/$defs/operation")
            }
            Kind::Parameter => {
                at(Some("/definitions/parameter"), "/definitions/Parameter", "/$defs/parameter")
            }
            Kind::RequestBody => at(None, "/definitions/RequestBody", "/$defs/request-body"),
            Kind::MediaType => at(None, "/definitions/MediaType", "/$defs/media-type"),
            Kind::Encoding => at(None, "/definitions/Encoding", "/$defs/encoding"),
            Kind::Response => at(Some("/definitions/response"), "/definitions/Response", "/$defs/response"),
            Kind::Callback => at(None, "/definitions/Callback", "/$defs/callbacks"),
            Kind::Example => at(None, "/definitions/Example", "/$defs/example"),
            Kind::Link => at(None, "/definitions/Link", "/$defs/link"),
            Kind::Header => at(Some("/definitions/header"), "/definitions/Header", "/$defs/header"),
            Kind::Schema => at(Some("/definitions/schema"), "/definitions/Schema", "/$defs/schema"),
            Kind::SecurityScheme => at(
                Some("/definitions/securityDefinitions/additionalProperties"),
                "/definitions/SecurityScheme",
                "/$defs/security-scheme",
            ),
        }
    }
}

/// The official schemas of one version, compiled when they are first asked for.
pub(super) struct Official {
    version: Version,
    resources: IndexMap<String, Arc<Value>>,
    compiled: HashMap<Kind, Option<Arc<Standard>>>,
}

impl Official {
    /// Reads the schema of a version; `dialect` is what the document says its Schema Objects are written in.
    pub(super) fn new(version: Version, dialect: Option<&str>) -> Self {
        // The files are part of the program, and a test reads each.
        let mut schema = serde_json::from_str(version.text()).unwrap_or(Value::Bool(true));
        corrected(&mut schema, version);
        if dialect.is_none_or(|dialect| DIALECTS.contains(&dialect)) {
            add_dialect(&mut schema);
        }
        let resources = IndexMap::from([("https://standin.invalid/official".to_owned(), Arc::new(schema))]);
        Self { version, resources, compiled: HashMap::new() }
    }

    /// The version.
    pub(super) fn version(&self) -> Version {
        self.version
    }

    /// The schema of a kind of object; `None` where the version has no such kind.
    pub(super) fn of(&mut self, kind: Kind) -> Option<Arc<Standard>> {
        let Self { version, resources, compiled } = self;
        compiled
            .entry(kind)
            .or_insert_with(|| {
                let pointer = Pointer::from_escaped(version.pointer(kind)?);
                let (uri, _) = resources.first()?;
                Standard::compile(resources, uri, &pointer).ok().map(Arc::new)
            })
            .clone()
    }
}

/// Puts right what the schema forbids and the specification allows, and adds the dialect of Schema Objects.
fn corrected(schema: &mut Value, version: Version) {
    let mut set = |pointer: &str, key: &str, value: Value| {
        if let Some(Value::Object(members)) = schema.pointer_mut(pointer) {
            members.insert(key.to_owned(), value);
        }
    };
    match version {
        // What stands beside a `$ref` is ignored, not forbidden (JSON Reference, section 3).
        Version::V2_0 => set("/definitions/jsonReference", "additionalProperties", true.into()),
        Version::V3_0 => {}
        Version::V3_1 | Version::V3_2 => {
            // The values of a link's parameters may be anything (OAS 3.1, section 4.8.20), and it may name a server.
            set("/$defs/link/properties", "parameters", json!({"type": "object"}));
            set("/$defs/link/properties", "server", json!({"$ref": "#/$defs/server"}));
            // A path item may have a `$ref` beside its other fields (OAS 3.1, section 4.8.9).
            set("/$defs/path-item/properties", "$ref", json!({"type": "string"}));
            set("/$defs", "path-item-or-reference", json!({"$ref": "#/$defs/path-item"}));
            // Fields added to a reference are ignored, not forbidden (OAS 3.1, section 4.8.23).
            set("/$defs/reference", "unevaluatedProperties", true.into());
            set("", "$id", "https://standin.invalid/official".into());
        }
    }
    if version == Version::V3_0 {
        set("", "id", "https://standin.invalid/official".into());
    }
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The dialects of Schema Objects that are judged.
const DIALECTS: [&str; 4] = [
    DRAFT,
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
    "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
];

/// Fills in what the schemas of 3.1 and later leave open.
fn add_dialect(schema: &mut Value) {
    if let Some(slot) = schema.pointer_mut("/$defs/schema") {
        *slot = dialect();
    }
}

/// A Schema Object in the dialect of OAS 3.1 (section 4.8.24.2); one that names another dialect is left alone.
fn dialect() -> Value {
    json!({
        "$dynamicAnchor": "meta",
        "type": ["object", "boolean"],
        "if": {"required": ["$schema"], "properties": {"$schema": {"not": {"enum": DIALECTS}}}, "type": "object"},
        "else": {
            "$ref": DRAFT,
            "properties": {
                "discriminator": {
                    "type": "object",
                    "required": ["propertyName"],
                    "properties": {
                        "propertyName": {"type": "string"},
                        "mapping": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                },
                "xml": {"type": "object"},
                "externalDocs": {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}},
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_official_schema_is_compiled_for_every_kind() {
        let kinds = [
            Kind::Root,
            Kind::Components,
            Kind::Server,
            Kind::PathItem,
            Kind::Operation,
            Kind::Parameter,
            Kind::RequestBody,
            Kind::MediaType,
            Kind::Encoding,
            Kind::Response,
            Kind::Callback,
            Kind::Example,
            Kind::Link,
            Kind::Header,
            Kind::Schema,
            Kind::SecurityScheme,
        ];
        for version in [Version::V2_0, Version::V3_0, Version::V3_1, Version::V3_2] {
            let mut official = Official::new(version, None);
            for kind in kinds {
                let is_known = version.pointer(kind).is_some();
                assert_eq!(official.of(kind).is_some(), is_known, "{version:?} {kind:?}");
            }
        }
    }
}
