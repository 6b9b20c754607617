//! A contract and a provider → what each step came to, and every breach.
//!
//! Steps are called one after the other; whatever an exchange breaks of its own document is a breach as well. Waiting is
//! passed in, so that a test need not. Read [`Runner::run`] first.

mod request;
mod scope;
mod step;

use std::{collections::HashMap, future::Future, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use http::StatusCode;
use serde_json::{Map, Value, json};

use self::{scope::Scope, step::Done};
use super::Check;
use crate::{
    contract::{Action, Contract, Kind, Step, Target},
    exchange::{Handler, Request, Response},
    finding::{Code, Finding, Location, Place},
    plan::{self, Plan},
};

/// How many steps one workflow takes, at most: actions that go back could go on for ever.
const MOST: usize = 1000;

/// How many workflows call each other, at most.
const DEEP: usize = 16;

/// Whoever lets time pass.
pub trait Wait: Sync {
    /// Comes back once the time has passed.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Whether there is no time left, so that no further step is taken.
    fn is_over(&self) -> bool {
        false
    }
}

/// Time that nobody waits for.
impl Wait for () {
    async fn wait(&self, _time: Duration) {}
}

/// Something that a step did not come to.
#[derive(Debug, Clone)]
pub struct Breach {
    /// What should have been.
    pub check: Check,
    /// The number of the workflow.
    pub workflow: usize,
    /// The number of the step; `None` where the workflow did not come to any.
    pub step: Option<usize>,
    /// What was found, at its place in the contract.
    pub finding: Finding,
    /// The request, where there was one.
    pub request: Option<Request>,
    /// The answer to it.
    pub response: Option<Response>,
}

/// What became of a step, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The number of the workflow.
    pub workflow: usize,
    /// The number of the step.
    pub step: usize,
    /// The status that came, of a step that calls an operation and was sent.
    pub status: Option<StatusCode>,
    /// What became of it.
    pub end: End,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All is as the contract says.
    Kept,
    /// Something is not.
    Broken,
    /// It was tried again.
    Retried,
    /// It was not tried, for what it depends on is broken.
    Left,
    /// It was not tried, or not to its end, for there was no time left.
    Cut,
}

/// What a contract came to.
#[derive(Debug, Default)]
pub struct Performed {
    /// The workflows that were run by themselves, by number, in order.
    pub workflows: Vec<(usize, End)>,
    /// Every step that was taken, in order.
    pub steps: Vec<Taken>,
    /// All that is broken, in order.
    pub breaches: Vec<Breach>,
    /// What is known of workflows by name: their inputs and outputs.
    known: Map<String, Value>,
}

/// How contracts are run.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Header fields of every request, such as credentials.
    pub headers: Vec<(String, String)>,
    /// What workflows are given, by their ids and the names of the inputs.
    pub inputs: HashMap<(String, String), Value>,
}

/// Runs a contract.
#[derive(Debug)]
pub struct Runner<'c, H, W> {
    contract: &'c Contract,
    /// For each source who answers for it.
    targets: &'c [H],
    /// For each source its plan, where it has one.
    plans: Vec<Option<Plan>>,
    wait: W,
    terms: Terms,
}

impl<'c, H: Handler, W: Wait> Runner<'c, H, W> {
    /// Runs `contract` against `targets`, one for each of its sources.
    pub fn new(contract: &'c Contract, targets: &'c [H], wait: W, terms: Terms) -> Self {
        let plan = |api: &Option<_>| {
            let api = api.clone()?;
            Some(plan::compile(vec![api], plan::Options::default()).0)
        };
        Self { contract, targets, plans: contract.apis.iter().map(plan).collect(), wait, terms }
    }

    /// Runs all workflows, each after those it depends on. One that others call and that cannot do without inputs is run
    /// by them alone.
    pub async fn run(&self) -> Performed {
        let mut performed = Performed::default();
        for number in self.contract.order() {
            if self.wait.is_over() {
                performed.workflows.push((number, End::Cut));
                continue;
            }
            let workflow = &self.contract.workflows[number];
            let is_kept = |before: &usize| performed.workflows.contains(&(*before, End::Kept));
            if !workflow.depends_on.iter().all(is_kept) {
                performed.workflows.push((number, End::Left));
                continue;
            }
            let (inputs, missing) = self.inputs(number, Map::new());
            if !missing.is_empty() && self.contract.is_called(number) {
                continue;
            }
            let mark = performed.breaches.len();
            let outputs = self.workflow(number, inputs, &mut performed, 0).await;
            let end = match outputs {
                Some(_) => End::Kept,
                // What is not broken anywhere was not taken to its end.
                None if performed.breaches.len() == mark && self.wait.is_over() => End::Cut,
                None => End::Broken,
            };
            performed.workflows.push((number, end));
        }
        performed
    }

    /// What a workflow is given: what its caller passes, what the user says, its defaults; and what it lacks.
    fn inputs(&self, number: usize, mut passed: Map<String, Value>) -> (Map<String, Value>, Vec<&'c str>) {
        let workflow = &self.contract.workflows[number];
        for (name, value) in self
            .terms
            .inputs
            .iter()
            .filter(|((id, _), _)| *id == workflow.id)
            .map(|((_, name), value)| (name, value))
        {
            passed.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for input in &workflow.inputs {
            if let Some(default) = &input.default {
                passed.entry(input.name.clone()).or_insert_with(|| default.clone());
            }
        }
        let required = workflow.inputs.iter().filter(|input| input.is_required);
        let missing = required.map(|input| input.name.as_str()).filter(|name| !passed.contains_key(*name));
        (passed.clone(), missing.collect())
    }

    /// Takes the steps of a workflow; what it gives, or nothing where something in it is broken.
    fn workflow<'r>(
        &'r self,
        number: usize,
        passed: Map<String, Value>,
        performed: &'r mut Performed,
        depth: usize,
    ) -> BoxFuture<'r, Option<Map<String, Value>>> {
        async move {
            let workflow = &self.contract.workflows[number];
            let (inputs, missing) = self.inputs(number, passed);
            if let Some(name) = missing.first() {
                let message = format!("the workflow is not given its input `{name}`");
                let help = format!("say `--input {}.{name}=VALUE`, or give it a default", workflow.id);
                performed.breaches.push(unable(number, None, &workflow.place, message).helped(help));
                return None;
            }
            if depth > DEEP {
                let message = "workflows call each other without end";
                performed.breaches.push(unable(number, None, &workflow.place, message));
                return None;
            }
            let mut run = Run { number, inputs, steps: Map::new(), depth, tries: HashMap::new() };
            let outcome = self.steps(&mut run, performed).await;
            let is_broken = outcome == Outcome::Broken;
            let outputs: Map<String, Value> = match outcome {
                Outcome::Passed(outputs) => outputs,
                Outcome::Kept | Outcome::Broken => self.scope(&run, &performed.known).all(&workflow.outputs),
            };
            let known = json!({"inputs": run.inputs, "outputs": outputs});
            performed.known.insert(workflow.id.clone(), known);
            (!is_broken).then_some(outputs)
        }
        .boxed()
    }

    fn scope<'s>(&'s self, run: &'s Run, known: &'s Map<String, Value>) -> Scope<'s> {
        Scope {
            contract: self.contract,
            inputs: &run.inputs,
            steps: &run.steps,
            workflows: known,
            outputs: None,
            exchange: None,
        }
    }

    /// Takes one step after the other, as the actions say.
    async fn steps(&self, run: &mut Run, performed: &mut Performed) -> Outcome {
        let workflow = &self.contract.workflows[run.number];
        let (mut at, mut taken, mut is_kept) = (0, 0, true);
        let end = |is_kept: bool| if is_kept { Outcome::Kept } else { Outcome::Broken };
        while let Some(step) = workflow.steps.get(at) {
            taken += 1;
            if self.wait.is_over() {
                return Outcome::Broken;
            }
            if taken > MOST {
                let message = format!("the workflow does not end within {MOST} steps");
                performed.breaches.push(unable(run.number, Some(at), &step.place, message));
                return Outcome::Broken;
            }
            if !step.wait.is_zero() {
                self.wait.wait(step.wait).await;
            }
            let mark = performed.breaches.len();
            let done = self.step(run, at, performed).await;
            let is_broken = performed.breaches.len() > mark;
            let action = self.action(run, at, step, &done, &performed.known);
            let state = match (&action, is_broken) {
                (Some(Action { kind: Kind::Retry { .. }, .. }), _) => End::Retried,
                (_, true) => End::Broken,
                (_, false) => End::Kept,
            };
            performed.steps.push(Taken { workflow: run.number, step: at, status: done.status(), end: state });
            is_kept &= state != End::Broken;
            match action.map(|action| action.kind) {
                None if done.is_failed => return Outcome::Broken,
                None => at += 1,
                Some(Kind::End) => return end(is_kept && !done.is_failed),
                Some(Kind::Goto(Target::Step(step))) => at = step,
                Some(Kind::Goto(Target::Workflow(other))) => {
                    let outputs = self.workflow(other, Map::new(), performed, run.depth + 1).await;
                    return outputs.filter(|_| is_kept).map_or(Outcome::Broken, Outcome::Passed);
                }
                Some(Kind::Retry { after, first, .. }) => {
                    // Only the last attempt counts.
                    performed.breaches.truncate(mark);
                    *run.tries.entry(at).or_default() += 1;
                    self.wait.wait(done.retry_after().unwrap_or(after)).await;
                    self.before(run, first, performed).await;
                }
            }
        }
        end(is_kept)
    }

    /// What a retry wants done before.
    async fn before(&self, run: &mut Run, first: Option<Target>, performed: &mut Performed) {
        match first {
            None => {}
            Some(Target::Step(step)) => {
                self.step(run, step, performed).await;
            }
            Some(Target::Workflow(other)) => {
                self.workflow(other, Map::new(), performed, run.depth + 1).await;
            }
        }
    }

    /// What follows a step: the first action whose criteria hold and that may still be done.
    fn action(
        &self,
        run: &Run,
        at: usize,
        step: &'c Step,
        done: &Done,
        known: &Map<String, Value>,
    ) -> Option<&'c Action> {
        let exchange = done.exchange();
        let scope =
            Scope { exchange: exchange.as_ref(), outputs: done.outputs.as_ref(), ..self.scope(run, known) };
        let actions = if done.is_failed { &step.on_failure } else { &step.on_success };
        let tries = run.tries.get(&at).copied().unwrap_or_default();
        actions.iter().find(|action| {
            let is_left = !matches!(action.kind, Kind::Retry { limit, .. } if tries >= limit);
            is_left && action.criteria.iter().all(|criterion| criterion.unmet(&scope).is_none())
        })
    }
}

/// A workflow under way.
struct Run {
    number: usize,
    inputs: Map<String, Value>,
    /// What is known of its steps by name.
    steps: Map<String, Value>,
    depth: usize,
    /// How often each step was tried again.
    tries: HashMap<usize, usize>,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Kept,
    Broken,
    /// Another workflow took over, and gave this.
    Passed(Map<String, Value>),
}

/// What cannot be done at all.
fn unable(workflow: usize, step: Option<usize>, place: &Place, message: impl Into<String>) -> Breach {
    let location = Location::Document(place.clone(), None);
    let finding = Finding::error(Code::InvalidContract, location, message);
    Breach { check: Check::ContractStep, workflow, step, finding, request: None, response: None }
}

impl Breach {
    fn helped(mut self, help: String) -> Self {
        self.finding.help = Some(help);
        self
    }
}
