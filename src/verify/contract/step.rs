//! One step: its exchange, and what is broken in it.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Breach, Performed, Run, Runner, Wait,
    request::{Made, made},
    scope::Scope,
    unable,
};
use crate::{
    contract::{Call, Step, Test},
    exchange::{Handler, MediaType, Reply, Response, expression::Exchange},
    finding::{Code, Finding, Location, Place, Severity},
    plan::{Address, Route, Undeclared},
    verify::{Check, read, verdict::is_of_connection},
};

/// What a step came to.
#[derive(Default)]
pub(super) struct Done {
    /// Whether its criteria are not met, so that what follows a failure follows.
    pub(super) is_failed: bool,
    made: Option<(Made, Response, Option<Value>)>,
    /// What the workflow gave that it called.
    pub(super) outputs: Option<Map<String, Value>>,
}

impl Done {
    pub(super) fn status(&self) -> Option<StatusCode> {
        self.made.as_ref().map(|(_, response, _)| response.status)
    }

    pub(super) fn exchange(&self) -> Option<Exchange<'_>> {
        let (made, response, body) = self.made.as_ref()?;
        Some(Exchange {
            request: &made.request,
            request_body: made.body.as_ref(),
            path_values: &made.path_values,
            response: Some(response),
            response_body: body.as_ref(),
        })
    }

    /// How long the answer wants to be waited for (RFC 9110, section 10.2.3), where it says so in seconds.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let (_, response, _) = self.made.as_ref()?;
        response.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl<H: Handler, W: Wait> Runner<'_, H, W> {
    /// Takes a step, and puts what is broken into `performed`.
    pub(super) async fn step(&self, run: &mut Run, at: usize, performed: &mut Performed) -> Done {
        let step = &self.contract.workflows[run.number].steps[at];
        let done = match step.call {
            Call::Workflow(other) => self.called(run, at, other, performed).await,
            Call::Operation { source, operation } => {
                let made = self.made(run, step, source, operation, performed);
                match made {
                    Err(why) => {
                        let message = format!("the step cannot be sent: {why}");
                        performed.breaches.push(unable(run.number, Some(at), &step.place, message));
                        Done { is_failed: true, ..Done::default() }
                    }
                    Ok(made) => {
                        let reply = read(self.targets[source].handle(made.request.clone()).await).await;
                        self.judged(run, at, (source, operation), made, reply, performed)
                    }
                }
            }
        };
        let exchange = done.exchange();
        let scope = Scope {
            exchange: exchange.as_ref(),
            outputs: done.outputs.as_ref(),
            ..self.scope(run, &performed.known)
        };
        let outputs = match &done.outputs {
            Some(given) if step.outputs.is_empty() => given.clone(),
            _ => scope.all(&step.outputs),
        };
        run.steps.insert(step.id.clone(), json!({"outputs": outputs}));
        done
    }

    fn made(
        &self,
        run: &Run,
        step: &Step,
        source: usize,
        operation: usize,
        performed: &Performed,
    ) -> Result<Made, String> {
        let plan = self.plans[source].as_ref().ok_or("its source describes no API")?;
        made(plan, operation, step, &self.scope(run, &performed.known), &self.terms.headers)
    }

    async fn called(&self, run: &Run, at: usize, other: usize, performed: &mut Performed) -> Done {
        let step = &self.contract.workflows[run.number].steps[at];
        let scope = self.scope(run, &performed.known);
        let mut passed = Map::new();
        for argument in &step.parameters {
            match argument.value.value(&scope) {
                Ok(value) => {
                    passed.insert(argument.name.clone(), value);
                }
                Err(expression) => {
                    let message = format!("the step cannot be taken: `{expression}` has no value");
                    performed.breaches.push(unable(run.number, Some(at), &step.place, message));
                    return Done { is_failed: true, ..Done::default() };
                }
            }
        }
        let outputs = self.workflow(other, passed, performed, run.depth + 1).await;
        let mut done = Done { is_failed: outputs.is_none(), outputs, ..Done::default() };
        let scope = Scope { outputs: done.outputs.as_ref(), ..self.scope(run, &performed.known) };
        let unmet = unmet(step, &scope, run.number, at);
        if !done.is_failed {
            done.is_failed = !unmet.is_empty();
            performed.breaches.extend(unmet);
        }
        done
    }

    fn judged(
        &self,
        run: &Run,
        at: usize,
        (source, number): (usize, usize),
        made: Made,
        reply: Reply,
        performed: &mut Performed,
    ) -> Done {
        let step = &self.contract.workflows[run.number].steps[at];
        let Reply { response, findings, .. } = reply;
        let body = value_of(&response);
        let mut done = Done { is_failed: false, made: Some((made, response, body)), outputs: None };
        let lost = findings.into_iter().find(|finding| is_of_connection(finding.code));
        let mut breaches = Vec::new();
        if let Some(lost) = lost {
            breaches.push(placed(Check::Unreachable, lost, &step.place, run.number, at));
            done.is_failed = true;
        } else {
            let exchange = done.exchange();
            let scope = Scope { exchange: exchange.as_ref(), ..self.scope(run, &performed.known) };
            breaches = unmet(step, &scope, run.number, at);
            breaches.extend(unexpected(step, done.status(), run.number, at));
            let is_failed = !breaches.is_empty();
            breaches.extend(self.strays(step, (source, number), &done, (run.number, at)));
            done.is_failed = is_failed;
        }
        let (made, response, _) = done.made.as_ref().expect("it was sent");
        performed.breaches.extend(breaches.into_iter().map(|breach| Breach {
            request: Some(made.request.clone()),
            response: Some(response.clone()),
            ..breach
        }));
        done
    }

    /// In what an exchange breaks its document: the answer always, the request where a success is expected.
    fn strays(
        &self,
        step: &Step,
        (source, number): (usize, usize),
        done: &Done,
        (workflow, at): (usize, usize),
    ) -> Vec<Breach> {
        let (Some(api), Some((made, response, _))) = (&self.contract.apis[source], &done.made) else {
            return Vec::new();
        };
        let route = Route {
            api,
            operation: &api.operations[number],
            address: Address { api: source, operation: number },
            undeclared: Undeclared::Ignored,
            path_values: made.path_values.clone(),
        };
        let answer = route.check_response(&made.request.method, response).into_iter();
        let answer = answer.filter_map(|finding| Some((Check::of(finding.code)?, finding)));
        let expects_success = step
            .criteria
            .iter()
            .find_map(|criterion| match &criterion.test {
                Test::Simple(condition) => condition.status(),
                _ => None,
            })
            .map_or(response.status.is_success(), |status| (200..300).contains(&status));
        let request = if expects_success { route.check(&made.request).findings } else { Vec::new() };
        let request = request.into_iter().filter(|finding| finding.severity == Severity::Error);
        let request = request.map(|finding| (Check::ContractRequest, finding));
        let placed = |(check, finding)| placed(check, finding, &step.place, workflow, at);
        request.chain(answer).map(placed).collect()
    }
}

/// The criteria that are not met.
fn unmet(step: &Step, scope: &Scope<'_>, workflow: usize, at: usize) -> Vec<Breach> {
    let unmet = step.criteria.iter().filter_map(|criterion| {
        let why = criterion.unmet(scope)?;
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let message = format!("`{}` does not hold{why}", criterion.text);
        Some(broken(message, &criterion.place, workflow, at))
    });
    unmet.collect()
}

/// Without criteria a step expects a success.
fn unexpected(step: &Step, status: Option<StatusCode>, workflow: usize, at: usize) -> Option<Breach> {
    let status = status.filter(|status| step.criteria.is_empty() && !status.is_success())?;
    let message = format!("a success is expected, for there are no criteria; the answer is a {status}");
    Some(broken(message, &step.place, workflow, at))
}

fn broken(message: String, place: &Place, workflow: usize, at: usize) -> Breach {
    let location = Location::Document(place.clone(), None);
    let finding = Finding::error(Code::UnmetCriterion, location, message);
    Breach {
        check: Check::ContractCriterion,
        workflow,
        step: Some(at),
        finding,
        request: None,
        response: None,
    }
}

/// A finding about an exchange, told at the step.
fn placed(check: Check, finding: Finding, place: &Place, workflow: usize, at: usize) -> Breach {
    let message = format!("{}: {}", finding.location, finding.message);
    let finding = Finding {
        location: Location::Document(place.clone(), None),
        severity: check.severity(),
        message,
        ..finding
    };
    Breach { check, workflow, step: Some(at), finding, request: None, response: None }
}

/// What a body means: JSON where it says so, else a text; nothing where it is empty.
fn value_of(response: &Response) -> Option<Value> {
    if response.body.is_empty() {
        return None;
    }
    let media_type = response.header("content-type").and_then(MediaType::parse);
    let bytes = crate::wire::uncoded(&response.headers, &response.body).ok()?;
    let json = || serde_json::from_slice(&bytes).ok();
    let is_json = media_type.is_none_or(|media_type| media_type.is_json());
    let text = || Some(Value::String(String::from_utf8_lossy(&bytes).into_owned()));
    if is_json { json().or_else(text) } else { text() }
}
