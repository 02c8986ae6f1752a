//! How long transactions wait for a connection to the database, as a metric.

use std::time::Instant;

use metrics::{counter, histogram};
use sea_orm::sqlx;

use super::metrics::{POOL_TIMEOUTS, POOL_WAIT};

/// A wait for a connection. It does not wrap the future of the wait, which would make every transaction larger.
pub(super) struct ConnectionWait(Instant);

impl ConnectionWait {
    /// Begins to wait.
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Records the time of the wait, and whether it ended without a connection because the time was over.
    pub(super) fn end(self, error: Option<&sqlx::Error>) {
        histogram!(POOL_WAIT).record(self.0.elapsed());
        if matches!(error, Some(sqlx::Error::PoolTimedOut)) {
            counter!(POOL_TIMEOUTS).increment(1);
        }
    }
}
