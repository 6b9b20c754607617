//! Schemas that ask for themselves without end: each value would have to hold another, and so on.
//!
//! A schema has a finite value where each thing it asks for has one; whatever is not reached from there by the least fixed
//! point is endless. The set algebra of the validator does not look through references that lead back.

use std::collections::HashMap;

use serde_json::Value;

use super::walk::{Kind, Position};
use crate::{
    document::Node,
    finding::{Code, Finding, Place},
};

/// What a schema asks for: of each group, one schema that has a value.
type Needs = Vec<Vec<usize>>;

/// The schemas that ask for themselves without end; of those that ask for each other, the first.
pub(super) fn judge(positions: &[Position<'_>]) -> Vec<Finding> {
    let schemas: Vec<&Node<'_>> = positions
        .iter()
        .filter(|position| position.kind == Kind::Schema)
        .map(|position| &position.node)
        .collect();
    let index: HashMap<&Place, usize> =
        schemas.iter().enumerate().map(|(index, node)| (node.place(), index)).collect();
    let needs: Vec<Needs> = schemas.iter().map(|node| needs(node, &index)).collect();
    let finite = finite(&needs);
    let mut is_told = vec![false; schemas.len()];
    let mut findings = Vec::new();
    for (at, node) in schemas.iter().enumerate() {
        if finite[at] || is_told[at] {
            continue;
        }
        let around = around(at, &needs, &finite);
        if !around.contains(&at) {
            continue;
        }
        for member in around {
            is_told[member] = true;
        }
        findings.push(finding(node));
    }
    findings
}

fn finding(node: &Node<'_>) -> Finding {
    let keyword = ["required", "minItems", "allOf", "oneOf", "anyOf", "$ref"];
    let keyword = keyword.into_iter().find_map(|name| node.raw(name)).unwrap_or_else(|| node.clone());
    let message = "nothing finite satisfies this schema: whatever it asks for asks for it again";
    let right =
        "let one of the schemas on the way do without: an optional property, an empty list, or `null`";
    keyword.error(Code::UnsatisfiableSchema, message).help(right)
}

fn needs(node: &Node<'_>, index: &HashMap<&Place, usize>) -> Needs {
    let number = |node: Node<'_>| index.get(node.place()).copied();
    let list = |keyword: &str| -> Vec<usize> {
        let list = node.raw(keyword);
        list.iter().flat_map(Node::as_is).filter_map(number).collect()
    };
    let mut needs: Needs = list("allOf").into_iter().map(|part| vec![part]).collect();
    needs.extend(["oneOf", "anyOf"].map(list).into_iter().filter(|branches| !branches.is_empty()));
    if node.text("$ref").is_some() {
        needs.extend(number(node.clone().follow()).map(|target| vec![target]));
    }
    let least = node.value().get("minItems").and_then(Value::as_u64).unwrap_or(0);
    match node.text("type") {
        Some("object") => {
            let names = node.raw("required");
            let properties = node.raw("properties");
            let held = names.iter().flat_map(Node::items).filter_map(|name| {
                number(properties.as_ref()?.raw(name.value().as_str()?)?).map(|property| vec![property])
            });
            needs.extend(held);
        }
        Some("array") if least > 0 && node.raw("prefixItems").is_none() => {
            needs.extend(node.raw("items").and_then(number).map(|items| vec![items]));
        }
        _ => {}
    }
    needs
}

/// Which schemas have a finite value, as far as what they ask for tells.
fn finite(needs: &[Needs]) -> Vec<bool> {
    let mut asked_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (at, groups) in needs.iter().enumerate() {
        for member in groups.iter().flatten() {
            asked_by[*member].push(at);
        }
    }
    let mut finite = vec![false; needs.len()];
    let mut waiting: Vec<usize> = (0..needs.len()).collect();
    while let Some(at) = waiting.pop() {
        if !finite[at] && needs[at].iter().all(|group| group.iter().any(|member| finite[*member])) {
            finite[at] = true;
            waiting.extend(&asked_by[at]);
        }
    }
    finite
}

/// The endless schemas that one asks for, and those that they ask for.
fn around(start: usize, needs: &[Needs], finite: &[bool]) -> Vec<usize> {
    let asked = |at: usize| {
        let groups = needs[at].iter().filter(|group| !group.iter().any(|member| finite[*member]));
        groups.flatten().copied().collect::<Vec<usize>>()
    };
    let mut seen = vec![false; needs.len()];
    let mut waiting = asked(start);
    let mut found = Vec::new();
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut seen[at], true) {
            found.push(at);
            waiting.extend(asked(at));
        }
    }
    found
}
