//! The documents of a corpus beside the repository, where there is one: real schemas, and real examples of their values.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Library, Schema},
};

/// The documents that are written for one of these versions, with their places, in the order of these.
pub(crate) fn documents(versions: &[&str]) -> Option<Vec<(PathBuf, Value)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).ok()?;
        let document = match path.extension()?.to_str()? {
            "json" => serde_json::from_str(&text).ok(),
            "yaml" | "yml" => serde_saphyr::from_str(&text).ok(),
            _ => None,
        };
        document.map(|document: Value| (path, document))
    };
    let is_asked_for = |document: &Value| {
        let version = document["openapi"].as_str().unwrap_or_default();
        versions.iter().any(|asked| version.starts_with(asked))
    };
    Some(files.into_iter().filter_map(read).filter(|(_, document)| is_asked_for(document)).collect())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Option<()> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
    Some(())
}

/// An example and the place of the schema that it is an example of.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) schema: Pointer,
    pub(crate) value: Value,
}

/// Every example in a document, in the schema language of 3.0 or later, whose schema is known.
pub(crate) fn examples(document: &Value) -> Vec<Example> {
    let mut found = Vec::new();
    walk(document, document, &Pointer::root(), &mut found);
    found
}

fn walk(root: &Value, node: &Value, at: &Pointer, found: &mut Vec<Example>) {
    match node {
        Value::Object(members) => {
            found.extend(beside(root, node, at));
            for (name, member) in members.iter().filter(|(name, _)| !name.starts_with("example")) {
                walk(root, member, &at.join(name), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(root, item, &at.join(index), found);
            }
        }
        _ => {}
    }
}

fn beside(root: &Value, node: &Value, at: &Pointer) -> Vec<Example> {
    let is_schema = ["type", "properties", "allOf"].iter().any(|keyword| node.get(keyword).is_some());
    let schema = match node.get("schema") {
        Some(schema) if schema.is_object() => at.join("schema"),
        _ if is_schema => at.clone(),
        _ => return Vec::new(),
    };
    let single = node.get("example").cloned();
    let listed = node.get("examples").and_then(Value::as_array).into_iter().flatten().cloned();
    let named = node.get("examples").and_then(Value::as_object).into_iter().flat_map(|all| all.values());
    let named = named.filter_map(|example| {
        let reference = example.get("$ref").and_then(Value::as_str);
        let example = match reference {
            Some(reference) => root.pointer(reference.strip_prefix('#')?)?,
            None => example,
        };
        example.get("value").or_else(|| example.get("dataValue")).cloned()
    });
    let values = single.into_iter().chain(listed).chain(named);
    values.map(|value| Example { schema: schema.clone(), value }).collect()
}

/// The schemas of `document` at `places`, compiled; those that do not compile are left out.
pub(crate) fn compiled(document: Value, places: impl Iterator<Item = Pointer>) -> BTreeMap<String, Schema> {
    const FILE: &str = "standin:corpus";
    let files = [(FILE.to_owned(), Arc::new(document))];
    let Ok(library) = Library::new(files.into_iter().collect()) else { return BTreeMap::new() };
    let compile = |place: Pointer| Some((place.as_str().to_owned(), library.compile(FILE, &place).ok()?));
    places.filter_map(compile).collect()
}

/// Brings schemas of 3.0 to those of 3.1, as far as examples are concerned.
pub(crate) fn lift(node: &mut Value) {
    if let Value::Object(members) = node {
        if members.get("nullable") == Some(&Value::Bool(true)) {
            if let Some(Value::String(name)) = members.get("type").cloned() {
                members.insert("type".to_owned(), json!([name, "null"]));
            }
            if let Some(values) = members.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
        }
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if members.get(flag).is_some_and(Value::is_boolean) {
                let is_open = members.remove(flag) == Some(Value::Bool(true));
                let open = members.get(bound).cloned().filter(|_| is_open);
                members.extend(open.map(|open| (flag.to_owned(), open)));
            }
        }
        members.values_mut().for_each(lift);
    } else if let Value::Array(items) = node {
        items.iter_mut().for_each(lift);
    }
}
