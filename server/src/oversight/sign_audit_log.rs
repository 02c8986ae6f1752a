//! The notary: seals the heads of all chains that became longer, every minute or so, and ships the seals elsewhere.
//!
//! It takes no input and is idempotent; any number of servers may have one. When a server starts on a database of an older
//! release, it first hashes the events and readings that have no hash, page by page, and records once that this is over:
//! whatever has no hash after that was not written by the hotline.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::ledger::identity::reads;
use crate::ledger::{audit, chain, seals};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::Actor;
use crate::timeline::{SigningKey, shipping};

/// Tickets looked at in one query for events without a hash.
const LOOK: u64 = 1_000;
/// Tickets whose events are hashed in one transaction.
const BATCH: usize = 50;
/// Readings that are hashed in one transaction.
const READINGS: u64 = 250;
/// After a seal it leaves the database to others for this part of the time that the seal took.
const REST_DIVISOR: u32 = 2;
/// The pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// Seals and ships.
#[derive(Debug, Clone)]
pub struct Notary {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// What it signs with.
    pub key: SigningKey,
    /// How long it rests.
    pub interval: Duration,
    /// The folder that seals are shipped to, if any.
    pub ship_to: Option<PathBuf>,
}

impl Notary {
    /// Hashes the events that an older release left without a hash, unless that is over; answers of how many tickets.
    ///
    /// # Errors
    /// Where the database can't be reached. What was hashed before stays.
    pub async fn adopt(&self) -> Result<u64, Fault> {
        if self.is_over(audit::ADOPTION_METHOD).await? {
            return Ok(0);
        }
        let mut adopted = 0;
        loop {
            let (unchained, here) = self.adopt_all().await?;
            adopted += here;
            if unchained == 0 {
                break;
            }
            if here == 0 {
                // Somebody holds the rest; the next pass looks again.
                return Ok(adopted);
            }
        }
        self.end(audit::ADOPTION_METHOD).await?;
        Ok(adopted)
    }

    /// Has the readings sealed that an older release recorded, unless that is over.
    ///
    /// # Errors
    /// Where the database can't be reached. What was hashed before stays.
    pub async fn adopt_readings(&self) -> Result<(), Fault> {
        if self.is_over(audit::READING_ADOPTION_METHOD).await? {
            return Ok(());
        }
        let mut behind = Some(String::new());
        while let Some(from) = behind {
            let page = self.store.work(&self.clock, move |work| {
                let from = from.clone();
                Box::pin(async move { reads::adopt(work, &from, READINGS).await })
            });
            behind = page.await?;
        }
        self.end(audit::READING_ADOPTION_METHOD).await
    }

    /// Whether an adoption is on record as over.
    async fn is_over(&self, method: &str) -> Result<bool, Fault> {
        let over = audit::Filter {
            subject: Some(audit::HOTLINE_SUBJECT.to_owned()),
            method: Some(method.to_owned()),
            ..audit::Filter::default()
        };
        Ok(!audit::list(self.store.reader(), &over, None, 1).await?.is_empty())
    }

    /// Records that an adoption is over.
    async fn end(&self, method: &'static str) -> Result<(), Fault> {
        let ended = self.store.work(&self.clock, move |work| {
            Box::pin(async move {
                audit::record(work, &Actor::system(), method, audit::HOTLINE_SUBJECT, json!({})).await
            })
        });
        ended.await
    }

    /// Looks at every ticket once; answers how many had events without a hash, and of how many they were hashed.
    async fn adopt_all(&self) -> Result<(u64, u64), Fault> {
        let (mut found, mut adopted, mut behind) = (0, 0, Some(i64::MIN));
        while let Some(from) = behind {
            let (unchained, next) = chain::unchained(self.store.reader(), from, LOOK).await?;
            found += unchained.len() as u64;
            for batch in unchained.chunks(BATCH) {
                let batch = batch.to_vec();
                let hashed = self.store.work(&self.clock, move |work| {
                    let batch = batch.clone();
                    Box::pin(async move { chain::adopt(work, &batch).await })
                });
                adopted += hashed.await?;
            }
            behind = next;
        }
        Ok((found, adopted))
    }

    /// Seals what waits; answers how many heads that were.
    ///
    /// # Errors
    /// Where the database can't be reached. What was sealed before stays sealed.
    pub async fn seal(&self) -> Result<u64, Fault> {
        let mut sealed = 0;
        loop {
            let begun = std::time::Instant::now();
            let here = seals::seal(&self.store, &self.clock, &self.key).await?;
            sealed += here;
            if here < seals::heads_max(&self.store) {
                return Ok(sealed);
            }
            if !self.clock.is_simulated() {
                tokio::time::sleep(begun.elapsed() / REST_DIVISOR).await;
            }
        }
    }

    /// Adopts, seals and ships once.
    async fn pass(&self) -> Result<(), String> {
        let adopted = self.adopt().await.map_err(|fault| fault.ours)?;
        if adopted > 0 {
            tracing::info!(adopted, "timelines of an older release hashed");
        }
        self.adopt_readings().await.map_err(|fault| fault.ours)?;
        // A database that lacks what was shipped must not seal under numbers that are taken. A folder that can't be read for a
        // moment holds up the shipping alone.
        if self.ship_to.as_deref().is_some_and(|folder| shipping::numbers(folder).is_ok()) {
            self.check_shipped().await?;
        }
        let sealed = self.seal().await.map_err(|fault| fault.ours)?;
        let shipped = self.ship().await?;
        if sealed > 0 {
            tracing::debug!(sealed, shipped, "heads sealed");
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            let pause = match self.pass().await {
                Ok(()) => self.interval,
                Err(ours) => {
                    tracing::error!(ours, "the timeline could not be sealed and shipped");
                    FAILURE_PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}
