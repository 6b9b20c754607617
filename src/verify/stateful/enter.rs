//! A sequence that was followed → its exchanges counted, and what they show entered, each cause once.
//!
//! Read [`Verifier::enter_followed`] first.

use super::{Followed, Sequence, Step};
use crate::{
    exchange::Handler,
    verify::{Again, Check, Exchange, Observer, Run, Verifier},
};

/// How many sequences were followed, and how many there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    pub(super) done: usize,
    pub(super) all: usize,
}

impl<H: Handler> Verifier<'_, H> {
    /// Enters a sequence.
    pub(super) async fn enter_followed(
        &self,
        followed: Followed,
        run: &mut Run,
        reached: Reached,
        observer: &impl Observer,
    ) {
        let sequence = followed.sequence.as_ref();
        if let Some(number) = sequence.and_then(|sequence| sequence.regression) {
            let check = Check::named(&self.options.regressions[number].check);
            let mut violations = followed.steps.iter().flat_map(|step| &step.verdict.violations);
            let again = match followed.is_told {
                _ if violations.any(|one| Some(one.check) == check) => Again::Fails,
                true => Again::Passes,
                false => Again::Open,
            };
            run.outcome.again.push((number, again));
        }
        let mut operations = run.outcome.operations.iter_mut();
        if let Some((_, tally)) = operations.find(|(address, _)| *address == followed.address) {
            tally.open += usize::from(!followed.is_told);
        }
        for step in followed.steps {
            self.enter_step(step, sequence, run, (reached.done, reached.all), observer).await;
        }
    }

    /// Enters an exchange of a sequence, and makes what was found as small as it can.
    async fn enter_step(
        &self,
        step: Step,
        sequence: Option<&Sequence>,
        run: &mut Run,
        reached: (usize, usize),
        observer: &impl Observer,
    ) {
        let Step { case, request, response, mut verdict } = step;
        run.number += 1;
        let mut operations = run.outcome.operations.iter_mut();
        if let Some((_, tally)) = operations.find(|(address, _)| *address == case.address) {
            tally.count(&case, response.status, &verdict);
        }
        for violation in &mut verdict.violations {
            violation.number = run.number;
            violation.replay = sequence.map(|sequence| sequence.id);
            if !self.options.checks.contains(&violation.check) {
                continue;
            }
            if !run.is_new(violation) {
                run.add_place(violation);
                continue;
            }
            let found = match sequence {
                Some(sequence) => self.least(sequence, violation, run, observer).await,
                None => violation.clone(),
            };
            run.outcome.violations.push(found);
        }
        observer.see(&Exchange {
            request: &request,
            status: response.status,
            phase: case.phase,
            violations: &verdict.violations,
            found: run.outcome.violations.len(),
            reached,
        });
    }
}
