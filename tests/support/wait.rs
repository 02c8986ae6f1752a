//! Bounded waits for a condition. This file has the only pause of the test suites that do not wait for real timers, so
//! that a test never guesses how long something takes.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// The longest wait for a condition that a test expects to hold.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(30);
/// The pause between two checks of a condition.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// The pauses of one bounded wait, for a loop whose condition can't be a closure: `while !holds { pauses.next().await
/// }`.
#[derive(Debug)]
pub(crate) struct Pauses {
    end: Instant,
}

impl Pauses {
    /// A wait that begins now and lasts at most this long.
    pub(crate) fn within(at_most: Duration) -> Self {
        Self { end: Instant::now() + at_most }
    }

    /// Pauses before the next check of the condition. Answers false, without a pause, if the time is over.
    pub(crate) async fn next(&mut self) -> bool {
        let is_over = Instant::now() >= self.end;
        if !is_over {
            sleep(POLL_INTERVAL).await;
        }
        !is_over
    }
}

/// Checks a condition until it gives a value. Answers none if it gives none within `at_most`.
///
/// The condition is checked at least once.
pub(crate) async fn find_within<T>(
    at_most: Duration,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let mut pauses = Pauses::within(at_most);
    loop {
        let found = condition().await;
        if found.is_some() || !pauses.next().await {
            return found;
        }
    }
}

/// Waits until a condition holds.
///
/// # Panics
///
/// Panics with `what` if the condition does not hold within [`WAIT_MAX`].
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let held = find_within(WAIT_MAX, async || condition().await.then_some(())).await;
    assert!(held.is_some(), "after {WAIT_MAX:?}: {what}");
}

#[tokio::test]
async fn a_wait_ends_with_its_condition_or_after_its_limit() {
    for (limit, holds_at_check, expected) in
        [(Duration::ZERO, 1, Some(1)), (WAIT_MAX, 3, Some(3)), (Duration::ZERO, 2, None)]
    {
        let mut checks = 0;
        let found = find_within(limit, async || {
            checks += 1;
            (checks == holds_at_check).then_some(checks)
        });
        assert_eq!(found.await, expected, "{limit:?}, holds at check {holds_at_check}");
    }
}
