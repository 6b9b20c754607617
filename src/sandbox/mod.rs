//! What one test owns: a [`Sandbox`] with its [`Clock`], its seed, and whatever the layers above keep for it.
//!
//! [`Sandboxes`] holds them by name, makes one when it is first named, and lets the one go that was not used for longest
//! where there are too many. A request says which one it is for: [`Name::of`]. What happens in one is never seen in
//! another. Read [`Sandbox`] first.

mod clock;
mod fault;
mod name;
mod pool;
mod state;

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

pub use self::{
    clock::{Clock, Move, OutOfRange, Stopwatch, duration},
    fault::{FAULTS, Fault, Kind, LONGEST, Struck, Time},
    name::{DEFAULT, FIELD, Name, Unnameable},
    pool::Sandboxes,
    state::{Room, Shelf, State, Store, Thing},
};

/// A world of its own.
///
/// ```
/// use std::sync::Arc;
/// use standin::sandbox::{Clock, Name, Sandbox};
///
/// let sandbox = Sandbox::new(Name::default(), Arc::new(Clock::system()), 7);
/// let seen = sandbox.kept::<std::sync::Mutex<Vec<String>>>();
/// seen.lock().expect("nobody panicked").push("a pet".to_owned());
/// assert_eq!(sandbox.kept::<std::sync::Mutex<Vec<String>>>().lock().expect("nobody panicked").len(), 1);
/// sandbox.reset();
/// assert!(sandbox.kept::<std::sync::Mutex<Vec<String>>>().lock().expect("nobody panicked").is_empty());
/// ```
pub struct Sandbox {
    name: Name,
    clock: Arc<Clock>,
    seed: AtomicU64,
    /// What the clock and the seed are after a reset.
    origin: (Clock, u64),
    kept: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    requests: AtomicU64,
    /// When it was used last, by the machine's clock, in nanoseconds since 1970.
    used: AtomicI64,
}

impl Sandbox {
    /// One that nobody has used.
    pub fn new(name: Name, clock: Arc<Clock>, seed: u64) -> Self {
        let origin = (clock.copied(), seed);
        let used = AtomicI64::new(nanoseconds(clock::real()));
        let (seed, requests) = (AtomicU64::new(seed), AtomicU64::new(0));
        Self { name, clock, seed, origin, kept: RwLock::default(), requests, used }
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    /// What changes its generated values.
    pub fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Changes what changes its generated values.
    pub fn set_seed(&self, seed: u64) {
        self.seed.store(seed, Ordering::Relaxed);
    }

    /// What a layer above keeps for this sandbox, by its type; made when it is first asked for, and again after a reset.
    ///
    /// So state and faults live here and are defined where they are understood.
    ///
    /// # Panics
    /// Never: what is kept under a type is of that type.
    pub fn kept<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let key = TypeId::of::<T>();
        let held = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&key).map(Arc::clone);
        let kept = held.unwrap_or_else(|| {
            let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(key).or_insert_with(|| Arc::new(T::default())))
        });
        kept.downcast().expect("what is kept under a type is of that type")
    }

    /// Makes it as it was when nobody had used it, but for its count of requests.
    pub fn reset(&self) {
        self.clock.follow(&self.origin.0);
        self.set_seed(self.origin.1);
        self.kept.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes note that it is used.
    pub fn touch(&self) {
        self.used.store(nanoseconds(clock::real()), Ordering::Relaxed);
    }

    /// Takes note of a request.
    pub fn count(&self) {
        self.touch();
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests it has had.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// When it was used last, by the machine's clock.
    pub fn used(&self) -> Timestamp {
        let nanoseconds = self.used.load(Ordering::Relaxed);
        Timestamp::from_nanosecond(nanoseconds.into()).unwrap_or_default()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sandbox({}, {})", self.name, self.clock.now())
    }
}

/// A time as a number that fits into an atomic one, which the machine's does for another 200 years.
fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}
