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
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::verify::{Exchange, Observer};

/// How long nothing is told between two lines.
const QUIET: Duration = Duration::from_secs(5);

/// The longest that a run waits for the end of a token.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watches a run and ends it in time.
#[derive(Debug)]
pub(super) struct Progress {
    started: Instant,
    until: Instant,
    sent: AtomicUsize,
    all: AtomicUsize,
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
    /// A run that starts now and ends after that long.
    pub(super) fn new(time: Duration, loudness: Loudness) -> Self {
        let now = Instant::now();
        let shown = match loudness {
            Loudness::Quiet => Shown::Nothing,
            Loudness::Told if std::io::stderr().is_terminal() => Shown::Bar(bar()),
            Loudness::Told => Shown::Lines(Mutex::new(now)),
        };
        let (sent, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { started: now, until: now + time, sent, all, shown }
    }

    /// Leaves the terminal to what is told next.
    pub(super) fn end(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        // Where the terminal takes nothing there is nobody to tell.
        let _ = write!(text, "{:.0}/s", state.per_sec());
    };
    let template = "{bar:24} {pos} of {len} request(s), {rate}, {msg}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("every brace of the template is closed");
    // The default draws on standard error, some twenty times a second at most.
    ProgressBar::new(0).with_style(style.with_key("rate", rate)).with_message(found(0))
}

fn found(number: usize) -> String {
    format!("{number} violation(s)")
}

/// One line of progress.
fn line(sent: usize, all: usize, elapsed: Duration, violations: usize) -> String {
    let rate = sent as u128 * 1000 / elapsed.as_millis().max(1);
    format!("{sent} of {all} request(s), {rate}/s, {}", found(violations))
}

impl Observer for Progress {
    fn goes_on(&self) -> bool {
        Instant::now() < self.until
    }

    fn waits(&self, time: Duration) -> BoxFuture<'_, bool> {
        // Who waits longer for the end of a token has a mock whose clock can be moved.
        let is_worth_it = time <= PATIENCE && Instant::now() + time < self.until;
        Box::pin(async move {
            if is_worth_it {
                tokio::time::sleep(time).await;
            }
            is_worth_it
        })
    }

    fn begins(&self, cases: usize) {
        self.all.store(cases, Ordering::Relaxed);
        if let Shown::Bar(bar) = &self.shown {
            bar.set_length(cases as u64);
        }
    }

    fn see(&self, exchange: &Exchange<'_>) {
        let sent = self.sent.fetch_add(1, Ordering::Relaxed) + 1;
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                if !exchange.violations.is_empty() {
                    bar.set_message(found(exchange.found));
                }
                bar.inc(1);
            }
            Shown::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() >= QUIET {
                    *last = Instant::now();
                    let all = self.all.load(Ordering::Relaxed);
                    eprintln!("{}", line(sent, all, self.started.elapsed(), exchange.found));
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
        let told = line(1500, 4000, Duration::from_millis(2500), 3);
        assert_eq!(told, "1500 of 4000 request(s), 600/s, 3 violation(s)");
        assert_eq!(line(0, 4, Duration::ZERO, 0), "0 of 4 request(s), 0/s, 0 violation(s)");
    }
}
