//! The machine's time for whoever must not be asked too often, and when a run is to end.

use std::time::{Duration, Instant};

use crate::verify::{Timer, contract::Wait};

/// The time since a run began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    started: Instant,
    until: Instant,
}

impl Watch {
    /// A run that begins now and is to end after that long.
    pub(super) fn new(time: Duration) -> Self {
        let started = Instant::now();
        Self { started, until: started + time }
    }

    /// Whether the time is over.
    pub(super) fn is_over(self) -> bool {
        Instant::now() >= self.until
    }

    /// How much time is left.
    pub(super) fn left(self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

impl Timer for Watch {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// Nobody waits beyond the end.
impl Wait for Watch {
    async fn wait(&self, time: Duration) {
        let left = self.until.saturating_duration_since(Instant::now());
        tokio::time::sleep(time.min(left)).await;
    }

    fn is_over(&self) -> bool {
        Self::is_over(*self)
    }
}

/// How long to leave between two requests, where so many are sent in a second.
pub(super) fn between(text: &str) -> Result<Duration, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    let between = rate.and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
    between.ok_or_else(|| "it is a number of requests per second, more than 0".to_owned())
}
