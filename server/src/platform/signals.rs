//! The effect of signals on a server. No signal of an operator or a closed terminal ends it without draining.
//!
//! | signal | what happens |
//! |---|---|
//! | SIGTERM, SIGINT, SIGQUIT | it drains and ends |
//! | SIGHUP, with a terminal | it drains and ends: the terminal is gone |
//! | SIGHUP, without one | the files that it follows are read again at once |
//! | SIGUSR1, SIGUSR2 | nothing; the log says so |

use std::io::IsTerminal as _;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::reload::Reload;

/// The signals of a process, from [`Signals::listen`] on.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Signal,
    user: [Signal; 2],
    has_terminal: bool,
    reload: watch::Sender<()>,
}

impl Signals {
    /// Listens for every signal above; also returns the requests to read files again.
    ///
    /// # Errors
    /// If a signal can't be listened for.
    pub fn listen() -> std::io::Result<(Self, Reload)> {
        let (reload, reload_requests) = Reload::channel();
        let signals = Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            user: [signal(SignalKind::user_defined1())?, signal(SignalKind::user_defined2())?],
            has_terminal: std::io::stdin().is_terminal() || std::io::stderr().is_terminal(),
            reload,
        };
        Ok((signals, reload_requests))
    }

    /// Completes when the server must drain and end.
    pub async fn stop(mut self) {
        loop {
            let [first, second] = &mut self.user;
            tokio::select! {
                _ = self.terminate.recv() => return tracing::info!(signal = "SIGTERM", "asked to stop"),
                _ = self.interrupt.recv() => return tracing::info!(signal = "SIGINT", "asked to stop"),
                _ = self.quit.recv() => return tracing::info!(signal = "SIGQUIT", "asked to stop"),
                _ = self.hang_up.recv() => {
                    if self.has_terminal {
                        return tracing::info!(signal = "SIGHUP", "asked to stop: the terminal was closed");
                    }
                    tracing::info!(signal = "SIGHUP", "reading TLS files and vault keys again");
                    self.reload.send_replace(());
                }
                _ = first.recv() => tracing::info!(signal = "SIGUSR1", "signal ignored"),
                _ = second.recv() => tracing::info!(signal = "SIGUSR2", "signal ignored"),
            }
        }
    }
}
