//! What a request holds that the document does not declare, for those who want to know (`--strict`).

use serde_json::Value;

use super::Route;
use crate::{
    api::{Content, Style},
    exchange::Request,
    finding::{Code, Finding, Location, Part, Pointer, Trail},
    schema::{Types, Written},
};

/// How deep a body is looked into.
const DEEP: u32 = 32;

impl Route<'_> {
    /// The query parameters that the operation does not declare.
    pub(super) fn undeclared(&self, request: &Request) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut told = Vec::new();
        for (name, _) in request.query_pairs() {
            if !told.contains(&name) && !self.declares_query(&name) {
                let location = Location::Request(Part::Query, Pointer::root().join(&name));
                let finding =
                    Finding::error(Code::Undeclared, location, "the operation has no such query parameter");
                findings.push(finding.help(self.queries()).ruled_by(&self.operation.place));
                told.push(name);
            }
        }
        findings
    }

    pub(super) fn declares_query(&self, name: &str) -> bool {
        let credentials = self.api.schemes.values().any(|scheme| scheme.kind.is_in_query(name));
        credentials
            || self.operation.parameters.iter().filter(|parameter| parameter.part == Part::Query).any(
                |parameter| {
                    let about = parameter.schema.as_ref().map(crate::schema::Schema::about);
                    let is_object = about.as_ref().is_some_and(|about| about.types().meets(Types::OBJECT));
                    match parameter.style {
                        Style::DeepObject => name.split('[').next() == Some(&parameter.name),
                        Style::Form if parameter.explode && is_object => {
                            about.is_some_and(|about| about.names().contains(&name) || about.is_open())
                                || name == parameter.name
                        }
                        Style::QueryString => true,
                        _ => name == parameter.name || name.strip_suffix("[]") == Some(&parameter.name),
                    }
                },
            )
    }

    fn queries(&self) -> String {
        let parameters = self.operation.parameters.iter().filter(|parameter| parameter.part == Part::Query);
        let names: Vec<String> = parameters.map(|parameter| format!("`{}`", parameter.name)).collect();
        if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) }
    }
}

/// The properties of a body that its schema does not name, though it does not forbid them.
pub(super) fn properties(content: &Content, body: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(schema) = &content.schema {
        look(body, &schema.about(), &Trail::root(), DEEP, &mut findings);
    }
    findings
}

fn look(value: &Value, about: &Written<'_>, trail: &Trail<'_>, depth: u32, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(members) if depth > 0 => {
            let names = about.names();
            let is_closed = !names.is_empty() && !about.is_open();
            for (name, member) in members {
                let trail = trail.key(name);
                if is_closed && !names.contains(&name.as_str()) {
                    let location = Location::Request(Part::Body, trail.pointer());
                    let finding =
                        Finding::error(Code::Undeclared, location, "the schema names no such property");
                    let known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    findings.push(finding.help(format!("it has {}", known.join(", "))));
                } else {
                    look(member, &about.property(name), &trail, depth - 1, findings);
                }
            }
        }
        Value::Array(items) if depth > 0 => {
            for (index, item) in items.iter().enumerate() {
                look(item, &about.item(index), &trail.index(index), depth - 1, findings);
            }
        }
        _ => {}
    }
}
