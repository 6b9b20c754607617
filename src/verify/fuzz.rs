//! An operation and decisions → one request: a right one, or one with a single fault.
//!
//! The fault comes from the negation of a schema, and what is written is read again as a server would: where it is no fault
//! on the wire, or more than one, there is no case. Read [`Planner::thrown`] first.

use super::{
    Phase,
    case::{Case, Expected, Planner, Shape, Subject},
};
use crate::{
    finding::{Finding, Part, Pointer, Severity},
    plan::{Address, Draft, Optional},
    schema::{Dice, Schema},
};

/// How often a fault is made anew that is none on the wire.
const ATTEMPTS: usize = 6;

/// What a right request is called, whatever it says.
const RIGHT: &str = "values as the seed has them";

/// A value of a draft.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// Of the parameter at this place of the draft.
    Parameter(usize),
    Body,
}

impl Planner<'_> {
    /// The request that the decisions make; `None` where they make none, or nobody knows what must become of it.
    pub(super) fn thrown(&self, address: Address, dice: &mut Dice) -> Option<Case> {
        let is_wrong = dice.flip();
        let draft = self.plan.draft(address, Optional::Thrown, dice).ok()?;
        let (draft, _) = self.without_cursors(address, draft);
        if is_wrong {
            return (0..ATTEMPTS).find_map(|_| self.spoilt(address, &draft, dice));
        }
        let request = self.plan.write(address, &draft).ok()?;
        let expected = self.expected(address, &request).filter(|expected| *expected == Expected::Accepted)?;
        let shape = Shape::Draft(draft, Subject::Other);
        Some(Case { address, phase: Phase::Fuzz, expected, what: RIGHT.to_owned(), shape })
    }

    fn spoilt(&self, address: Address, draft: &Draft, dice: &mut Dice) -> Option<Case> {
        let slots = self.slots(address, draft);
        let slot = *dice.pick(&slots)?;
        let mut spoilt = draft.clone();
        let (held, schema) = self.slot(address, &mut spoilt, slot)?;
        let (at, broken) = schema.broken(held, dice)?;
        *held = broken;
        let request = self.plan.write(address, &spoilt).ok()?;
        let wrong = self.only_fault(address, &request)?;
        let (subject, what) = self.told(address, draft, slot, &at);
        let shape = Shape::Draft(spoilt, subject);
        Some(Case { address, phase: Phase::Fuzz, expected: Expected::Refused(Box::new(wrong)), what, shape })
    }

    /// The values that can be spoilt; what carries a token is not one of them.
    fn slots(&self, address: Address, draft: &Draft) -> Vec<Slot> {
        let parameters = &self.operation(address).parameters;
        let is_free =
            |number: usize| parameters[number].token.is_none() && parameters[number].schema.is_some();
        let places = draft.parameters.iter().enumerate().filter(|(_, (number, _))| is_free(*number));
        let mut slots: Vec<Slot> = draft.body.iter().map(|_| Slot::Body).collect();
        slots.extend(places.map(|(at, _)| Slot::Parameter(at)));
        slots
    }

    fn slot<'d>(
        &self,
        address: Address,
        draft: &'d mut Draft,
        slot: Slot,
    ) -> Option<(&'d mut serde_json::Value, &Schema)> {
        let operation = self.operation(address);
        match slot {
            Slot::Parameter(at) => {
                let (number, value) = draft.parameters.get_mut(at)?;
                Some((value, operation.parameters[*number].schema.as_ref()?))
            }
            Slot::Body => {
                let (number, value) = draft.body.as_mut()?;
                Some((value, operation.body.as_ref()?.content.get(*number)?.schema.as_ref()?))
            }
        }
    }

    /// What is wrong with a request, where it is one thing at one place.
    fn only_fault(&self, address: Address, request: &crate::exchange::Request) -> Option<Finding> {
        let route = self.plan.route(request).ok().filter(|route| route.address == address)?;
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let mut wrong = route.check(request).findings.into_iter().filter(is_error);
        let first = wrong.next()?;
        wrong.all(|other| other.location == first.location).then_some(first)
    }

    fn told(&self, address: Address, draft: &Draft, slot: Slot, at: &Pointer) -> (Subject, String) {
        let against = "what its schema forbids";
        match slot {
            Slot::Parameter(place) => {
                let parameter = &self.operation(address).parameters[draft.parameters[place].0];
                let subject = if parameter.part == Part::Path { Subject::Path } else { Subject::Other };
                (subject, format!("{} `{}`{at}: {against}", parameter.part, parameter.name))
            }
            Slot::Body if at.as_str().is_empty() => (Subject::Other, format!("body: {against}")),
            Slot::Body => (Subject::Body(at.clone()), format!("body at `{at}`: {against}")),
        }
    }
}
