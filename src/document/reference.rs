//! `$ref`: where it leads, and whether it leads anywhere (RFC 3986 references with RFC 6901 fragments).

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use super::{Document, Node};
use crate::finding::{Code, Finding, Location, Place, Pointer, Trail};

/// What the reference at `node` leads to, through as many references as it takes; `None` where `node` is no reference,
/// or the chain leads nowhere or back to itself.
pub(super) fn follow<'d>(node: &Node<'d>) -> Option<Node<'d>> {
    // Chains are short, so a list finds what it holds as soon as a set would.
    let mut seen: Vec<Place> = Vec::new();
    let mut at: Option<Node<'d>> = None;
    while let Some(reference) = at.as_ref().unwrap_or(node).text("$ref") {
        let place = target(&at.as_ref().unwrap_or(node).place().file, reference);
        if seen.contains(&place) {
            return None;
        }
        at = Some(node.document().at(&place)?);
        seen.push(place);
    }
    at
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

/// A reference to `place`, as it is written in the file `from`.
pub(super) fn between(from: &Arc<str>, place: &Place) -> String {
    let file = if *from == place.file { "" } else { &*place.file };
    format!("{file}#{}", place.pointer.fragment())
}

/// Tells every reference of the document that leads nowhere.
pub(super) fn check(document: &Document, references: &[Place], findings: &mut Vec<Finding>) {
    // What is wrong in a file is told there, and not again at each reference to it.
    let told: HashSet<Arc<str>> = findings.iter().filter_map(file_of).collect();
    // What was found to lead somewhere, by the file in which it is written.
    let mut sound: HashSet<(&str, &str)> = HashSet::new();
    for place in references {
        let file = document.files().get(&place.file);
        let Some(value) = file.and_then(|file| place.pointer.within(&file.root)) else { continue };
        let Some(text) = value.get("$ref").and_then(Value::as_str) else { continue };
        if sound.contains(&(&*place.file, text)) {
            continue;
        }
        let Some(node) = document.at(place) else { continue };
        let leads_to = target(&place.file, text).file;
        if document.files().contains_key(&leads_to) || !told.contains(&leads_to) {
            match fault(&node, text) {
                Some(fault) => findings.push(fault),
                None => drop(sound.insert((&place.file, text))),
            }
        }
    }
}

fn file_of(finding: &Finding) -> Option<Arc<str>> {
    match &finding.location {
        Location::Document(place, _) => Some(Arc::clone(&place.file)),
        _ => None,
    }
}

fn fault(node: &Node<'_>, reference: &str) -> Option<Finding> {
    let place = target(&node.place().file, reference);
    if follow(node).is_some() {
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

/// Where below `node` the schema stands that carries the anchor (JSON Schema 2020-12, section 8.2.2).
pub fn anchored(node: &Value, name: &str) -> Option<Pointer> {
    find_anchor(node, name, &Trail::root())
}

fn find_anchor(node: &Value, name: &str, trail: &Trail<'_>) -> Option<Pointer> {
    let carries = |keyword: &str| node.get(keyword).and_then(Value::as_str) == Some(name);
    if carries("$anchor") || carries("$dynamicAnchor") {
        return Some(trail.pointer());
    }
    match node {
        Value::Object(members) => {
            members.iter().find_map(|(key, member)| find_anchor(member, name, &trail.key(key)))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| find_anchor(item, name, &trail.index(index)))
        }
        _ => None,
    }
}

/// What would be right: the names that do stand where the reference looked.
fn suggestion(document: &Document, place: &Place) -> String {
    if place.file.starts_with("http://") || place.file.starts_with("https://") {
        return "references to other hosts are followed with `--allow-remote-refs`; or keep a copy beside the document"
            .to_owned();
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
}
