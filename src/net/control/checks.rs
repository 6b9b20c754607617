//! What was found in an exchange → the steps that it went through, each with what was found there.
//!
//! The steps are in the order in which an answer is made; read [`step`] for what belongs where.

use super::journal::{Check, Outcome, Step};
use crate::{
    finding::{Code, Finding, Location, Part},
    journal::Answered,
};

const STEPS: [Step; 6] =
    [Step::Route, Step::Credentials, Step::Parameters, Step::Body, Step::Wishes, Step::Answer];

/// Every step, in order.
pub(super) fn checks(answered: &Answered) -> Vec<Check> {
    let steps: Vec<Step> = answered.findings.iter().map(step).collect();
    let is_lost = steps.contains(&Step::Route);
    let check = |at: Step| {
        let here = (0_u64..).zip(&steps).filter(|(_, step)| **step == at).map(|(index, _)| index);
        let findings: Vec<u64> = here.collect();
        let outcome = match at {
            _ if !findings.is_empty() => Outcome::Found,
            // Even that there is no such operation is answered.
            Step::Route | Step::Answer => Outcome::Clean,
            _ if is_lost => Outcome::Skipped,
            _ => Outcome::Clean,
        };
        Check { step: at, outcome, findings }
    };
    STEPS.into_iter().map(check).collect()
}

/// The step in which a finding is made: its kind says so, or else its place.
fn step(finding: &Finding) -> Step {
    let Location::Request(part, _) = finding.location else { return Step::Answer };
    match finding.code {
        Code::UnknownRoute | Code::MethodNotAllowed => Step::Route,
        Code::MissingCredential | Code::InvalidCredential | Code::TokenExpired | Code::InsufficientScope => {
            Step::Credentials
        }
        Code::NotAcceptable | Code::InvalidPreference | Code::UnmetPreference => Step::Wishes,
        Code::UpstreamUnreachable | Code::UpstreamTimeout | Code::UpstreamBroken => Step::Answer,
        Code::MissingBody
        | Code::InvalidBody
        | Code::UnsupportedMediaType
        | Code::BodyTooLarge
        | Code::BodyInterrupted => Step::Body,
        _ if part == Part::Body => Step::Body,
        _ => Step::Parameters,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{Method, StatusCode};
    use jiff::Timestamp;

    use super::*;
    use crate::{
        exchange::{Request, Response},
        finding::Pointer,
        journal::Extent,
    };

    fn outcomes(findings: Vec<Finding>) -> Vec<(Outcome, Vec<u64>)> {
        let answered = Answered {
            sandbox: "default".into(),
            seed: 0,
            at: Timestamp::UNIX_EPOCH,
            took: Duration::ZERO,
            request: Request::new(Method::GET, "/"),
            request_extent: Extent::whole(0),
            response: Response::empty(StatusCode::OK),
            response_extent: Extent::whole(0),
            operation: None,
            why: String::new(),
            findings,
            delay: Duration::ZERO,
            callbacks: Vec::new(),
        };
        checks(&answered).into_iter().map(|check| (check.outcome, check.findings)).collect()
    }

    fn found(code: Code, part: Part) -> Finding {
        Finding::error(code, Location::Request(part, Pointer::root()), "")
    }

    #[test]
    fn a_finding_stands_at_the_step_that_made_it() {
        let told = outcomes(vec![
            found(Code::InvalidParam, Part::Query),
            found(Code::TokenExpired, Part::Header),
            found(Code::Undeclared, Part::Body),
            Finding::error(Code::ResponseSchema, Location::Response(Part::Body, Pointer::root()), ""),
        ]);
        let found = |index| (Outcome::Found, vec![index]);
        let clean = (Outcome::Clean, vec![]);
        assert_eq!(told, [clean.clone(), found(1), found(0), found(2), clean, found(3)]);
    }

    #[test]
    fn what_is_for_no_operation_is_not_looked_at_further() {
        let told = outcomes(vec![found(Code::UnknownRoute, Part::Line)]);
        let outcomes: Vec<Outcome> = told.into_iter().map(|(outcome, _)| outcome).collect();
        let skipped = Outcome::Skipped;
        assert_eq!(outcomes, [Outcome::Found, skipped, skipped, skipped, skipped, Outcome::Clean]);
    }
}
