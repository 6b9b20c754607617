//! Lines of the log → standard error, many at a time, by a thread that does nothing else.
//!
//! A line for each request is worth having and not worth waiting for: to write one by itself costs about as much as to
//! answer the request. Read [`Lines::start`] first.

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// How many bytes are kept at most; who writes more waits until there is room.
const MOST: usize = 1024 * 1024;
/// How long lines are gathered between two writes.
const BETWEEN: Duration = Duration::from_millis(5);

/// Where lines are written to; every copy is the same place.
#[derive(Debug, Clone)]
pub(super) struct Lines(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    filled: Condvar,
    /// Held by whoever writes them out, so that their order is kept.
    turn: Mutex<()>,
}

#[derive(Debug, Default)]
struct Pending {
    text: Vec<u8>,
    is_awaited: bool,
}

impl Lines {
    /// Begins to write out what comes.
    pub(super) fn start() -> Self {
        let lines = Self(Arc::default());
        let own = lines.clone();
        let writer = move || {
            loop {
                own.wait();
                own.end();
                thread::sleep(BETWEEN);
            }
        };
        // Without it everything is written at the end, or when it is too much.
        drop(thread::Builder::new().name("log".to_owned()).spawn(writer));
        lines
    }

    /// Writes out what there is.
    pub(super) fn end(&self) {
        let _turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let text = std::mem::take(&mut self.pending().text);
        // Where nobody reads, there is nobody to tell.
        let _ = io::stderr().write_all(&text);
    }

    fn wait(&self) {
        let mut pending = self.pending();
        while pending.text.is_empty() {
            pending.is_awaited = true;
            pending = self.0.filled.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
        pending.is_awaited = false;
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = self.pending();
        pending.text.extend_from_slice(bytes);
        let is_full = pending.text.len() > MOST;
        if std::mem::take(&mut pending.is_awaited) {
            self.0.filled.notify_one();
        }
        drop(pending);
        if is_full {
            self.end();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
