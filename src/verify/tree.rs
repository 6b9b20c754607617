//! Values that can be made smaller, step by step: trees as `proptest` has them, over lists and the numbers in them.
//!
//! Whoever walks a tree asks for its value and says of each whether that still fails: [`ValueTree::simplify`] goes on from
//! one that does, [`ValueTree::complicate`] from one that does not. Both tell whether there is another value to try.

use std::fmt::Debug;

use proptest::{num::u64::BinarySearch, strategy::ValueTree};

/// A list of which parts are left out, larger ones first.
#[derive(Debug, Clone)]
pub(super) struct Cuts<T> {
    kept: Vec<T>,
    /// The list without the last cut, for as long as nobody has said what became of it.
    before: Option<Vec<T>>,
    length: usize,
    at: usize,
}

impl<T: Clone> Cuts<T> {
    pub(super) fn new(list: Vec<T>) -> Self {
        let length = list.len();
        Self { kept: list, before: None, length, at: 0 }
    }

    /// The shortest list that still fails.
    pub(super) fn least(&self) -> &[T] {
        self.before.as_ref().unwrap_or(&self.kept)
    }

    fn cut(&mut self) -> bool {
        while self.length > 0 {
            if self.at < self.kept.len() {
                self.before = Some(self.kept.clone());
                let end = (self.at + self.length).min(self.kept.len());
                self.kept.drain(self.at..end);
                return true;
            }
            (self.length, self.at) = (self.length / 2, 0);
        }
        false
    }
}

impl<T: Clone + Debug> ValueTree for Cuts<T> {
    type Value = Vec<T>;

    fn current(&self) -> Vec<T> {
        self.kept.clone()
    }

    fn simplify(&mut self) -> bool {
        self.before = None;
        self.cut()
    }

    fn complicate(&mut self) -> bool {
        let Some(before) = self.before.take() else { return false };
        self.kept = before;
        self.at += self.length;
        self.cut()
    }
}

/// A list of decisions: first shorter, then of smaller numbers.
#[derive(Debug, Clone)]
pub(super) struct Decisions {
    cuts: Cuts<u64>,
    /// The numbers that are left once nothing can be cut, and which of them is made smaller.
    numbers: Option<(Vec<BinarySearch>, usize)>,
}

impl Decisions {
    pub(super) fn new(decisions: Vec<u64>) -> Self {
        Self { cuts: Cuts::new(decisions), numbers: None }
    }

    fn number(&mut self) -> bool {
        let least = self.cuts.least();
        let start = || (least.iter().map(|number| BinarySearch::new(*number)).collect(), 0);
        let (numbers, at) = self.numbers.get_or_insert_with(start);
        while let Some(number) = numbers.get_mut(*at) {
            if number.simplify() {
                return true;
            }
            *at += 1;
        }
        false
    }
}

impl ValueTree for Decisions {
    type Value = Vec<u64>;

    fn current(&self) -> Vec<u64> {
        match &self.numbers {
            Some((numbers, _)) => numbers.iter().map(BinarySearch::current).collect(),
            None => self.cuts.current(),
        }
    }

    fn simplify(&mut self) -> bool {
        (self.numbers.is_none() && self.cuts.simplify()) || self.number()
    }

    fn complicate(&mut self) -> bool {
        match &mut self.numbers {
            None if self.cuts.complicate() => return true,
            None => {}
            Some((numbers, at)) => {
                if numbers.get_mut(*at).is_some_and(ValueTree::complicate) {
                    return true;
                }
                *at += 1;
            }
        }
        self.number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least<T: ValueTree>(mut tree: T, fails: impl Fn(&T::Value) -> bool) -> T::Value {
        let mut least = tree.current();
        let mut goes_on = tree.simplify();
        while goes_on {
            let current = tree.current();
            goes_on = if fails(&current) {
                least = current;
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        least
    }

    #[test]
    fn a_list_is_cut_to_what_it_fails_without() {
        let tree = Cuts::new((0..100).collect());
        let found = least(tree, |list: &Vec<u64>| list.contains(&3) && list.contains(&77));
        assert_eq!(found, [3, 77]);
        assert_eq!(least(Cuts::new(vec![1, 2]), |_| true), Vec::<u64>::new());
        assert_eq!(least(Cuts::new(vec![1, 2]), |_| false), [1, 2]);
    }

    #[test]
    fn the_numbers_that_are_left_become_the_smallest_that_fail() {
        let tree = Decisions::new(vec![9, 4000, 7, 12, 900]);
        let found = least(tree, |list| list.iter().any(|one| *one >= 100) && list.len() >= 2);
        assert_eq!(found, [0, 100]);
    }
}
