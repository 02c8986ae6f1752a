//! Joins the log of suggestions with what people decided. It takes no input and is idempotent. Any number of servers
//! may run it on one database: a row that another one has completed is not found again.

use std::time::Duration;

use crate::desk::suggest::log;
use crate::platform::{Clock, Fault, Store};

/// Between two looks at the log.
const INTERVAL: Duration = Duration::from_secs(10);

/// Joins suggestions with decisions.
#[derive(Debug, Clone)]
pub struct SuggestionJoiner {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}

impl SuggestionJoiner {
    /// Completes some rows of the log; returns how many.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn pass(&self) -> Result<u64, Fault> {
        if !log::has_open_rows(self.store.reader()).await? {
            return Ok(0);
        }
        self.store.run(&self.clock, (), async |work, &()| log::join_decisions(work).await).await
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            match self.pass().await {
                // There may be more.
                Ok(1..) => tokio::task::yield_now().await,
                Ok(0) => tokio::time::sleep(INTERVAL).await,
                Err(fault) => {
                    tracing::warn!(
                        error = fault.detail,
                        "joining suggestions with decisions failed; retrying"
                    );
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }
}
