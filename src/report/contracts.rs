//! What contracts came to → text for people: each breach at its line of the contract, what came, and a `curl` line.

use std::fmt::Write as _;

use super::{Colour, Rules, curl, findings};
use crate::{
    contract::{Call, Contract},
    finding::Finding,
    verify::contract::{Breach, End, Performed},
};

/// How much of an answer's body is shown.
const SHOWN: usize = 400;

/// All that is broken, one after the other; `bases` are the URLs of the contract's sources.
pub fn breaches(performed: &Performed, contract: &Contract, bases: &[&str], colour: Colour) -> String {
    performed.breaches.iter().map(|breach| told(breach, contract, bases, colour)).collect()
}

fn told(breach: &Breach, contract: &Contract, bases: &[&str], colour: Colour) -> String {
    let workflow = &contract.workflows[breach.workflow];
    let step = breach.step.map(|step| &workflow.steps[step]);
    let within = step.map_or_else(|| workflow.id.clone(), |step| format!("{}, {}", workflow.id, step.id));
    let message = format!("{}: {within}: {}", breach.check, breach.finding.message);
    let mut drawn = [Finding { message, ..breach.finding.clone() }];
    contract.document.locate(&mut drawn);
    let documents = contract.apis.iter().flatten().map(|api| &api.document).chain([&contract.document]);
    let rule = breach.finding.rule.as_ref();
    let span = rule.and_then(|rule| Some((rule.clone(), documents.clone().find_map(|one| one.span(rule))?)));
    let text = |uri: &str| {
        let file = documents.clone().find_map(|document| document.files().get(uri));
        file.map(|file| (file.name.clone(), file.text.clone()))
    };
    let rules: Rules = span.into_iter().collect();
    let mut told = findings(&drawn, &text, &rules, colour);
    if let Some(response) = &breach.response {
        let body = String::from_utf8_lossy(&response.body);
        let cut: String = body.chars().take(SHOWN).collect();
        let rest = if cut.len() < body.len() { "…" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(told, "  answered  {} {cut}{rest}", response.status);
    }
    if let (Some(request), Some(Call::Operation { source, .. })) =
        (&breach.request, step.map(|step| step.call))
    {
        let _ = writeln!(told, "  again     {}\n", curl(bases[source], request));
    }
    told
}

/// What became of each workflow, one line each, and a last one with the numbers.
pub fn performed(performed: &Performed, contract: &Contract) -> String {
    let mut told = String::new();
    for (number, end) in &performed.workflows {
        let workflow = &contract.workflows[*number];
        let word = match end {
            End::Kept => "kept",
            End::Broken | End::Retried => "broken",
            End::Left => "left, for what it depends on is broken",
            End::Cut => "left, for the time is over",
        };
        // Writing to a string does not fail.
        let _ = writeln!(told, "{}: {}: {word}", contract.document.name(), workflow.id);
    }
    let _ = writeln!(
        told,
        "{} workflow(s), {} step(s), {} breach(es)",
        performed.workflows.len(),
        performed.steps.len(),
        performed.breaches.len()
    );
    told
}
