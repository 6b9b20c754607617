//! The tree of an Arazzo document → workflows. Everything that is wrong is told at once.
//!
//! Read [`read`] first; the parts of a step are read beside it.

use std::sync::Arc;

use super::{
    Contract, Input, Workflow,
    names::{Names, Outline, listed},
    source::{SourceDescription, sources},
    step::{merged, named},
};
use crate::{
    api::Api,
    document::{Document, Node},
    exchange::expression::{Expression, Malformed, Template},
    finding::{Code, Finding, Location, Place, Pointer},
};

/// Reads the workflows of a document; `apis` are the APIs of its [`sources`], `None` of those that are none.
///
/// # Errors
/// Everything that is wrong, each with its place.
pub fn read(document: &Arc<Document>, apis: Vec<Option<Arc<Api>>>) -> Result<Contract, Vec<Finding>> {
    let (sources, findings) = sources(document);
    let root = document.root();
    let nodes: Vec<Node<'_>> = root.get("workflows").iter().flat_map(Node::items).collect();
    let names = Names { sources: &sources, workflows: nodes.iter().map(Outline::of).collect() };
    let mut reader = Reader { root: root.clone(), apis: &apis, names, findings };
    if nodes.is_empty() {
        reader.tell(&root, "there is no workflow", "it has a list of `workflows`");
    }
    let workflows: Vec<Workflow> =
        nodes.iter().enumerate().map(|(number, node)| reader.workflow(number, node)).collect();
    let mut findings = reader.findings;
    let contract = Contract { document: Arc::clone(document), sources, apis, workflows };
    if contract.order().len() < contract.workflows.len() {
        let node = root.get("workflows").unwrap_or(root);
        findings.push(fault(
            &node,
            "workflows depend on each other in a circle",
            "leave one `dependsOn` out",
        ));
    }
    // What a component is wrong in, every step that refers to it is wrong in.
    let mut known: Vec<Finding> = Vec::new();
    for finding in findings {
        if !known.contains(&finding) {
            known.push(finding);
        }
    }
    document.locate(&mut known);
    known.sort_by_key(|finding| match &finding.location {
        Location::Document(_, span) => span.map(|span| span.offset),
        Location::Request(..) | Location::Response(..) => None,
    });
    if known.is_empty() { Ok(contract) } else { Err(known) }
}

/// A finding about a place of a contract.
pub(super) fn fault(node: &Node<'_>, message: impl Into<String>, help: impl Into<String>) -> Finding {
    node.error(Code::InvalidContract, message).help(help)
}

pub(super) struct Reader<'d> {
    pub(super) root: Node<'d>,
    pub(super) apis: &'d [Option<Arc<Api>>],
    pub(super) names: Names<'d>,
    pub(super) findings: Vec<Finding>,
}

impl<'d> Reader<'d> {
    pub(super) fn tell(&mut self, node: &Node<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(fault(node, message, help));
    }

    /// Tells what is wrong with a text at `pointer` of the file of `node`.
    pub(super) fn malformed(&mut self, node: &Node<'_>, pointer: Pointer, found: Malformed) {
        let place = Place { file: Arc::clone(&node.place().file), pointer };
        let message = found.to_string();
        let finding = Finding::error(Code::InvalidContract, Location::Document(place, None), message);
        self.findings.push(finding.help(found.help));
    }

    /// Tells of each expression that names nothing.
    pub(super) fn judge<'e>(
        &mut self,
        node: &Node<'_>,
        workflow: usize,
        expressions: impl IntoIterator<Item = &'e Expression>,
    ) {
        for expression in expressions {
            if let Some((message, help)) = self.names.fault(expression, workflow) {
                self.tell(node, message, help);
            }
        }
    }

    /// What an object that may be a reference into the components stands for; `None` where it names nothing.
    pub(super) fn meant(&mut self, node: &Node<'d>) -> Option<Node<'d>> {
        let Some(reference) = node.text("reference") else { return Some(node.clone()) };
        let path = reference.strip_prefix("$components.").and_then(|path| path.split_once('.'));
        let found = path.and_then(|(kind, name)| self.root.get("components")?.get(kind)?.get(name));
        if found.is_none() {
            let node = node.get("reference").unwrap_or_else(|| node.clone());
            let right = "it is written as `$components.parameters.NAME`, and stands under `components`";
            self.tell(&node, format!("`{reference}` names no component"), right);
        }
        found
    }

    fn workflow(&mut self, number: usize, node: &Node<'d>) -> Workflow {
        let id = node.text("workflowId").unwrap_or_default().to_owned();
        if id.is_empty() {
            self.tell(node, "a workflow has no name", "it has a `workflowId`");
        } else if self.names.workflow(&id) != Some(number) {
            self.tell(node, format!("two workflows are called `{id}`"), "names differ");
        }
        let parameters = self.arguments(number, node);
        let on_success = self.actions(number, node, "successActions");
        let on_failure = self.actions(number, node, "failureActions");
        let nodes: Vec<Node<'d>> = node.get("steps").iter().flat_map(Node::items).collect();
        if nodes.is_empty() {
            self.tell(node, "the workflow has no step", "it has a list of `steps`");
        }
        let mut steps = Vec::new();
        for (at, step) in nodes.iter().enumerate() {
            let Some(mut step) = self.step(number, at, step) else { continue };
            merged(&mut step.parameters, &parameters, |one, other| {
                one.name == other.name && one.part == other.part
            });
            merged(&mut step.on_success, &on_success, |one, other| one.name == other.name);
            merged(&mut step.on_failure, &on_failure, |one, other| one.name == other.name);
            steps.push(step);
        }
        Workflow {
            id,
            place: named(node, "workflowId"),
            inputs: inputs(node),
            depends_on: self.depends_on(node),
            outputs: self.outputs(number, node),
            steps,
        }
    }

    fn depends_on(&mut self, node: &Node<'d>) -> Vec<usize> {
        let items: Vec<Node<'d>> = node.get("dependsOn").iter().flat_map(Node::items).collect();
        items
            .iter()
            .filter_map(|item| self.workflow_named(item, item.value().as_str().unwrap_or_default()))
            .collect()
    }

    /// The workflow of that name, told where there is none.
    pub(super) fn workflow_named(&mut self, node: &Node<'_>, id: &str) -> Option<usize> {
        let found = self.names.workflow(id.strip_prefix("$workflows.").unwrap_or(id));
        if found.is_none() {
            let ids: Vec<String> = self.names.workflows.iter().map(|one| one.id.clone()).collect();
            let right = listed("the workflows of this file are", ids.iter().map(String::as_str));
            self.tell(node, format!("there is no workflow `{id}`"), right);
        }
        found
    }

    pub(super) fn outputs(&mut self, workflow: usize, node: &Node<'d>) -> Vec<(String, Template)> {
        let Some(outputs) = node.get("outputs") else { return Vec::new() };
        let mut read = Vec::new();
        for (name, output) in outputs.entries() {
            let template = self.template(&output);
            self.judge(&output, workflow, template.iter().flat_map(Template::expressions));
            read.extend(template.map(|template| (name.to_owned(), template)));
        }
        read
    }

    fn template(&mut self, node: &Node<'d>) -> Option<Template> {
        let Some(text) = node.value().as_str() else {
            self.tell(node, "an output is no text", "it is an expression, such as `$response.body#/id`");
            return None;
        };
        match super::spelling::template(text) {
            Ok(template) => Some(template),
            Err(found) => {
                self.malformed(node, node.place().pointer.clone(), found);
                None
            }
        }
    }

    /// The sources that a name may mean, each with its number.
    pub(super) fn sources(&self) -> impl Iterator<Item = (usize, &'d SourceDescription)> + use<'d> {
        self.names.sources.iter().enumerate()
    }
}

/// What a workflow is given, by the JSON Schema that says so.
fn inputs(node: &Node<'_>) -> Vec<Input> {
    let Some(schema) = node.get("inputs") else { return Vec::new() };
    let required = schema.value().get("required").and_then(serde_json::Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let properties = schema.get("properties");
    let inputs = properties.iter().flat_map(Node::entries).map(|(name, property)| Input {
        name: name.to_owned(),
        default: property.value().get("default").cloned(),
        is_required: is_required(name),
    });
    inputs.collect()
}
