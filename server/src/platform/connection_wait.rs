//! How long transactions wait for a connection to the database, as a metric.

use std::future::Future;
use std::time::Instant;

use metrics::{counter, histogram};
use sea_orm::sqlx;

use super::metrics::{POOL_TIMEOUTS, POOL_WAIT};

/// Waits for a connection, and records the time of the wait.
pub(super) async fn timed<T>(
    acquire: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let began_at = Instant::now();
    let acquired = acquire.await;
    histogram!(POOL_WAIT).record(began_at.elapsed());
    if matches!(acquired, Err(sqlx::Error::PoolTimedOut)) {
        counter!(POOL_TIMEOUTS).increment(1);
    }
    acquired
}
