//! An Arazzo document (1.0) → [`Contract`]: sequences of calls on which two sides agreed.
//!
//! Everything in it that names something is followed here, to operations of the sources' documents among others, so that
//! what is wrong is told with its line before anything is sent. Nothing is sent from here. Read [`read()`] first.

mod condition;
mod criterion;
mod names;
mod read;
mod source;
mod spelling;
mod step;
mod written;

use std::{sync::Arc, time::Duration};

use serde_json::Value;

pub use self::{
    condition::Condition,
    criterion::{Criterion, Query, Test},
    read::read,
    source::{SourceDescription, sources},
    written::Written,
};
use crate::{
    api::Api,
    document::Document,
    exchange::expression::Template,
    finding::{Part, Place, Pointer},
};

/// Workflows, and the APIs that they call.
#[derive(Debug)]
pub struct Contract {
    /// The document it was read from.
    pub document: Arc<Document>,
    /// The sources, in order.
    pub sources: Vec<SourceDescription>,
    /// The API of each source; `None` of one that is none.
    pub apis: Vec<Option<Arc<Api>>>,
    /// The workflows, in the document's order.
    pub workflows: Vec<Workflow>,
}

/// A sequence of steps.
#[derive(Debug)]
pub struct Workflow {
    /// Its `workflowId`.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// What it is given.
    pub inputs: Vec<Input>,
    /// The workflows that must be done before it, by number.
    pub depends_on: Vec<usize>,
    /// Its steps.
    pub steps: Vec<Step>,
    /// What it gives, by name.
    pub outputs: Vec<(String, Template)>,
}

/// Something that a workflow is given.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it is where nobody gives it.
    pub default: Option<Value>,
    /// Whether the workflow cannot do without it.
    pub is_required: bool,
}

/// One call.
#[derive(Debug)]
pub struct Step {
    /// Its `stepId`.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// What is called.
    pub call: Call,
    /// What is passed, the workflow's parameters among them.
    pub parameters: Vec<Argument>,
    /// The body.
    pub body: Option<Payload>,
    /// What must hold of the exchange; where it is empty, the answer must be one of the declared successes.
    pub criteria: Vec<Criterion>,
    /// What it gives, by name.
    pub outputs: Vec<(String, Template)>,
    /// What follows where all criteria hold, those of the workflow among them.
    pub on_success: Vec<Action>,
    /// What follows where one does not.
    pub on_failure: Vec<Action>,
    /// How long is waited before the call (`x-standin-wait`).
    pub wait: Duration,
}

/// What a step calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// An operation of a source's API.
    Operation {
        /// The number of the source.
        source: usize,
        /// The number of the operation in its API.
        operation: usize,
    },
    /// A workflow, by its number.
    Workflow(usize),
}

/// A value that is passed under a name.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Where in the request; `None` of what a workflow is given.
    pub part: Option<Part>,
    /// The value.
    pub value: Written,
}

/// A body.
#[derive(Debug, Clone)]
pub struct Payload {
    /// Its media type, where the contract says so.
    pub content_type: Option<String>,
    /// What is in it; `None` where only the replacements are.
    pub payload: Option<Written>,
    /// What stands at these places of it instead.
    pub replacements: Vec<(Pointer, Written)>,
}

/// What follows a step.
#[derive(Debug, Clone)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// What is done.
    pub kind: Kind,
    /// When it is done: where all of these hold.
    pub criteria: Vec<Criterion>,
}

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// The workflow ends.
    End,
    /// It goes on elsewhere.
    Goto(Target),
    /// The step is tried again.
    Retry {
        /// How long is waited before, unless the answer says so (`Retry-After`).
        after: Duration,
        /// How often, at most.
        limit: usize,
        /// What is done before.
        first: Option<Target>,
    },
}

/// A place to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A step of the same workflow, by number.
    Step(usize),
    /// Another workflow, by number.
    Workflow(usize),
}

impl Workflow {
    /// The number of a step.
    pub fn step(&self, id: &str) -> Option<usize> {
        self.steps.iter().position(|step| step.id == id)
    }
}

impl Contract {
    /// The workflows in an order in which each comes after those it depends on.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        // `read` lets no circle through, so that each round adds one at least.
        for _ in &self.workflows {
            for (number, workflow) in self.workflows.iter().enumerate() {
                let is_ready = workflow.depends_on.iter().all(|before| order.contains(before));
                if is_ready && !order.contains(&number) {
                    order.push(number);
                }
            }
        }
        order
    }

    /// Whether a step or an action of another workflow calls it.
    pub fn is_called(&self, workflow: usize) -> bool {
        let goes = |action: &Action| matches!(action.kind, Kind::Goto(Target::Workflow(to)) | Kind::Retry { first: Some(Target::Workflow(to)), .. } if to == workflow);
        self.workflows.iter().flat_map(|one| &one.steps).any(|step| {
            step.call == Call::Workflow(workflow) || step.on_success.iter().chain(&step.on_failure).any(goes)
        })
    }
}
