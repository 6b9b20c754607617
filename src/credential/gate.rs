//! What an operation wants to see before it answers.

use std::cmp::Reverse;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Verdict, jwt};
use crate::{
    api::SchemeKind,
    exchange::Request,
    finding::{Code, Finding, Location, Part, Place, Pointer},
};

/// The credentials that an operation wants: one of the alternatives, and each parameter that carries a token.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Each a list of schemes that must all be met; an empty one lets everybody in.
    pub(super) alternatives: Vec<Vec<Scheme>>,
    pub(super) parameters: Vec<Carrier>,
}

/// A security scheme, and the credential that it carries.
#[derive(Debug, Clone)]
pub(super) struct Scheme {
    pub(super) kind: SchemeKind,
    pub(super) credential: usize,
    /// The scopes that its token must have, where it tells any.
    pub(super) scopes: Vec<String>,
    pub(super) place: Place,
}

/// A parameter that carries a token.
#[derive(Debug, Clone)]
pub(super) struct Carrier {
    pub(super) part: Part,
    pub(super) name: String,
    pub(super) credential: usize,
    pub(super) place: Place,
}

type Judge<'a> = &'a dyn Fn(usize, &str) -> Verdict;

impl Gate {
    /// What keeps the request out; of several alternatives, what keeps it out of the nearest.
    pub(super) fn judge(&self, request: &Request, judge: Judge<'_>) -> Vec<Finding> {
        let failures = self.alternatives.iter().map(|schemes| {
            let findings: Vec<Finding> =
                schemes.iter().filter_map(|scheme| scheme.judge(request, judge)).collect();
            let met = schemes.len() - findings.len();
            (findings, met)
        });
        let nearest =
            failures.min_by_key(|(findings, met)| (findings.len(), distance(findings), Reverse(*met)));
        let mut findings = nearest.map(|(findings, _)| findings).unwrap_or_default();
        findings.extend(self.parameters.iter().filter_map(|carrier| {
            // An absent parameter is told with the other parameters.
            let texts = values(request, carrier.part, &carrier.name);
            let text = texts.iter().find(|text| !text.is_empty()).or(texts.first())?;
            told(judge(carrier.credential, text), carrier.part, &carrier.name, &carrier.place)
        }));
        findings
    }
}

/// How far the worst finding is from a credential that would do: an expired one is the nearest.
fn distance(findings: &[Finding]) -> usize {
    let order =
        [Code::InsufficientScope, Code::TokenExpired, Code::InvalidCredential, Code::MissingCredential];
    findings
        .iter()
        .filter_map(|finding| order.iter().position(|code| *code == finding.code))
        .max()
        .unwrap_or(0)
}

/// The values under a name in a part of the request.
fn values(request: &Request, part: Part, name: &str) -> Vec<String> {
    match part {
        Part::Query => request.query_values(name),
        Part::Cookie => request.cookie_values(name),
        _ => request.header_values(name),
    }
}

impl Scheme {
    fn judge(&self, request: &Request, judge: Judge<'_>) -> Option<Finding> {
        match &self.kind {
            SchemeKind::ApiKey { part, name } => {
                match values(request, *part, name).into_iter().find(|text| !text.is_empty()) {
                    Some(text) => told(judge(self.credential, &text), *part, name, &self.place),
                    None => Some(self.missing(*part, name, &format!("send the {part} `{name}`"))),
                }
            }
            SchemeKind::Http(scheme) if scheme == "bearer" => self.bearer(request, judge),
            SchemeKind::Bearer(_) => self.bearer(request, judge),
            SchemeKind::Http(scheme) => self.http(request, scheme),
            SchemeKind::Unseen => None,
        }
    }

    fn bearer(&self, request: &Request, judge: Judge<'_>) -> Option<Finding> {
        match self.authorization(request, "bearer") {
            Ok(token) => told(judge(self.credential, &token), Part::Header, "authorization", &self.place)
                .or_else(|| self.lacking(&token)),
            Err(finding) => Some(*finding),
        }
    }

    /// The scopes that the token says it has, where one that is needed is not among them.
    fn lacking(&self, token: &str) -> Option<Finding> {
        let held = jwt::scopes(token)?;
        let lacking: Vec<&str> =
            self.scopes.iter().filter(|scope| !held.contains(scope)).map(String::as_str).collect();
        let message = format!("the token has not the scope {}", lacking.join(", "));
        let finding = self.finding(Code::InsufficientScope, message);
        (!lacking.is_empty())
            .then(|| finding.help(format!("get a token with the scope {}", self.scopes.join(" "))))
    }

    fn http(&self, request: &Request, scheme: &str) -> Option<Finding> {
        let credential = match self.authorization(request, scheme) {
            Ok(credential) => credential,
            Err(finding) => return Some(*finding),
        };
        let is_pair = |text: &str| STANDARD.decode(text).is_ok_and(|pair| pair.contains(&b':'));
        if scheme != "basic" || is_pair(&credential) {
            return None;
        }
        let finding =
            self.finding(Code::InvalidCredential, "it is not the base64 of a user, a colon and a password");
        Some(finding.help("RFC 7617, section 2: `Basic` and the base64 of `user:password`"))
    }

    /// What follows the scheme's name in `Authorization` (RFC 9110, section 11.6.2).
    fn authorization(&self, request: &Request, scheme: &str) -> Result<String, Box<Finding>> {
        let right = format!("send `Authorization: {scheme} …`");
        let Some(field) = request.header_values("authorization").into_iter().next() else {
            return Err(Box::new(self.missing(Part::Header, "authorization", &right)));
        };
        let (name, rest) = field.split_once(' ').unwrap_or((&field, ""));
        if !name.eq_ignore_ascii_case(scheme) {
            let message = format!("it carries `{name}`, not `{scheme}`");
            return Err(Box::new(self.finding(Code::InvalidCredential, message).help(right)));
        }
        match rest.trim() {
            "" => Err(Box::new(self.missing(Part::Header, "authorization", &right))),
            rest => Ok(rest.to_owned()),
        }
    }

    fn missing(&self, part: Part, name: &str, right: &str) -> Finding {
        finding(Code::MissingCredential, part, name, "required, but absent", &self.place).help(right)
    }

    fn finding(&self, code: Code, message: impl Into<String>) -> Finding {
        finding(code, Part::Header, "authorization", message, &self.place)
    }
}

fn finding(code: Code, part: Part, name: &str, message: impl Into<String>, rule: &Place) -> Finding {
    Finding::error(code, Location::Request(part, Pointer::root().join(name)), message).ruled_by(rule)
}

/// The finding that a verdict amounts to.
fn told(verdict: Verdict, part: Part, name: &str, rule: &Place) -> Option<Finding> {
    match verdict {
        Verdict::Valid(_) => None,
        Verdict::Expired(end) => {
            let told = finding(Code::TokenExpired, part, name, format!("the token ended at {end}"), rule);
            Some(told.help("get a new one"))
        }
        Verdict::Invalid(reason) => {
            let told = finding(
                Code::InvalidCredential,
                part,
                name,
                format!("the token is not valid: {reason}"),
                rule,
            );
            Some(told.help("send the token as it was issued"))
        }
        Verdict::Foreign => {
            let told = finding(Code::InvalidCredential, part, name, "the token was not issued here", rule);
            Some(told.help("get one from the operation that issues it, or from the control interface"))
        }
    }
}
