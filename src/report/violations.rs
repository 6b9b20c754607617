//! What a provider did wrong → text for people: what, where the document says so, what came, and a `curl` line.

use std::fmt::Write as _;

use super::{Colour, Rules, curl, curl::quoted, findings};
use crate::{
    finding::{Finding, Location},
    plan::Plan,
    verify::{Earlier, Outcome, Tally, Violation},
};

/// How much of an answer's body is shown.
const SHOWN: usize = 400;

/// The violations of an outcome, one after the other; `base` is the URL of the provider.
pub fn violations(outcome: &Outcome, plan: &Plan, base: &str, colour: Colour) -> String {
    let drawn = located(outcome, plan);
    let all = outcome.violations.iter().zip(&drawn);
    all.map(|(violation, drawn)| told(violation, drawn, plan, base, colour)).collect()
}

/// For each violation what was found, at the place in the document that rules it.
pub(super) fn located(outcome: &Outcome, plan: &Plan) -> Vec<Finding> {
    let ruled = |violation: &Violation| {
        let operation = &plan.apis()[violation.operation.api].operations[violation.operation.operation];
        let found = &violation.finding;
        let rule = found.rule.clone().unwrap_or_else(|| operation.place.clone());
        Finding {
            location: Location::Document(rule, None),
            severity: violation.check.severity(),
            rule: None,
            ..found.clone()
        }
    };
    let mut findings: Vec<Finding> = outcome.violations.iter().map(ruled).collect();
    // All at once, for a file is read again to tell where something stands in it.
    plan.apis().iter().for_each(|api| api.document.locate(&mut findings));
    findings
}

/// A violation, with what was found drawn at its place.
pub(super) fn told(
    violation: &Violation,
    drawn: &Finding,
    plan: &Plan,
    base: &str,
    colour: Colour,
) -> String {
    let api = &plan.apis()[violation.operation.api];
    let line = api.operations[violation.operation.operation].line();
    let found = &violation.finding;
    let message = format!("{}: {line}: {}: {}", violation.check, found.location, found.message);
    let drawn = [Finding { message, ..drawn.clone() }];
    let text = |uri: &str| api.document.files().get(uri).map(|file| (file.name.clone(), file.text.clone()));
    let mut told = findings(&drawn, &text, &Rules::new(), colour);
    let response = &violation.response;
    let body = String::from_utf8_lossy(&response.body);
    let cut: String = body.chars().take(SHOWN).collect();
    let rest = if cut.len() < body.len() { "…" } else { "" };
    let answered = format!("  answered  {} {cut}{rest}", response.status);
    let again = curl(base, &violation.request);
    // Writing to a string does not fail.
    let _ = writeln!(told, "  tried     {}", violation.what);
    let mut word = "first";
    for Earlier { request, response } in &violation.before {
        let _ = writeln!(told, "  {word:<9} {}\n  answered  {}", curl(base, request), response.status);
        word = "then";
    }
    let _ = match violation.before.as_slice() {
        [] => writeln!(told, "{answered}\n  again     {again}"),
        _ => writeln!(told, "  {word:<9} {again}\n{answered}"),
    };
    if let Some(replay) = replay(violation, plan, base) {
        let _ = writeln!(told, "  replay    {replay}");
    }
    told.push('\n');
    told
}

/// The command that tries the case again, on any machine.
pub(super) fn replay(violation: &Violation, plan: &Plan, base: &str) -> Option<String> {
    let id = violation.replay?;
    let api = &plan.apis()[violation.operation.api];
    let file = &api.document.files().values().next()?.name;
    Some(format!("standin verify {} --url {} --replay {id}", argument(file), argument(base)))
}

/// A text for a shell, quoted where it has to be.
fn argument(text: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "-_./:=@%+,".contains(one);
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { quoted(text) }
}

/// What was tried, in one line, and the operations of which nothing is known.
pub fn summary(outcome: &Outcome, plan: &Plan) -> String {
    let line = |address: crate::plan::Address| plan.apis()[address.api].operations[address.operation].line();
    let mut told = String::new();
    for (address, why) in &outcome.untried {
        let _ = writeln!(told, "not tried: {}: {why}", line(*address));
    }
    for api in &outcome.made_up {
        let name = plan.apis()[*api].name();
        let _ = writeln!(told, "no sequence tried: the provider of {name} keeps nothing of what it is given");
    }
    for (address, tally) in outcome.operations.iter().filter(|(_, tally)| tally.cases > 0) {
        if let Some(lack) = lack(tally) {
            let _ = writeln!(told, "{}: {lack}", line(*address));
        }
    }
    let cases: usize = outcome.operations.iter().map(|(_, tally)| tally.cases).sum();
    let open: usize = outcome.operations.iter().map(|(_, tally)| tally.open).sum();
    let _ = writeln!(
        told,
        "{} operation(s), {cases} request(s), {open} without a verdict, {} violation(s)",
        outcome.operations.len(),
        outcome.violations.len()
    );
    told
}

/// What nobody knows of an operation after a run; `None` where nothing is lacking.
fn lack(tally: &Tally) -> Option<String> {
    let silent = tally.verdicts.iter().filter(|(_, (told, _))| *told == 0);
    let silent: Vec<String> = silent.map(|(check, (_, open))| format!("{check} ({open})")).collect();
    let successes = match (tally.successes, tally.statuses.iter().next()) {
        (0, Some((status @ (401 | 403), _))) if tally.statuses.len() == 1 => Some(format!(
            "never a success in {} requests, each was a {status}: credentials are not accepted",
            tally.cases
        )),
        (0, _) => Some(format!("never a success in {} requests", tally.cases)),
        (some, _) if !silent.is_empty() => Some(format!("{some} successes in {} requests", tally.cases)),
        _ => None,
    }?;
    let silent =
        if silent.is_empty() { String::new() } else { format!("; no verdict of {}", silent.join(", ")) };
    Some(format!("{successes}{silent}"))
}
