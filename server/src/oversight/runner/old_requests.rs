//! Deletes request records that are older than repeats are answered for.

use super::Runner;
use crate::platform::idempotency;

/// Request records that one transaction deletes.
const FORGET_BATCH: u64 = 500;
/// Such transactions in one tick; timers wait meanwhile.
const FORGET_BATCHES_MAX: u32 = 20;

impl Runner {
    /// Deletes old request records, in batches. If it fails, the next time goes on.
    pub(super) async fn forget_old_requests(&self) {
        // A city's day writes more records than a single batch each time could delete.
        for _ in 0..FORGET_BATCHES_MAX {
            let outcome = self
                .store
                .run(&self.clock, (), async |work, &()| {
                    idempotency::forget_old(work, FORGET_BATCH, work.now()).await
                })
                .await;
            match outcome {
                Ok(FORGET_BATCH) => {}
                Ok(_) => return,
                Err(fault) => {
                    tracing::warn!(error = fault.detail, "deleting old request records failed; retrying");
                    return;
                }
            }
        }
    }
}
