//! Values that a document gives and forbids: examples, defaults, members of `enum` that can never be.

use std::sync::Arc;

use serde_json::Value;

use super::{
    near::nearest,
    structure::ticked,
    walk::{Kind, Position},
};
use crate::{
    api::Status,
    document::Node,
    exchange::MediaType,
    finding::{Code, Finding, Location, Place, Severity},
    schema::{Library, Schema, Types, Violation},
};

/// What is wrong with the values beside schemas and in them.
pub(super) fn judge(library: &Arc<Library>, positions: &[Position<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Position { kind, node, .. } in positions {
        match kind {
            Kind::Schema => {
                findings.extend(own_values(library, node));
                findings.extend(impossible_members(node));
                findings.extend(undeclared(library, node));
            }
            Kind::Parameter => findings.extend(beside(library, node, None, Way::Request)),
            Kind::Header => findings.extend(beside(library, node, None, Way::Response)),
            Kind::RequestBody => findings.extend(contents(library, node, Way::Request)),
            Kind::Response => findings.extend(contents(library, node, Way::Response)),
            Kind::Operation => findings.extend(good_examples_of_bad_requests(library, node)),
            _ => {}
        }
    }
    findings
}

/// Which way a value goes: what is `readOnly` is not asked for in a request, what is `writeOnly` not in a response
/// (OAS 3.0, section 4.7.24.2); of a schema's own examples nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Response,
    Either,
}

impl Way {
    fn excuses(self, property: &Value) -> bool {
        let is_set = |keyword: &str| property.get(keyword).and_then(Value::as_bool) == Some(true);
        (self != Self::Response && is_set("readOnly")) || (self != Self::Request && is_set("writeOnly"))
    }
}

fn contents(library: &Arc<Library>, holder: &Node<'_>, way: Way) -> Vec<Finding> {
    let content = holder.get("content");
    let content = content.iter().flat_map(Node::entries);
    content
        .flat_map(|(name, content)| beside(library, &content, MediaType::parse(name).as_ref(), way))
        .collect()
}

fn compiled(library: &Arc<Library>, schema: &Node<'_>) -> Option<Schema> {
    let Place { file, pointer } = schema.place();
    library.compile(file, pointer).ok()
}

/// The examples and the default that a schema gives of itself.
fn own_values(library: &Arc<Library>, schema: &Node<'_>) -> Vec<Finding> {
    let default = schema.raw("default").map(|node| (Code::DefaultBreaksSchema, node));
    let example = schema.raw("example").map(|node| (Code::ExampleBreaksSchema, node));
    let examples = schema.raw("examples");
    let examples = examples.iter().flat_map(Node::as_is);
    let values: Vec<_> = default
        .into_iter()
        .chain(example)
        .chain(examples.map(|node| (Code::ExampleBreaksSchema, node)))
        .collect();
    if values.is_empty() {
        return Vec::new();
    }
    let Some(compiled) = compiled(library, schema) else { return Vec::new() };
    values.into_iter().flat_map(|(code, node)| broken(code, &node, &compiled, Way::Either)).collect()
}

/// The examples that stand beside a schema. One of a media type that is not JSON may be a text in that media type.
fn beside(
    library: &Arc<Library>,
    holder: &Node<'_>,
    media_type: Option<&MediaType>,
    way: Way,
) -> Vec<Finding> {
    let Some(schema) = holder.raw("schema") else { return Vec::new() };
    let examples = examples(holder);
    if examples.is_empty() {
        return Vec::new();
    }
    let Some(schema) = compiled(library, &schema) else { return Vec::new() };
    let is_json = media_type.is_none_or(MediaType::is_json);
    let judged = examples.iter().filter(|(_, node)| is_json || !node.value().is_string());
    judged.flat_map(|(_, node)| broken(Code::ExampleBreaksSchema, node, &schema, way)).collect()
}

/// The examples of a parameter, header or media type, each with its name.
fn examples<'d>(holder: &Node<'d>) -> Vec<(Option<&'d str>, Node<'d>)> {
    let single = holder.raw("example").map(|node| (None, node));
    let named = holder.get("examples");
    let named = named
        .iter()
        .flat_map(Node::entries)
        .filter_map(|(name, node)| Some((Some(name), node.raw("dataValue").or_else(|| node.raw("value"))?)));
    single.into_iter().chain(named).collect()
}

/// How many faults of one value are told.
const TOLD: usize = 5;

fn broken(code: Code, node: &Node<'_>, schema: &Schema, way: Way) -> Vec<Finding> {
    let mut violations = schema.causes(node.value());
    violations.retain(|violation| !is_excused(node, schema.library(), violation, way));
    let mut told: Vec<(Violation, Vec<String>)> = Vec::new();
    for violation in violations {
        let alike = told.iter_mut().find(|(other, names)| {
            !names.is_empty() && other.instance == violation.instance && other.schema == violation.schema
        });
        match (alike, &violation.missing) {
            (Some((_, names)), Some(name)) => names.push(name.clone()),
            _ => told.push((violation.clone(), violation.missing.into_iter().collect())),
        }
    }
    told.iter().take(TOLD).map(|(violation, missing)| finding(code, node, violation, missing)).collect()
}

/// Whether the property that is missing is one that the value need not have on its way.
fn is_excused(node: &Node<'_>, library: &Library, violation: &Violation, way: Way) -> bool {
    let (Some(name), Some(holder)) = (&violation.missing, violation.schema.1.parent()) else { return false };
    let place = Place { file: violation.schema.0.as_str().into(), pointer: holder };
    let Some(around) = library.node(&place.file, &place.pointer) else { return false };
    let declared = around.get("properties").and_then(|properties| properties.get(name));
    let target = || node.document().at(&place)?.get("properties")?.get(name);
    declared.is_some_and(|property| way.excuses(property))
        || target().is_some_and(|property| way.excuses(property.value()))
}

fn finding(code: Code, node: &Node<'_>, violation: &Violation, missing: &[String]) -> Finding {
    let place = node.place();
    let at = Place { file: Arc::clone(&place.file), pointer: place.pointer.append(&violation.instance) };
    let thing = if code == Code::DefaultBreaksSchema { "default" } else { "example" };
    let (message, right) = match missing {
        [] => (violation.message.clone(), violation.expected()),
        [one] => (format!("`{one}` is missing"), "add it".to_owned()),
        _ => (format!("{} are missing", ticked(missing)), "add them".to_owned()),
    };
    let message = format!("the {thing} breaks `{}`: {message}", violation.keyword);
    let rule = Place { file: violation.schema.0.as_str().into(), pointer: violation.schema.1.clone() };
    let location = Location::Document(at, None);
    Finding::warning(code, location, message).help(right).ruled_by(&rule)
}

/// Names in `required` that the schema of an object says nothing of, which are often misspelt. A part of a schema may
/// require what another part declares, so only a schema that stands by itself is judged.
fn undeclared(library: &Arc<Library>, schema: &Node<'_>) -> Vec<Finding> {
    let value = schema.value();
    let is_object = value.get("type").and_then(Value::as_str) == Some("object");
    let is_part = schema.place().pointer.parent().and_then(|parent| parent.last());
    let is_part = is_part.is_some_and(|keyword| ["allOf", "anyOf", "oneOf"].contains(&keyword.as_str()));
    let required =
        schema.raw("required").filter(|_| is_object && !is_part && value.get("properties").is_some());
    let Some((required, compiled)) =
        required.and_then(|required| Some((required, compiled(library, schema)?)))
    else {
        return Vec::new();
    };
    let names: Vec<String> = compiled.about().names().into_iter().map(str::to_owned).collect();
    let stray = required.items().filter_map(|item| {
        let name = item.value().as_str().filter(|name| !names.iter().any(|known| known == name))?;
        let message = format!("`{name}` is required, and nothing is said of it");
        let mut finding = item.error(Code::UndeclaredProperty, message);
        finding.severity = Severity::Warning;
        let near = nearest(name, names.iter().map(String::as_str));
        Some(finding.help(near.map_or_else(
            || format!("add `{name}` to `properties`"),
            |near| format!("did you mean `{near}`"),
        )))
    });
    stray.collect()
}

/// Members of `enum` that `type` beside them forbids.
fn impossible_members(schema: &Node<'_>) -> Vec<Finding> {
    let types = match schema.value().get("type") {
        Some(Value::String(name)) => Types::named(name),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .fold(Types::NONE, |types, name| types.or(Types::named(name))),
        _ => return Vec::new(),
    };
    let (Some(rule), true) = (schema.raw("type"), types != Types::NONE) else { return Vec::new() };
    let Some(members) = schema.raw("enum") else { return Vec::new() };
    let members = members.as_is();
    let count = members.len();
    let impossible: Vec<Node<'_>> =
        members.into_iter().filter(|member| !types.meets(Types::of(member.value()))).collect();
    // A schema of which no member can be is told as one that nothing satisfies.
    if impossible.len() == count {
        return Vec::new();
    }
    impossible
        .into_iter()
        .map(|member| {
            let message = format!("`{}` is not of the type that the schema asks for", member.value());
            let mut finding = member.error(Code::EnumBreaksType, message).ruled_by(rule.place());
            finding.severity = Severity::Warning;
            finding.help("leave it out, or let `type` allow it")
        })
        .collect()
}

/// Examples that are paired by name with a 400 or 422 and are no bad request at all: whoever sends them to a server that
/// keeps to the document gets another answer. Other statuses of the client's may come of a sound request.
fn good_examples_of_bad_requests(library: &Arc<Library>, operation: &Node<'_>) -> Vec<Finding> {
    let bad = names_of_refusals(operation);
    let Some(body) = operation.get("requestBody") else { return Vec::new() };
    if bad.is_empty() || has_bad_parameters(library, operation, &bad) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (media_type, content) in body.get("content").iter().flat_map(Node::entries) {
        let is_json = MediaType::parse(media_type).is_some_and(|media_type| media_type.is_json());
        let Some(schema) = content.raw("schema").filter(|_| is_json) else { continue };
        let Some(compiled) = compiled(library, &schema) else { continue };
        for (name, node) in examples(&content) {
            let Some((name, status)) = name.and_then(|name| bad.iter().find(|(other, _)| *other == name))
            else {
                continue;
            };
            if broken(Code::ExampleBreaksSchema, &node, &compiled, Way::Request).is_empty() {
                let message = format!(
                    "the example `{name}` of a request that is answered {status} satisfies its schema"
                );
                let mut finding = node.error(Code::ExampleSatisfiesSchema, message).ruled_by(schema.place());
                finding.severity = Severity::Warning;
                findings.push(
                    finding.help("let the schema forbid what is wrong with it, or give it another name"),
                );
            }
        }
    }
    findings
}

/// The names of the examples of 400 and 422 that no other answer has, each with its status.
fn names_of_refusals<'d>(operation: &Node<'d>) -> Vec<(&'d str, &'d str)> {
    let mut named: Vec<(&str, &str)> = Vec::new();
    for (status, response) in operation.get("responses").iter().flat_map(Node::entries) {
        for (_, content) in response.get("content").iter().flat_map(Node::entries) {
            named.extend(examples(&content).into_iter().filter_map(|(name, _)| Some((name?, status))));
        }
    }
    let is_refusal = |status: &str| matches!(Status::parse(status), Some(Status::Exact(400 | 422)));
    let elsewhere: Vec<&str> =
        named.iter().filter(|(_, status)| !is_refusal(status)).map(|(name, _)| *name).collect();
    named.retain(|(name, status)| is_refusal(status) && !elsewhere.contains(name));
    named
}

/// Whether an example of a parameter under one of these names is what makes the request a bad one.
fn has_bad_parameters(library: &Arc<Library>, operation: &Node<'_>, names: &[(&str, &str)]) -> bool {
    let parameters = operation.get("parameters");
    parameters.iter().flat_map(Node::items).any(|parameter| {
        let schema = parameter.raw("schema").and_then(|schema| compiled(library, &schema));
        let bad = |(name, node): &(Option<&str>, Node<'_>)| {
            name.is_some_and(|name| names.iter().any(|(other, _)| *other == name))
                && schema.as_ref().is_some_and(|schema| !schema.is_valid(node.value()))
        };
        examples(&parameter).iter().any(bad)
    })
}
