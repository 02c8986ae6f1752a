//! Log of refusals: at most one line a minute for each reason, with the number of calls, so that no caller can fill the
//! disk. Each single refusal is logged at level `debug`.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hotline_proto::{REASONS, ReasonRow};

/// The interval between two lines of one reason.
const INTERVAL: Duration = Duration::from_mins(1);

/// The refusals of one reason that were not logged yet.
#[derive(Debug, Default)]
struct Unlogged {
    calls: u64,
    last_logged_at: Option<Instant>,
}

impl Unlogged {
    /// Counts a refusal; returns how many there were since the last line, if it is time for one.
    fn add(&mut self, now: Instant) -> Option<u64> {
        self.calls = self.calls.saturating_add(1);
        if self
            .last_logged_at
            .is_some_and(|last_logged_at| now.saturating_duration_since(last_logged_at) < INTERVAL)
        {
            return None;
        }
        self.last_logged_at = Some(now);
        Some(std::mem::take(&mut self.calls))
    }
}

static UNLOGGED: LazyLock<Vec<Mutex<Unlogged>>> =
    LazyLock::new(|| REASONS.iter().map(|_| Mutex::default()).collect());

/// Counts a refusal, and logs the reason if it was not logged for a while.
pub(in crate::rpc) fn count(row: &ReasonRow) {
    let place = REASONS.iter().position(|one| one.reason == row.reason);
    let Some(unlogged) = place.and_then(|place| UNLOGGED.get(place)) else { return };
    let calls = unlogged.lock().unwrap_or_else(PoisonError::into_inner).add(Instant::now());
    if let Some(calls) = calls {
        tracing::info!(reason = row.name, code = row.code, calls, "calls refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_logged_at_once_and_then_one_line_a_minute() {
        let (mut unlogged, start) = (Unlogged::default(), Instant::now());
        assert_eq!(unlogged.add(start), Some(1));
        for _ in 0..1000 {
            assert_eq!(unlogged.add(start + INTERVAL / 2), None);
        }
        assert_eq!(unlogged.add(start + INTERVAL), Some(1001));
        assert_eq!(unlogged.add(start + INTERVAL), None);
    }
}
