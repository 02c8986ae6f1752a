//! The notary: seals the heads of all chains that became longer, every minute or so, and ships the seals elsewhere.
//!
//! It takes no input and is idempotent; any number of servers may have one. When a server starts on a database of an older
//! release, it first hashes the events that have no hash, page by page, and records once that this is over: whatever has
//! no hash after that was not written by the hotline.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::ledger::{audit, chain, seals};
use crate::platform::{Clock, Fault, Store};
use crate::ticket::Actor;
use crate::timeline::SigningKey;
use crate::timeline::shipping::{self, Shipped};

/// Tickets looked at in one query for events without a hash.
const LOOK: u64 = 1_000;
/// Tickets whose events are hashed in one transaction.
const BATCH: usize = 50;
/// Seals read at once for shipping.
const SHIP_PAGE: u64 = 20;
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
        let over = audit::Filter {
            subject: Some(audit::HOTLINE_SUBJECT.to_owned()),
            method: Some(audit::ADOPTION_METHOD.to_owned()),
            ..audit::Filter::default()
        };
        if !audit::list(self.store.reader(), &over, None, 1).await?.is_empty() {
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
        let ended = self.store.work(&self.clock, |work| {
            Box::pin(async move {
                let (actor, method) = (Actor::system(), audit::ADOPTION_METHOD);
                audit::record(work, &actor, method, audit::HOTLINE_SUBJECT, json!({})).await
            })
        });
        ended.await?;
        Ok(adopted)
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
            let here = seals::seal(&self.store, &self.clock, &self.key).await?;
            sealed += here;
            if here < seals::HEADS_MAX {
                return Ok(sealed);
            }
        }
    }

    /// Ships the seals that do not lie in the folder yet; answers how many.
    ///
    /// # Errors
    /// Where the database or the folder can't be reached, in our words.
    pub async fn ship(&self) -> Result<u64, String> {
        let Some(folder) = &self.ship_to else { return Ok(0) };
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut behind = shipping::numbers(folder).map_err(wrong)?.last().copied().unwrap_or(0);
        let mut shipped = 0;
        loop {
            let page =
                seals::page(self.store.reader(), behind, SHIP_PAGE).await.map_err(|fault| fault.ours)?;
            let Some((last, _)) = page.last() else { return Ok(shipped) };
            behind = last.number;
            for (seal, heads) in &page {
                match shipping::ship(folder, seal, heads).map_err(wrong)? {
                    Shipped::Written => shipped += 1,
                    Shipped::AsBefore => {}
                    Shipped::Otherwise => return Err(format!("seal {} was shipped otherwise", seal.number)),
                }
            }
        }
    }

    /// Adopts, seals and ships once.
    async fn pass(&self) -> Result<(), String> {
        let adopted = self.adopt().await.map_err(|fault| fault.ours)?;
        if adopted > 0 {
            tracing::info!(adopted, "timelines of an older release hashed");
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
