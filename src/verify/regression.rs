//! A violation → what is kept of it, so that it is tried first the next time; and back into a case.
//!
//! What is kept is a draft by names, not positions, without what it carried: a document may change, and credentials are
//! nobody's to keep. It is read and written elsewhere. Read [`Regression`] first.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    Phase, Violation,
    case::{Case, Expected, Planner, Raw, Shape, Subject},
    cause,
    replay::Replay,
    stateful::Less,
};
use crate::{
    api::Operation,
    finding::{Part, Pointer},
    plan::{Address, Draft},
};

/// A case that failed, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Regression {
    /// What it is called; the same for the same cause.
    #[serde(skip)]
    pub name: String,
    /// The title of the document.
    pub document: String,
    /// The `operationId`, or the method and path where there is none.
    pub operation: String,
    /// The method and path template.
    pub line: String,
    /// What failed.
    pub check: String,
    /// What was tried, in words.
    pub tried: String,
    /// The part of the request or of the answer where it shows.
    pub place: String,
    /// What came.
    pub status: u16,
    phase: String,
    replay: String,
    request: Kept,
}

/// A draft by names.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Kept {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Typed>,
    /// The body to the letter, where it is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<Bytes>,
    /// The method, where it is not the operation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Whether it is one of the cases that are planned for the operation, and found among them by what is tried.
    #[serde(default, skip_serializing_if = "is_false")]
    is_planned: bool,
    /// The place in the body that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// Whether it is about a value in the path, which is sent as it is then.
    #[serde(default, skip_serializing_if = "is_false")]
    is_about_path: bool,
    /// What it does without, where it is a sequence of requests, which its id finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sequence: Option<Less>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it asks about by reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    r#in: String,
    name: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Typed {
    media_type: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Bytes {
    media_type: Option<String>,
    base64: String,
}

/// What became of a case that had failed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It fails still.
    Fails,
    /// It is right now.
    Passes,
    /// The answer does not tell.
    Open,
    /// The document has nothing that it could be sent to.
    Gone,
}

impl Regression {
    /// What is kept of a violation.
    pub(super) fn of(planner: &Planner<'_>, case: &Case, violation: &Violation, id: &Replay) -> Self {
        let request = Kept::of(planner.operation(case.address), case);
        Self::kept(planner, violation, id, request)
    }

    /// What is kept of a violation that a sequence shows.
    pub(super) fn of_sequence(planner: &Planner<'_>, violation: &Violation, id: &Replay, less: Less) -> Self {
        Self::kept(planner, violation, id, Kept { sequence: Some(less), ..Kept::default() })
    }

    /// What the sequence does without, where it is one.
    pub(super) fn sequence(&self) -> Option<Less> {
        self.request.sequence.clone()
    }

    /// Whether it is of this sequence of this document, whatever the seed.
    pub(super) fn is_of(&self, document: &str, id: &Replay) -> bool {
        self.document == document && self.replay.parse().is_ok_and(|own: Replay| own.is_alike(id))
    }

    fn kept(planner: &Planner<'_>, violation: &Violation, id: &Replay, request: Kept) -> Self {
        let address = violation.operation;
        let operation = planner.operation(address);
        let check = violation.check.name();
        let (_, _, _, why) = cause(violation);
        let hash = Sha256::digest(format!("{} {why}", operation.line()));
        let hash = hash.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        Self {
            name: format!("{}-{check}-{hash:08x}", plain(&operation.id)),
            document: planner.plan.apis()[address.api].title.clone(),
            operation: operation.id.clone(),
            line: operation.line(),
            check: check.to_owned(),
            tried: violation.what.clone(),
            place: violation.finding.location.to_string(),
            status: violation.response.status.as_u16(),
            phase: violation.phase.name().to_owned(),
            replay: id.to_string(),
            request,
        }
    }

    /// The case, where the document still has what it is about.
    pub(super) fn case(&self, planner: &Planner<'_>) -> Option<(Case, Replay)> {
        let address = self.address(planner)?;
        let operation = planner.operation(address);
        let (phase, id) = (Phase::named(&self.phase)?, self.replay.parse().ok()?);
        if self.request.is_planned {
            let all = planner.all(address, usize::MAX).ok()?.into_iter();
            // To make a request smaller may have added words.
            let alike = all.filter(|case| self.tried.starts_with(&case.what));
            return Some((alike.max_by_key(|case| case.what.len())?, id));
        }
        let shape = self.request.shape(operation)?;
        let expected = match &shape {
            Shape::Raw(_, Raw::Method(method)) => {
                let request = planner.request(address, &shape)?;
                let is_declared = planner.plan.methods(&request.path).contains(method);
                (!is_declared).then_some(Expected::NotAllowed)?
            }
            _ => planner.expected(address, &planner.request(address, &shape)?)?,
        };
        Some((Case { address, phase, expected, what: self.tried.clone(), shape }, id))
    }

    fn address(&self, planner: &Planner<'_>) -> Option<Address> {
        let apis = planner.plan.apis().iter().enumerate();
        let mut known = apis.flat_map(|(api, one)| {
            let operations = one.operations.iter().enumerate();
            operations.map(move |(operation, known)| (one, known, Address { api, operation }))
        });
        let is_it = |operation: &Operation| operation.id == self.operation && operation.line() == self.line;
        let found = known.find(|(api, operation, _)| api.title == self.document && is_it(operation));
        found.map(|(_, _, address)| address)
    }
}

/// A name that every file system takes.
fn plain(name: &str) -> String {
    let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' });
    letters.take(40).collect::<String>().trim_matches('-').to_owned()
}

impl Kept {
    fn of(operation: &Operation, case: &Case) -> Self {
        let says_itself =
            matches!(case.expected, Expected::Accepted | Expected::Refused(_) | Expected::NotAllowed);
        let drafted = Self::drafted(operation, case.shape.draft());
        match &case.shape {
            Shape::Draft(_, Subject::Path) if says_itself => Self { is_about_path: true, ..drafted },
            Shape::Draft(_, Subject::Body(at)) if says_itself => Self { at: Some(at.to_string()), ..drafted },
            Shape::Draft(_, Subject::Other) if says_itself => drafted,
            Shape::Raw(_, Raw::Method(method)) => Self { method: Some(method.to_string()), ..drafted },
            Shape::Raw(_, Raw::Body(bytes, media_type)) if says_itself => {
                let bytes = Bytes { media_type: media_type.clone(), base64: STANDARD.encode(bytes) };
                Self { bytes: Some(bytes), ..drafted }
            }
            Shape::Draft(..) | Shape::Raw(..) | Shape::Guest(..) => Self { is_planned: true, ..drafted },
        }
    }

    fn drafted(operation: &Operation, draft: &Draft) -> Self {
        let named = |(number, value): &(usize, Value)| {
            let parameter = &operation.parameters[*number];
            Named { r#in: parameter.part.to_string(), name: parameter.name.clone(), value: value.clone() }
        };
        let body = draft.body.as_ref().and_then(|(number, value)| {
            let content = operation.body.as_ref()?.content.get(*number)?;
            Some(Typed { media_type: content.media_type.to_string(), value: value.clone() })
        });
        Self { parameters: draft.parameters.iter().map(named).collect(), body, ..Self::default() }
    }

    fn shape(&self, operation: &Operation) -> Option<Shape> {
        let draft = self.draft(operation)?;
        if let Some(method) = &self.method {
            return Some(Shape::Raw(draft, Raw::Method(method.parse().ok()?)));
        }
        if let Some(Bytes { media_type, base64 }) = &self.bytes {
            let bytes = STANDARD.decode(base64).ok()?;
            return Some(Shape::Raw(draft, Raw::Body(bytes, media_type.clone())));
        }
        let subject = match &self.at {
            _ if self.is_about_path => Subject::Path,
            Some(at) => Subject::Body(Pointer::from_escaped(at.clone())),
            None => Subject::Other,
        };
        Some(Shape::Draft(draft, subject))
    }

    fn draft(&self, operation: &Operation) -> Option<Draft> {
        let number = |named: &Named| {
            let is_it = |part: Part, name: &str| part.to_string() == named.r#in && name == named.name;
            operation.parameters.iter().position(|known| is_it(known.part, &known.name))
        };
        let parameters = self.parameters.iter().map(|named| Some((number(named)?, named.value.clone())));
        let body = match &self.body {
            None => None,
            Some(typed) => {
                let mut contents = operation.body.as_ref()?.content.iter();
                let number =
                    contents.position(|content| content.media_type.to_string() == typed.media_type)?;
                Some((number, typed.value.clone()))
            }
        };
        Some(Draft { parameters: parameters.collect::<Option<_>>()?, body, carried: Vec::new() })
    }
}
