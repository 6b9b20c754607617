//! A run while it goes on → a bar on a terminal, now and then a line elsewhere; and when it is to end.

use std::{
    io::IsTerminal,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use indicatif::{ProgressBar, ProgressStyle};

use super::pace::Watch;
use crate::verify::{Exchange, Observer, Phase, Timer};

/// How long nothing is told between two lines.
const QUIET: Duration = Duration::from_secs(5);

/// The longest that a run waits for the end of a token.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watches a run and ends it in time.
#[derive(Debug)]
pub(super) struct Progress {
    watch: Watch,
    sent: AtomicUsize,
    shown: Shown,
}

/// How progress is told.
#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    /// When the last line was told.
    Lines(Mutex<Instant>),
    Nothing,
}

/// Whether progress is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loudness {
    Told,
    Quiet,
}

impl Progress {
    /// A run that ends when the watch says so.
    pub(super) fn new(watch: Watch, loudness: Loudness) -> Self {
        let shown = match loudness {
            Loudness::Quiet => Shown::Nothing,
            Loudness::Told if std::io::stderr().is_terminal() => Shown::Bar(bar()),
            Loudness::Told => Shown::Lines(Mutex::new(Instant::now())),
        };
        Self { watch, sent: AtomicUsize::new(0), shown }
    }

    /// Leaves the terminal to what is told next.
    pub(super) fn end(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let template = "{bar:24} {msg}, {elapsed} gone";
    let style = ProgressStyle::with_template(template).expect("every brace of the template is closed");
    // The default draws on standard error, some twenty times a second at most.
    ProgressBar::new(0).with_style(style)
}

/// One line of progress.
fn line(sent: usize, elapsed: Duration, phase: Phase, violations: usize) -> String {
    let rate = sent as u128 * 1000 / elapsed.as_millis().max(1);
    format!("{phase}: {sent} request(s), {rate}/s, {violations} violation(s)")
}

impl Observer for Progress {
    fn goes_on(&self) -> bool {
        !self.watch.is_over()
    }

    fn waits(&self, time: Duration) -> BoxFuture<'_, bool> {
        // Who waits longer for the end of a token has a mock whose clock can be moved.
        let is_worth_it = time <= PATIENCE && time < self.watch.left();
        Box::pin(async move {
            if is_worth_it {
                tokio::time::sleep(time).await;
            }
            is_worth_it
        })
    }

    fn see(&self, exchange: &Exchange<'_>) {
        let sent = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        let told = || line(sent, self.watch.elapsed(), exchange.phase, exchange.found);
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                let (planned, all) = exchange.reached;
                bar.set_length(all as u64);
                bar.set_position(planned as u64);
                bar.set_message(told());
            }
            Shown::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= QUIET {
                    *last = Instant::now();
                    eprintln!("{}", told());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is_how_fast_it_goes_and_what_was_found() {
        let told = line(1500, Duration::from_millis(2500), Phase::Fuzz, 3);
        assert_eq!(told, "fuzz: 1500 request(s), 600/s, 3 violation(s)");
        assert_eq!(
            line(0, Duration::ZERO, Phase::Examples, 0),
            "examples: 0 request(s), 0/s, 0 violation(s)"
        );
    }
}
