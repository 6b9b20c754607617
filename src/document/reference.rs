//! `$ref`: where it leads, and whether it leads anywhere (RFC 3986 references with RFC 6901 fragments).

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
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

/// The place that `reference`, written in the file of that URI, names.
pub fn target(file: &Arc<str>, reference: &str) -> Place {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let fragment = percent_decode_str(fragment).decode_utf8_lossy().into_owned();
    Place {
        file: if path.is_empty() { Arc::clone(file) } else { join(file, &escaped(path)).into() },
        pointer: Pointer::from_escaped(fragment),
    }
}

/// A path with the characters escaped that a URI must not have, such as braces (RFC 3986, section 2.1).
pub(super) fn escaped(path: &str) -> Cow<'_, str> {
    const FORBIDDEN: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}')
        .add(b'\\');
    utf8_percent_encode(path, FORBIDDEN).into()
}

/// A relative reference without its fragment, resolved against a base URI (RFC 3986, section 5.2, without queries).
pub fn join(base: &str, path: &str) -> String {
    let has_scheme = path.split(['/', '?']).next().is_some_and(|start| start.contains(':'));
    if path.is_empty() {
        return base.to_owned();
    }
    if has_scheme {
        return path.to_owned();
    }
    let (root, folder) = split_base(base);
    let mut steps: Vec<&str> = if path.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    steps.pop();
    for step in path.trim_start_matches('/').split('/') {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("{root}{}", steps.join("/"))
}

/// A base URI as what stays in front of every path, and its path without the first slash.
fn split_base(base: &str) -> (&str, &str) {
    let start = match base.find("://") {
        Some(scheme) => base[scheme + 3..].find('/').map_or(base.len(), |slash| scheme + 3 + slash + 1),
        None => base.find(':').map_or(0, |colon| colon + 1),
    };
    base.split_at(start)
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

/// Whether the place names a schema by its anchor.
fn is_anchor(document: &Document, place: &Place) -> bool {
    let name = place.pointer.as_str();
    let file = document.files().get(&place.file);
    !name.is_empty() && file.is_some_and(|file| anchored(&file.root, name).is_some())
}

/// The schema below `node` that carries the anchor (JSON Schema 2020-12, section 8.2.2).
pub fn anchored<'a>(node: &'a Value, name: &str) -> Option<&'a Value> {
    let carries = |keyword: &str| node.get(keyword).and_then(Value::as_str) == Some(name);
    if carries("$anchor") || carries("$dynamicAnchor") {
        return Some(node);
    }
    match node {
        Value::Object(members) => members.values().find_map(|member| anchored(member, name)),
        Value::Array(items) => items.iter().find_map(|item| anchored(item, name)),
        _ => None,
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
        assert_eq!(join("file:///api/openapi.yaml", "schemas/pet.yaml"), "file:///api/schemas/pet.yaml");
        assert_eq!(join("file:///api/schemas/pet.yaml", "../a.yaml"), "file:///api/a.yaml");
        assert_eq!(join("https://host/a/b", "/c"), "https://host/c");
        assert_eq!(join("standin:pets", "owners"), "standin:owners");
        assert_eq!(join("standin:pets", ""), "standin:pets");
        assert_eq!(join("standin:pets", "urn:x:y"), "urn:x:y");
    }

    #[test]
    fn a_file_name_may_have_characters_that_a_uri_must_not() {
        let file = "file:///api/openapi.yaml".into();
        let place = target(&file, "paths/pet_{id}.yaml#/get");
        assert_eq!((&*place.file, place.pointer.as_str()), ("file:///api/paths/pet_%7Bid%7D.yaml", "/get"));
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
