//! Counts what a law was tried on, so that a law that is never tried does not hold.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt::Debug,
};

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use standin::exchange::Reply;

/// What a law was tried on.
pub(crate) struct Tally {
    law: &'static str,
    cases: Cell<u32>,
    counts: RefCell<BTreeMap<String, usize>>,
}

impl Tally {
    pub(crate) fn of(law: &'static str) -> Self {
        Self { law, cases: Cell::default(), counts: RefCell::default() }
    }

    /// Tries the law on `cases` values, the same in each run, and shrinks the first for which it does not hold.
    pub(crate) fn run<S: Strategy>(
        &self,
        cases: u32,
        values: &S,
        holds: impl Fn(S::Value) -> Result<(), String>,
    ) where
        S::Value: Debug,
    {
        let config = Config { cases, failure_persistence: None, max_shrink_iters: 4096, ..Config::default() };
        let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(config, chance);
        let result = runner.run(values, |value| {
            self.cases.set(self.cases.get() + 1);
            holds(value).map_err(TestCaseError::fail)
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(reason, value)) => panic!("{}: {reason}\nfor {value:#?}", self.law),
            Err(error) => panic!("{}: {error}", self.law),
        }
    }

    /// Counts something that a case showed.
    pub(crate) fn count(&self, what: impl Into<String>) {
        *self.counts.borrow_mut().entry(what.into()).or_default() += 1;
    }

    /// Counts the hundred of a reply's status.
    pub(crate) fn reply(&self, reply: &Reply) {
        self.count(format!("{}xx", reply.response.status.as_u16() / 100));
    }

    /// Tells what the law was tried on; every one of `expected` was among it.
    #[expect(clippy::print_stdout, reason = "what a law was tried on is quoted where its result is told")]
    pub(crate) fn tell<'a>(&self, expected: impl IntoIterator<Item = &'a str>) {
        let counts = self.counts.borrow();
        let told: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
        println!("law: {}: {} cases ({})", self.law, self.cases.get(), told.join(", "));
        for what in expected {
            assert!(counts.contains_key(what), "{}: no case was {what}", self.law);
        }
    }
}
