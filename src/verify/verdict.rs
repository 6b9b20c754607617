//! An exchange → what the provider did wrong in it.

use http::{Method, header};

use super::{
    Violation,
    case::{Case, Expected},
    check::Check,
};
use crate::{
    api::{Operation, Status},
    exchange::{Reply, Request},
    finding::{Code, Finding, Location, Part, Pointer},
    plan::Route,
};

/// What one exchange tells of the provider.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) violations: Vec<Violation>,
    /// Whether the provider did with the request what its case expects; `None` where the answer does not tell.
    pub(super) is_as_expected: Option<bool>,
}

/// Judges what was answered to the request of a case.
pub(super) fn judge(route: Option<&Route<'_>>, case: &Case, request: &Request, reply: &Reply) -> Verdict {
    let violation = |check: Check, finding: Finding| Violation {
        check,
        operation: case.address,
        phase: case.phase,
        what: case.what.clone(),
        finding,
        before: Vec::new(),
        request: request.clone(),
        response: reply.response.clone(),
        number: 0,
        replay: None,
        regression: None,
    };
    if let Some(failed) = reply.findings.iter().find(|finding| is_of_connection(finding.code)) {
        return Verdict {
            violations: vec![violation(Check::Unreachable, failed.clone())],
            is_as_expected: None,
        };
    }
    let status = reply.response.status;
    let at_line = |message: String| {
        let location = Location::Response(Part::Line, Pointer::root());
        Finding::error(Code::UndeclaredStatus, location, message)
    };
    let mut violations = Vec::new();
    // A server that does not know a method may say so (RFC 9110, section 15.6.2).
    if status.is_server_error() && !(case.expected == Expected::NotAllowed && status.as_u16() == 501) {
        violations.push(violation(Check::ServerError, at_line(format!("a {status}"))));
    }
    if case.expected != Expected::NotAllowed
        && let Some(route) = route
    {
        let found = route.check_response(&request.method, &reply.response).into_iter();
        let is_open = is_left_open(route.operation, &case.expected, status.as_u16());
        let found = found.filter(|finding| finding.code != Code::UndeclaredStatus || !is_open);
        violations.extend(found.filter_map(|finding| Some(violation(Check::of(finding.code)?, finding))));
    }
    let is_taken = status.is_success() || status.is_redirection();
    let is_as_expected = match &case.expected {
        Expected::Accepted if route.is_some_and(|route| !has_success(route.operation)) => None,
        Expected::Accepted => accepted(status.as_u16(), is_taken),
        Expected::Refused(_) => match status.as_u16() {
            409 | 500..=599 => None,
            _ => Some(!is_taken),
        },
        Expected::NotAllowed => Some(!is_taken),
        Expected::Unauthorized => match status.as_u16() {
            404 | 409 | 410 | 429 | 500..=599 => None,
            _ => Some(!is_taken),
        },
    };
    if is_as_expected == Some(false) {
        violations.push(match &case.expected {
            Expected::Accepted => {
                let finding = at_line(format!("a {status} to a request that is right"));
                violation(Check::RejectsValid, finding.help("the document allows the request"))
            }
            Expected::Refused(wrong) => violation(Check::AcceptsInvalid, Finding::clone(wrong)),
            Expected::Unauthorized => violation(
                Check::IgnoresCredentials,
                at_line(format!("a {status} to a request {}", case.what)),
            ),
            Expected::NotAllowed => {
                violation(Check::AcceptsMethod, at_line(format!("a {status} to `{}`", request.method)))
            }
        });
    }
    let is_bare = status.as_u16() == 405 && !reply.response.headers.contains_key(header::ALLOW);
    if is_bare && request.method != Method::HEAD {
        let location = Location::Response(Part::Header, Pointer::root().join("allow"));
        let finding = Finding::warning(Code::ResponseHeader, location, "required with a 405, but absent");
        violations.push(violation(Check::AllowMissing, finding.help("RFC 9110, section 15.5.6")));
    }
    Verdict { violations, is_as_expected }
}

/// Whether the document says nothing of how such a request is refused, so that any usual status will do.
fn is_left_open(operation: &Operation, expected: &Expected, status: u16) -> bool {
    let usual: &[u16] = match expected {
        Expected::Refused(_) => &[400, 404, 405, 406, 411, 413, 414, 415, 422, 431],
        Expected::Unauthorized => &[400, 401, 403],
        Expected::Accepted | Expected::NotAllowed => return false,
    };
    let says = |statuses: &[u16]| statuses.iter().any(|status| operation.response(*status).is_some());
    let told = if *expected == Expected::Unauthorized { says(&[401, 403]) } else { says(&[400, 422]) };
    usual.contains(&status) && !told
}

/// Whether the document says that a request can succeed at all.
fn has_success(operation: &Operation) -> bool {
    let is_success =
        |status: Status| matches!(status, Status::Exact(200..=399) | Status::Range(2 | 3) | Status::Default);
    operation.responses.is_empty() || operation.responses.iter().any(|response| is_success(response.status))
}

/// Whether a right request was taken: about state, about who asks, and about how often, an answer says nothing of that.
fn accepted(status: u16, is_taken: bool) -> Option<bool> {
    match status {
        401 | 403 | 404 | 409 | 410 | 412 | 423 | 429 | 500..=599 => None,
        _ => Some(is_taken),
    }
}

pub(super) fn is_of_connection(code: Code) -> bool {
    matches!(code, Code::UpstreamUnreachable | Code::UpstreamTimeout | Code::UpstreamBroken)
}
