//! Does what an expression names exist? `$steps.a.outputs.b`, `$inputs.c` and the like, in the workflow where they stand.
//!
//! Read [`Names::fault`] first.

use super::source::SourceDescription;
use crate::{
    document::Node,
    exchange::expression::{Expression, Root, Source},
};

/// What there is to be named.
pub(super) struct Names<'n> {
    pub(super) sources: &'n [SourceDescription],
    pub(super) workflows: Vec<Outline>,
}

/// What a workflow is made of, by name.
pub(super) struct Outline {
    pub(super) id: String,
    /// The steps, each with its outputs; `None` where those are what another workflow gives.
    steps: Vec<(String, Option<Vec<String>>)>,
    /// `None` where it does not say what it is given.
    inputs: Option<Vec<String>>,
    outputs: Vec<String>,
}

impl Outline {
    pub(super) fn of(workflow: &Node<'_>) -> Self {
        let steps = workflow.get("steps");
        let steps = steps.iter().flat_map(Node::items).map(|step| {
            let outputs = keys(&step, "outputs");
            let is_passed_on = step.text("workflowId").is_some() && outputs.is_empty();
            (step.text("stepId").unwrap_or_default().to_owned(), (!is_passed_on).then_some(outputs))
        });
        let inputs = workflow.get("inputs").filter(|inputs| inputs.value().get("properties").is_some());
        Self {
            id: workflow.text("workflowId").unwrap_or_default().to_owned(),
            steps: steps.collect(),
            inputs: inputs.map(|inputs| keys(&inputs, "properties")),
            outputs: keys(workflow, "outputs"),
        }
    }

    pub(super) fn step(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|(known, _)| known == id)
    }

    /// The names of its steps, for people.
    pub(super) fn steps(&self) -> String {
        listed("the steps are", self.steps.iter().map(|(id, _)| id.as_str()))
    }
}

fn keys(node: &Node<'_>, name: &str) -> Vec<String> {
    let members = node.get(name);
    members.iter().flat_map(Node::entries).map(|(key, _)| key.to_owned()).collect()
}

/// The names that there are, for people.
pub(super) fn listed<'n>(start: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.take(12).map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "there is none".to_owned() } else { format!("{start} {}", names.join(", ")) }
}

/// What is wrong with a name, and what would be right.
pub(super) type Fault = (String, String);

impl Names<'_> {
    pub(super) fn workflow(&self, id: &str) -> Option<usize> {
        self.workflows.iter().position(|known| known.id == id)
    }

    /// Why an expression in a workflow names nothing.
    pub(super) fn fault(&self, expression: &Expression, workflow: usize) -> Option<Fault> {
        let Source::Named(root, name) = &expression.source else { return None };
        let own = &self.workflows[workflow];
        match root {
            Root::Inputs => {
                let inputs = own.inputs.as_ref()?;
                let is_known = inputs.iter().any(|known| reaches(name, known));
                let right = || listed("the inputs are", inputs.iter().map(String::as_str));
                (!is_known).then(|| (format!("the workflow has no input `{name}`"), right()))
            }
            Root::Steps => {
                let Some((_, outputs)) = own.steps.iter().find(|(id, _)| is_part_of(name, id)) else {
                    return Some((format!("`{expression}` names no step of the workflow"), own.steps()));
                };
                output_fault(expression, name, outputs.as_deref())
            }
            Root::Workflows => {
                let Some(other) = self.workflows.iter().find(|other| is_part_of(name, &other.id)) else {
                    let ids = self.workflows.iter().map(|other| other.id.as_str());
                    let message = format!("`{expression}` names no workflow");
                    return Some((message, listed("the workflows are", ids)));
                };
                if name.contains(".inputs.") {
                    None
                } else {
                    output_fault(expression, name, Some(&other.outputs))
                }
            }
            Root::SourceDescriptions => {
                let is_known = self.sources.iter().any(|source| is_part_of(name, &source.name));
                let names = self.sources.iter().map(|source| source.name.as_str());
                let message = || format!("`{expression}` names no source");
                (!is_known).then(|| (message(), listed("the sources are", names)))
            }
            Root::Outputs | Root::Components => None,
        }
    }
}

fn output_fault(expression: &Expression, name: &str, outputs: Option<&[String]>) -> Option<Fault> {
    let Some((_, output)) = name.split_once(".outputs.") else {
        return Some((format!("`{expression}` names no output"), "write `….outputs.NAME`".to_owned()));
    };
    let outputs = outputs?;
    let is_known = outputs.iter().any(|known| reaches(output, known));
    let right = || listed("the outputs there are", outputs.iter().map(String::as_str));
    (!is_known).then(|| (format!("`{expression}`: there is no output `{output}`"), right()))
}

/// Whether a name is the known one, or a part of what has that name.
fn reaches(name: &str, known: &str) -> bool {
    name == known || is_part_of(name, known)
}

fn is_part_of(name: &str, whole: &str) -> bool {
    name.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
}
