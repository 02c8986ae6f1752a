//! What follows the end of a stream: a pause before the next connection, or the error.

use std::time::Duration;

use crate::error::{Code, Error, ErrorKind, ErrorReason};
use crate::retry;

/// The upper bound of the first pause before a new connection; it doubles.
const PAUSE_BASE: Duration = Duration::from_millis(50);
/// The upper bound of any pause, unless the hotline asks for a longer one.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A stream that lived shorter than this counts as a failure, even if it has given entries.
const SHORT_LIFE: Duration = Duration::from_secs(5);
/// Failures in a row after which an error that nobody explains ends the stream.
const UNEXPLAINED_MAX: u32 = 20;

/// The failures in a row of one stream.
#[derive(Debug, Default)]
pub(crate) struct Recovery {
    failures: u32,
}

impl Recovery {
    /// Waits before a new stream, or gives up. `lived` is the age of the stream that has ended, if it was open.
    ///
    /// # Errors
    /// The error itself, if a new connection would not change it.
    pub(crate) async fn pause(&mut self, error: Error, lived: Option<Duration>) -> Result<(), Error> {
        if lived.is_some_and(|age| age >= SHORT_LIFE) {
            self.failures = 0;
        }
        let may_pass = match (error.kind(), error.code()) {
            // The credential of an open stream has expired. Opened again, the stream has the present one.
            (_, Code::Unauthenticated) => lived.is_some(),
            // A broken connection, or a fault on the way that stays.
            (ErrorKind::Unexplained, Code::Internal | Code::Unknown | Code::Aborted) => {
                self.failures < UNEXPLAINED_MAX
            }
            _ => error.is_retryable() || error.reason() == Some(ErrorReason::ReaderTooSlow),
        };
        if !may_pass {
            return Err(error);
        }
        let bound = PAUSE_BASE * 2_u32.saturating_pow(self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        let jitter = bound.min(PAUSE_MAX).mul_f64(retry::chance().clamp(0.0, 1.0));
        tokio::time::sleep(error.retry_after().unwrap_or_default() + jitter).await;
        Ok(())
    }
}
