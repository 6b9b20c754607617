//! What a journal remembers of exchanges that it keeps no more, by sandbox.

use std::{collections::BTreeMap, sync::Arc};

use super::Counts;
use crate::finding::{Finding, Severity};

/// Of how many sandboxes something is remembered by name; of the others, together.
const MOST: usize = 4096;

/// Who lost what.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    by_sandbox: BTreeMap<Arc<str>, Tally>,
    /// Of the sandboxes that are remembered by name no more.
    others: Tally,
}

/// What a sandbox lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// How many exchanges.
    pub(super) dropped: u64,
    /// How many errors of each kind those had.
    pub(super) lost: Counts,
    /// The number of its first exchange since it was forgotten on purpose.
    first: u64,
    /// The number of the last exchange that changed this.
    last: u64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.dropped += other.dropped;
        for (code, count) in &other.lost {
            *self.lost.entry(*code).or_default() += count;
        }
    }
}

impl Tallies {
    /// Counts an exchange that there was no room for.
    pub(super) fn drop(&mut self, sandbox: &Arc<str>, id: u64, found: &[Finding]) {
        self.of(sandbox, id).dropped += 1;
        self.lose(sandbox, id, found);
    }

    /// Counts what was found in an exchange that is not held any more, unless it was forgotten on purpose.
    pub(super) fn lose(&mut self, sandbox: &Arc<str>, id: u64, found: &[Finding]) {
        let tally = self.of(sandbox, id);
        if id < tally.first {
            return;
        }
        for finding in found.iter().filter(|finding| finding.severity == Severity::Error) {
            *tally.lost.entry(finding.code).or_default() += 1;
        }
    }

    /// Forgets what a sandbox lost before the exchange of this number.
    pub(super) fn forget(&mut self, sandbox: &str, first: u64) {
        self.by_sandbox.remove(sandbox);
        self.of(&sandbox.into(), first).first = first;
    }

    /// What one sandbox lost, or all of them.
    pub(super) fn sum(&self, sandbox: Option<&str>) -> Tally {
        match sandbox {
            Some(sandbox) => self.by_sandbox.get(sandbox).cloned().unwrap_or_default(),
            None => self.by_sandbox.values().fold(self.others.clone(), |mut sum, tally| {
                sum.add(tally);
                sum
            }),
        }
    }

    fn of(&mut self, sandbox: &Arc<str>, id: u64) -> &mut Tally {
        if self.by_sandbox.len() >= MOST && !self.by_sandbox.contains_key(sandbox) {
            self.merge_oldest();
        }
        let tally = self.by_sandbox.entry(Arc::clone(sandbox)).or_default();
        tally.last = tally.last.max(id);
        tally
    }

    fn merge_oldest(&mut self) {
        let oldest =
            self.by_sandbox.iter().min_by_key(|(_, tally)| tally.last).map(|(name, _)| Arc::clone(name));
        if let Some(tally) = oldest.and_then(|oldest| self.by_sandbox.remove(&oldest)) {
            self.others.add(&tally);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Location, Part, Pointer};

    #[test]
    fn the_sum_of_all_does_not_depend_on_how_many_are_remembered_by_name() {
        let mut tallies = Tallies::default();
        let fault = Finding::error(Code::MissingParam, Location::Request(Part::Body, Pointer::root()), "");
        let names = (1..).map(|number| Arc::<str>::from(format!("s{number}")));
        for (id, name) in (1..).zip(names).take(MOST + 10) {
            tallies.drop(&name, id, std::slice::from_ref(&fault));
        }
        let all = tallies.sum(None);
        let count = MOST as u64 + 10;
        assert_eq!((all.dropped, all.lost), (count, Counts::from([(Code::MissingParam, count)])));
        assert_eq!(tallies.by_sandbox.len(), MOST);
        assert_eq!((tallies.sum(Some("s1")).dropped, tallies.sum(Some("s11")).dropped), (0, 1));
    }
}
