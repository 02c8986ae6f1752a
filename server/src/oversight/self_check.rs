//! The self-check: reads back a sample of acknowledged changes on another connection. A missing change raises an alarm:
//! the server acknowledges what it does not store, and must stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use metrics::counter;
use tokio::sync::mpsc;

use crate::ledger;
use crate::platform::acknowledged_write::AcknowledgedWrite;
use crate::platform::metrics::{SELF_CHECK_MISMATCHES, SELF_CHECKS};
use crate::platform::{Fault, Store};
use crate::ticket::TicketNumber;

/// Changes that wait for their check. Further changes are not checked, because it is a sample.
const SAMPLE_MAX: usize = 64;
/// The interval between two checks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Reads back acknowledged changes.
#[derive(Debug)]
pub struct SelfCheck {
    store: Store,
    acknowledged: mpsc::Receiver<AcknowledgedWrite>,
    has_failed: Arc<AtomicBool>,
}

/// Whether a self-check found an acknowledged change that cannot be read.
#[derive(Debug, Clone, Default)]
pub struct Alarm(Arc<AtomicBool>);

impl Alarm {
    /// Whether it is raised. It stays so until the server is restarted.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl SelfCheck {
    /// A self-check of the changes that this database acknowledges from now on; returns the database to write with, and
    /// the alarm.
    #[must_use]
    pub fn of(store: Store) -> (Store, Self, Alarm) {
        let (sender, acknowledged) = mpsc::channel(SAMPLE_MAX);
        let alarm = Alarm::default();
        let check = Self { store: store.in_background(), acknowledged, has_failed: Arc::clone(&alarm.0) };
        (store.checked_by(sender), check, alarm)
    }

    /// Checks the waiting changes; returns how many cannot be read.
    ///
    /// # Errors
    /// If the database can't be reached. What could not be checked is dropped from the sample.
    pub async fn check(&mut self) -> Result<u64, Fault> {
        let mut missing = 0;
        while let Ok(AcknowledgedWrite { key, version }) = self.acknowledged.try_recv() {
            let number = TicketNumber::from_i64(key).map_err(|error| Fault::internal(error.to_string()))?;
            let read = ledger::read::version_of(self.store.reader(), number).await?;
            counter!(SELF_CHECKS).increment(1);
            if read.is_none_or(|read| read < version) {
                missing += 1;
                counter!(SELF_CHECK_MISMATCHES).increment(1);
                self.has_failed.store(true, Ordering::Relaxed);
                tracing::error!(
                    ticket = %number, version, read,
                    "self-check failed: an acknowledged change cannot be read; the server stops serving"
                );
            }
        }
        Ok(missing)
    }

    /// Runs until it is dropped.
    pub async fn run(mut self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Err(fault) = self.check().await {
                tracing::warn!(error = fault.detail, "self-check could not read the database; retrying");
            }
        }
    }
}
