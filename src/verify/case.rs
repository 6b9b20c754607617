//! An operation → the requests that try it: right ones at every bound, and wrong ones with a single fault.
//!
//! Every candidate is written and read again as a server would, and judged by what it is then: a number in a query is a
//! text, and no fault where texts are right. Read [`Planner::all`] first.

use http::Method;
use sha2::{Digest, Sha256};

use super::{
    Phase,
    neighbour::{Change, neighbours},
};
use crate::{
    api::{Content, Operation, Parameter},
    exchange::Request,
    finding::{Finding, Part, Severity},
    plan::{Address, Draft, Optional, Plan},
    schema::{Dice, Schema},
    wire,
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

/// What is done to the credentials of a request that is right otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guise {
    /// They are taken away.
    None,
    /// They are there and empty.
    Empty,
    /// Another text of the same length and kind of characters stands in their place.
    Garbage,
    /// One character near the end is another.
    Changed,
    /// The last three characters are gone.
    Shortened,
}

impl Guise {
    pub(super) const ALL: [Self; 5] =
        [Self::None, Self::Empty, Self::Garbage, Self::Changed, Self::Shortened];

    pub(super) fn told(self) -> &'static str {
        match self {
            Self::None => "without credentials",
            Self::Empty => "with empty credentials",
            Self::Garbage => "with credentials that are made up",
            Self::Changed => "with a character of the credentials changed",
            Self::Shortened => "with the end of the credentials cut off",
        }
    }

    /// The credential as it is sent; nothing where it is not.
    pub(super) fn worn(self, text: &str) -> Option<String> {
        let (scheme, proof) = match text.split_once(' ') {
            Some((scheme, proof)) => (format!("{scheme} "), proof),
            None => (String::new(), text),
        };
        let turned = |character: char| match character {
            'a'..='y' | 'A'..='Y' | '0'..='8' => {
                char::from_u32(u32::from(character) + 1).unwrap_or(character)
            }
            'z' => 'a',
            'Z' => 'A',
            '9' => '0',
            '-' => '_',
            other if other.is_ascii() => '-',
            other => other,
        };
        let length = proof.chars().count();
        let proof: String = match self {
            Self::None => return None,
            Self::Empty => String::new(),
            Self::Garbage => proof.chars().map(turned).collect(),
            // The last character of a signature may hold bits that do not count.
            Self::Changed => {
                let at = length.saturating_sub(4);
                proof
                    .chars()
                    .enumerate()
                    .map(|(place, one)| if place == at { turned(one) } else { one })
                    .collect()
            }
            Self::Shortened => proof.chars().take(length.saturating_sub(3)).collect(),
        };
        Some(format!("{scheme}{proof}"))
    }
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A value in the path.
    Path,
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
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Planner<'p> {
    pub(super) plan: &'p Plan,
    pub(super) seed: u64,
}

impl Planner<'_> {
    /// The cases of an operation, right ones first; why there are none, where no right request can be made.
    pub(super) fn all(&self, address: Address) -> Result<Vec<Case>, String> {
        let least = self.plan.draft(address, Optional::Left, &mut Dice::smallest());
        let least =
            least.or_else(|_| self.plan.draft(address, Optional::Left, &mut self.dice(address, 0)))?;
        let full = self.plan.draft(address, Optional::Sent, &mut self.dice(address, 1))?;
        let mut cases = vec![
            right(address, least.clone(), "only what is required"),
            right(address, full.clone(), "everything that may be sent"),
        ];
        cases.extend(self.examples(address, &least));
        for draft in [&full, &least] {
            let found = self.around(address, draft);
            cases.extend(found);
        }
        cases.extend(self.absent(address, &full));
        cases.extend(self.raw(address, &least));
        cases.extend(self.methods(address, &least));
        cases.extend(guests(address, &least));
        let mut known = std::collections::HashSet::new();
        cases.retain(|case| known.insert((case.what.clone(), matches!(case.expected, Expected::Accepted))));
        cases.sort_by_key(|case| !matches!(case.expected, Expected::Accepted));
        Ok(cases)
    }

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

    /// The requests that the document itself shows.
    fn examples(&self, address: Address, least: &Draft) -> Vec<Case> {
        let mut cases = Vec::new();
        let contents = self.operation(address).body.iter().flat_map(|body| &body.content).enumerate();
        for (number, content) in contents {
            for example in &content.examples {
                let draft = Draft { body: Some((number, (*example.value).clone())), ..least.clone() };
                let name = example.name.as_deref().unwrap_or("default");
                let what = format!("the example `{name}` of the body");
                let case = self.judged(address, draft, Subject::Other, &what);
                cases.extend(case.map(|case| Case { phase: Phase::Examples, ..case }));
            }
        }
        cases
    }

    /// The neighbours of each value of a draft.
    fn around(&self, address: Address, draft: &Draft) -> Vec<Case> {
        let mut cases = Vec::new();
        for (at, (number, value)) in draft.parameters.iter().enumerate() {
            let parameter = &self.operation(address).parameters[*number];
            let subject = if parameter.part == Part::Path { Subject::Path } else { Subject::Other };
            for change in changes(parameter.schema.as_ref(), value) {
                let Some(value) = change.made(value) else { continue };
                let mut other = draft.clone();
                other.parameters[at].1 = value;
                let what = format!("{} `{}`{}: {}", parameter.part, parameter.name, change.at, change.what);
                cases.extend(self.judged(address, other, subject, &what));
            }
        }
        if let Some((number, value)) = &draft.body {
            let content = &self.operation(address).body.iter().flat_map(|body| &body.content).nth(*number);
            let schema = content.and_then(|content| content.schema.as_ref());
            for change in changes(schema, value) {
                let Some(value) = change.made(value) else { continue };
                let other = Draft { body: Some((*number, value)), ..draft.clone() };
                let what = match change.at.as_str() {
                    "" => format!("body: {}", change.what),
                    at => format!("body at `{at}`: {}", change.what),
                };
                cases.extend(self.judged(address, other, Subject::Other, &what));
            }
        }
        cases
    }

    /// Each parameter left out.
    fn absent(&self, address: Address, full: &Draft) -> Vec<Case> {
        let parameters = &self.operation(address).parameters;
        let away = full.parameters.iter().enumerate().filter_map(|(at, (number, _))| {
            let parameter: &Parameter = &parameters[*number];
            let mut other = full.clone();
            other.parameters.remove(at);
            let what = format!("without the {} `{}`", parameter.part, parameter.name);
            let is_carrier = parameter.token.is_some();
            (parameter.part != Part::Path && !is_carrier)
                .then(|| self.judged(address, other, Subject::Other, &what))?
        });
        away.collect()
    }

    /// A case of what is written, where it means the operation and it is known what must become of it.
    fn judged(&self, address: Address, draft: Draft, subject: Subject, what: &str) -> Option<Case> {
        let request = self.plan.write(address, &draft).ok()?;
        let expected = self.expected(address, &request)?;
        // What nobody can find right on the way must not be found wrong by accident.
        let (phase, what) = (Phase::Coverage, what.to_owned());
        Some(Case { address, phase, expected, what, shape: Shape::Draft(draft, subject) })
    }

    /// What must become of a request; `None` where it means something else.
    pub(super) fn expected(&self, address: Address, request: &Request) -> Option<Expected> {
        let route = self.plan.route(request).ok().filter(|route| route.address == address)?;
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let wrong = route.check(request).findings.into_iter().find(is_error);
        Some(wrong.map_or(Expected::Accepted, |wrong| Expected::Refused(Box::new(wrong))))
    }

    /// Bodies that are none.
    fn raw(&self, address: Address, least: &Draft) -> Vec<Case> {
        let Some((_, content)) = self.body(address, least) else { return Vec::new() };
        let Some((_, value)) = &least.body else { return Vec::new() };
        let Ok(sent) = wire::write(content, value) else { return Vec::new() };
        let media_type = Some(sent.media_type.clone());
        let mut bodies = vec![(Vec::new(), media_type.clone(), "an empty body")];
        if content.media_type.is_json() {
            let half = sent.bytes[..sent.bytes.len() / 2].to_vec();
            bodies.push((half, media_type.clone(), "half of a body"));
            bodies.push((b"{\"a\":".to_vec(), media_type.clone(), "JSON that is cut off"));
            bodies.push((b"\xff\xfe\xfd".to_vec(), media_type, "bytes that are no text"));
        }
        bodies.push((
            sent.bytes.to_vec(),
            Some("application/x-unknown".to_owned()),
            "a media type that nobody knows",
        ));
        bodies
            .into_iter()
            .filter_map(|(bytes, media_type, what)| {
                let shape = Shape::Raw(least.clone(), Raw::Body(bytes, media_type));
                let request = self.request(address, &shape)?;
                let expected = self.expected(address, &request)?;
                let is_wrong = matches!(expected, Expected::Refused(_));
                let (phase, what) = (Phase::Coverage, what.to_owned());
                is_wrong.then_some(Case { address, phase, expected, what, shape })
            })
            .collect()
    }

    fn body(&self, address: Address, draft: &Draft) -> Option<(usize, &Content)> {
        let (number, _) = draft.body.as_ref()?;
        Some((*number, self.operation(address).body.as_ref()?.content.get(*number)?))
    }

    /// The methods that the path has not; only the first operation of a path asks.
    fn methods(&self, address: Address, least: &Draft) -> Vec<Case> {
        let api = &self.plan.apis()[address.api];
        let operation = self.operation(address);
        let is_first =
            api.operations.iter().position(|other| other.path == operation.path) == Some(address.operation);
        let Some(request) = self.plan.write(address, least).ok().filter(|_| is_first) else {
            return Vec::new();
        };
        let declared = self.plan.methods(&request.path);
        [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
            .into_iter()
            .filter(|method| !declared.contains(method))
            .map(|method| Case {
                address,
                phase: Phase::Coverage,
                expected: Expected::NotAllowed,
                what: format!("the method {method}, which the path has not"),
                shape: Shape::Raw(least.clone(), Raw::Method(method)),
            })
            .collect()
    }

    /// The request of a shape; `None` where a value has no form.
    pub(super) fn request(&self, address: Address, shape: &Shape) -> Option<Request> {
        match shape {
            Shape::Draft(draft, _) => self.plan.write(address, draft).ok(),
            Shape::Guest(draft, guise) => {
                let worn = draft
                    .carried
                    .iter()
                    .filter_map(|(part, name, text)| Some((*part, name.clone(), guise.worn(text)?)));
                let carried = worn.collect();
                // A parameter that carries a token is left out with it.
                let is_carried = |number: usize| {
                    let parameter = &self.operation(address).parameters[number];
                    draft
                        .carried
                        .iter()
                        .any(|(part, name, _)| *part == parameter.part && *name == parameter.name)
                };
                let mut parameters = draft.parameters.clone();
                parameters.retain(|(number, _)| !is_carried(*number));
                self.plan.write(address, &Draft { parameters, carried, ..draft.clone() }).ok()
            }
            Shape::Raw(draft, raw) => {
                let mut request = self.plan.write(address, draft).ok()?;
                match raw {
                    Raw::Method(method) => {
                        request.method = method.clone();
                        Some(Request { body: Request::new(method.clone(), "/").body, ..request })
                    }
                    Raw::Body(bytes, media_type) => {
                        request.headers.remove("content-type");
                        let request = request.body(bytes.clone());
                        Some(match media_type {
                            Some(media_type) => request.header("content-type", media_type),
                            None => request,
                        })
                    }
                }
            }
        }
    }
}

impl Shape {
    pub(super) fn draft_mut(&mut self) -> &mut Draft {
        match self {
            Self::Draft(draft, _) | Self::Raw(draft, _) | Self::Guest(draft, _) => draft,
        }
    }
}

fn right(address: Address, draft: Draft, what: &str) -> Case {
    let shape = Shape::Draft(draft, Subject::Other);
    Case { address, phase: Phase::Coverage, expected: Expected::Accepted, what: what.to_owned(), shape }
}

/// A right request by everybody who must not be let in.
fn guests(address: Address, least: &Draft) -> Vec<Case> {
    let guests = Guise::ALL.into_iter().map(|guise| Case {
        address,
        phase: Phase::Coverage,
        expected: Expected::Unauthorized,
        what: guise.told().to_owned(),
        shape: Shape::Guest(least.clone(), guise),
    });
    guests.collect()
}

fn changes(schema: Option<&Schema>, value: &serde_json::Value) -> Vec<Change> {
    schema.map(|schema| neighbours(schema, value)).unwrap_or_default()
}
