//! Documents → cases in the order in which they are sent, each planned when its turn comes.
//!
//! Operations take turns, so that none is left out where time ends, and only the cases of one are held at a time, so that
//! a large document takes no more memory than a small one. What failed before comes first, what is thrown last. Read
//! [`Queue::next`] first.

use std::{collections::HashSet, collections::VecDeque, vec::IntoIter};

use super::{
    Check, Options, Phase, Regression,
    case::{Case, Expected, Planner},
    replay::{Key, Replay},
};
use crate::plan::Address;

/// How many cases an operation has in each of its turns; in one more it has those that are left. To plan them all anew in
/// each turn takes less than to hold them all.
const SHARES: [usize; 3] = [16, 128, usize::MAX];

/// How many right requests of an operation are sent whatever is asked for.
const SHOWING: usize = 2;

/// How many cases are thrown for an operation in one of its turns.
const THROWS: usize = 10;

/// Throws are numbered apart from what else needs decisions.
const THROWN: u64 = 2 << 32;

/// A case whose turn has come.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) case: Case,
    /// Finds it again.
    pub(super) id: Replay,
    /// What decided on it, where it is thrown.
    pub(super) decisions: Option<Vec<u64>>,
    /// The number of what failed before, where it is that.
    pub(super) regression: Option<usize>,
    /// How many cases came before.
    pub(super) number: usize,
    /// How much of the queue is planned, and how much there is.
    pub(super) reached: (usize, usize),
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Turn {
    Case(Box<Job>),
    /// No right request can be made for an operation, and why.
    Untried(Address, String),
    /// What failed before means nothing in this document.
    Gone(usize),
}

/// A part of the plan.
#[derive(Debug, Clone, Copy)]
enum Step {
    Before,
    Planned(usize, Address),
    Thrown(usize, Address),
    Only(Replay, Address),
}

/// The cases of a run, planned as they are taken.
#[derive(Debug)]
pub(super) struct Queue<'q> {
    planner: Planner<'q>,
    options: &'q Options,
    steps: IntoIter<Step>,
    all: usize,
    ready: VecDeque<Turn>,
    /// The operations that have no planned cases any more.
    done: HashSet<(usize, usize)>,
    /// Those for which nothing can be thrown either.
    untried: HashSet<(usize, usize)>,
    taken: usize,
    /// How many cases of an operation are planned at most: what is not sent need not be made, though one operation may have
    /// fewer cases than others.
    share: usize,
}

impl<'q> Queue<'q> {
    pub(super) fn new(planner: Planner<'q>, options: &'q Options, addresses: &[Address]) -> Self {
        let steps: Vec<Step> = match options.only {
            Some(id) => addresses.iter().map(|address| Step::Only(id, *address)).collect(),
            None => steps(options, addresses),
        };
        Self {
            planner,
            options,
            all: steps.len(),
            steps: steps.into_iter(),
            ready: VecDeque::new(),
            done: HashSet::new(),
            untried: HashSet::new(),
            taken: 0,
            share: options.most.saturating_mul(2) / addresses.len().max(1) + 8,
        }
    }

    fn plan(&mut self, step: Step) {
        match step {
            Step::Before => {
                let regressions = self.options.regressions.iter().enumerate();
                let turns: Vec<Turn> =
                    regressions.filter_map(|(number, one)| self.before(number, one)).collect();
                self.ready.extend(turns);
            }
            Step::Planned(round, address) => self.planned(round, address),
            Step::Thrown(round, address) => self.thrown(round, address),
            Step::Only(id, address) => self.only(id, address),
        }
    }

    fn before(&self, number: usize, regression: &Regression) -> Option<Turn> {
        // A sequence is followed later.
        if regression.sequence().is_some() {
            return None;
        }
        let Some((case, id)) = regression.case(&self.planner) else { return Some(Turn::Gone(number)) };
        let job = Job { regression: Some(number), ..self.job(case, id, None) };
        self.is_wanted(&job).then(|| Turn::Case(Box::new(job)))
    }

    fn planned(&mut self, round: usize, address: Address) {
        let key = (address.api, address.operation);
        if self.done.contains(&key) {
            return;
        }
        let cases = match self.planner.all(address, self.share) {
            Ok(cases) => cases,
            Err(why) => {
                self.done.insert(key);
                self.untried.insert(key);
                self.ready.push_back(Turn::Untried(address, why));
                return;
            }
        };
        // The first ones show whether the operation works at all.
        let cases = cases.into_iter().enumerate();
        let cases = cases.filter(|(at, case)| *at < SHOWING || self.is_asked_for(case));
        let jobs = cases.map(|(_, case)| {
            let id = self.id(&case);
            self.job(case, id, None)
        });
        let before: usize = SHARES[..round].iter().sum();
        let mut wanted = jobs.filter(|job| self.is_wanted(job)).skip(before);
        let share: Vec<Job> = wanted.by_ref().take(SHARES[round]).collect();
        let is_last = wanted.next().is_none();
        drop(wanted);
        self.ready.extend(share.into_iter().map(|job| Turn::Case(Box::new(job))));
        if is_last {
            self.done.insert(key);
        }
    }

    fn thrown(&mut self, round: usize, address: Address) {
        if self.untried.contains(&(address.api, address.operation)) {
            return;
        }
        let first = round * THROWS;
        for number in first..(first + THROWS).min(self.options.fuzz) {
            let job = self.throw(address, number as u64).filter(|job| self.is_wanted(job));
            self.ready.extend(job.map(|job| Turn::Case(Box::new(job))));
        }
    }

    fn throw(&self, address: Address, number: u64) -> Option<Job> {
        let mut dice = self.planner.dice(address, THROWN | number).recorded();
        let case = self.planner.thrown(address, &mut dice)?;
        let id = Replay::throw(self.planner.operation(address), number, self.options.seed);
        Some(self.job(case, id, Some(dice.decisions().to_vec())))
    }

    fn only(&mut self, id: Replay, address: Address) {
        let job = match id.key {
            Key::Throw(number) => self.throw(address, number),
            Key::Case(_) => {
                let cases = self.planner.all(address, usize::MAX).unwrap_or_default();
                let case = cases.into_iter().find(|case| self.id(case) == id);
                case.map(|case| self.job(case, id, None))
            }
        };
        self.ready.extend(job.map(|job| Turn::Case(Box::new(job))));
    }

    /// Whether a case can tell anything that counts.
    fn is_asked_for(&self, case: &Case) -> bool {
        let checks = &self.options.checks;
        let tells = |check: &Check| checks.contains(check);
        Check::ALL.iter().any(|check| check.is_of_answers() && tells(check))
            || case.expected.check().as_ref().is_some_and(tells)
            || case.expected == Expected::NotAllowed && tells(&Check::AllowMissing)
    }

    fn id(&self, case: &Case) -> Replay {
        let expected = if matches!(case.expected, Expected::Accepted) { "right" } else { "wrong" };
        Replay::case(self.planner.operation(case.address), &case.what, expected, self.options.seed)
    }

    fn job(&self, case: Case, id: Replay, decisions: Option<Vec<u64>>) -> Job {
        let reached = (self.all - self.steps.len(), self.all);
        Job { case, id, decisions, regression: None, number: 0, reached }
    }

    fn is_wanted(&self, job: &Job) -> bool {
        self.options.phases.contains(&job.case.phase)
            && self.options.shard.is_none_or(|shard| shard.has(&job.id))
    }
}

/// All of a run: what is planned for each operation in turn, then what is thrown.
fn steps(options: &Options, addresses: &[Address]) -> Vec<Step> {
    let mut steps = vec![Step::Before];
    // To plan takes longer than to send.
    let is_planned = [Phase::Examples, Phase::Coverage].iter().any(|phase| options.phases.contains(phase));
    for round in (0..SHARES.len()).filter(|_| is_planned) {
        steps.extend(addresses.iter().map(|address| Step::Planned(round, *address)));
    }
    if options.phases.contains(&Phase::Fuzz) {
        for round in 0..options.fuzz.div_ceil(THROWS) {
            steps.extend(addresses.iter().map(|address| Step::Thrown(round, *address)));
        }
    }
    steps
}

impl Iterator for Queue<'_> {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        loop {
            match self.ready.pop_front() {
                Some(Turn::Case(_)) if self.taken == self.options.most => return None,
                Some(Turn::Case(mut job)) => {
                    job.number = self.taken;
                    self.taken += 1;
                    return Some(Turn::Case(job));
                }
                Some(other) => return Some(other),
                None => {
                    let step = self.steps.next()?;
                    self.plan(step);
                }
            }
        }
    }
}
