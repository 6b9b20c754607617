//! A request to try, and what must become of it: what the cases are, and how the request of one is written.
//!
//! Every candidate is written and read again as a server would, and judged by what it is then: a number in a query is a
//! text, and no fault where texts are right. What is tried is chosen in `coverage`. Read [`Planner::judged`] first.

use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Check, Phase, guest::Guise};
use crate::{
    api::Operation,
    exchange::{Request, pairs},
    finding::{Finding, Pointer, Severity},
    plan::{Address, Draft, Plan, resource::page::is_cursor},
    schema::Dice,
};

/// What must become of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expected {
    /// It is right, and must not be refused.
    Accepted,
    /// It is wrong in this, and must be.
    Refused(Box<Finding>),
    /// Its method is not declared for its path.
    NotAllowed,
    /// It has not the credentials that the operation wants.
    Unauthorized,
    /// It has all the credentials of one of several alternatives.
    Admitted,
    /// The document shows it with an answer of this status.
    Status(u16),
    /// Nobody can say, but that the provider must not fail on it.
    Anything,
}

impl Expected {
    /// The check that fails where the provider does otherwise; `None` where nobody can say what is right.
    pub(super) fn check(&self) -> Option<Check> {
        Some(match self {
            Self::Accepted | Self::Admitted => Check::RejectsValid,
            Self::Refused(_) => Check::AcceptsInvalid,
            Self::NotAllowed => Check::AcceptsMethod,
            Self::Unauthorized => Check::IgnoresCredentials,
            Self::Status(_) => Check::NamedExample,
            Self::Anything => return None,
        })
    }
}

/// A request to try, before what it needs from the provider is known.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) address: Address,
    pub(super) phase: Phase,
    pub(super) expected: Expected,
    /// What is tried, in words.
    pub(super) what: String,
    pub(super) shape: Shape,
}

/// How the request of a case is made.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// Written from values; those of path parameters are taken from what the provider holds, unless one is what is tried.
    Draft(Draft, Subject),
    /// To the letter, but for the credentials and the path that the draft stands for.
    Raw(Draft, Raw),
    /// Written from values, with this done to its credentials.
    Guest(Draft, Guise),
}

/// What a case is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// A value in the path.
    Path,
    /// What stands at a place of the body.
    Body(Pointer),
    /// Everything that the document shows: these parameters, and the body.
    Shown(Vec<usize>),
    /// Anything else.
    Other,
}

/// What replaces a part of a written request.
#[derive(Debug, Clone)]
pub(super) enum Raw {
    /// The body, and what it says that it is.
    Body(Vec<u8>, Option<String>),
    /// The method.
    Method(Method),
    /// The values of a header field.
    Field(&'static str, Vec<String>),
    /// Pairs that are added to the query as they stand.
    Query(String),
    /// The text of the path parameter of that number, as it stands.
    Path(usize, String),
}

/// What stands in a path until a text takes its place.
const PLACEHOLDER: &str = "standinplaceholder";

#[derive(Debug, Clone, Copy)]
pub(super) struct Planner<'p> {
    pub(super) plan: &'p Plan,
    pub(super) seed: u64,
}

impl Planner<'_> {
    /// Decisions that depend on the seed, the operation and a number.
    pub(super) fn dice(&self, address: Address, number: u64) -> Dice {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(self.operation(address).id.as_bytes());
        hash.update(number.to_be_bytes());
        Dice::seeded(hash.finalize().iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
    }

    pub(super) fn operation(&self, address: Address) -> &Operation {
        &self.plan.apis()[address.api].operations[address.operation]
    }

    /// A case of what is written, where it means the operation and it is known what must become of it.
    pub(super) fn judged(
        &self,
        address: Address,
        draft: Draft,
        subject: Subject,
        what: impl Into<String>,
    ) -> Option<Case> {
        self.case(address, Shape::Draft(draft, subject), what)
    }

    /// A case of any shape, judged by what it looks like when it is written.
    pub(super) fn case(&self, address: Address, shape: Shape, what: impl Into<String>) -> Option<Case> {
        let request = self.request(address, &shape)?;
        let expected = self.expected(address, &request)?;
        Some(Case { address, phase: Phase::Coverage, expected, what: what.into(), shape })
    }

    /// What must become of a request; `None` where it means something else.
    pub(super) fn expected(&self, address: Address, request: &Request) -> Option<Expected> {
        let route = self.plan.route(request).ok().filter(|route| route.address == address)?;
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let wrong = route.check(request).findings.into_iter().find(is_error);
        Some(match wrong {
            Some(wrong) => Expected::Refused(Box::new(wrong)),
            // Where a page begins that nobody was told of, is for the provider to say.
            None if has_cursor(route.operation, request) => Expected::Anything,
            None => Expected::Accepted,
        })
    }

    /// A draft without the values that only a provider can know to be right, as far as it may lack them; and those values.
    pub(super) fn without_cursors(&self, address: Address, mut draft: Draft) -> (Draft, Vec<(usize, Value)>) {
        let parameters = &self.operation(address).parameters;
        let is_free = |number: usize| !parameters[number].is_required && is_cursor(&parameters[number]);
        let (cursors, rest) = draft.parameters.into_iter().partition(|(number, _)| is_free(*number));
        draft.parameters = rest;
        (draft, cursors)
    }

    /// The request of a shape; `None` where a value has no form.
    pub(super) fn request(&self, address: Address, shape: &Shape) -> Option<Request> {
        match shape {
            Shape::Draft(draft, _) | Shape::Guest(draft, _) => self.plan.write(address, draft).ok(),
            Shape::Raw(draft, Raw::Path(number, text)) => self.with_path(address, draft, *number, text),
            Shape::Raw(draft, raw) => replaced(self.plan.write(address, draft).ok()?, raw),
        }
    }

    fn with_path(&self, address: Address, draft: &Draft, number: usize, text: &str) -> Option<Request> {
        let mut draft = draft.clone();
        let held = draft.parameters.iter_mut().find(|(held, _)| *held == number)?;
        held.1 = Value::from(PLACEHOLDER);
        let mut request = self.plan.write(address, &draft).ok()?;
        request.path = request.path.replace(PLACEHOLDER, text);
        Some(request)
    }
}

/// Whether a request says where a page is to begin, in words that only the provider can know.
fn has_cursor(operation: &Operation, request: &Request) -> bool {
    let query = request.query.as_deref().unwrap_or_default();
    let sent = |name: &str| pairs(query).iter().any(|(known, _)| known == name);
    operation.parameters.iter().any(|parameter| is_cursor(parameter) && sent(&parameter.name))
}

/// A written request with a part of it replaced; `None` where HTTP has no room for that.
fn replaced(mut request: Request, raw: &Raw) -> Option<Request> {
    match raw {
        Raw::Method(method) => {
            request.method = method.clone();
            request.headers.remove("content-type");
            request.body = Request::new(method.clone(), "/").body;
        }
        Raw::Body(bytes, media_type) => {
            request.headers.remove("content-type");
            request = request.body(bytes.clone());
            if let Some(media_type) = media_type {
                request = request.header("content-type", media_type);
            }
        }
        Raw::Field(name, values) => {
            let name = HeaderName::from_static(name);
            request.headers.remove(&name);
            for value in values {
                request.headers.append(&name, HeaderValue::from_str(value).ok()?);
            }
        }
        Raw::Query(pairs) => {
            request.query = Some(match request.query {
                Some(query) => format!("{query}&{pairs}"),
                None => pairs.clone(),
            });
        }
        // The text takes a place that is known only when the path is written.
        Raw::Path(..) => return None,
    }
    Some(request)
}

impl Shape {
    pub(super) fn draft(&self) -> &Draft {
        match self {
            Self::Draft(draft, _) | Self::Raw(draft, _) | Self::Guest(draft, _) => draft,
        }
    }

    pub(super) fn draft_mut(&mut self) -> &mut Draft {
        match self {
            Self::Draft(draft, _) | Self::Raw(draft, _) | Self::Guest(draft, _) => draft,
        }
    }

    /// Whether a value in the path is what is tried, so that nothing may take its place.
    pub(super) fn keeps_path(&self, is_in_path: impl Fn(usize) -> bool) -> bool {
        match self {
            Self::Draft(_, Subject::Path) | Self::Raw(_, Raw::Path(..)) => true,
            Self::Draft(_, Subject::Shown(parameters)) => parameters.iter().any(|number| is_in_path(*number)),
            _ => false,
        }
    }
}
