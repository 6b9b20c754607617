//! Exchanges that were answered → a journal of them, in a number of bytes, without their secrets.
//!
//! To keep an exchange costs a moment under a lock: what there is, is kept as it is. Whoever reads takes the time that it
//! takes to search, to hide secrets and to sum up, and holds nobody back. It knows no sockets, and no form in which it is
//! told. Read [`Journal::record`] and [`Journal::select`] first.

mod exchange;
mod filter;
mod ring;
mod tally;
mod verdict;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
};

pub use self::{
    exchange::{Answered, Extent},
    filter::{Filter, Since},
    verdict::{Cause, Verdict},
};
use self::{ring::Ring, tally::Tally};
use crate::{
    exchange::Passed,
    finding::{Code, Finding},
    mask::Mask,
};

/// The most bytes of a body that are kept.
const BODY: usize = 64 * 1024;
/// The most of a journal that one body may take.
const SHARE: usize = 8;

/// What was answered in all sandboxes, as far as there still is room for it.
pub struct Journal {
    bytes: usize,
    mask: RwLock<Mask>,
    ring: Mutex<Ring>,
}

/// An exchange that is kept.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Its number; later ones have greater numbers.
    pub id: u64,
    /// What was asked and answered.
    pub answered: Answered,
}

/// What a filter finds.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The exchanges, newest last.
    pub exchanges: Vec<Exchange>,
    /// How many more it would have found, had it not been for its limit.
    pub more: usize,
    /// How many exchanges are kept no more, because there was no room.
    pub dropped: u64,
}

impl Journal {
    /// An empty journal, which takes no more than this number of bytes; with none, nothing is kept. What it tells goes
    /// through `mask`.
    pub fn new(bytes: usize, mask: Mask) -> Self {
        Self { bytes, mask: RwLock::new(mask), ring: Mutex::new(Ring::new(bytes)) }
    }

    /// Whether anything is kept.
    pub fn is_kept(&self) -> bool {
        self.bytes > 0
    }

    /// The most bytes of a body that are kept.
    pub fn body_limit(&self) -> usize {
        BODY.min(self.bytes / SHARE)
    }

    /// Hides what another mask hides as well.
    pub fn hide(&self, mask: Mask) {
        self.mask.write().unwrap_or_else(PoisonError::into_inner).join(mask);
    }

    /// How many exchanges are kept no more, because there was no room.
    pub fn dropped(&self) -> u64 {
        self.ring().lost(None).dropped
    }

    /// How many bytes are taken.
    pub fn bytes(&self) -> usize {
        self.ring().weight()
    }

    /// Keeps an exchange, and drops the oldest ones where there is no room; its number.
    pub fn record(&self, answered: Answered) -> u64 {
        let weight = exchange::weight(&answered, self.body_limit());
        let exchange = Exchange { id: 0, answered };
        // What is dropped is freed when the lock is.
        let (id, _dropped) = self.ring().push(exchange, weight);
        id
    }

    /// Adds how the body of an answer of a sandbox ended that was still coming, and what was found in it.
    pub fn end(&self, id: u64, sandbox: &Arc<str>, passed: Passed, found: Vec<Finding>) {
        let mut ring = self.ring();
        let Some(held) = ring.get(id) else { return ring.lose(sandbox, id, &found) };
        let mut exchange = Exchange::clone(&held);
        exchange.answered.end(passed, found);
        let weight = exchange::weight(&exchange.answered, self.body_limit());
        let dropped = ring.replace(exchange, weight);
        drop(ring);
        drop(dropped);
    }

    /// Forgets everything, or everything of one sandbox, what was dropped as well; how many exchanges were kept.
    pub fn clear(&self, sandbox: Option<&str>) -> usize {
        let mut ring = self.ring();
        let cleared = match sandbox {
            Some(sandbox) => ring.clear_of(sandbox),
            None => ring.clear(),
        };
        drop(ring);
        cleared.len()
    }

    /// The exchange of this number, where it is kept.
    pub fn get(&self, id: u64) -> Option<Exchange> {
        let held = self.ring().get(id)?;
        Some(self.masked(&held))
    }

    /// The exchanges that a filter lets through.
    pub fn select(&self, filter: &Filter) -> Selection {
        let (held, dropped) = {
            let ring = self.ring();
            (ring.all(), ring.lost(filter.sandbox.as_deref()).dropped)
        };
        let (found, more) = filter.among(held);
        Selection { exchanges: found.iter().map(|held| self.masked(held)).collect(), more, dropped }
    }

    /// Whether every request and response so far satisfied the documents, in one sandbox or in all of them; what has one of
    /// these codes is passed over.
    pub fn verdict(&self, sandbox: Option<&str>, except: &[Code]) -> Verdict {
        let (mut held, Tally { dropped, mut lost, .. }) = {
            let ring = self.ring();
            (ring.all(), ring.lost(sandbox))
        };
        held.retain(|held| sandbox.is_none_or(|sandbox| *held.answered.sandbox == *sandbox));
        lost.retain(|code, _| !except.contains(code));
        let causes = verdict::causes(&held, except, |held, finding| {
            let mut finding = finding.clone();
            let answered = &held.answered;
            self.mask().learn([(&answered.request, &answered.response)]).hide_in_finding(&mut finding);
            finding
        });
        Verdict { exchanges: held.len(), causes, dropped, lost }
    }

    fn mask(&self) -> RwLockReadGuard<'_, Mask> {
        self.mask.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn masked(&self, held: &Exchange) -> Exchange {
        let mut exchange = held.clone();
        let Answered { request, response, why, findings, .. } = &mut exchange.answered;
        let mask = self.mask();
        let secrets = mask.learn([(&*request, &*response)]);
        secrets.hide_in_request(request);
        secrets.hide_in_response(response);
        *why = secrets.text(why);
        for finding in findings {
            secrets.hide_in_finding(finding);
        }
        exchange
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is in it is secret.
impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({} bytes)", self.bytes)
    }
}

/// How many findings of each kind there were.
type Counts = BTreeMap<Code, u64>;

#[cfg(test)]
mod tests;
