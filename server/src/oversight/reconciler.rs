//! The reconciler: sees to it that every open ticket waits for its next rung. Rows that somebody deleted by hand, or that
//! a repair of the database lost, are restored; what should have fired meanwhile fires then.
//!
//! It looks at every open ticket when the server starts and every few minutes after, page by page, and rests in between.
//! It is idempotent and takes no input; any number of servers may run it on one database. It locks no ticket that has
//! its timer, waits for none that is locked, and uses other connections than calls do.

use std::time::{Duration, Instant};

use super::{is_of_a_ticket, metrics};
use crate::ledger::{Ledger, missing_timers};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::TicketNumber;

/// Open tickets that are looked at in one query.
const PAGE: u64 = 1_000;
/// Timers restored in one transaction.
const BATCH: usize = 50;
/// Between two looks at everything.
const INTERVAL: Duration = Duration::from_mins(5);
/// After a page it rests for this many times as long as the page took.
const REST_FACTOR: u32 = 4;
/// The longest rest after a page.
const REST_MAX: Duration = Duration::from_millis(500);

/// Restores timers that are missing.
#[derive(Debug, Clone)]
pub struct Reconciler {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only door to a ticket.
    pub ledger: Ledger,
}

impl Reconciler {
    /// Looks at every open ticket once; answers how many timers it restored.
    ///
    /// # Errors
    /// Where the database can't be reached. What was restored before stays restored.
    pub async fn pass(&self) -> Result<u64, Fault> {
        let mut restored = 0;
        let mut after = None;
        loop {
            let begun = Instant::now();
            let page = missing_timers::page(self.store.reader(), after, PAGE).await?;
            for batch in page.missing.chunks(BATCH) {
                restored += self.restore(batch).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(restored);
            }
            tokio::time::sleep((begun.elapsed() * REST_FACTOR).min(REST_MAX)).await;
        }
    }

    /// Restores the timers of a batch; where it fails over one of its tickets, of one after the other.
    async fn restore(&self, batch: &[TicketNumber]) -> Result<u64, Fault> {
        match self.restore_together(batch.to_vec()).await {
            Err(fault) if is_of_a_ticket(&fault) => {}
            outcome => return outcome,
        }
        let mut restored = 0;
        for number in batch {
            match self.restore_together(vec![*number]).await {
                Ok(here) => restored += here,
                Err(fault) if is_of_a_ticket(&fault) => {
                    tracing::error!(ticket = %number, error = fault.detail, "restoring a missing timer failed; retrying");
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(restored)
    }

    async fn restore_together(&self, tickets: Vec<TicketNumber>) -> Result<u64, Fault> {
        let input = (self.ledger.clone(), tickets);
        let restored = self.store.run(&self.clock, input, async |work, (ledger, tickets)| {
            ledger.restore_timers(work, tickets).await
        });
        let restored = restored.await?;
        for number in &restored {
            tracing::error!(ticket = %number, "missing timer restored");
        }
        metrics::timers_restored(restored.len() as u64);
        Ok(restored.len() as u64)
    }

    /// Runs until it is dropped: looks at everything, then rests for some minutes.
    pub async fn run(self) {
        loop {
            if let Err(fault) = self.pass().await {
                tracing::warn!(error = fault.detail, "search for missing timers failed; retrying");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
