//! The documents of the benches.

use std::fmt::Write;

use serde_json::{Value, json};

/// A few operations, one of each kind.
pub(crate) const SMALL: &str = include_str!("small.yaml");

/// A document of so many operations and at least about so many bytes, each operation with schemas of its own.
pub(crate) fn synthetic(operations: usize, bytes: usize) -> Value {
    let each = (bytes / operations.max(1)).saturating_sub(900);
    let (mut paths, mut schemas) = (serde_json::Map::new(), serde_json::Map::new());
    for number in 0..operations {
        let item = format!("Item{number}");
        let next = format!("#/components/schemas/Item{}", (number + 1) % operations);
        let mut properties = json!({
            "id": {"type": "integer", "minimum": 1},
            "name": {"type": "string", "maxLength": 40},
            "next": {"$ref": next},
        });
        let held = properties.to_string().len();
        for field in 0..each.saturating_sub(held) / 150 {
            properties[format!("field{field}")] = json!({
                "type": ["string", "null"], "description": "A field of the item that is described at some length, as fields are.",
                "maxLength": 200,
            });
        }
        let schema = json!({"type": "object", "required": ["id", "name"], "properties": properties});
        schemas.insert(item.clone(), schema);
        let reference = json!({"$ref": format!("#/components/schemas/{item}")});
        paths.insert(format!("/r{number}/items"), json!({"get": {
            "operationId": format!("listItems{number}"),
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}],
            "responses": {"200": {"description": "Items", "content": {"application/json": {
                "schema": {"type": "array", "items": reference}, "example": [{"id": 1, "name": "a"}]}}}},
        }}));
    }
    json!({"openapi": "3.1.0", "info": {"title": "Synthetic", "version": "1"}, "paths": paths, "components": {"schemas": schemas}})
}

/// A document of so many bytes in which each schema refers to some others, and these to others again.
pub(crate) fn recursive(operations: usize, bytes: usize) -> Value {
    let mut document = synthetic(operations, bytes);
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    for (number, (_, schema)) in schemas.iter_mut().enumerate() {
        for (name, step) in [("owner", 7), ("parent", 31), ("parts", 101)] {
            let other = (number * step + 1) % operations;
            let reference = json!({"$ref": format!("#/components/schemas/Item{other}")});
            let nothing = json!({"type": "null"});
            schema["properties"][name] = json!({"anyOf": [reference, nothing]});
        }
    }
    document
}

/// The same as YAML, in block style.
pub(crate) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                let _ = write!(text, "\n{pad}{}:", Value::from(name.as_str()));
                block(member, depth + 1, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(text, "\n{pad}-");
                block(item, depth + 1, text);
            }
        }
        scalar => {
            let _ = write!(text, " {scalar}");
        }
    }
}
