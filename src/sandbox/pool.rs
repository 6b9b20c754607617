//! Sandboxes by name → the one that is meant, made where there is none yet.
//!
//! To find one takes a read lock of a sixteenth of them, and nothing at all for the default one. Only who makes a new one
//! where there are too many looks for the one that was not used for longest. It does not log: who asks is told what went.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use super::{Clock, Name, Sandbox, name::DEFAULT};

/// In how many parts the names are held.
const SHARDS: usize = 16;

type Shard = RwLock<HashMap<Name, Arc<Sandbox>>>;

/// The sandboxes of a server: the default one, and those that were named.
#[derive(Debug)]
pub struct Sandboxes {
    default: Arc<Sandbox>,
    /// What the clock of a new one shows.
    origin: Clock,
    /// What its seed is.
    seed: u64,
    shards: [Shard; SHARDS],
    hasher: RandomState,
    /// How many there may be beside the default one.
    most: usize,
    count: AtomicUsize,
    dropped: AtomicU64,
}

impl Sandboxes {
    /// The default one alone, with this clock; beside it there will be at most `most`. A new one's clock shows what this
    /// one shows now.
    pub fn new(clock: Arc<Clock>, seed: u64, most: usize) -> Self {
        let origin = clock.copied();
        Self {
            default: Arc::new(Sandbox::new(Name::default(), clock, seed)),
            origin,
            seed,
            shards: Default::default(),
            hasher: RandomState::new(),
            most,
            count: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// The one that serves whoever names none.
    pub fn default(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The one of this name, where there is one.
    pub fn get(&self, name: &str) -> Option<Arc<Sandbox>> {
        if name == DEFAULT {
            return Some(Arc::clone(&self.default));
        }
        self.shard(name).read().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone)
    }

    /// The one of this name for somebody who uses it, made where there is none; and those that had to go for it. One that
    /// is in use does not go.
    pub fn of(&self, name: &Name) -> (Arc<Sandbox>, Vec<Arc<Sandbox>>) {
        if let Some(known) = self.get(name.as_str()) {
            known.touch();
            return (known, Vec::new());
        }
        let made = {
            let mut shard = self.shard(name.as_str()).write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else may have made it in the meantime.
            let made = shard.entry(name.clone()).or_insert_with(|| {
                self.count.fetch_add(1, Ordering::Relaxed);
                Arc::new(Sandbox::new(name.clone(), Arc::new(self.origin.copied()), self.seed))
            });
            Arc::clone(made)
        };
        (made, self.make_room())
    }

    /// Takes one away; the next who names it gets a new one. The default one stays.
    pub fn delete(&self, name: &str) -> Option<Arc<Sandbox>> {
        let deleted = self.shard(name).write().unwrap_or_else(PoisonError::into_inner).remove(name);
        if deleted.is_some() {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        deleted
    }

    /// All of them: the default one, then the others by name.
    pub fn all(&self) -> Vec<Arc<Sandbox>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(shard.read().unwrap_or_else(PoisonError::into_inner).values().cloned());
        }
        all.sort_by(|one, other| one.name().cmp(other.name()));
        all.insert(0, Arc::clone(&self.default));
        all
    }

    /// How many there are, with the default one.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed) + 1
    }

    /// How many there may be beside the default one.
    pub fn most(&self) -> usize {
        self.most
    }

    /// How many had to go because there were too many.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn make_room(&self) -> Vec<Arc<Sandbox>> {
        let mut gone = Vec::new();
        while self.count.load(Ordering::Relaxed) > self.most {
            let Some(oldest) = self.oldest() else { break };
            let mut shard = self.shard(oldest.as_str()).write().unwrap_or_else(PoisonError::into_inner);
            // It may be in use again, or gone already: then there is another one that is the oldest.
            if shard.get(&oldest).is_some_and(is_idle)
                && let Some(sandbox) = shard.remove(&oldest)
            {
                self.count.fetch_sub(1, Ordering::Relaxed);
                self.dropped.fetch_add(1, Ordering::Relaxed);
                gone.push(sandbox);
            }
        }
        gone
    }

    /// The name of the one that was not used for longest, of those that are not in use.
    fn oldest(&self) -> Option<Name> {
        let mut oldest: Option<(_, Name)> = None;
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let idle = shard.values().filter(|sandbox| is_idle(sandbox));
            let Some(found) = idle.min_by_key(|sandbox| (sandbox.used(), sandbox.name())) else { continue };
            let found = (found.used(), found.name().clone());
            if oldest.as_ref().is_none_or(|known| found < *known) {
                oldest = Some(found);
            }
        }
        oldest.map(|(_, name)| name)
    }

    fn shard(&self, name: &str) -> &Shard {
        let hash = self.hasher.hash_one(name);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }
}

/// Whether nobody but the pool holds it.
fn is_idle(sandbox: &Arc<Sandbox>) -> bool {
    Arc::strong_count(sandbox) == 1
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn names(pool: &Sandboxes) -> Vec<String> {
        pool.all().iter().map(|sandbox| sandbox.name().to_string()).collect()
    }

    fn pool(most: usize) -> Sandboxes {
        Sandboxes::new(Arc::new(Clock::frozen_at(Timestamp::UNIX_EPOCH)), 7, most)
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_goes_and_is_told() {
        let pool = pool(2);
        pool.of(&name("a"));
        pool.of(&name("b"));
        pool.get("a").unwrap().touch();
        let (_, gone) = pool.of(&name("c"));
        assert_eq!(gone.iter().map(|sandbox| sandbox.name().as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(names(&pool), ["default", "a", "c"]);
        assert_eq!((pool.count(), pool.dropped()), (3, 1));
    }

    #[test]
    fn one_that_is_in_use_does_not_go() {
        let pool = pool(1);
        let (held, _) = pool.of(&name("a"));
        let (other, gone) = pool.of(&name("b"));
        assert!(gone.is_empty());
        drop((held, other));
        assert_eq!(pool.of(&name("c")).1.len(), 2, "there was one too many for as long as they were in use");
        assert_eq!(names(&pool), ["default", "c"]);
    }

    #[test]
    fn a_new_one_is_as_the_default_one_was_at_first() {
        let pool = pool(10);
        pool.default().clock().advance(SignedDuration::from_mins(1)).unwrap();
        pool.default().set_seed(8);
        let (made, _) = pool.of(&name("a"));
        assert_eq!((made.clock().now(), made.seed()), (Timestamp::UNIX_EPOCH, 7));
        assert!(Arc::ptr_eq(&pool.of(&Name::default()).0, pool.default()));
        pool.default().reset();
        assert_eq!((pool.default().clock().now(), pool.default().seed()), (Timestamp::UNIX_EPOCH, 7));
    }

    #[test]
    fn what_is_deleted_is_made_anew() {
        let pool = pool(10);
        pool.of(&name("a")).0.clock().advance(SignedDuration::from_mins(1)).unwrap();
        assert!(pool.delete("a").is_some() && pool.delete("a").is_none() && pool.delete(DEFAULT).is_none());
        assert_eq!(pool.count(), 1);
        assert_eq!(pool.of(&name("a")).0.clock().now(), Timestamp::UNIX_EPOCH);
    }
}
