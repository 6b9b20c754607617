//! What this program is told to do by signals → the same told to the command that it runs.

/// The signals that are passed on.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
}

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Ctrl-C.
    Interrupt,
    /// What ends a program from outside.
    #[cfg(unix)]
    Terminate,
}

#[cfg(unix)]
impl Signals {
    /// From now on they do not end this program.
    pub(super) fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupted.recv() => Told::Interrupt,
            _ = self.terminated.recv() => Told::Terminate,
        }
    }
}

#[cfg(unix)]
impl Told {
    /// Tells it a process, which may have ended already.
    pub(super) fn pass_on(self, id: u32) {
        use rustix::process::{Pid, Signal, kill_process};
        let signal = match self {
            // A terminal tells it all processes in front, the command as well: it is not to hear it twice.
            Self::Interrupt if is_in_front() => return,
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
        };
        if let Some(process) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            let _ = kill_process(process, signal);
        }
    }
}

/// Whether what is typed at the terminal is for this program and its children.
#[cfg(unix)]
fn is_in_front() -> bool {
    let front = rustix::termios::tcgetpgrp(std::io::stdin());
    front.is_ok_and(|front| front == rustix::process::getpgrp())
}

#[cfg(not(unix))]
impl Signals {
    /// From now on they do not end this program.
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Told {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Told::Interrupt
    }
}

#[cfg(not(unix))]
impl Told {
    /// The console has told the command already.
    pub(super) fn pass_on(self, _id: u32) {}
}
