//! Brings a document to the shape of `OpenAPI` 3.1, once, so that nothing after it asks for a version.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Document;
use crate::finding::{Code, Finding, Pointer};

/// What the root says of its version, where that is not one that is read.
pub(super) fn version_findings(uri: &Arc<str>, root: &Value) -> Option<Finding> {
    let at = |key: &str| Pointer::root().join(key);
    let right = "the root begins with `openapi: 3.1.0`";
    match (root.get("openapi"), root.get("swagger")) {
        (Some(Value::String(version)), _) if version.starts_with("3.1") || version.starts_with("3.2") => None,
        (Some(version), _) => {
            let message = format!("OpenAPI {} is not read yet", version.to_string().trim_matches('"'));
            Some(Document::finding(Code::UnsupportedVersion, uri, at("openapi"), message).help(right))
        }
        (None, Some(version)) => {
            let message = format!("Swagger {} is not read yet", version.to_string().trim_matches('"'));
            Some(Document::finding(Code::UnsupportedVersion, uri, at("swagger"), message).help(right))
        }
        (None, None) => {
            let message = "there is neither `openapi` nor `swagger` at the root";
            Some(Document::finding(Code::NotOpenapi, uri, Pointer::root(), message).help(right))
        }
    }
}

/// Writes out what the `OpenAPI` format registry says of `int32` and `int64`: they bound a number.
pub(super) fn schemas(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let bounds = match members.get("format").and_then(Value::as_str) {
                Some("int32") => Some((json!(i32::MIN), json!(i32::MAX))),
                Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
                _ => None,
            };
            if let Some((least, most)) = bounds.filter(|_| is_numeric(members.get("type"))) {
                if !members.contains_key("minimum") && !members.contains_key("exclusiveMinimum") {
                    members.insert("minimum".to_owned(), least);
                }
                if !members.contains_key("maximum") && !members.contains_key("exclusiveMaximum") {
                    members.insert("maximum".to_owned(), most);
                }
            }
            members.values_mut().for_each(schemas);
        }
        Value::Array(items) => items.iter_mut().for_each(schemas),
        _ => {}
    }
}

fn is_numeric(types: Option<&Value>) -> bool {
    let is_number = |name: &Value| matches!(name.as_str(), Some("integer" | "number"));
    match types {
        Some(Value::Array(types)) => types.iter().any(is_number),
        Some(name) => is_number(name),
        None => false,
    }
}
