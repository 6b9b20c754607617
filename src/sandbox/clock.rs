//! A clock that tests move.
//!
//! [`Clock`] is the only reader of the machine's clock. Everything that asks what time it is asks this one, so a test
//! that needs an expired token moves it and never sleeps.
#![expect(clippy::disallowed_methods, reason = "this module reads the machine's clock for everybody")]

use std::{
    sync::{PoisonError, RwLock},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

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

    /// Another clock that shows the same, and from here on goes its own way.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self(RwLock::new(self.state()))
    }

    /// Lets it show what another one shows.
    pub(super) fn follow(&self, other: &Self) {
        let state = other.state();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn state(&self) -> State {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        shown(self.state(), Timestamp::now())
    }

    /// Whether it is stopped.
    pub fn is_frozen(&self) -> bool {
        self.state().frozen.is_some()
    }

    /// Moves it as told, all at once: reset, then set, then advance, then freeze. A stopped clock stays stopped unless
    /// it is told to run.
    ///
    /// # Errors
    /// [`OutOfRange`], and it stays where it was.
    pub fn apply(&self, change: &Move) -> Result<(), OutOfRange> {
        let real = Timestamp::now();
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = if change.reset { State::default() } else { *state };
        let mut time = change.set.unwrap_or_else(|| shown(next, real));
        time = time.checked_add(change.advance).map_err(|_| OutOfRange)?;
        let is_frozen = change.freeze.unwrap_or(next.frozen.is_some());
        next.frozen = is_frozen.then_some(time);
        if change.set.is_some() || !change.advance.is_zero() || (state.frozen.is_some() && !change.reset) {
            next.ahead = time.duration_since(real);
        }
        *state = next;
        Ok(())
    }

    /// Moves it by a duration, backwards where that is negative.
    ///
    /// # Errors
    /// [`OutOfRange`], and it stays where it was.
    pub fn advance(&self, by: SignedDuration) -> Result<(), OutOfRange> {
        self.apply(&Move { advance: by, ..Move::default() })
    }
}

/// Measures how long something takes, by the machine's clock: that nobody moves.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Begins to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// How to move a clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct Move {
    /// First lets it show the machine's time again, running.
    pub reset: bool,
    /// Then lets it show this time.
    pub set: Option<Timestamp>,
    /// Then moves it by a duration.
    pub advance: SignedDuration,
    /// Then stops it, or lets it run on; left out, it stays as it was.
    pub freeze: Option<bool>,
}

/// Reads a duration such as `5m1s`, `-1h` or `30d`; a day has 24 hours and a week seven days.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let span: Span = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|error| error.to_string())
}

/// What the machine's clock shows.
pub(super) fn real() -> Timestamp {
    Timestamp::now()
}

fn shown(state: State, real: Timestamp) -> Timestamp {
    state.frozen.unwrap_or_else(|| real.saturating_add(state.ahead).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told_and_runs_on_from_there() {
        let clock = Clock::system();
        let time = "2030-01-01T00:00:00Z".parse().unwrap();
        clock.apply(&Move { set: Some(time), freeze: Some(true), ..Move::default() }).unwrap();
        let stopped = clock.now();
        assert_eq!((clock.now(), stopped), (time, time));
        clock.advance(SignedDuration::from_hours(24)).unwrap();
        clock.apply(&Move { freeze: Some(false), ..Move::default() }).unwrap();
        assert!(clock.now().duration_since(stopped) >= SignedDuration::from_hours(24));
        clock.apply(&Move { reset: true, ..Move::default() }).unwrap();
        assert!(clock.now() < stopped);
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text: &str| duration(text).map(|read| read.as_secs()).ok();
        assert_eq!(
            [seconds("5m1s"), seconds("-1h"), seconds("30d")],
            [Some(301), Some(-3600), Some(2_592_000)]
        );
        assert_eq!([seconds("PT5M"), seconds("1 month"), seconds("soon")], [Some(300), None, None]);
    }

    #[test]
    fn a_move_out_of_range_is_refused_and_changes_nothing() {
        let clock = Clock::frozen_at(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.advance(SignedDuration::MAX), Err(OutOfRange));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
