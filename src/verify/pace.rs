//! A handler that is asked no more often than it can bear.
//!
//! Time is passed in, so that a test need not wait. Read [`Paced`] first.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::exchange::{Handler, Reply, Request};

/// Whoever knows the time and lets it pass.
pub trait Timer: Send + Sync {
    /// How long it is since some moment, always the same one.
    fn elapsed(&self) -> Duration;

    /// Comes back once the time has passed.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// Passes requests on with at least some time between two of them.
#[derive(Debug)]
pub struct Paced<H, T> {
    target: H,
    timer: T,
    between: Duration,
    /// When the next request may be sent.
    next: Mutex<Duration>,
}

impl<H, T: Timer> Paced<H, T> {
    /// Leaves at least `between` between two requests to `target`.
    pub fn new(target: H, between: Duration, timer: T) -> Self {
        Self { target, timer, between, next: Mutex::new(Duration::ZERO) }
    }

    /// Takes the next turn; how long it is until then. A turn that nobody took is lost, so that no burst follows a pause.
    fn turn(&self) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.timer.elapsed();
        let turn = now.max(*next);
        *next = turn + self.between;
        turn.saturating_sub(now)
    }
}

impl<H: Handler, T: Timer> Handler for Paced<H, T> {
    async fn handle(&self, request: Request) -> Reply {
        if !self.between.is_zero() {
            let until = self.turn();
            if !until.is_zero() {
                self.timer.wait(until).await;
            }
        }
        self.target.handle(request).await
    }
}
