//! What an operation wants to see before it answers.
//!
//! A request and the alternatives of an operation become findings. What a token is worth is judged elsewhere and passed
//! in. Read [`Gate::judge`] first.

use std::cmp::Reverse;

use super::{
    Verdict, authorization,
    challenge::challenges,
    fault::{Distance, Fault},
    jwt,
};
use crate::{
    exchange::Request,
    finding::{Finding, Part, Place},
};

/// The credentials that an operation wants: one of the alternatives, and each parameter that carries a token.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Each a list of schemes that must all be met; an empty one lets everybody in.
    pub(super) alternatives: Vec<Vec<Scheme>>,
    pub(super) parameters: Vec<Carrier>,
}

/// A security scheme.
#[derive(Debug, Clone)]
pub(super) struct Scheme {
    pub(super) proof: Proof,
    /// The scopes that its token must have, where it tells any.
    pub(super) scopes: Vec<String>,
    pub(super) place: Place,
}

/// What a security scheme wants to see, and the credential that it carries, where that is a token.
#[derive(Debug, Clone)]
pub(super) enum Proof {
    /// A value of its own.
    Key { part: Part, name: String, credential: usize },
    /// A bearer token in `Authorization`, and what a 401 calls it.
    Bearer { challenge: &'static str, credential: usize },
    /// Another scheme of `Authorization`, in lower case.
    Http(String),
    /// Nothing.
    Unseen,
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
        let tried = self.alternatives.iter().map(|schemes| Tried::new(schemes, request, judge));
        let mut findings = kept_out(tried.collect());
        findings.extend(self.parameters.iter().filter_map(|carrier| {
            // An absent parameter is told with the other parameters.
            let texts = values(request, carrier.part, &carrier.name);
            let text = texts.iter().find(|text| !text.is_empty()).or(texts.first())?;
            let fault = Fault::of(judge(carrier.credential, text))?;
            Some(fault.at(carrier.part, &carrier.name, &carrier.place))
        }));
        findings
    }
}

/// An alternative, and those of its schemes that the request does not meet.
struct Tried<'g> {
    schemes: &'g [Scheme],
    failed: Vec<(&'g Scheme, Fault)>,
}

impl<'g> Tried<'g> {
    fn new(schemes: &'g [Scheme], request: &Request, judge: Judge<'_>) -> Self {
        let failed = schemes.iter().filter_map(|scheme| Some((scheme, scheme.judge(request, judge)?)));
        Self { schemes, failed: failed.collect() }
    }

    /// Whether everybody meets it, with or without a credential.
    fn is_open(&self) -> bool {
        self.schemes.iter().all(|scheme| matches!(scheme.proof, Proof::Unseen))
    }

    /// Whether it is met by what was sent.
    fn is_met(&self) -> bool {
        self.failed.is_empty() && !self.is_open()
    }

    /// Whether what was sent for it is wrong, and not only too little.
    fn is_wrong(&self) -> bool {
        let wrong = [Distance::Expired, Distance::Invalid, Distance::OfAnother];
        self.failed.iter().any(|(_, fault)| wrong.contains(&fault.distance))
    }

    /// How far it is from being met: how many schemes are not, how far the worst of them is, how many are.
    fn distance(&self) -> (usize, Option<Distance>, Reverse<usize>) {
        let worst = self.failed.iter().map(|(_, fault)| fault.distance).max();
        (self.failed.len(), worst, Reverse(self.schemes.len() - self.failed.len()))
    }
}

/// What keeps out a request that these alternatives were tried on.
///
/// Where one of them is open to all, a wrong credential is told all the same: who sends an expired token does not want to
/// be taken for nobody.
fn kept_out(mut tried: Vec<Tried<'_>>) -> Vec<Finding> {
    if tried.iter().any(Tried::is_met) {
        return Vec::new();
    }
    let mut asked = challenges(tried.iter().flat_map(|one| &one.failed).map(|(scheme, _)| *scheme));
    if tried.iter().any(Tried::is_open) {
        tried.retain(Tried::is_wrong);
    }
    let nearest = tried.into_iter().min_by_key(Tried::distance);
    let failed = nearest.into_iter().flat_map(|one| one.failed);
    failed.map(|(scheme, fault)| scheme.finding(fault).asking(asked.take())).collect()
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
    fn judge(&self, request: &Request, judge: Judge<'_>) -> Option<Fault> {
        let (part, name) = self.carrier();
        let values = values(request, part, name);
        match &self.proof {
            Proof::Key { credential, .. } => match values.iter().find(|text| !text.is_empty()) {
                Some(text) => Fault::of(judge(*credential, text)),
                None => Some(Fault::absent(format!("send the {part} `{name}`"))),
            },
            Proof::Bearer { credential, .. } => match authorization::credential(&values, "bearer") {
                Ok(token) => Fault::of(judge(*credential, &token)).or_else(|| self.lacking(&token)),
                Err(fault) => Some(fault),
            },
            Proof::Http(scheme) => match authorization::credential(&values, scheme) {
                Ok(credential) => authorization::malformed(scheme, &credential),
                Err(fault) => Some(fault),
            },
            Proof::Unseen => None,
        }
    }

    /// Where its credential is.
    fn carrier(&self) -> (Part, &str) {
        match &self.proof {
            Proof::Key { part, name, .. } => (*part, name),
            Proof::Bearer { .. } | Proof::Http(_) | Proof::Unseen => (Part::Header, "authorization"),
        }
    }

    /// The scopes that the token says it has, where one that is needed is not among them.
    fn lacking(&self, token: &str) -> Option<Fault> {
        let granted = jwt::scopes(token)?;
        let lacking: Vec<&str> =
            self.scopes.iter().filter(|scope| !granted.contains(scope)).map(String::as_str).collect();
        let message = format!("the token has not the scope {}", lacking.join(", "));
        let help = format!("get a token with the scope {}", self.scopes.join(" "));
        (!lacking.is_empty()).then(|| Fault::new(Distance::Scope, message, help))
    }

    fn finding(&self, fault: Fault) -> Finding {
        let (part, name) = self.carrier();
        fault.at(part, name, &self.place)
    }
}
