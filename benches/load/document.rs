//! The documents and the requests of the bench.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::process::Server;

/// A few operations, one of each kind.
pub(crate) const SMALL: &str = include_str!("small.yaml");

/// How many requests that differ are sent in turn where each is to be answered anew.
const ROUND: usize = 20_000;

/// Requests that are sent in turn, and what is wanted of their rate.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) status: u16,
    /// The least share of the limit's rate, and the most processor time in microseconds.
    pub(crate) wanted: (f64, f64),
}

impl Scenario {
    pub(crate) fn get(name: &'static str, target: &str) -> Self {
        Self { name, requests: vec![message("GET", target, "", "")], status: 200, wanted: (0.8, 13.0) }
    }

    /// The requests with a token that the server has issued, where they want one.
    pub(crate) fn with_token(mut self, server: &Server) -> Self {
        let issued = server.answer(&message("POST", "/login", "", r#"{"user": "ann"}"#));
        let issued: Value = serde_json::from_slice(&issued.body).unwrap();
        for request in &mut self.requests {
            let text = String::from_utf8(std::mem::take(request)).unwrap();
            *request = text.replace("TOKEN", issued["token"].as_str().unwrap()).into_bytes();
        }
        self
    }
}

fn message(method: &str, target: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = match body.len() {
        0 => String::new(),
        length => format!("content-type: application/json\r\ncontent-length: {length}\r\n"),
    };
    format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n{fields}{length}\r\n{body}")
        .into_bytes()
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let anew = (0..ROUND).map(|number| message("GET", &format!("/nested?n={number}"), "", ""));
    let order = |count: usize| format!(r#"{{"customer": "Ann", "count": {count}, "kind": "gift"}}"#);
    vec![
        Scenario::get("GET, static example", "/static"),
        Scenario {
            name: "POST, valid body of 3 fields",
            requests: (1..1_000).map(|count| message("POST", "/orders", "", &order(count))).collect(),
            status: 201,
            wanted: (0.7, 18.0),
        },
        Scenario {
            name: "POST, invalid body",
            requests: vec![message("POST", "/orders", "", &order(0))],
            status: 422,
            wanted: (0.6, 22.0),
        },
        Scenario { wanted: (0.6, 22.0), ..Scenario::get("GET, made from a nested schema", "/nested") },
        Scenario {
            name: "the same, anew each time",
            requests: anew.collect(),
            status: 200,
            wanted: (0.5, 26.0),
        },
        Scenario {
            name: "GET, a token judged",
            requests: vec![message("GET", "/secret", "authorization: Bearer TOKEN\r\n", "")],
            status: 200,
            wanted: (0.6, 22.0),
        },
    ]
}

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
            let null = json!({"type": "null"});
            schema["properties"][name] = json!({"anyOf": [reference, null]});
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

/// The largest document below a folder, and a target in it that is answered with a success.
pub(crate) fn largest(folder: &Path) -> Option<(PathBuf, String)> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    gather(folder, &mut found);
    let (_, path) = found.into_iter().max()?;
    let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let is_plain = |path: &str, item: &Value| {
        let get = &item["get"];
        !path.contains('{')
            && !get["responses"]["200"].is_null()
            && get["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .all(|parameter| parameter["required"] != true)
    };
    let mut paths = document["paths"].as_object()?.iter();
    let (target, _) = paths.find(|(path, item)| is_plain(path, item))?;
    Some((path, target.clone()))
}

fn gather(folder: &Path, found: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, metadata) = (entry.path(), entry.metadata().unwrap());
        if metadata.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push((metadata.len(), path));
        }
    }
}
