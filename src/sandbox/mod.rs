//! What one test owns; so far, its time.
//!
//! [`Clock`] is the only reader of the machine's clock. Everything that asks what time it is asks this one, so a test
//! that needs an expired token moves it and never sleeps.
#![expect(clippy::disallowed_methods, reason = "this module reads the machine's clock for everybody")]

use std::sync::{PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

/// A clock that can be moved and stopped.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use standin::sandbox::Clock;
///
/// let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
/// clock.advance(SignedDuration::from_mins(5)).expect("it stays within range");
/// assert_eq!(clock.now().as_second(), 300);
/// assert!(clock.is_frozen());
/// ```
#[derive(Debug, Default)]
pub struct Clock(RwLock<State>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// How far this clock is ahead of the machine's.
    ahead: SignedDuration,
    /// What it shows while it is stopped.
    frozen: Option<Timestamp>,
}

/// A clock cannot show a time outside of the years -9999 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("move the clock: the time would be out of the range from year -9999 to 9999")]
pub struct OutOfRange;

impl Clock {
    /// A clock that shows the machine's time.
    pub fn system() -> Self {
        Self::default()
    }

    /// A stopped clock.
    pub fn frozen_at(time: Timestamp) -> Self {
        Self(RwLock::new(State { ahead: SignedDuration::ZERO, frozen: Some(time) }))
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        let state = *self.0.read().unwrap_or_else(PoisonError::into_inner);
        shown(state)
    }

    /// Whether it is stopped.
    pub fn is_frozen(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).frozen.is_some()
    }

    /// Moves it by a duration, backwards where that is negative; a stopped one stays stopped.
    ///
    /// # Errors
    /// [`OutOfRange`], and it stays where it was.
    pub fn advance(&self, by: SignedDuration) -> Result<(), OutOfRange> {
        self.change(|state| {
            match &mut state.frozen {
                Some(time) => *time = time.checked_add(by).map_err(|_| OutOfRange)?,
                None => state.ahead = state.ahead.checked_add(by).ok_or(OutOfRange)?,
            }
            Ok(())
        })
    }

    /// Lets it show `time` now; a stopped one stays stopped.
    ///
    /// # Errors
    /// [`OutOfRange`], and it stays where it was.
    pub fn set(&self, time: Timestamp) -> Result<(), OutOfRange> {
        self.change(|state| {
            match &mut state.frozen {
                Some(frozen) => *frozen = time,
                None => state.ahead = time.duration_since(Timestamp::now()),
            }
            Ok(())
        })
    }

    /// Stops it at what it shows.
    pub fn freeze(&self) {
        self.alter(|state| state.frozen = state.frozen.or(Some(shown(*state))));
    }

    /// Lets it run on from what it shows.
    pub fn unfreeze(&self) {
        self.alter(|state| {
            if let Some(time) = state.frozen.take() {
                state.ahead = time.duration_since(Timestamp::now());
            }
        });
    }

    /// Lets it show the machine's time again, running.
    pub fn reset(&self) {
        self.alter(|state| *state = State::default());
    }

    fn alter(&self, by: impl FnOnce(&mut State)) {
        by(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn change(&self, by: impl FnOnce(&mut State) -> Result<(), OutOfRange>) -> Result<(), OutOfRange> {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = *state;
        by(&mut next)?;
        let time = next.frozen.map_or_else(|| Timestamp::now().checked_add(next.ahead), Ok);
        time.map_err(|_| OutOfRange)?;
        *state = next;
        Ok(())
    }
}

fn shown(state: State) -> Timestamp {
    state.frozen.unwrap_or_else(|| Timestamp::now().saturating_add(state.ahead).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told_and_runs_on_from_there() {
        let clock = Clock::system();
        clock.set("2030-01-01T00:00:00Z".parse().unwrap()).unwrap();
        clock.freeze();
        let stopped = clock.now();
        assert_eq!(clock.now(), stopped);
        clock.advance(SignedDuration::from_hours(24)).unwrap();
        clock.unfreeze();
        assert!(clock.now().duration_since(stopped) >= SignedDuration::from_hours(24));
        clock.reset();
        assert!(clock.now() < stopped);
    }

    #[test]
    fn a_move_out_of_range_is_refused_and_changes_nothing() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.advance(SignedDuration::MAX), Err(OutOfRange));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
