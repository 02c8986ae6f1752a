//! The reconciler: makes sure that every open ticket has a timer for its next rung. It restores rows that were deleted
//! by hand or lost by a repair of the database. Rungs that should have fired meanwhile then fire.
//!
//! It checks when the server starts, in the background, and every few minutes after. A page has thousands of open
//! tickets and takes one statement, which reads no ticket that has its timer. After each page it rests.
//!
//! It is idempotent and takes no input; any number of servers may run it on one database. It locks only tickets without
//! a timer, does not wait for locked tickets, and uses other connections than calls do.

use std::time::{Duration, Instant};

use super::{is_of_a_ticket, metrics};
use crate::ledger::{Ledger, missing_timers};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::TicketNumber;

/// Open tickets that one statement checks. It reads two indexes and takes some hundredths of a second.
const PAGE: u64 = 20_000;
/// Timers restored in one transaction.
const BATCH: usize = 50;
/// The pause between two passes.
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
    /// The only writer of tickets.
    pub ledger: Ledger,
}

impl Reconciler {
    /// Checks every open ticket once; returns how many timers it restored.
    ///
    /// # Errors
    /// If the database can't be reached. What was restored before stays restored.
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

    /// Restores the timers of a batch. If one of its tickets fails, they are restored one by one.
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

    /// Runs until it is dropped: checks every open ticket, then sleeps for some minutes.
    pub async fn run(self) {
        loop {
            if let Err(fault) = self.pass().await {
                tracing::warn!(error = fault.detail, "search for missing timers failed; retrying");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
