//! An exchange → what the provider did wrong in it.

use http::{Method, StatusCode, header};

use super::{
    Violation,
    case::{Case, Expected},
    check::Check,
};
use crate::{
    api::{Operation, Status},
    exchange::{Reply, Request, Response},
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

impl Verdict {
    /// Takes back what the want of a right credential may be the cause of.
    pub(super) fn leave_open(&mut self) {
        let is_refusal = |violation: &Violation| match violation.check {
            Check::RejectsValid | Check::NamedExample => true,
            Check::UndeclaredStatus => matches!(violation.response.status.as_u16(), 401 | 403),
            _ => false,
        };
        let before = self.violations.len();
        self.violations.retain(|violation| !is_refusal(violation));
        if self.violations.len() < before {
            self.is_as_expected = None;
        }
    }
}

/// Judges what was answered to the request of a case; `declared` are the methods of its path.
pub(super) fn judge(
    route: Option<&Route<'_>>,
    case: &Case,
    declared: &[Method],
    request: &Request,
    reply: &Reply,
) -> Verdict {
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
    let mut violations = Vec::new();
    // A server that does not know a method may say so (RFC 9110, section 15.6.2).
    let is_unknown = case.expected == Expected::NotAllowed && status.as_u16() == 501;
    // Where failing is all that an operation is said to do, it does that.
    let is_said = route.is_some_and(|route| !has_success(route.operation));
    if status.is_server_error() && !is_unknown && !is_said {
        violations.push(violation(Check::ServerError, at_line(format!("a {status}"))));
    }
    if case.expected != Expected::NotAllowed
        && let Some(route) = route
    {
        let found = route.check_response(&request.method, &reply.response).into_iter();
        let is_open = is_left_open(route.operation, &case.expected, status.as_u16());
        // How something odd is refused need not be the work of whoever wrote the document.
        let is_odd = case.expected == Expected::Anything && !status.is_success();
        let found = found.filter(|finding| !is_odd && (finding.code != Code::UndeclaredStatus || !is_open));
        violations.extend(found.filter_map(|finding| Some(violation(Check::of(finding.code)?, finding))));
    }
    let has_success = route.is_none_or(|route| has_success(route.operation));
    let is_as_expected = met(&case.expected, status, has_success);
    if is_as_expected == Some(false)
        && let Some((check, finding)) = unmet(case, request, status)
    {
        violations.push(violation(check, finding));
    }
    // Some documents say 405 of what is no question of methods.
    if status.as_u16() == 405
        && case.expected == Expected::NotAllowed
        && let Some(finding) = allow_fault(request, &reply.response, declared)
    {
        violations.push(violation(Check::AllowMissing, finding));
    }
    Verdict { violations, is_as_expected }
}

/// Whether the provider did what a case expects; `None` where the status does not tell.
fn met(expected: &Expected, status: StatusCode, has_success: bool) -> Option<bool> {
    let is_taken = status.is_success() || status.is_redirection();
    match (expected, status.as_u16()) {
        // What the provider holds, and who asks, may stand in the way of an example, or of a refusal to be seen.
        (_, 500..=599)
        | (Expected::Refused(_), 409)
        | (Expected::Unauthorized, 404 | 409 | 410 | 429)
        | (Expected::Status(200..=399), 401 | 403 | 404 | 409 | 410 | 412 | 423 | 429) => None,
        (Expected::Accepted, _) if !has_success => None,
        (Expected::Accepted, code) => accepted(code, is_taken),
        (Expected::Refused(_) | Expected::NotAllowed | Expected::Unauthorized, _) => Some(!is_taken),
        (Expected::Admitted, 401 | 403) => Some(false),
        (Expected::Admitted, _) => is_taken.then_some(true),
        (Expected::Status(wanted), code) if *wanted == code => Some(true),
        (Expected::Status(200..=399), _) => Some(is_taken),
        (Expected::Status(404 | 409 | 410 | 412 | 423 | 429 | 500..), _) => None,
        (Expected::Status(_), _) => Some(false),
        (Expected::Anything, _) => Some(true),
    }
}

/// The check that fails where a case is not met, and what is told of it.
fn unmet(case: &Case, request: &Request, status: StatusCode) -> Option<(Check, Finding)> {
    let finding = match &case.expected {
        Expected::Accepted => {
            at_line(format!("a {status} to a request that is right")).help("the document allows the request")
        }
        Expected::Admitted => at_line(format!("a {status} to a request {}", case.what))
            .help("one alternative of `security` is enough"),
        Expected::Status(wanted) => at_line(format!("a {status} to {}", case.what))
            .help(format!("the document shows them with a {wanted}")),
        Expected::Refused(wrong) => Finding::clone(wrong),
        Expected::Unauthorized => at_line(format!("a {status} to a request {}", case.what)),
        Expected::NotAllowed => at_line(format!("a {status} to `{}`", request.method)),
        Expected::Anything => return None,
    };
    Some((case.expected.check()?, finding))
}

fn at_line(message: String) -> Finding {
    Finding::error(Code::UndeclaredStatus, Location::Response(Part::Line, Pointer::root()), message)
}

/// What is wrong with the `Allow` of a 405 (RFC 9110, section 15.5.6); `declared` are the methods of the operation's path.
fn allow_fault(request: &Request, response: &Response, declared: &[Method]) -> Option<Finding> {
    let location = Location::Response(Part::Header, Pointer::root().join("allow"));
    let told = |message: String| {
        let finding = Finding::warning(Code::ResponseHeader, location.clone(), message);
        Some(finding.help("RFC 9110, section 15.5.6"))
    };
    if !response.headers.contains_key(header::ALLOW) {
        return told("required with a 405, but absent".to_owned());
    }
    let fields = response.headers.get_all(header::ALLOW).iter().filter_map(|field| field.to_str().ok());
    let listed: Vec<&str> = fields.flat_map(|field| field.split(',')).map(str::trim).collect();
    if listed.contains(&request.method.as_str()) {
        return told(format!("it lists `{}`, which is refused", request.method));
    }
    let lacking = declared.iter().find(|method| !listed.contains(&method.as_str()))?;
    told(format!("it does not list `{lacking}`, which the path has"))
}

/// Whether the document says nothing of how such a request is refused, so that any usual status will do.
fn is_left_open(operation: &Operation, expected: &Expected, status: u16) -> bool {
    let usual: &[u16] = match expected {
        Expected::Refused(_) => &[400, 404, 405, 406, 411, 413, 414, 415, 422, 431],
        Expected::Unauthorized => &[400, 401, 403],
        _ => return false,
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
        401 | 403 | 404 | 409 | 410 | 412 | 423 | 429 => None,
        _ => Some(is_taken),
    }
}

pub(super) fn is_of_connection(code: Code) -> bool {
    matches!(code, Code::UpstreamUnreachable | Code::UpstreamTimeout | Code::UpstreamBroken)
}
