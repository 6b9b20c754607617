//! A case that fails → the smallest that fails for the same reason.
//!
//! A step counts only if the request is as right, or as wrong at the same place, as it was, and the provider fails again on
//! it in the same way, each time on a fresh resource: what the document judges otherwise is not even sent. What was thrown
//! becomes smaller by its decisions, and every request by the parts of its draft. Read [`Verifier::shrunk`] first.

use std::collections::HashSet;

use proptest::{num::i64::BinarySearch, strategy::ValueTree};
use serde_json::Value;

use super::{
    Observer, Verifier, Violation,
    case::{Case, Expected},
    cause,
    tree::{Cuts, Decisions},
};
use crate::{
    exchange::Handler,
    finding::{Location, Part, Pointer},
    plan::{Draft, Optional},
    schema::Dice,
};

/// How many smaller requests are looked at for each that may be sent.
const LOOKS: usize = 8;

/// What is said of a request that is not the one that was planned.
pub(super) const SMALLER: &str = ", in a request made smaller";

/// How many values of a request are made smaller one by one.
const VALUES: usize = 40;

/// What is left of the effort for one violation.
#[derive(Debug)]
struct Budget {
    requests: usize,
    looks: usize,
    /// What was sent already.
    seen: HashSet<String>,
}

/// The smallest failing case so far.
#[derive(Debug)]
struct Least {
    case: Case,
    violation: Violation,
}

/// A part of a draft that may be left out.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Parameter(usize),
    Body,
    At(Pointer),
}

impl<H: Handler> Verifier<'_, H> {
    /// The smallest case that fails as `violation` says, and the violation that it shows.
    pub(super) async fn shrunk(
        &self,
        case: &Case,
        decisions: Option<&[u64]>,
        violation: &Violation,
        observer: &impl Observer,
    ) -> (Case, Violation) {
        let requests = self.options.shrink;
        let mut budget = Budget { requests, looks: requests * LOOKS, seen: HashSet::new() };
        let mut least = Least { case: case.clone(), violation: violation.clone() };
        if let Some(decisions) = decisions {
            // What decisions do not make smaller, the draft does.
            budget.requests = requests / 2;
            let thrown = |list: &Vec<u64>| {
                let mut dice = Dice::replayed(list.clone());
                self.planner().thrown(case.address, &mut dice)
            };
            self.descend(Decisions::new(decisions.to_vec()), thrown, &mut least, &mut budget, observer).await;
            budget.requests += requests - requests / 2;
            budget.looks = requests * LOOKS;
        }
        self.transplanted(&mut least, &mut budget, observer).await;
        self.cut(&mut least, &mut budget, observer).await;
        self.lowered(&mut least, &mut budget, observer).await;
        if least.violation.request.bytes() != violation.request.bytes()
            || least.violation.request.query != violation.request.query
        {
            least.violation.what = format!("{}{SMALLER}", violation.what);
        }
        (least.case, least.violation)
    }

    /// Walks a tree down to its smallest value that still fails.
    async fn descend<T: ValueTree + Send>(
        &self,
        mut tree: T,
        made: impl Fn(&T::Value) -> Option<Case> + Send + Sync,
        least: &mut Least,
        budget: &mut Budget,
        observer: &impl Observer,
    ) where
        T::Value: Send,
    {
        let mut goes_on = tree.simplify();
        while goes_on && budget.looks > 0 && budget.requests > 0 && observer.goes_on() {
            budget.looks -= 1;
            let case = made(&tree.current());
            let fails = match case {
                Some(case) => self.fails_again(case, least, budget).await,
                None => false,
            };
            goes_on = if fails { tree.simplify() } else { tree.complicate() };
        }
    }

    /// Whether a case fails for the same reason; it is the smallest one then.
    async fn fails_again(&self, case: Case, least: &mut Least, budget: &mut Budget) -> bool {
        if !is_same(&case.expected, &least.case.expected) {
            return false;
        }
        // What did not matter to the case cost nothing to leave out.
        let bare = bare(&case);
        if bare == self::bare(&least.case) {
            return true;
        }
        if budget.requests == 0 || !budget.seen.insert(bare) {
            return false;
        }
        budget.requests -= 1;
        let Some((case, _, _, verdict)) = self.tried(self.number(), case).await else { return false };
        let wanted = cause(&least.violation);
        let found = verdict.violations.into_iter().find(|violation| cause(violation) == wanted);
        let Some(violation) = found.filter(|_| is_same(&case.expected, &least.case.expected)) else {
            return false;
        };
        *least = Least { case, violation };
        true
    }

    /// The same case with another draft, judged anew; `None` where it means something else.
    fn redrafted(&self, case: &Case, draft: Draft) -> Option<Case> {
        let mut other = case.clone();
        *other.shape.draft_mut() = draft;
        let request = self.planner().request(case.address, &other.shape)?;
        if matches!(case.expected, Expected::Accepted | Expected::Refused(_)) {
            other.expected = self.planner().expected(case.address, &request)?;
        }
        is_same(&other.expected, &case.expected).then_some(other)
    }

    /// Puts what is wrong with a request into the smallest one there is.
    async fn transplanted(&self, least: &mut Least, budget: &mut Budget, observer: &impl Observer) {
        let Expected::Refused(wrong) = &least.case.expected else { return };
        let Location::Request(part, at) = &wrong.location else { return };
        let smallest = self.plan.draft(least.case.address, Optional::Left, &mut Dice::smallest());
        let Ok(mut smallest) = smallest else { return };
        let (part, at) = (*part, at.clone());
        let draft = least.case.shape.draft_mut().clone();
        let planner = self.planner();
        let operation = planner.operation(least.case.address);
        match (part, &draft.body) {
            (Part::Body, Some((number, body))) => {
                let grown = match &smallest.body {
                    Some((same, into)) if same == number => transplant(into, body, &at),
                    _ => body.clone(),
                };
                smallest.body = Some((*number, grown));
            }
            (Part::Body, None) => smallest.body = None,
            _ => {
                let is_it = |number: usize| {
                    let known = &operation.parameters[number];
                    known.part == part && at.tokens().next().as_deref() == Some(known.name.as_str())
                };
                smallest.parameters.retain(|(number, _)| !is_it(*number));
                smallest.parameters.extend(draft.parameters.into_iter().filter(|(number, _)| is_it(*number)));
                smallest.parameters.sort_by_key(|(number, _)| *number);
            }
        }
        // One value that is smaller than the one there is, or none.
        let tree = Cuts::new(vec![()]);
        let case = least.case.clone();
        let made = |_: &Vec<()>| self.redrafted(&case, smallest.clone());
        self.descend(tree, made, least, budget, observer).await;
    }

    /// Leaves out every part that it fails without.
    async fn cut(&self, least: &mut Least, budget: &mut Budget, observer: &impl Observer) {
        let case = least.case.clone();
        let draft = least.case.shape.draft_mut().clone();
        let alone =
            |piece: &Piece| self.redrafted(&case, without(&draft, std::slice::from_ref(piece))).is_some();
        let pieces: Vec<Piece> = pieces(&draft).into_iter().filter(alone).collect();
        let made = |kept: &Vec<Piece>| {
            let cut: Vec<Piece> = pieces.iter().filter(|piece| !kept.contains(piece)).cloned().collect();
            self.redrafted(&case, without(&draft, &cut))
        };
        self.descend(Cuts::new(pieces.clone()), made, least, budget, observer).await;
    }

    /// Makes the texts shorter and the numbers smaller that are left.
    async fn lowered(&self, least: &mut Least, budget: &mut Budget, observer: &impl Observer) {
        let case = least.case.clone();
        let mut leaves = Vec::new();
        let mut draft = least.case.shape.draft_mut().clone();
        if let Some((_, body)) = &draft.body {
            collect(body, &Pointer::root(), &mut leaves);
        }
        leaves.truncate(VALUES);
        for at in leaves {
            let Some(value) = draft.body.as_ref().and_then(|(_, body)| body.pointer(at.as_str())).cloned()
            else {
                continue;
            };
            let with = |value: Value| {
                let mut other = draft.clone();
                let slot = other.body.as_mut().and_then(|(_, body)| body.pointer_mut(at.as_str()))?;
                *slot = value;
                self.redrafted(&case, other)
            };
            match value {
                Value::String(text) => {
                    let made = |kept: &Vec<char>| with(kept.iter().collect::<String>().into());
                    self.descend(Cuts::new(text.chars().collect()), made, least, budget, observer).await;
                }
                Value::Number(number) => {
                    let Some(number) = number.as_i64() else { continue };
                    let made = |number: &i64| with((*number).into());
                    self.descend(BinarySearch::new(number), made, least, budget, observer).await;
                }
                _ => {}
            }
            draft = least.case.shape.draft_mut().clone();
        }
    }
}

/// What a case sends, but for what it carries.
fn bare(case: &Case) -> String {
    let mut shape = case.shape.clone();
    shape.draft_mut().carried.clear();
    format!("{shape:?}")
}

/// Whether two requests are equally right, or wrong in the same way at the same place.
fn is_same(one: &Expected, other: &Expected) -> bool {
    match (one, other) {
        (Expected::Refused(one), Expected::Refused(other)) => {
            let place = |location: &Location| match location {
                Location::Request(part, pointer) | Location::Response(part, pointer) => {
                    (Some(*part), super::general(pointer))
                }
                Location::Document(..) => (None, String::new()),
            };
            one.code == other.code
                && one.keyword == other.keyword
                && place(&one.location) == place(&other.location)
        }
        _ => one == other,
    }
}

/// `into` with what stands in `from` on the way to a place, as little of it as there is to take.
fn transplant(into: &Value, from: &Value, at: &Pointer) -> Value {
    let Some(token) = at.tokens().next() else { return from.clone() };
    let rest = at.tokens().skip(1).fold(Pointer::root(), |rest, token| rest.join(token));
    match (into, from) {
        (Value::Object(members), Value::Object(others)) => {
            let mut grown = members.clone();
            match (members.get(&token), others.get(&token)) {
                (Some(held), Some(other)) => drop(grown.insert(token, transplant(held, other, &rest))),
                (None, Some(other)) => drop(grown.insert(token, other.clone())),
                (_, None) => drop(grown.shift_remove(&token)),
            }
            Value::Object(grown)
        }
        (Value::Array(items), Value::Array(others)) => {
            let other = token.parse::<usize>().ok().and_then(|index| others.get(index));
            match (items.first(), other) {
                (Some(held), Some(other)) => Value::Array(vec![transplant(held, other, &rest)]),
                _ => from.clone(),
            }
        }
        _ => from.clone(),
    }
}

/// Every part of a draft that could be left out, the outer ones first.
fn pieces(draft: &Draft) -> Vec<Piece> {
    let mut pieces: Vec<Piece> =
        draft.parameters.iter().map(|(number, _)| Piece::Parameter(*number)).collect();
    if let Some((_, body)) = &draft.body {
        pieces.push(Piece::Body);
        places(body, &Pointer::root(), &mut pieces);
    }
    pieces
}

fn places(value: &Value, at: &Pointer, pieces: &mut Vec<Piece>) {
    let mut visit = |at: Pointer, value: &Value| {
        pieces.push(Piece::At(at.clone()));
        places(value, &at, pieces);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| visit(at.join(name), member)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| visit(at.join(index), item)),
        _ => {}
    }
}

/// A draft without some of its parts.
fn without(draft: &Draft, cut: &[Piece]) -> Draft {
    let mut rest = draft.clone();
    // Later items first, so that the places of the earlier ones stay where they are.
    for piece in cut.iter().rev() {
        match piece {
            Piece::Parameter(number) => rest.parameters.retain(|(held, _)| held != number),
            Piece::Body => rest.body = None,
            Piece::At(at) => {
                let (Some(parent), Some(token)) = (at.parent(), at.last()) else { continue };
                match rest.body.as_mut().and_then(|(_, body)| body.pointer_mut(parent.as_str())) {
                    Some(Value::Object(members)) => drop(members.shift_remove(&token)),
                    Some(Value::Array(items)) => {
                        let index = token.parse().ok().filter(|index: &usize| *index < items.len());
                        index.map(|index| items.remove(index));
                    }
                    _ => {}
                }
            }
        }
    }
    rest
}

/// The places of all texts and numbers.
fn collect(value: &Value, at: &Pointer, leaves: &mut Vec<Pointer>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| collect(member, &at.join(name), leaves));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| collect(item, &at.join(index), leaves));
        }
        Value::String(_) | Value::Number(_) => leaves.push(at.clone()),
        Value::Null | Value::Bool(_) => {}
    }
}
