//! The indexer follows the feed by position and keeps the index as the texts of tickets are. Any server may run it, one
//! at a time. It takes no input and is idempotent: the position that it has reached is stored in the transaction that
//! writes what it has indexed.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use metrics::gauge;
use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::block::{self, BLOCK_DOCUMENTS};
use super::document;
use super::read::{self, IndexState};
use super::rows::{document as documents, index, posting};
use crate::access::Scope;
use crate::feed::set_aside::{DamagedTicket, FeedFollower, is_damage};
use crate::feed::{followers, rows as feed_rows};
use crate::ledger;
use crate::ledger::list::among;
use crate::platform::bulk_sql::is_among;
use crate::platform::metrics::SEARCH_ENTRIES_BEHIND;
use crate::platform::writes::Writes;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::columns::number;
use crate::ticket::{Ticket, TicketNumber};

/// PostgreSQL's advisory lock of the indexer; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_5345_4152;
/// Tickets in one transaction on PostgreSQL, where commands run beside it.
const TICKETS_POSTGRES: usize = 1_000;
/// Tickets in one transaction on SQLite, where every command waits for it.
const TICKETS_SQLITE: usize = 100;
/// Terms that are looked up in one statement.
const TERMS_MAX: usize = 16_000;
/// Between two looks at the feed.
const INTERVAL: Duration = Duration::from_secs(1);
/// The longest rest after a transaction. Otherwise it rests as long as the transaction took.
const REST_MAX: Duration = Duration::from_millis(250);

/// The name under which tickets are set aside.
const FOLLOWER: FeedFollower = FeedFollower::Search;
/// Between two tries to read what is set aside.
const RETRY: Duration = Duration::from_mins(1);

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexPass {
    /// The index has reached the end of the feed.
    UpToDate,
    /// So many entries of the feed were indexed.
    Followed(u64),
    /// Another server indexes.
    Busy,
}

/// Keeps the index.
#[derive(Debug, Clone)]
pub struct Indexer {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Tickets in one transaction; `None` for as many as the database allows beside its callers.
    pub tickets_max: Option<usize>,
}

/// A change of the entries of a term in a block: the new impact of a ticket, or that it no longer has the term.
type Changes = BTreeMap<(i64, i64), BTreeMap<i64, Option<u8>>>;

/// What a transaction writes.
struct Batch {
    state: IndexState,
    changes: Changes,
    documents: Vec<documents::ActiveModel>,
}

impl Indexer {
    /// Indexes the next entries of the feed, in one transaction.
    ///
    /// # Errors
    /// If the database refuses. Nothing is indexed then.
    pub async fn pass(&self) -> Result<IndexPass, Fault> {
        let state = read::state(self.store.reader()).await?;
        let behind = feed_rows::last(self.store.reader()).await? - state.position;
        gauge!(SEARCH_ENTRIES_BEHIND).set(f64::from(i32::try_from(behind.max(0)).unwrap_or(i32::MAX)));
        if behind <= 0 {
            return Ok(IndexPass::UpToDate);
        }
        let usual = if self.store.is_sqlite() { TICKETS_SQLITE } else { TICKETS_POSTGRES };
        let tickets_max = self.tickets_max.unwrap_or(usual);
        let (pass, set_aside) = self
            .store
            .run(&self.clock, tickets_max, async |work, tickets_max| follow(work, *tickets_max).await)
            .await?;
        FOLLOWER.log(&set_aside);
        Ok(pass)
    }

    /// Indexes tickets again that were set aside because they could not be read; answers how many still can't be.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn retry_set_aside(&self) -> Result<u64, Fault> {
        let numbers: Vec<i64> = FOLLOWER.set_aside(self.store.reader()).await?.into_iter().collect();
        if !numbers.is_empty() {
            self.store
                .run(&self.clock, numbers, async |work, numbers| index_again(work, numbers).await)
                .await?;
        }
        FOLLOWER.count(self.store.reader()).await
    }

    /// Indexes everything that the feed has now.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn index_all(&self) -> Result<(), Fault> {
        while self.pass().await? != IndexPass::UpToDate {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut tried: Option<Instant> = None;
        loop {
            let begun = Instant::now();
            if tried.is_none_or(|tried| tried.elapsed() >= RETRY) {
                tried = Some(begun);
                if let Err(fault) = self.retry_set_aside().await {
                    tracing::warn!(
                        error = fault.detail,
                        "indexing for search failed; new texts are scanned, retrying"
                    );
                }
            }
            let pause = match self.pass().await {
                Ok(IndexPass::Followed(_)) => begun.elapsed().min(REST_MAX),
                Ok(IndexPass::UpToDate | IndexPass::Busy) => INTERVAL,
                Err(fault) => {
                    tracing::warn!(
                        error = fault.detail,
                        "indexing for search failed; new texts are scanned, retrying"
                    );
                    INTERVAL
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}

async fn follow(work: &Work, tickets_max: usize) -> Result<(IndexPass, Vec<DamagedTicket>), Fault> {
    if !followers::try_turn(work, LOCK).await? {
        return Ok((IndexPass::Busy, Vec::new()));
    }
    // Read under the lock, because another server may have indexed before.
    let before = read::state(&work.tx).await?;
    let (position, numbers) = followers::next_tickets(work, before.position, tickets_max).await?;
    if position == before.position {
        return Ok((IndexPass::UpToDate, Vec::new()));
    }
    let state = IndexState { position, ..before };
    let set_aside = index_from(work, state, &numbers).await?;
    Ok((IndexPass::Followed((position - before.position).unsigned_abs()), set_aside))
}

/// Indexes tickets again, wherever the index stands.
async fn index_again(work: &Work, numbers: &[i64]) -> Result<(), Fault> {
    followers::wait_for_turn(work, LOCK).await?;
    let state = read::state(&work.tx).await?;
    index_from(work, state, numbers).await.map(drop)
}

/// Indexes tickets. Those that can't be read are set aside, and stay as they are in the index; answers those that were
/// not set aside yet.
async fn index_from(work: &Work, state: IndexState, numbers: &[i64]) -> Result<Vec<DamagedTicket>, Fault> {
    let (mut batch, mut damaged) = (Batch::new(state), Vec::new());
    match batch.add_tickets(work, numbers).await {
        Ok(()) => {}
        Err(fault) if is_damage(&fault) => {
            batch = Batch::new(state);
            for number in numbers {
                match batch.add_tickets(work, &[*number]).await {
                    Err(fault) if is_damage(&fault) => {
                        damaged.push(DamagedTicket { number: *number, detail: fault.detail });
                    }
                    outcome => outcome?,
                }
            }
        }
        Err(fault) => return Err(fault),
    }
    batch.write(work).await?;
    FOLLOWER.note(work, numbers, damaged).await
}

impl Batch {
    const fn new(state: IndexState) -> Self {
        Self { state, changes: Changes::new(), documents: Vec::new() }
    }

    async fn add_tickets(&mut self, work: &Work, numbers: &[i64]) -> Result<(), Fault> {
        // Without a scope: who sees what is found is decided at each search.
        let tickets: BTreeMap<i64, Ticket> =
            among::tickets(&work.tx, &Scope::All, numbers).await?.into_iter().collect();
        let known = documents::Entity::find()
            .filter(is_among(&work.tx, documents::Column::TicketNumber, numbers.to_vec()))
            .all(&work.tx)
            .await?;
        let known: HashMap<i64, documents::Model> =
            known.into_iter().map(|row| (row.ticket_number, row)).collect();
        for (ticket_number, ticket) in tickets {
            let fingerprint = document::fingerprint(&ticket);
            let block = match known.get(&ticket_number) {
                Some(row) if row.fingerprint == fingerprint => continue,
                Some(row) => {
                    let old = indexed(work, number(ticket_number)?, row).await?;
                    self.change(
                        row.block,
                        ticket_number,
                        document::keys(&old).into_keys().map(|key| (key, None)),
                    );
                    row.block
                }
                None => {
                    self.state.documents += 1;
                    (self.state.documents - 1) / BLOCK_DOCUMENTS
                }
            };
            self.change(
                block,
                ticket_number,
                document::keys(&ticket).into_iter().map(|(key, one)| (key, Some(one))),
            );
            let version =
                i32::try_from(ticket.version).map_err(|_| Fault::internal("a version out of range"))?;
            self.documents.push(documents::ActiveModel {
                ticket_number: Set(ticket_number),
                block: Set(block),
                version: Set(version),
                fingerprint: Set(fingerprint),
            });
        }
        Ok(())
    }

    /// A later change of the same ticket and term takes the place of an earlier one.
    fn change(&mut self, block: i64, ticket: i64, terms: impl Iterator<Item = (i64, Option<u8>)>) {
        for (term, impact) in terms {
            self.changes.entry((block, term)).or_default().insert(ticket, impact);
        }
    }

    async fn write(self, work: &Work) -> Result<(), Fault> {
        let mut stored: HashMap<(i64, i64), Vec<u8>> = HashMap::new();
        let mut by_block: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for (block, term) in self.changes.keys() {
            by_block.entry(*block).or_default().push(*term);
        }
        for (block, terms) in by_block {
            for terms in terms.chunks(TERMS_MAX) {
                let found: Vec<(i64, Vec<u8>)> = posting::Entity::find()
                    .select_only()
                    .columns([posting::Column::Term, posting::Column::Entries])
                    .filter(posting::Column::Block.eq(block))
                    .filter(is_among(&work.tx, posting::Column::Term, terms.to_vec()))
                    .into_tuple()
                    .all(&work.tx)
                    .await?;
                stored.extend(found.into_iter().map(|(term, entries)| ((block, term), entries)));
            }
        }
        let mut postings = Vec::new();
        for ((block, term), changes) in self.changes {
            let old = stored.remove(&(block, term)).unwrap_or_default();
            let entries = block::changed(&old, &changes)?;
            let count = i32::try_from(entries.len()).map_err(|_| Fault::internal("a block out of range"))?;
            postings.push(posting::ActiveModel {
                term: Set(term),
                block: Set(block),
                documents: Set(count),
                entries: Set(block::encode(entries)),
            });
        }
        let mut writes = Writes::new(work);
        writes.put(postings, &["term", "block"])?;
        writes.put(self.documents, &["ticket_number"])?;
        let IndexState { position, documents } = self.state;
        let state =
            index::ActiveModel { id: Set(index::ID), position: Set(position), documents: Set(documents) };
        writes.put(vec![state], &["id"])?;
        writes.execute(work).await
    }
}

/// The ticket as it was when its texts were indexed.
async fn indexed(work: &Work, number: TicketNumber, row: &documents::Model) -> Result<Ticket, Fault> {
    ledger::read::at_version(&work.tx, number, row.version.unsigned_abs()).await
}
