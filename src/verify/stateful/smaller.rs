//! A sequence that fails → the smallest that fails in the same way: fewer steps, smaller bodies, shorter texts.
//!
//! Each is followed anew, with other values and on fresh resources, and counts only where the same check fails at the same
//! place. What it does without is said by [`Less`]. Read [`Verifier::least`] first.

use proptest::{num::u64::BinarySearch, strategy::ValueTree};

use super::{
    Budget, Kind, Sequence,
    course::Body,
    less::{self, Less, Place},
};
use crate::{
    exchange::Handler,
    finding::Pointer,
    schema::Schema,
    verify::{Check, Observer, Regression, Run, SHRUNK, Verifier, Violation, shrink::SMALLER, tree::Cuts},
};

/// How many texts and numbers are made smaller one by one.
const VALUES: usize = 12;

/// The first attempts are those of the sequence as it is.
const FIRST: u64 = 2;

/// The smallest failing sequence so far.
struct Least<'s> {
    sequence: &'s Sequence,
    less: Less,
    violation: Violation,
    /// The bodies of the last attempt that failed.
    bodies: Vec<Body>,
    /// How many of its steps need not be taken.
    needless: usize,
    /// How many requests may still be sent.
    left: usize,
    attempts: u64,
}

impl<H: Handler> Verifier<'_, H> {
    /// A violation as it is told: by the smallest sequence that shows it.
    pub(super) async fn least(
        &self,
        sequence: &Sequence,
        violation: &Violation,
        run: &mut Run,
        observer: &impl Observer,
    ) -> Violation {
        // Time that passes, passes for everything else as well.
        let is_shrunk = sequence.regression.is_none()
            && violation.check != Check::Unreachable
            && !matches!(sequence.kind, Kind::Expired(_))
            && run.shrunk < SHRUNK
            && self.options.shrink > 0;
        let mut least = Least {
            sequence,
            less: sequence.less.clone(),
            violation: violation.clone(),
            bodies: Vec::new(),
            needless: 0,
            left: self.options.shrink,
            attempts: FIRST,
        };
        // It is known to fail once more, and what it is made of, before anything is left out.
        if is_shrunk && self.fails_so(least.less.clone(), &mut least, observer).await {
            run.shrunk += 1;
            self.cut_steps(&mut least, observer).await;
            self.cut_bodies(&mut least, observer).await;
            self.lower(&mut least, observer).await;
        }
        let Least { less, violation: mut found, .. } = least;
        if less != sequence.less {
            found.what = format!("{}{SMALLER}", violation.what);
        }
        (found.number, found.replay) = (violation.number, violation.replay);
        found.regression = Some(Regression::of_sequence(&self.planner(), &found, &sequence.id, less));
        found
    }

    /// Whether a sequence fails in the same way without more than before; it is the smallest one then.
    async fn fails_so(&self, less: Less, least: &mut Least<'_>, observer: &impl Observer) -> bool {
        if least.left == 0 || !observer.goes_on() {
            return false;
        }
        least.attempts += 1;
        let budget = Budget(least.left.into());
        let mut course = self.course(least.sequence, &budget, &less).at_attempt(least.attempts);
        course.again();
        // What it comes to is told by what it accuses of.
        let _ = self.attempt(&mut course, least.sequence, observer).await;
        least.left -= course.steps.len().clamp(1, least.left);
        let (bodies, needless) = (std::mem::take(&mut course.bodies), course.needless);
        let mut found = course.steps.into_iter().flat_map(|step| step.verdict.violations);
        let wanted = &least.violation;
        let is_same = |one: &Violation| {
            (one.check, one.operation) == (wanted.check, wanted.operation)
                && one.finding.location == wanted.finding.location
                && one.finding.keyword == wanted.finding.keyword
        };
        let Some(violation) = found.find(is_same) else { return false };
        (least.less, least.violation) = (less, violation);
        (least.bodies, least.needless) = (bodies, needless);
        true
    }

    /// Leaves out every step that it fails without.
    async fn cut_steps(&self, least: &mut Least<'_>, observer: &impl Observer) {
        let steps: Vec<usize> = (0..least.needless).collect();
        let mut tree = Cuts::new(steps.clone());
        let mut goes_on = tree.simplify();
        while goes_on && least.left > 0 {
            let kept = tree.current();
            let cut = steps.iter().filter(|step| !kept.contains(step)).copied().collect();
            let less = Less { steps: cut, ..least.less.clone() };
            goes_on =
                if self.fails_so(less, least, observer).await { tree.simplify() } else { tree.complicate() };
        }
    }

    /// Leaves out every part of its bodies that it fails without.
    async fn cut_bodies(&self, least: &mut Least<'_>, observer: &impl Observer) {
        let mut parts = Vec::new();
        for (number, (operation, body)) in least.bodies.iter().enumerate() {
            let Some((content, body)) = body else { continue };
            let mut places = Vec::new();
            less::places(body, &Pointer::root(), &mut places);
            let place = |at: Pointer| Place { body: number, at: at.as_str().to_owned() };
            let schema = self.schema_of(least.sequence, *operation, *content);
            // What its schema does not let go is not tried.
            parts.extend(places.into_iter().map(place).filter(|place| {
                let mut rest = body.clone();
                Less { parts: vec![place.clone()], ..Less::default() }.apply(number, schema, &mut rest);
                rest != *body
            }));
        }
        let mut tree = Cuts::new(parts.clone());
        let mut goes_on = tree.simplify();
        while goes_on && least.left > 0 {
            let kept = tree.current();
            let cut = parts.iter().filter(|part| !kept.contains(part)).cloned().collect();
            let less = Less { parts: cut, ..least.less.clone() };
            goes_on =
                if self.fails_so(less, least, observer).await { tree.simplify() } else { tree.complicate() };
        }
    }

    /// Makes the texts shorter and the numbers smaller that are left.
    async fn lower(&self, least: &mut Least<'_>, observer: &impl Observer) {
        let mut values = Vec::new();
        for (number, (_, body)) in least.bodies.iter().enumerate() {
            let Some((_, body)) = body else { continue };
            let mut places = Vec::new();
            less::places(body, &Pointer::root(), &mut places);
            values.extend(places.into_iter().filter_map(|at| {
                let size = less::size(body.pointer(at.as_str())?).filter(|size| *size > 1)?;
                Some((Place { body: number, at: at.as_str().to_owned() }, size))
            }));
        }
        // What is largest gains most.
        values.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
        for (place, size) in values.into_iter().take(VALUES) {
            let mut tree = BinarySearch::new(size);
            let mut goes_on = tree.simplify();
            while goes_on && least.left > 0 {
                let limit = (place.clone(), tree.current());
                let mut less = least.less.clone();
                less.limits.retain(|(held, _)| *held != place);
                less.limits.push(limit.clone());
                let is_smaller = self.is_smaller(least, &limit) && self.fails_so(less, least, observer).await;
                goes_on = if is_smaller { tree.simplify() } else { tree.complicate() };
            }
        }
    }

    /// Whether a limit changes what is sent.
    fn is_smaller(&self, least: &Least<'_>, limit: &(Place, u64)) -> bool {
        let Some((operation, Some((content, body)))) = least.bodies.get(limit.0.body) else { return false };
        let mut smaller = body.clone();
        let less = Less { limits: vec![limit.clone()], ..Less::default() };
        less.apply(limit.0.body, self.schema_of(least.sequence, *operation, *content), &mut smaller);
        smaller != *body
    }

    /// What a body of a sequence satisfies.
    fn schema_of(&self, sequence: &Sequence, operation: usize, content: usize) -> Option<&Schema> {
        let body = self.plan.apis()[sequence.address.api].operations[operation].body.as_ref()?;
        body.content.get(content)?.schema.as_ref()
    }
}
