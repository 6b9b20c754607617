//! The parts of a step: what is called, what is passed, what must hold, what follows.

use std::time::Duration;

use fancy_regex::Regex;

use super::{
    Action, Argument, Call, Condition, Criterion, Kind, Payload, Query, Step, Target, Test, names::listed,
    read::Reader, spelling, written::Written,
};
use crate::{
    document::Node,
    exchange::expression::{Expression, Malformed},
    finding::{Part, Place, Pointer},
    sandbox,
};

impl<'d> Reader<'d> {
    pub(super) fn step(&mut self, workflow: usize, number: usize, node: &Node<'d>) -> Option<Step> {
        let id = node.text("stepId").unwrap_or_default().to_owned();
        if id.is_empty() {
            self.tell(node, "a step has no name", "it has a `stepId`");
        } else if self.names.workflows[workflow].step(&id) != Some(number) {
            self.tell(node, format!("two steps are called `{id}`"), "names differ in a workflow");
        }
        let call = self.call(node);
        let step = Step {
            id,
            place: named(node, "stepId"),
            call: call.unwrap_or(Call::Workflow(workflow)),
            parameters: self.arguments(workflow, node),
            body: node.get("requestBody").map(|body| self.payload(workflow, &body)),
            criteria: self.criteria(workflow, node, "successCriteria"),
            outputs: self.outputs(workflow, node),
            on_success: self.actions(workflow, node, "onSuccess"),
            on_failure: self.actions(workflow, node, "onFailure"),
            wait: self.wait(node),
        };
        let is_operation = matches!(call, Some(Call::Operation { .. }));
        if let Some(nowhere) = step.parameters.iter().find(|one| is_operation && one.part.is_none()) {
            let message =
                format!("the parameter `{}` does not say where in the request it stands", nowhere.name);
            self.tell(node, message, "add `in`: `path`, `query`, `header` or `cookie`");
        }
        call.map(|_| step)
    }

    fn call(&mut self, node: &Node<'d>) -> Option<Call> {
        let of = |name: &str| Some((node.get(name)?, node.text(name)?));
        if let Some((node, id)) = of("operationId") {
            return self.operation(&node, id);
        }
        if let Some((node, path)) = of("operationPath") {
            return self.operation_at(&node, path);
        }
        if let Some((node, id)) = of("workflowId") {
            return self.workflow_named(&node, id).map(Call::Workflow);
        }
        self.tell(node, "the step calls nothing", "it has `operationId`, `operationPath` or `workflowId`");
        None
    }

    /// The operation of that id: with its source, as `$sourceDescriptions.pets.list` or `pets.list`, or without.
    fn operation(&mut self, node: &Node<'d>, written: &str) -> Option<Call> {
        let full = written.strip_prefix("$sourceDescriptions.").unwrap_or(written);
        let mut found = Vec::new();
        for (source, described) in self.sources() {
            let inner = full.strip_prefix(&described.name).and_then(|rest| rest.strip_prefix('.'));
            let Some(api) = &self.apis[source] else { continue };
            let ids = [inner, (full == written).then_some(full)];
            let known = |id: &str| api.operations.iter().position(|operation| operation.id == id);
            let operation = ids.into_iter().flatten().find_map(known);
            found.extend(operation.map(|operation| Call::Operation { source, operation }));
        }
        match found.as_slice() {
            [call] => return Some(*call),
            [] => {}
            _ => {
                let right = "name the source as well: `$sourceDescriptions.NAME.operationId`";
                self.tell(node, format!("several sources have an operation `{written}`"), right);
                return None;
            }
        }
        let meant = self.sources().filter(|(_, one)| full.starts_with(&format!("{}.", one.name)));
        let meant: Vec<usize> = meant.map(|(source, _)| source).collect();
        let apis = self.apis.iter().enumerate().filter(|(at, _)| meant.is_empty() || meant.contains(at));
        let operations = apis.filter_map(|(_, api)| api.as_ref()).flat_map(|api| &api.operations);
        let right = listed("the operations are", operations.map(|operation| operation.id.as_str()));
        self.tell(node, format!("there is no operation `{written}`"), right);
        None
    }

    /// The operation at a place: `{$sourceDescriptions.pets.url}#/paths/~1pets/get`, also without braces and `.url`.
    fn operation_at(&mut self, node: &Node<'d>, written: &str) -> Option<Call> {
        let (start, pointer) = written.split_once('#').unwrap_or((written, ""));
        let start = start.trim_matches(['{', '}']);
        let name = start.strip_prefix("$sourceDescriptions.").unwrap_or(start);
        let found = self.sources().find(|(_, one)| one.name == name || format!("{}.url", one.name) == name);
        let Some((source, _)) = found else {
            let right = listed("the sources are", self.sources().map(|(_, one)| one.name.as_str()));
            self.tell(node, format!("`{written}` names no source"), right);
            return None;
        };
        let steps: Vec<String> = Pointer::from_escaped(pointer).tokens().collect();
        let operation = self.apis[source].as_ref().and_then(|api| {
            let [paths, path, method] = steps.as_slice() else { return None };
            api.operations.iter().position(|operation| {
                paths == "paths"
                    && operation.path == *path
                    && operation.method.as_str().eq_ignore_ascii_case(method)
            })
        });
        if operation.is_none() {
            let right = "it is written as `{$sourceDescriptions.NAME.url}#/paths/~1pets/get`";
            self.tell(node, format!("`{written}` names no operation"), right);
        }
        operation.map(|operation| Call::Operation { source, operation })
    }

    /// The `parameters` of a step or a workflow.
    pub(super) fn arguments(&mut self, workflow: usize, node: &Node<'d>) -> Vec<Argument> {
        let items: Vec<Node<'d>> = node.get("parameters").iter().flat_map(Node::items).collect();
        let read = |item: &Node<'d>| {
            let meant = self.meant(item)?;
            let Some(name) = meant.text("name") else {
                self.tell(&meant, "a parameter has no name", "it has `name`, `in` and `value`");
                return None;
            };
            let value = item.get("value").or_else(|| meant.get("value"));
            let Some(value) = value else {
                self.tell(&meant, format!("the parameter `{name}` has no value"), "it has a `value`");
                return None;
            };
            let part = match meant.text("in") {
                None => None,
                Some("path") => Some(Part::Path),
                Some("query" | "querystring") => Some(Part::Query),
                Some("header") => Some(Part::Header),
                Some("cookie") => Some(Part::Cookie),
                Some(other) => {
                    let right = "`in` is `path`, `query`, `header` or `cookie`";
                    self.tell(&meant, format!("no part of a request is called `{other}`"), right);
                    return None;
                }
            };
            Some(Argument { name: name.to_owned(), part, value: self.written(workflow, &value) })
        };
        items.iter().filter_map(read).collect()
    }

    fn written(&mut self, workflow: usize, node: &Node<'d>) -> Written {
        let mut faults = Vec::new();
        let written = Written::read(node.value(), &node.place().pointer, &mut faults);
        for (pointer, found) in faults {
            self.malformed(node, pointer, found);
        }
        self.judge(node, workflow, written.expressions());
        written
    }

    fn payload(&mut self, workflow: usize, node: &Node<'d>) -> Payload {
        let items: Vec<Node<'d>> = node.get("replacements").iter().flat_map(Node::items).collect();
        let replaced = |item: &Node<'d>| {
            let target = item.text("target").filter(|target| target.is_empty() || target.starts_with('/'));
            let (Some(target), Some(value)) = (target, item.get("value")) else {
                let right = "its `target` is a JSON Pointer such as `/user/id`, and it has a `value`";
                self.tell(item, "a replacement does not say what stands where", right);
                return None;
            };
            Some((Pointer::from_escaped(target), self.written(workflow, &value)))
        };
        let replacements = items.iter().filter_map(replaced).collect();
        let payload = node.get("payload").map(|payload| self.written(workflow, &payload));
        Payload { content_type: node.text("contentType").map(str::to_owned), payload, replacements }
    }

    fn criteria(&mut self, workflow: usize, node: &Node<'d>, name: &str) -> Vec<Criterion> {
        let items: Vec<Node<'d>> = node.get(name).iter().flat_map(Node::items).collect();
        items.iter().filter_map(|item| self.criterion(workflow, item)).collect()
    }

    fn criterion(&mut self, workflow: usize, node: &Node<'d>) -> Option<Criterion> {
        let Some(text) = node.text("condition") else {
            self.tell(node, "a criterion has no condition", "its `condition` is a text");
            return None;
        };
        let at = node.get("condition").expect("it is a text");
        let kind = node.get("type");
        let kind = kind.as_ref().and_then(|kind| kind.value().as_str().or_else(|| kind.text("type")));
        let judged = match kind.unwrap_or("simple") {
            "simple" => match Condition::parse(text) {
                Ok(condition) => Test::Simple(condition),
                Err(found) => {
                    self.malformed(&at, at.place().pointer.clone(), found);
                    return None;
                }
            },
            "regex" => match Regex::new(text) {
                Ok(regex) => Test::Regex(self.context(node)?, Box::new(regex)),
                Err(error) => {
                    self.tell(&at, format!("`{text}` is no regular expression"), error.to_string());
                    return None;
                }
            },
            "jsonpath" => match Query::parse(text) {
                Ok(query) => Test::JsonPath(self.context(node)?, query),
                Err(why) => {
                    self.tell(
                        &at,
                        format!("`{text}` is no JSONPath: {why}"),
                        "it is written as RFC 9535 says",
                    );
                    return None;
                }
            },
            other => {
                let right = "the types that are judged are `simple`, `regex` and `jsonpath`";
                self.tell(node, format!("criteria of the type `{other}` are not judged"), right);
                return None;
            }
        };
        let criterion = Criterion { place: at.place().clone(), text: text.to_owned(), test: judged };
        self.judge(node, workflow, criterion.expressions());
        Some(criterion)
    }

    fn context(&mut self, node: &Node<'d>) -> Option<Expression> {
        let Some(text) = node.text("context") else {
            self.tell(node, "the criterion does not say what it is about", "add `context: $response.body`");
            return None;
        };
        let read = spelling::expression(text);
        read.map_err(|found: Malformed| {
            let at = node.place().pointer.join("context");
            self.malformed(node, at, found);
        })
        .ok()
    }

    /// A list of actions of a step or a workflow.
    pub(super) fn actions(&mut self, workflow: usize, node: &Node<'d>, name: &str) -> Vec<Action> {
        let items: Vec<Node<'d>> = node.get(name).iter().flat_map(Node::items).collect();
        let read = |item: &Node<'d>| {
            let meant = self.meant(item)?;
            let kind = match meant.text("type").unwrap_or_default() {
                "end" => Kind::End,
                "goto" => Kind::Goto(self.destination(workflow, &meant)?),
                "retry" => Kind::Retry {
                    after: seconds(&meant),
                    limit: meant
                        .value()
                        .get("retryLimit")
                        .and_then(serde_json::Value::as_u64)
                        .map_or(1, to_usize),
                    first: self.target(workflow, &meant),
                },
                other => {
                    self.tell(
                        &meant,
                        format!("there is no action `{other}`"),
                        "it is `end`, `goto` or `retry`",
                    );
                    return None;
                }
            };
            let criteria = self.criteria(workflow, &meant, "criteria");
            Some(Action { name: meant.text("name").unwrap_or_default().to_owned(), kind, criteria })
        };
        items.iter().filter_map(read).collect()
    }

    /// Where a `goto` goes; told where it does not say so.
    fn destination(&mut self, workflow: usize, node: &Node<'d>) -> Option<Target> {
        if node.text("stepId").or(node.text("workflowId")).is_none() {
            self.tell(node, "the action does not say where to go", "add a `stepId` or a `workflowId`");
        }
        self.target(workflow, node)
    }

    /// The place that an action names; `None` where it names none, or one that is not there, which is told.
    fn target(&mut self, workflow: usize, node: &Node<'d>) -> Option<Target> {
        if let Some(id) = node.text("stepId") {
            let step = self.names.workflows[workflow].step(id);
            if step.is_none() {
                let at = node.get("stepId").expect("it is a text");
                let right = self.names.workflows[workflow].steps();
                self.tell(&at, format!("the workflow has no step `{id}`"), right);
            }
            return step.map(Target::Step);
        }
        let id = node.text("workflowId")?;
        let at = node.get("workflowId").expect("it is a text");
        self.workflow_named(&at, id).map(Target::Workflow)
    }

    fn wait(&mut self, node: &Node<'d>) -> Duration {
        let Some(wait) = node.get("x-standin-wait") else { return Duration::ZERO };
        let read = wait.value().as_str().map(sandbox::duration);
        let read = read.and_then(|read| Duration::try_from(read.ok()?).ok());
        if read.is_none() {
            let right = "it is a text such as `301s` or `5m`";
            self.tell(&wait, "`x-standin-wait` is no length of time", right);
        }
        read.unwrap_or_default()
    }
}

/// The place of the name of a thing: its line says more than that of its first key.
pub(super) fn named(node: &Node<'_>, name: &str) -> Place {
    node.get(name).as_ref().unwrap_or(node).place().clone()
}

fn seconds(node: &Node<'_>) -> Duration {
    let seconds = node.value().get("retryAfter").and_then(serde_json::Value::as_f64);
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or_default()
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Adds what a workflow says for all steps, where the step itself does not say otherwise.
pub(super) fn merged<T: Clone>(own: &mut Vec<T>, all: &[T], is_same: impl Fn(&T, &T) -> bool) {
    let added: Vec<T> =
        all.iter().filter(|one| !own.iter().any(|held| is_same(held, one))).cloned().collect();
    own.extend(added);
}
