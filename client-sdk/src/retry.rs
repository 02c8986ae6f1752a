//! When a call is sent again, and how long to wait before. Pure: time and randomness are parameters.
//!
//! Only two kinds of calls are repeated: those that change nothing, and those with a request id, which keep it.
//! Attempts fill the call's deadline with exponential back-off and full jitter. Each of them draws on the [`Budget`] of
//! the client.

mod budget;

use std::time::Duration;

use hotline_proto::v1::RetryClass;
use uuid::Uuid;

pub(crate) use budget::Budget;

use crate::error::{Code, Error};

/// When calls are sent again. The wait for a connection is no attempt, and is bounded by the deadline alone.
///
/// ```
/// use std::time::Duration;
/// use hotline_client::{HotlineClient, RetryPolicy};
///
/// let patient = RetryPolicy::new().attempts_max(50).backoff(Duration::from_millis(100), Duration::from_secs(10));
/// let builder = HotlineClient::builder().retry(patient).deadline(Duration::from_secs(120));
/// # let _ = builder;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts_max: u32,
    backoff_first: Duration,
    backoff_longest: Duration,
}

impl RetryPolicy {
    /// At most 20 attempts, with waits of at most 50 ms at first, doubling up to 5 s.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempts_max: 20,
            backoff_first: Duration::from_millis(50),
            backoff_longest: Duration::from_secs(5),
        }
    }

    /// One attempt only. A call still waits for a connection.
    #[must_use]
    pub const fn never() -> Self {
        Self { attempts_max: 1, ..Self::new() }
    }

    /// How often a call is sent at most, the first time included; 0 counts as 1.
    #[must_use]
    pub const fn attempts_max(self, attempts_max: u32) -> Self {
        Self { attempts_max, ..self }
    }

    /// The bounds of the first wait and of the longest. A wait is anything from zero to its bound, which doubles with
    /// each attempt.
    #[must_use]
    pub const fn backoff(self, first: Duration, longest: Duration) -> Self {
        Self { backoff_first: first, backoff_longest: longest, ..self }
    }

    /// How long to wait before the next attempt; `None` to give up. `made` is the number of attempts so far, `left` is
    /// the rest of the caller's time, and `chance` lies between 0 and 1.
    pub(crate) fn wait(
        self,
        class: RetryClass,
        error: &Error,
        made: u32,
        left: Duration,
        chance: f64,
    ) -> Option<Duration> {
        let repeatable = matches!(class, RetryClass::Idempotent | RetryClass::WithRequestId);
        if !repeatable || !error.is_retryable() || made >= self.attempts_max {
            return None;
        }
        // At least as long as the server asks for, plus jitter.
        let wait = error.retry_after().unwrap_or_default() + self.jitter(made, chance);
        // A wait for the whole rest would leave no time for the call itself.
        (wait < left).then_some(wait)
    }

    /// Full jitter: anything from zero to the bound, so that clients that failed together do not retry together.
    fn jitter(self, made: u32, chance: f64) -> Duration {
        let doubled = self.backoff_first.saturating_mul(2_u32.saturating_pow(made.saturating_sub(1).min(20)));
        doubled.min(self.backoff_longest).mul_f64(chance.clamp(0.0, 1.0))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// A number between 0 and 1, from the random bits of a UUID.
pub(crate) fn chance() -> f64 {
    let [.., a, b, c, d] = Uuid::new_v4().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

/// Whether the outcome of a change is unknown after `last`. `earlier` says that an attempt before it was lost.
pub(crate) fn is_outcome_unknown(class: RetryClass, last: &Error, earlier: bool) -> bool {
    // Refused before any work, or not sent, which says nothing about an earlier attempt.
    let refused_before_work = !last.is_sent()
        || matches!(last.code(), Code::ResourceExhausted | Code::Unauthenticated | Code::PermissionDenied);
    class != RetryClass::Idempotent && (last.leaves_outcome_open() || (earlier && refused_before_work))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Status;
    use tonic_types::{ErrorDetails, StatusExt as _};

    const AMPLE: Duration = Duration::from_mins(1);
    const POLICY: RetryPolicy = RetryPolicy::new();

    fn unavailable() -> Error {
        Error::from_status(Status::unavailable("away"), "http://there")
    }

    fn overloaded(retry: Option<Duration>) -> Error {
        let details =
            retry.map_or_else(ErrorDetails::new, |delay| ErrorDetails::with_retry_info(Some(delay)));
        let status = Status::with_error_details(tonic::Code::ResourceExhausted, "busy", details);
        Error::from_status(status, "http://there")
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_with_the_attempts() {
        let wait = |made| POLICY.wait(RetryClass::Idempotent, &unavailable(), made, AMPLE, 1.0);
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!([1, 2, 3, 7, 8, 19].map(wait), [50, 100, 200, 3_200, 5_000, 5_000].map(millis));
        assert_eq!(wait(20), None);
        assert_eq!(POLICY.wait(RetryClass::Idempotent, &unavailable(), 1, AMPLE, 0.0), Some(Duration::ZERO));
        assert_eq!(RetryPolicy::never().wait(RetryClass::Idempotent, &unavailable(), 1, AMPLE, 0.0), None);
    }

    #[test]
    fn what_must_not_be_repeated_is_not() {
        let wait = |class, error: &Error| POLICY.wait(class, error, 1, AMPLE, 1.0);
        assert_eq!(wait(RetryClass::Never, &unavailable()), None);
        let refused = Error::from_status(Status::failed_precondition("wrong state"), "http://there");
        assert_eq!(wait(RetryClass::WithRequestId, &refused), None);
        assert_eq!(wait(RetryClass::WithRequestId, &overloaded(None)), None);
        assert_eq!(wait(RetryClass::Idempotent, &Error::configuration("no authority")), None);
    }

    #[test]
    fn an_overloaded_server_is_given_the_time_it_asks_for_if_there_is_as_much() {
        let busy = overloaded(Some(Duration::from_secs(3)));
        let wait = |left| POLICY.wait(RetryClass::WithRequestId, &busy, 1, left, 0.0);
        assert_eq!(wait(AMPLE), Some(Duration::from_secs(3)));
        assert_eq!(wait(Duration::from_secs(3)), None);
    }

    #[test]
    fn chance_stays_inside_its_bounds() {
        assert!((0..1_000).map(|_| chance()).all(|chance| (0.0..=1.0).contains(&chance)));
    }

    #[test]
    fn a_refusal_at_the_door_does_not_settle_a_lost_attempt() {
        let refused = Error::from_status(Status::unauthenticated("withdrawn"), "http://there");
        assert!(is_outcome_unknown(RetryClass::WithRequestId, &refused, true));
        assert!(!is_outcome_unknown(RetryClass::WithRequestId, &refused, false));
        assert!(!is_outcome_unknown(RetryClass::Idempotent, &unavailable(), true));
    }
}
