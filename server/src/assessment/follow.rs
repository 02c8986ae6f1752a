//! The follower of the feed. It keeps one fact for each ticket and cycle, the rollups, and the rows of the analysis.
//! Any server may run it, one at a time. The position that it has reached is stored in the transaction that writes
//! what it has counted. So nothing counts twice after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use metrics::gauge;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::analysis::{self, AnalysedTicket};
use super::change::Change;
use super::exclusion_rows;
use super::facts::TicketFacts;
use super::rows::{self, RollupKey, state};
use super::score::{Fact, rollup as pure};
use crate::feed::followers;
use crate::feed::set_aside::{DamagedTicket, FeedFollower, is_damage};
use crate::ledger;
use crate::platform::metrics::ASSESSMENT_ENTRIES_BEHIND;
use crate::platform::writes::Writes;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::EventRecord;

/// PostgreSQL's advisory lock of the follower; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4153_5345;
/// Tickets in one transaction on PostgreSQL, where commands run beside it.
const TICKETS_POSTGRES: usize = 500;
/// Tickets in one transaction on SQLite, where every command waits for it.
const TICKETS_SQLITE: usize = 100;
/// Between two looks at the feed.
const INTERVAL: Duration = Duration::from_secs(1);
/// The longest rest after a transaction. Otherwise it rests as long as the transaction took.
const REST_MAX: Duration = Duration::from_millis(250);

/// The name under which tickets are set aside.
const FOLLOWER: FeedFollower = FeedFollower::Assessment;
/// Between two tries to read what is set aside.
const RETRY: Duration = Duration::from_mins(1);

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowPass {
    /// The facts have reached the end of the feed.
    UpToDate,
    /// So many entries of the feed were counted.
    Followed(u64),
    /// Another server counts.
    Busy,
}

/// Keeps the facts and the rollups.
#[derive(Debug, Clone)]
pub struct Follower {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Tickets in one transaction; `None` for as many as the database allows beside its callers.
    pub tickets_max: Option<usize>,
}

impl Follower {
    /// How many entries of the feed are not counted.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn behind(&self) -> Result<u64, Fault> {
        behind(self.store.reader()).await
    }

    /// Counts the next entries of the feed, in one transaction.
    ///
    /// # Errors
    /// If the database refuses. Nothing is counted then.
    pub async fn pass(&self) -> Result<FollowPass, Fault> {
        let behind = self.behind().await?;
        gauge!(ASSESSMENT_ENTRIES_BEHIND).set(f64::from(u32::try_from(behind).unwrap_or(u32::MAX)));
        if behind == 0 {
            return Ok(FollowPass::UpToDate);
        }
        let usual = if self.store.is_sqlite() { TICKETS_SQLITE } else { TICKETS_POSTGRES };
        let tickets_max = self.tickets_max.unwrap_or(usual);
        let passed = self
            .store
            .run(&self.clock, tickets_max, async |work, tickets_max| follow(work, *tickets_max).await)
            .await?;
        FOLLOWER.log(&passed.set_aside);
        Ok(passed.pass)
    }

    /// Counts tickets again that were set aside because they could not be read; answers how many still can't be.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn retry_set_aside(&self) -> Result<u64, Fault> {
        let numbers: Vec<i64> = FOLLOWER.set_aside(self.store.reader()).await?.into_iter().collect();
        if !numbers.is_empty() {
            let retry = async |work: &Work, numbers: &Vec<i64>| {
                take_turn(work).await?;
                count_again(work, numbers).await
            };
            self.store.run(&self.clock, numbers, retry).await?;
        }
        FOLLOWER.count(self.store.reader()).await
    }

    /// Counts everything that the feed has now.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn follow_all(&self) -> Result<(), Fault> {
        while self.pass().await? != FollowPass::UpToDate {
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
                    tracing::warn!(error = fault.detail, "counting for the assessment failed; retrying");
                }
            }
            let pause = match self.pass().await {
                Ok(FollowPass::Followed(_)) => begun.elapsed().min(REST_MAX),
                Ok(FollowPass::UpToDate | FollowPass::Busy) => INTERVAL,
                Err(fault) => {
                    tracing::warn!(error = fault.detail, "counting for the assessment failed; retrying");
                    INTERVAL
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}

/// How many entries of the feed are not counted.
///
/// # Errors
/// If the database refuses.
pub(super) async fn behind(db: &impl ConnectionTrait) -> Result<u64, Fault> {
    let behind = followers::last_position(db).await? - rows::position(db).await?;
    Ok(u64::try_from(behind).unwrap_or(0))
}

/// A pass, and the tickets that it set aside.
struct Passed {
    pass: FollowPass,
    set_aside: Vec<DamagedTicket>,
}

impl Passed {
    const fn without(pass: FollowPass) -> Self {
        Self { pass, set_aside: Vec::new() }
    }
}

async fn follow(work: &Work, tickets_max: usize) -> Result<Passed, Fault> {
    if !followers::try_turn(work, LOCK).await? {
        return Ok(Passed::without(FollowPass::Busy));
    }
    // Read under the lock, because another server may have counted before.
    let before = rows::position(&work.tx).await?;
    let (position, numbers) = followers::next_tickets(work, before, tickets_max).await?;
    if position == before {
        return Ok(Passed::without(FollowPass::UpToDate));
    }
    let set_aside = count_again(work, &numbers).await?;
    let mut writes = Writes::new(work);
    writes.put(vec![state::ActiveModel { id: Set(state::ID), position: Set(position) }], &["id"])?;
    writes.execute(work).await?;
    let pass = FollowPass::Followed((position - before).unsigned_abs());
    Ok(Passed { pass, set_aside })
}

/// Waits until no server counts, and keeps it so until the unit of work ends. What is read then fits together.
///
/// # Errors
/// If the database refuses.
pub(super) async fn take_turn(work: &Work) -> Result<(), Fault> {
    followers::wait_for_turn(work, LOCK).await
}

/// Counts a ticket again after a decision about it, in the unit of work of the decision.
///
/// # Errors
/// If the database refuses, or the ticket's events can't be read.
pub(super) async fn recount(work: &Work, number: i64) -> Result<(), Fault> {
    take_turn(work).await?;
    match count_again(work, &[number]).await?.pop() {
        Some(damaged) => Err(Fault::internal(damaged.detail)),
        None => Ok(()),
    }
}

/// The facts of tickets as their events and the decisions about them make them.
///
/// # Errors
/// If the database refuses, or the events of a ticket do not fold.
pub(super) async fn derived(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, Vec<Fact>>, Fault> {
    let events = ledger::read::all_events(db, numbers).await?;
    facts_of(db, &events).await
}

/// The facts of tickets with these events.
async fn facts_of(
    db: &impl ConnectionTrait,
    events: &BTreeMap<i64, Vec<EventRecord>>,
) -> Result<BTreeMap<i64, Vec<Fact>>, Fault> {
    let numbers: Vec<i64> = events.keys().copied().collect();
    let excluded = exclusion_rows::excluded(db, &numbers).await?;
    let facts = events.iter().map(|(number, events)| {
        let facts = TicketFacts::of(events).map_err(|broken| Fault::internal(broken.what))?;
        let mark = |fact: Fact| Fact { is_excluded: excluded.contains(&(*number, fact.cycle)), ..fact };
        Ok((*number, facts.facts.into_iter().map(mark).collect()))
    });
    facts.collect()
}

/// Counts some tickets again: what they counted before is taken away, and what they count now is added. Those that
/// can't be read are set aside, and keep what they counted before; answers those that were not set aside yet.
async fn count_again(work: &Work, numbers: &[i64]) -> Result<Vec<DamagedTicket>, Fault> {
    let (mut counted, mut damaged) = (Counted::default(), Vec::new());
    match counted.add(work, numbers).await {
        Ok(()) => {}
        Err(fault) if is_damage(&fault) => {
            counted = Counted::default();
            for number in numbers {
                match counted.add(work, &[*number]).await {
                    Err(fault) if is_damage(&fault) => {
                        damaged.push(DamagedTicket { number: *number, detail: fault.detail });
                    }
                    outcome => outcome?,
                }
            }
        }
        Err(fault) => return Err(fault),
    }
    counted.change.write(work, &counted.analysed).await?;
    FOLLOWER.note(work, numbers, damaged).await
}

/// What tickets count now, and the change that this is.
#[derive(Default)]
struct Counted {
    change: Change,
    analysed: Vec<AnalysedTicket>,
}

impl Counted {
    /// Adds tickets. Everything is read before anything is added.
    async fn add(&mut self, work: &Work, numbers: &[i64]) -> Result<(), Fault> {
        let before = rows::facts(&work.tx, numbers).await?;
        let events = ledger::read::all_events(&work.tx, numbers).await?;
        let after = facts_of(&work.tx, &events).await?;
        let analysed = analysis::derived(&events)?;
        let none = Vec::new();
        for number in numbers {
            let (before, after) = (before.get(number).unwrap_or(&none), after.get(number).unwrap_or(&none));
            self.change.add(*number, before, after)?;
        }
        self.analysed.extend(analysed);
        Ok(())
    }
}

/// The rows that facts make in the rollup.
pub(super) fn rolled_up(facts: &[Fact], into: &mut BTreeMap<RollupKey, i64>) {
    for key in pure::cases(facts).iter().flat_map(rows::rollup_keys) {
        *into.entry(key).or_default() += 1;
    }
}

/// The places under which a ticket is found, by its facts.
pub(super) fn places(facts: &[Fact]) -> BTreeSet<(String, i32)> {
    rows::places(&pure::cases(facts))
}
