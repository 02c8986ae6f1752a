//! What waits to be done, as metrics: due timers, heads that no checkpoint covers, notices that no digest contains;
//! and the connections to the database that are used.
//!
//! It runs only if metrics are served. Each count is bounded, changes nothing, and is of the whole database: several
//! servers on one database show the same.

use std::time::Duration;

use metrics::gauge;

use crate::audit_log::pending_heads;
use crate::ledger::{digests, timers};
use crate::platform::metrics::{HEADS_PENDING, NOTICES_PENDING, TIMERS_DUE};
use crate::platform::{Clock, Fault, Store};

/// Rows that are counted; more are shown as so many.
const COUNT_MAX: u32 = 10_000;
/// Between two looks at the connections.
const INTERVAL: Duration = Duration::from_secs(5);
/// Looks at the connections between two counts in the database.
const LOOKS_BETWEEN_COUNTS: u32 = 3;

/// Counts what waits.
#[derive(Debug, Clone)]
pub struct Backlog {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}

impl Backlog {
    /// Counts once.
    ///
    /// # Errors
    /// If the database cannot be reached; the gauges keep their values.
    pub async fn count(&self) -> Result<(), Fault> {
        let db = self.store.reader();
        let due = timers::count_due(db, self.clock.now(), COUNT_MAX).await?;
        gauge!(TIMERS_DUE).set(due);
        gauge!(HEADS_PENDING).set(pending_heads::count(db, COUNT_MAX).await?);
        gauge!(NOTICES_PENDING).set(digests::count_waiting(db, COUNT_MAX).await?);
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        for look in 0_u32.. {
            self.store.record_connections();
            if look.is_multiple_of(LOOKS_BETWEEN_COUNTS)
                && let Err(fault) = self.count().await
            {
                tracing::warn!(error = fault.detail, "counting the backlog failed; retrying");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
