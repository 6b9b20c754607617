//! `$ref`: where it leads, and whether it leads anywhere (RFC 3986 references with RFC 6901 fragments).

use std::{collections::HashSet, sync::Arc};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Document, Node};
use crate::finding::{Code, Finding, Location, Place, Pointer, Trail};

/// Keywords whose values are data, in which `$ref` is a name like any other.
const DATA: [&str; 6] = ["example", "default", "const", "enum", "value", "examples"];

/// What the reference at `node` leads to, through as many references as it takes; `None` where `node` is no reference,
/// or the chain leads nowhere or back to itself.
pub(super) fn follow<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    let mut seen = HashSet::new();
    let mut at = node.clone();
    while let Some(reference) = at.text("$ref") {
        let place = target(&at.place().file, reference);
        if !seen.insert((Arc::clone(&place.file), place.pointer.clone())) {
            return None;
        }
        at = at.document().at(&place)?;
    }
    (!seen.is_empty()).then_some(at)
}

/// The place that `reference`, written in `file`, names.
pub(super) fn target(file: &Arc<str>, reference: &str) -> Place {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
    Place {
        file: if path.is_empty() { Arc::clone(file) } else { join(file, path).into() },
        pointer: Pointer::from_escaped(fragment),
    }
}

/// Resolves a relative path against the URI of the file it stands in (RFC 3986, section 5.2).
pub(super) fn join(base: &str, relative: &str) -> String {
    if relative.contains("://") {
        return relative.to_owned();
    }
    let root = base.find("://").map_or(0, |at| at + 3);
    let mut segments: Vec<&str> = base[root..].split('/').collect();
    segments.pop();
    for segment in relative.split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    format!("{}{}", &base[..root], segments.join("/"))
}

/// Tells every reference of the document that leads nowhere.
pub(super) fn check(document: &Document, findings: &mut Vec<Finding>) {
    // What is wrong in a file is told there, and not again at each reference to it.
    let told: HashSet<Arc<str>> = findings.iter().filter_map(file_of).collect();
    for (uri, file) in document.files() {
        each(&file.root, &mut |trail, reference| {
            let node = Node::new(document, Arc::clone(uri), trail.pointer(), trail_value(&file.root, trail));
            let leads_to = target(uri, reference).file;
            if document.files().contains_key(&leads_to) || !told.contains(&leads_to) {
                findings.extend(fault(&node, reference));
            }
        });
    }
}

fn file_of(finding: &Finding) -> Option<Arc<str>> {
    match &finding.location {
        Location::Document(place, _) => Some(Arc::clone(&place.file)),
        _ => None,
    }
}

/// Calls `visit` for every `$ref` of a tree, data left out; the trail names the object that holds it.
pub(super) fn each(root: &Value, visit: &mut impl FnMut(&Trail<'_>, &str)) {
    walk(root, &Trail::root(), Names::Keywords, visit);
}

/// Whether the keys of an object are keywords, or names that somebody chose.
#[derive(Clone, Copy, PartialEq)]
enum Names {
    Keywords,
    Chosen,
}

fn walk(value: &Value, trail: &Trail<'_>, names: Names, visit: &mut impl FnMut(&Trail<'_>, &str)) {
    match value {
        Value::Object(members) => {
            if let (Names::Keywords, Some(Value::String(reference))) = (names, members.get("$ref")) {
                visit(trail, reference);
            }
            for (key, member) in members {
                if names == Names::Chosen || !(DATA.contains(&key.as_str()) || key.starts_with("x-")) {
                    walk(member, &trail.key(key), names_in(key, names), visit);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &trail.index(index), Names::Keywords, visit);
            }
        }
        _ => {}
    }
}

fn names_in(key: &str, around: Names) -> Names {
    let holds_names = [
        "properties",
        "patternProperties",
        "$defs",
        "definitions",
        "dependentSchemas",
        "schemas",
        "responses",
        "parameters",
        "headers",
        "requestBodies",
        "securitySchemes",
        "links",
        "callbacks",
        "pathItems",
        "mediaTypes",
        "paths",
        "webhooks",
        "content",
        "encoding",
    ];
    if around == Names::Keywords && holds_names.contains(&key) { Names::Chosen } else { Names::Keywords }
}

fn trail_value<'v>(root: &'v Value, trail: &Trail<'_>) -> &'v Value {
    root.pointer(trail.pointer().as_str()).unwrap_or(root)
}

fn fault(node: &Node<'_>, reference: &str) -> Option<Finding> {
    let place = target(&node.place().file, reference);
    if follow(node).is_some() || is_anchor(node.document(), &place) {
        return None;
    }
    let at = node.raw("$ref").unwrap_or_else(|| node.clone());
    if node.document().at(&place).is_some() {
        let message = format!("`{reference}` leads back to itself");
        return Some(
            at.error(Code::CircularReference, message)
                .help("let one of the references hold the thing itself"),
        );
    }
    let message = format!("`{reference}` names nothing");
    Some(at.error(Code::UnresolvedReference, message).help(suggestion(node.document(), &place)))
}

/// Whether the place names a schema by `$anchor` or `$id`, which the schema library resolves.
fn is_anchor(document: &Document, place: &Place) -> bool {
    let name = place.pointer.as_str();
    let declares = |value: &Value| {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        text("$anchor").or_else(|| text("$dynamicAnchor")) == Some(name) && !name.is_empty()
    };
    document.files().get(&place.file).is_some_and(|file| any(&file.root, &declares))
}

fn any(value: &Value, test: &impl Fn(&Value) -> bool) -> bool {
    test(value)
        || match value {
            Value::Object(members) => members.values().any(|member| any(member, test)),
            Value::Array(items) => items.iter().any(|item| any(item, test)),
            _ => false,
        }
}

/// What would be right: the names that do stand where the reference looked.
fn suggestion(document: &Document, place: &Place) -> String {
    if place.file.starts_with("http://") || place.file.starts_with("https://") {
        return "references to other hosts are not fetched; keep a copy beside the document".to_owned();
    }
    if !document.files().contains_key(&place.file) {
        return format!("`{}` could not be read", place.file);
    }
    let mut pointer = place.pointer.clone();
    while let Some(parent) = pointer.parent() {
        let node = document.at(&Place { file: Arc::clone(&place.file), pointer: parent.clone() });
        if let Some(members) = node.and_then(|node| node.value().as_object()) {
            let names: Vec<String> = members.keys().take(12).map(|name| format!("`{name}`")).collect();
            return match names.len() {
                0 => format!("`{parent}` is empty"),
                _ => format!("under `{parent}` there is {}", names.join(", ")),
            };
        }
        pointer = parent;
    }
    "a reference is a file, `#`, and a pointer such as `#/components/schemas/Pet`".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_reference_is_resolved_against_its_file() {
        let base = "file:///apis/shop/openapi.yaml";
        assert_eq!(join(base, "pets.yaml"), "file:///apis/shop/pets.yaml");
        assert_eq!(join(base, "../common/./a.yaml"), "file:///apis/common/a.yaml");
    }

    #[test]
    fn a_property_named_like_a_keyword_is_walked_and_an_example_is_not() {
        let tree = serde_json::json!({
            "properties": {"default": {"$ref": "#/a"}},
            "example": {"$ref": "#/b"},
        });
        let mut found = Vec::new();
        each(&tree, &mut |trail, reference| found.push((trail.pointer().to_string(), reference.to_owned())));
        assert_eq!(found, [("/properties/default".to_owned(), "#/a".to_owned())]);
    }
}
