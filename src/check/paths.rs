//! Paths, their templates and the parameters of operations (OAS 3.1, sections 4.8.8 to 4.8.12).

use indexmap::IndexMap;

use super::{
    near::nearest,
    structure::ticked,
    walk::{Kind, Position},
};
use crate::{
    document::Node,
    finding::{Code, Finding, Place},
};

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// What is wrong with the paths of a document, and with the names of its operations and parameters.
pub(super) fn judge(root: &Node<'_>, positions: &[Position<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(paths) = root.get("paths") {
        findings.extend(ambiguous(&paths));
        for (path, item) in raw_entries(&paths).filter(|(path, _)| path.starts_with('/')) {
            findings.extend(templates(path, &item));
        }
    }
    for position in positions {
        if let Kind::PathItem | Kind::Operation = position.kind {
            findings.extend(duplicate_parameters(&position.node));
        }
    }
    findings.extend(duplicate_ids(positions));
    findings
}

/// The members of an object as they stand.
fn raw_entries<'d>(node: &Node<'d>) -> impl Iterator<Item = (&'d str, Node<'d>)> + use<'d> {
    let node = node.clone();
    let keys = node.value().as_object().into_iter().flat_map(|members| members.keys());
    keys.filter_map(move |key| Some((key.as_str(), node.raw(key)?)))
}

/// Paths that are the same once the names of their templates are left out (OAS 3.1, section 4.8.8.2).
fn ambiguous(paths: &Node<'_>) -> Vec<Finding> {
    let mut first: IndexMap<String, (&str, Place)> = IndexMap::new();
    let mut findings = Vec::new();
    // A fragment is how some documents give one path several items; whether those collide is told by their methods.
    let is_plain = |path: &str| path.starts_with('/') && !path.contains('#');
    for (path, item) in raw_entries(paths).filter(|(path, _)| is_plain(path)) {
        let Ok(pieces) = pieces(path) else { continue };
        let shape: String =
            pieces.iter().map(|piece| if piece.is_name { "{}" } else { piece.text }).collect();
        match first.get(&shape) {
            Some((other, place)) => {
                let message = format!("`{path}` is the same path as `{other}`");
                let finding = item.error(Code::AmbiguousPath, message).ruled_by(place);
                findings.push(
                    finding.help("the names of templates do not tell paths apart: make them one path item"),
                );
            }
            None => drop(first.insert(shape, (path, item.place().clone()))),
        }
    }
    findings
}

/// A literal stretch of a path, or the name in a template.
struct Piece<'p> {
    text: &'p str,
    is_name: bool,
}

/// The pieces of a path; what is wrong with it where its braces do not pair. What follows `#` or `?` is not looked at.
fn pieces(path: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = path.split('#').next().unwrap_or(path);
    while let Some(open) = rest.find(['{', '}']) {
        if rest[open..].starts_with('}') {
            return Err("a `}` closes nothing");
        }
        let name = &rest[open + 1..];
        let close = name.find(['{', '}']).filter(|at| name[*at..].starts_with('}'));
        let close = close.ok_or("a `{` is not closed")?;
        if close == 0 {
            return Err("a template has no name");
        }
        pieces.push(Piece { text: &rest[..open], is_name: false });
        pieces.push(Piece { text: &name[..close], is_name: true });
        rest = &name[close + 1..];
    }
    pieces.push(Piece { text: rest, is_name: false });
    Ok(pieces)
}

/// Whether the template of a path and the path parameters of its operations agree.
fn templates(path: &str, item: &Node<'_>) -> Vec<Finding> {
    let pieces = match pieces(path) {
        Ok(pieces) => pieces,
        Err(fault) => {
            let finding = item.error(Code::MalformedPath, format!("{fault} in `{path}`"));
            return vec![finding.help("a template is a name in braces, as in `/pets/{petId}`")];
        }
    };
    let names: Vec<&str> = pieces.iter().filter(|piece| piece.is_name).map(|piece| piece.text).collect();
    let mut findings = Vec::new();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            let finding = item.error(Code::MalformedPath, format!("`{{{name}}}` stands twice in `{path}`"));
            findings.push(finding.help("a parameter has one value: give each template its own name"));
        }
    }
    let place = item.clone();
    let item = item.clone().follow();
    let shared = path_parameters(&item);
    findings.extend(unused(&shared, &names, path));
    let operations: Vec<(&str, Node<'_>)> = METHODS
        .iter()
        .filter_map(|method| Some((*method, item.get(method)?)))
        .chain(item.get("additionalOperations").iter().flat_map(Node::entries))
        .collect();
    let mut undeclared = Vec::new();
    for (_, operation) in &operations {
        let own = path_parameters(operation);
        findings.extend(unused(&own, &names, path));
        let is_declared =
            |name: &str| own.iter().chain(&shared).any(|(declared, _)| declared.as_deref() == Some(name));
        undeclared.push(names.iter().copied().filter(|name| !is_declared(name)).collect::<Vec<_>>());
    }
    let nowhere: Vec<&str> =
        names.iter().copied().filter(|name| undeclared.iter().all(|names| names.contains(name))).collect();
    if !operations.is_empty() {
        findings.extend(nowhere.iter().map(|name| undeclared_finding(&place, path, name)));
    }
    for ((_, operation), names) in operations.iter().zip(&undeclared) {
        let own = names.iter().filter(|name| !nowhere.contains(name));
        findings.extend(own.map(|name| undeclared_finding(operation, path, name)));
    }
    findings
}

fn undeclared_finding(at: &Node<'_>, path: &str, name: &str) -> Finding {
    let message = format!("no parameter declares `{name}` of `{path}`");
    let right = format!("add the parameter `{{name: {name}, in: path, required: true, schema: …}}`");
    at.error(Code::UndeclaredPathParameter, message).help(right)
}

/// The names of the path parameters of a list, each with its place in the list.
fn path_parameters<'d>(holder: &Node<'d>) -> Vec<(Option<String>, Node<'d>)> {
    let Some(list) = holder.get("parameters") else { return Vec::new() };
    let items = list.as_is().into_iter();
    items
        .filter_map(|item| {
            let parameter = item.clone().follow();
            let name = parameter.text("name").map(str::to_owned);
            (parameter.text("in") == Some("path")).then_some((name, item))
        })
        .collect()
}

fn unused(declared: &[(Option<String>, Node<'_>)], names: &[&str], path: &str) -> Vec<Finding> {
    let stray = declared.iter().filter_map(|(name, item)| {
        let name = name.as_deref().filter(|name| !names.contains(name))?;
        let finding = item.error(Code::UnusedPathParameter, format!("`{path}` has no template `{{{name}}}`"));
        let right = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`"),
            None if names.is_empty() => "the path has no templates: leave the parameter out".to_owned(),
            None => {
                let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
                format!("the templates of the path are {}", ticked(&names))
            }
        };
        Some(finding.help(right))
    });
    stray.collect()
}

/// Parameters of one list that have the same name and place; header fields are the same in any case.
fn duplicate_parameters(holder: &Node<'_>) -> Vec<Finding> {
    let Some(list) = holder.get("parameters") else { return Vec::new() };
    let mut first: IndexMap<(String, String), Place> = IndexMap::new();
    let mut findings = Vec::new();
    for item in list.as_is() {
        let parameter = item.clone().follow();
        let (Some(name), Some(part)) = (parameter.text("name"), parameter.text("in")) else { continue };
        let key = if part == "header" { name.to_lowercase() } else { name.to_owned() };
        match first.get(&(key.clone(), part.to_owned())) {
            Some(place) => {
                let message = format!("the {part} parameter `{name}` is in this list twice");
                let finding = item.error(Code::DuplicateParameter, message).ruled_by(place);
                findings.push(finding.help("leave one of them out"));
            }
            None => drop(first.insert((key, part.to_owned()), item.place().clone())),
        }
    }
    findings
}

fn duplicate_ids(positions: &[Position<'_>]) -> Vec<Finding> {
    let mut first: IndexMap<&str, Place> = IndexMap::new();
    let mut findings = Vec::new();
    for position in positions.iter().filter(|position| position.kind == Kind::Operation) {
        let (Some(id), Some(at)) = (position.node.text("operationId"), position.node.raw("operationId"))
        else {
            continue;
        };
        match first.get(id) {
            Some(place) => {
                let message = format!("the `operationId` `{id}` is another operation's already");
                let finding = at.error(Code::DuplicateOperationId, message).ruled_by(place);
                findings.push(finding.help("give each operation its own `operationId`"));
            }
            None => drop(first.insert(id, at.place().clone())),
        }
    }
    findings
}
