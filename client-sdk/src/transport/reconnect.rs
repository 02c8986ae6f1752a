//! The loop that connects for all waiting calls: the endpoints in turn, and a growing pause after each round.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::fault::ConnectFaults;
use super::{Connection, Shared, State};
use crate::observe::ClientEvent;
use crate::retry;

/// A connection that lived shorter than this is followed by a pause, as a failed round is.
const SHORT_LIFE: Duration = Duration::from_secs(5);

/// The pauses between rounds: doubling from the first to the longest, half of it at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReconnectPauses {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl ReconnectPauses {
    /// The pause after a number of rounds in vain, 1 or more. `chance` lies between 0 and 1.
    fn after(self, rounds: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(rounds.saturating_sub(1).min(20)));
        let whole = doubled.min(self.longest);
        whole / 2 + (whole / 2).mul_f64(chance.clamp(0.0, 1.0))
    }
}

/// How far the loop has come, kept between its runs.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Rounds in vain since the last connection that lived.
    rounds: u32,
    /// No round before this instant.
    next_round: Option<Instant>,
    /// The endpoint to begin with: the one that worked last.
    endpoint: usize,
}

/// Starts the loop, unless it runs or has just succeeded.
pub(super) fn start(shared: &Arc<Shared>) {
    let mut lost = None;
    let is_first = shared.state.send_if_modified(|state| match state {
        State::Connecting(_) => false,
        State::Connected(connection) if connection.is_usable() => false,
        State::Connected(connection) => {
            lost = Some(connection.clone());
            *state = State::Connecting(ConnectFaults::default());
            true
        }
        State::Idle(faults) | State::Failed(faults, _) => {
            *state = State::Connecting(faults.clone());
            true
        }
    });
    if !is_first {
        return;
    }
    if let Some(connection) = lost {
        shared.note_end_of(&connection);
    }
    let run = Run(Arc::clone(shared));
    tokio::spawn(async move { run.until_connected().await });
}

/// One run of the loop. If its runtime ends, another runtime may start it again.
struct Run(Arc<Shared>);

impl Drop for Run {
    fn drop(&mut self) {
        self.0.state.send_if_modified(|state| {
            let State::Connecting(faults) = state else { return false };
            *state = State::Idle(faults.clone());
            true
        });
    }
}

impl Run {
    async fn until_connected(&self) {
        let shared = &self.0;
        loop {
            let pause = shared.lock_progress().next_round;
            if let Some(instant) = pause {
                sleep_until(instant).await;
            }
            match shared.round().await {
                Ok(connection) => {
                    shared.state.send_replace(State::Connected(connection));
                    return;
                }
                Err(faults) if faults.are_permanent() => {
                    // The next call that asks is answered without a pause.
                    shared.lock_progress().next_round = None;
                    shared.state.send_replace(State::Failed(faults, Instant::now()));
                    return;
                }
                Err(faults) => {
                    let is_wanted = shared.waiting.load(Ordering::SeqCst) > 0;
                    if !is_wanted {
                        shared.state.send_replace(State::Idle(faults));
                        return;
                    }
                    shared.state.send_replace(State::Connecting(faults));
                }
            }
        }
    }
}

impl Shared {
    fn lock_progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries every endpoint once, from the one that worked last.
    async fn round(&self) -> Result<Connection, ConnectFaults> {
        let first = self.lock_progress().endpoint;
        let mut faults = Vec::new();
        for place in (0..self.endpoints.len()).map(|step| (first + step) % self.endpoints.len()) {
            let endpoint = &self.endpoints[place];
            match self.dial.connect(endpoint).await {
                Ok(connection) => {
                    self.lock_progress().endpoint = place;
                    self.observers.notify(&ClientEvent::Connected { endpoint: endpoint.text() });
                    return Ok(connection);
                }
                Err(fault) => {
                    self.observers.notify(&ClientEvent::ConnectFailed { error: &fault });
                    faults.push(fault);
                }
            }
        }
        let mut progress = self.lock_progress();
        progress.rounds = progress.rounds.saturating_add(1);
        progress.next_round = Some(Instant::now() + self.pauses.after(progress.rounds, retry::chance()));
        Err(ConnectFaults(faults.into()))
    }

    /// After a connection that lived, the next one is made at once.
    fn note_end_of(&self, connection: &Connection) {
        let mut progress = self.lock_progress();
        if connection.opened().elapsed() >= SHORT_LIFE {
            *progress = Progress { endpoint: progress.endpoint, ..Progress::default() };
        } else {
            progress.rounds = progress.rounds.saturating_add(1);
            progress.next_round = Some(Instant::now() + self.pauses.after(progress.rounds, retry::chance()));
            // The other endpoints come first.
            progress.endpoint = (progress.endpoint + 1) % self.endpoints.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_half_of_each_is_random() {
        let pauses =
            ReconnectPauses { first: Duration::from_millis(100), longest: Duration::from_millis(350) };
        let longest: Vec<_> = (1..=4).map(|rounds| pauses.after(rounds, 1.0).as_millis()).collect();
        assert_eq!(longest, [100, 200, 350, 350]);
        assert_eq!(pauses.after(1, 0.0), Duration::from_millis(50));
        assert_eq!(pauses.after(u32::MAX, 1.0), Duration::from_millis(350));
    }
}
