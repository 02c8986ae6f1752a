//! The sweep of seats: offers that nobody answered go on, silent agents are signed out, and companies that have waited
//! too long are called back instead, also if nobody calls meanwhile. It counts the queue for the metrics.
//!
//! It takes no input and is idempotent. Any number of servers may run it on one database: each decision locks the same
//! row.

use std::time::Duration;

use metrics::gauge;

use crate::desk::seat::Seats;
use crate::desk::seat::sweep::QueueStanding;
use crate::platform::Fault;
use crate::platform::metrics::{CALL_BACKS_OPEN, QUEUE_CALLS, QUEUE_LONGEST_WAIT_MS, SEATS_SIGNED_IN};

/// The pause between two sweeps.
const INTERVAL: Duration = Duration::from_secs(1);
/// Sweeps between two counts.
const SWEEPS_BETWEEN_COUNTS: u32 = 5;

/// Sweeps seats.
#[derive(Debug, Clone)]
pub struct SeatSweeper {
    /// The seats.
    pub seats: Seats,
}

impl SeatSweeper {
    /// Sweeps once; counts the queue if it is asked to.
    async fn tick(&self, counts: bool) -> Result<(), Fault> {
        self.seats.sweep().await?;
        if counts {
            let QueueStanding { waiting, longest_wait_ms, signed_in, call_backs } =
                self.seats.standing().await?;
            gauge!(QUEUE_CALLS).set(shown(waiting));
            gauge!(QUEUE_LONGEST_WAIT_MS).set(longest_wait_ms);
            gauge!(SEATS_SIGNED_IN).set(shown(signed_in));
            gauge!(CALL_BACKS_OPEN).set(shown(call_backs));
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        for sweep in 0_u32.. {
            if let Err(fault) = self.tick(sweep.is_multiple_of(SWEEPS_BETWEEN_COUNTS)).await {
                tracing::warn!(error = fault.detail, "sweep of seats failed; retrying");
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// A count as a metric has it.
fn shown(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
