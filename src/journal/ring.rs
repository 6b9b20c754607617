//! Exchanges in the order in which they came, in a number of bytes: where there is no room, the oldest ones go.
//!
//! They stand in the order of their numbers, so one is found by its number at once. It does not know what an exchange
//! weighs.

use std::{collections::VecDeque, sync::Arc};

use super::{
    Exchange,
    tally::{Tallies, Tally},
};
use crate::finding::Finding;

/// An exchange that is held; those who read share it.
pub(super) type Held = Arc<Exchange>;

/// The exchanges that there is room for.
#[derive(Debug)]
pub(super) struct Ring {
    most: usize,
    held: VecDeque<(Held, usize)>,
    weight: usize,
    /// The number of the next one.
    next: u64,
    /// What is remembered of those that are not held any more.
    tallies: Tallies,
    /// The number of the first one since everything was forgotten.
    first: u64,
}

impl Ring {
    /// An empty one that takes no more than `most` bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: VecDeque::new(), weight: 0, next: 1, tallies: Tallies::default(), first: 1 }
    }

    /// Adds an exchange under the next number; the number, and what was dropped for it.
    pub(super) fn push(&mut self, mut exchange: Exchange, weight: usize) -> (u64, Vec<Held>) {
        let id = self.next;
        self.next += 1;
        exchange.id = id;
        self.held.push_back((Arc::new(exchange), weight));
        self.weight += weight;
        (id, self.make_room())
    }

    /// Puts an exchange in the place of the one of its number, where that is still held; what was dropped.
    pub(super) fn replace(&mut self, exchange: Exchange, weight: usize) -> Vec<Held> {
        let Some(index) = self.index(exchange.id) else { return Vec::new() };
        let (held, weighed) = &mut self.held[index];
        self.weight = self.weight - *weighed + weight;
        *weighed = weight;
        let replaced = std::mem::replace(held, Arc::new(exchange));
        let mut dropped = self.make_room();
        dropped.push(replaced);
        dropped
    }

    /// What is too large for an empty ring goes like any other: after all that is older.
    fn make_room(&mut self) -> Vec<Held> {
        let mut dropped = Vec::new();
        while self.weight > self.most {
            let Some((oldest, weight)) = self.held.pop_front() else { break };
            self.weight -= weight;
            self.tallies.drop(&oldest.answered.sandbox, oldest.id, &oldest.answered.findings);
            dropped.push(oldest);
        }
        dropped
    }

    /// Counts what was found in an exchange that is not held any more, unless it was forgotten on purpose.
    pub(super) fn lose(&mut self, sandbox: &Arc<str>, id: u64, found: &[Finding]) {
        if id >= self.first {
            self.tallies.lose(sandbox, id, found);
        }
    }

    /// Forgets everything; what was held.
    pub(super) fn clear(&mut self) -> Vec<Held> {
        let fresh = Self { next: self.next, first: self.next, ..Self::new(self.most) };
        let forgotten = std::mem::replace(self, fresh);
        forgotten.held.into_iter().map(|(held, _)| held).collect()
    }

    /// Forgets everything of one sandbox; what was held.
    pub(super) fn clear_of(&mut self, sandbox: &str) -> Vec<Held> {
        self.tallies.forget(sandbox, self.next);
        let all = std::mem::take(&mut self.held);
        let (gone, stay) = all.into_iter().partition(|(held, _)| &*held.answered.sandbox == sandbox);
        self.held = stay;
        let gone: VecDeque<(Held, usize)> = gone;
        self.weight -= gone.iter().map(|(_, weight)| weight).sum::<usize>();
        gone.into_iter().map(|(held, _)| held).collect()
    }

    /// The exchange of a number.
    pub(super) fn get(&self, id: u64) -> Option<Held> {
        Some(Arc::clone(&self.held[self.index(id)?].0))
    }

    /// All that are held, newest last.
    pub(super) fn all(&self) -> Vec<Held> {
        self.held.iter().map(|(held, _)| Arc::clone(held)).collect()
    }

    /// What one sandbox lost because there was no room, or all of them.
    pub(super) fn lost(&self, sandbox: Option<&str>) -> Tally {
        self.tallies.sum(sandbox)
    }

    fn index(&self, id: u64) -> Option<usize> {
        self.held.binary_search_by_key(&id, |(held, _)| held.id).ok()
    }

    /// How many bytes are taken.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }
}
