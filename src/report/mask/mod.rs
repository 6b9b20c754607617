//! An outcome → the same without its secrets. What a secret is, only [`Mask`] knows.

use crate::{
    mask::{Mask, Secrets},
    verify::{Earlier, Outcome, Violation},
};

impl Mask {
    /// The outcome without its secrets.
    #[must_use]
    pub fn outcome(&self, outcome: &Outcome) -> Outcome {
        let secrets = self.learn(outcome.violations.iter().flat_map(|violation| {
            let before = violation.before.iter().map(|earlier| (&earlier.request, &earlier.response));
            before.chain([(&violation.request, &violation.response)])
        }));
        let mut masked = outcome.clone();
        for violation in &mut masked.violations {
            hide(violation, &secrets);
        }
        masked
    }
}

fn hide(violation: &mut Violation, secrets: &Secrets<'_>) {
    let Violation { what, finding, before, request, response, .. } = violation;
    *what = secrets.text(what);
    secrets.hide_in_finding(finding);
    for Earlier { request, response } in before {
        secrets.hide_in_request(request);
        secrets.hide_in_response(response);
    }
    secrets.hide_in_request(request);
    secrets.hide_in_response(response);
}

#[cfg(test)]
mod tests;
