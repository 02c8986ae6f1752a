//! When a call is sent again, and how long to wait before. Pure: time and randomness are parameters.
//!
//! Only two kinds of calls are repeated: those that change nothing, and those with a request id, which keep it. There
//! are at most [`ATTEMPTS_MAX`] attempts, with exponential back-off and full jitter, never past the caller's deadline.
//! In the long run there is at most one retry for ten calls, so that clients do not overload a server that has just
//! restarted.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hotline_proto::v1::RetryClass;
use uuid::Uuid;

use crate::error::{Code, Error};

/// Attempts for one call, including the first.
pub(crate) const ATTEMPTS_MAX: u32 = 4;
/// The upper bound of the first wait; it doubles with every attempt.
const BACKOFF_BASE: Duration = Duration::from_millis(50);
/// The upper bound of any wait, unless the server asks for a longer one.
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// The credit for a call and the cost of a retry, in tenths of a retry.
const EARNED_BY_CALL: u32 = 1;
const COST_OF_RETRY: u32 = 10;
/// The largest retry budget: ten retries. A client starts with it.
const SAVED_MAX: u32 = 100;

/// The retry budget of a client and all its clones.
#[derive(Debug)]
pub(crate) struct Bucket(AtomicU32);

impl Bucket {
    pub(crate) fn full() -> Self {
        Self(AtomicU32::new(SAVED_MAX))
    }

    /// Adds the credit for a call.
    pub(crate) fn earn(&self) {
        self.update(|saved| Some((saved + EARNED_BY_CALL).min(SAVED_MAX)));
    }

    /// Takes one retry, if the budget allows it.
    pub(crate) fn take(&self) -> bool {
        self.update(|saved| saved.checked_sub(COST_OF_RETRY))
    }

    fn update(&self, change: impl Fn(u32) -> Option<u32>) -> bool {
        // The counter protects no other memory, so the weakest ordering is enough.
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}

/// How long to wait before the next attempt; `None` to give up. `made` is the number of attempts so far, `left` is the
/// rest of the caller's time, and `chance` lies between 0 and 1.
pub(crate) fn wait(
    class: RetryClass,
    error: &Error,
    made: u32,
    left: Duration,
    chance: f64,
) -> Option<Duration> {
    let repeatable = matches!(class, RetryClass::Idempotent | RetryClass::WithRequestId);
    if !repeatable || !error.is_retryable() || made >= ATTEMPTS_MAX {
        return None;
    }
    // At least as long as the server asks for, plus jitter.
    let wait = error.retry_after().unwrap_or_default() + backoff(made, chance);
    // A wait for the whole rest would leave no time for the call itself.
    (wait < left).then_some(wait)
}

/// Full jitter: anything from zero to the bound, so that clients that failed together do not retry together.
fn backoff(made: u32, chance: f64) -> Duration {
    let doubled = BACKOFF_BASE * 2_u32.pow(made.saturating_sub(1).min(ATTEMPTS_MAX));
    doubled.min(BACKOFF_MAX).mul_f64(chance.clamp(0.0, 1.0))
}

/// A number between 0 and 1, from the random bits of a UUID.
pub(crate) fn chance() -> f64 {
    let [.., a, b, c, d] = Uuid::new_v4().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

/// Whether the outcome of a change is unknown after `last`. `earlier` says that an attempt before it was lost.
pub(crate) fn is_outcome_unknown(class: RetryClass, last: &Error, earlier: bool) -> bool {
    // Refused before any work, which says nothing about an earlier attempt.
    let at_the_door =
        matches!(last.code(), Code::ResourceExhausted | Code::Unauthenticated | Code::PermissionDenied);
    class != RetryClass::Idempotent && (last.leaves_outcome_open() || (earlier && at_the_door))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt as _};

    const AMPLE: Duration = Duration::from_mins(1);

    fn unavailable() -> Error {
        Error::from_status(Status::unavailable("away"))
    }

    fn overloaded(retry: Option<Duration>) -> Error {
        let details =
            retry.map_or_else(ErrorDetails::new, |delay| ErrorDetails::with_retry_info(Some(delay)));
        Error::from_status(Status::with_error_details(Code::ResourceExhausted, "busy", details))
    }

    #[test]
    fn waits_double_up_to_the_fourth_attempt() {
        let waits: Vec<_> =
            (1..=4).map(|made| wait(RetryClass::Idempotent, &unavailable(), made, AMPLE, 1.0)).collect();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(waits, [millis(50), millis(100), millis(200), None]);
        assert_eq!(wait(RetryClass::Idempotent, &unavailable(), 1, AMPLE, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn what_must_not_be_repeated_is_not() {
        assert_eq!(wait(RetryClass::Never, &unavailable(), 1, AMPLE, 1.0), None);
        let refused = Error::from_status(Status::failed_precondition("wrong state"));
        assert_eq!(wait(RetryClass::WithRequestId, &refused, 1, AMPLE, 1.0), None);
        assert_eq!(wait(RetryClass::WithRequestId, &overloaded(None), 1, AMPLE, 1.0), None);
    }

    #[test]
    fn an_overloaded_server_is_given_the_time_it_asks_for_if_there_is_as_much() {
        let busy = overloaded(Some(Duration::from_secs(3)));
        assert_eq!(wait(RetryClass::WithRequestId, &busy, 1, AMPLE, 0.0), Some(Duration::from_secs(3)));
        assert_eq!(wait(RetryClass::WithRequestId, &busy, 1, Duration::from_secs(3), 0.0), None);
    }

    #[test]
    fn the_bucket_gives_ten_retries_and_then_one_for_ten_calls() {
        let bucket = Bucket::full();
        assert_eq!((0..20).filter(|_| bucket.take()).count(), 10);
        (0..9).for_each(|_| bucket.earn());
        assert!(!bucket.take());
        bucket.earn();
        assert!(bucket.take());
    }

    #[test]
    fn chance_stays_inside_its_bounds() {
        assert!((0..1_000).map(|_| chance()).all(|chance| (0.0..=1.0).contains(&chance)));
    }

    #[test]
    fn a_refusal_at_the_door_does_not_settle_a_lost_attempt() {
        let refused = Error::from_status(Status::unauthenticated("withdrawn"));
        assert!(is_outcome_unknown(RetryClass::WithRequestId, &refused, true));
        assert!(!is_outcome_unknown(RetryClass::WithRequestId, &refused, false));
        assert!(!is_outcome_unknown(RetryClass::Idempotent, &unavailable(), true));
    }
}
