//! The follower of the feed that fills the outbox. Any server may run it, one at a time. The position that it has
//! reached is stored in the transaction that writes the messages, so no event is told twice or left out after a crash.

use std::collections::BTreeMap;
use std::time::Duration;

use super::model::{Choice, CompanyMessage};
use super::planned::planned;
use super::rows;
use crate::access::Scope;
use crate::feed::followers;
use crate::ledger;
use crate::platform::writes::Writes;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::columns::number;

/// PostgreSQL's advisory lock of the follower; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4D45_5353;
/// Entries of the feed in one transaction.
const ENTRIES_MAX: u64 = 200;
/// Between two looks at the feed.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowPass {
    /// The outbox has reached the end of the feed.
    UpToDate,
    /// It has come further.
    Followed,
    /// Another server follows.
    Busy,
}

/// Fills the outbox.
#[derive(Debug, Clone)]
pub struct MessageFollower {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}

impl MessageFollower {
    /// Follows the next entries of the feed, in one transaction.
    ///
    /// # Errors
    /// If the database refuses. Nothing is written then.
    pub async fn pass(&self) -> Result<FollowPass, Fault> {
        let reader = self.store.reader();
        if followers::last_position(reader).await? <= rows::position(reader).await? {
            return Ok(FollowPass::UpToDate);
        }
        self.store.run(&self.clock, (), async |work, ()| follow(work).await).await
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            match self.pass().await {
                Ok(FollowPass::Followed) => tokio::task::yield_now().await,
                Ok(FollowPass::UpToDate | FollowPass::Busy) => tokio::time::sleep(INTERVAL).await,
                Err(fault) => {
                    tracing::warn!(error = fault.detail, "planning messages to companies failed; retrying");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }
}

async fn follow(work: &Work) -> Result<FollowPass, Fault> {
    if !followers::try_turn(work, LOCK).await? {
        return Ok(FollowPass::Busy);
    }
    // Read under the lock, because another server may have followed before.
    let before = rows::position(&work.tx).await?;
    let (position, entries) = followers::next_events(work, before, ENTRIES_MAX).await?;
    if position == before {
        return Ok(FollowPass::UpToDate);
    }
    let mut by_ticket: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for (ticket, sequence) in entries {
        by_ticket.entry(ticket).or_default().push(sequence);
    }
    let numbers: Vec<i64> = by_ticket.keys().copied().collect();
    let events = ledger::read::all_events(&work.tx, &numbers).await?;
    let mut messages: Vec<CompanyMessage> = Vec::new();
    for (ticket, sequences) in by_ticket {
        let Some(events) = events.get(&ticket) else { continue };
        let choice = choice_of(work, ticket).await?;
        messages.extend(sequences.into_iter().filter_map(|one| planned(events, one, choice, work.now())));
    }
    let mut writes = Writes::new(work);
    writes.insert_missing(messages.iter().map(rows::message_row).collect())?;
    writes.put(vec![rows::position_row(position)], &["id"])?;
    writes.execute(work).await?;
    Ok(FollowPass::Followed)
}

/// How the company of a ticket is told now.
async fn choice_of(work: &Work, ticket: i64) -> Result<Choice, Fault> {
    let ticket = number(ticket)?;
    if let Some(chosen) = rows::choice(&work.tx, ticket).await? {
        return Ok(chosen);
    }
    let found = ledger::read::find(&work.tx, &Scope::All, ticket).await?;
    Ok(Choice::by_default(found.is_none_or(|ticket| ticket.is_confidential)))
}
