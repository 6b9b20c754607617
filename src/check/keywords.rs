//! Keywords of schemas that are misspelt: JSON Schema ignores what it does not know, and nobody notices.

use super::{
    near::nearest,
    walk::{Kind, Position},
};
use crate::finding::{Code, Finding, Severity};

/// The keywords of JSON Schema 2020-12 and of its earlier drafts, and those that `OpenAPI` adds.
const KEYWORDS: [&str; 72] = [
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$recursiveAnchor",
    "$recursiveRef",
    "$ref",
    "$schema",
    "$vocabulary",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "deprecated",
    "description",
    "discriminator",
    "else",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "id",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "readOnly",
    "required",
    "summary",
    "then",
    "title",
    "type",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
    "writeOnly",
    "xml",
    "collectionFormat",
    "allowEmptyValue",
    "name",
];

/// Every name in a schema that is no keyword and nearly one.
pub(super) fn judge(positions: &[Position<'_>]) -> Vec<Finding> {
    let schemas = positions.iter().filter(|position| position.kind == Kind::Schema);
    let mut findings = Vec::new();
    for Position { node, .. } in schemas {
        let names = node.value().as_object().into_iter().flat_map(|members| members.keys());
        for name in names.filter(|name| !name.starts_with("x-") && !KEYWORDS.contains(&name.as_str())) {
            let (Some(near), Some(at)) = (nearest(name, KEYWORDS), node.raw(name)) else { continue };
            let mut finding =
                at.error(Code::UnknownKeyword, format!("`{name}` is no keyword, and says nothing"));
            finding.severity = Severity::Warning;
            findings.push(finding.help(format!("did you mean `{near}`")));
        }
    }
    findings
}
