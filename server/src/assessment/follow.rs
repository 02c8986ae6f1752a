//! The follower of the feed. It keeps one fact for each ticket and cycle, the rollups, and the rows of the analysis.
//! Any server may run it, one at a time. The position that it has reached is stored in the transaction that writes
//! what it has counted. So nothing counts twice after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use metrics::gauge;
use sea_orm::ActiveValue::Set;
use sea_orm::Value;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};

use super::analysis::{self, AnalysedTicket};
use super::exclusion_rows;
use super::facts::TicketFacts;
use super::rows::{self, RollupKey, case, fact, rollup, state};
use super::score::{Fact, rollup as pure};
use crate::feed::followers;
use crate::ledger;
use crate::platform::bulk_sql::rows_max;
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
/// Values of a row of the rollup.
const ROLLUP_VALUES: usize = 7;

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
        self.store
            .run(&self.clock, tickets_max, async |work, tickets_max| follow(work, *tickets_max).await)
            .await
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
        loop {
            let begun = Instant::now();
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

async fn follow(work: &Work, tickets_max: usize) -> Result<FollowPass, Fault> {
    if !followers::try_turn(work, LOCK).await? {
        return Ok(FollowPass::Busy);
    }
    // Read under the lock, because another server may have counted before.
    let before = rows::position(&work.tx).await?;
    let (position, numbers) = followers::next_tickets(work, before, tickets_max).await?;
    if position == before {
        return Ok(FollowPass::UpToDate);
    }
    count_again(work, &numbers).await?;
    let mut writes = Writes::new(work);
    writes.put(vec![state::ActiveModel { id: Set(state::ID), position: Set(position) }], &["id"])?;
    writes.execute(work).await?;
    Ok(FollowPass::Followed((position - before).unsigned_abs()))
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
    count_again(work, &[number]).await
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

/// Counts some tickets again: what they counted before is taken away, and what they count now is added.
async fn count_again(work: &Work, numbers: &[i64]) -> Result<(), Fault> {
    let before = rows::facts(&work.tx, numbers).await?;
    let events = ledger::read::all_events(&work.tx, numbers).await?;
    let after = facts_of(&work.tx, &events).await?;
    let none = Vec::new();
    let mut change = Change::default();
    for number in numbers {
        let (before, after) = (before.get(number).unwrap_or(&none), after.get(number).unwrap_or(&none));
        change.add(*number, before, after)?;
    }
    change.write(work, &analysis::derived(&events)?).await
}

/// What changes in the tables.
#[derive(Default)]
struct Change {
    facts: Vec<fact::ActiveModel>,
    ended: Vec<(i64, i32)>,
    cases: Vec<case::ActiveModel>,
    left: Vec<(String, i32, i64)>,
    rollup: BTreeMap<RollupKey, i64>,
}

impl Change {
    fn add(&mut self, number: i64, before: &[Fact], after: &[Fact]) -> Result<(), Fault> {
        if before == after {
            return Ok(());
        }
        let cycle = |fact: &Fact| i32::try_from(fact.cycle).unwrap_or(i32::MAX);
        for fact in after.iter().filter(|fact| !before.contains(fact)) {
            self.facts.push(fact::ActiveModel {
                ticket_number: Set(number),
                cycle: Set(cycle(fact)),
                unit: Set(rows::stored_unit(fact.unit.as_ref())),
                document: Set(rows::document(fact)?),
            });
        }
        let is_there = |cycle| after.iter().any(|fact| fact.cycle == cycle);
        let ended = before.iter().filter(|fact| !is_there(fact.cycle));
        self.ended.extend(ended.map(|fact| (number, cycle(fact))));
        let (old, new) = (pure::cases(before), pure::cases(after));
        let (old_places, new_places) = (rows::places(&old), rows::places(&new));
        let place = |(unit, month): &(String, i32)| (unit.clone(), *month, number);
        self.left.extend(old_places.difference(&new_places).map(place));
        self.cases.extend(new_places.difference(&old_places).map(|(unit, month)| case::ActiveModel {
            unit: Set(unit.clone()),
            month: Set(*month),
            ticket_number: Set(number),
        }));
        for (cases, count) in [(old, -1), (new, 1)] {
            for key in cases.iter().flat_map(rows::rollup_keys) {
                *self.rollup.entry(key).or_default() += count;
            }
        }
        self.rollup.retain(|_, count| *count != 0);
        Ok(())
    }

    async fn write(self, work: &Work, analysed: &[AnalysedTicket]) -> Result<(), Fault> {
        let mut writes = Writes::new(work);
        let column = |values: Vec<Value>| values;
        let ended = |value: fn(&(i64, i32)) -> Value| column(self.ended.iter().map(value).collect());
        writes.delete::<fact::Entity>(vec![
            ("ticket_number", ended(|key| key.0.into())),
            ("cycle", ended(|key| key.1.into())),
        ])?;
        let left = |value: fn(&(String, i32, i64)) -> Value| column(self.left.iter().map(value).collect());
        writes.delete::<case::Entity>(vec![
            ("unit", left(|key| key.0.clone().into())),
            ("month", left(|key| key.1.into())),
            ("ticket_number", left(|key| key.2.into())),
        ])?;
        writes.put(self.facts, &["ticket_number", "cycle"])?;
        writes.insert_missing(self.cases)?;
        analysis::put(&mut writes, analysed)?;
        writes.execute(work).await?;
        add_to_rollup(work, self.rollup).await
    }
}

/// Adds to rows of the rollup, and deletes those that became empty.
async fn add_to_rollup(work: &Work, changes: BTreeMap<RollupKey, i64>) -> Result<(), Fault> {
    use rollup::Column;
    let key =
        [Column::Kind, Column::Month, Column::Owner, Column::District, Column::CountedBy, Column::Properties];
    let sum = Expr::col((rollup::Entity, Column::Cases)).add(Expr::col(("excluded", Column::Cases)));
    let added = OnConflict::columns(key).value(Column::Cases, sum).to_owned();
    let row = |((kind, month, owner, district, counted_by, properties), cases): (RollupKey, i64)| {
        rollup::ActiveModel {
            kind: Set(kind),
            month: Set(month),
            owner: Set(owner),
            district: Set(district),
            counted_by: Set(counted_by),
            properties: Set(properties),
            cases: Set(cases),
        }
    };
    let rows: Vec<_> = changes.into_iter().map(row).collect();
    let is_any_less = rows.iter().any(|row| matches!(row.cases, Set(cases) if cases < 0));
    for part in rows.chunks(rows_max(ROLLUP_VALUES)) {
        let insert = rollup::Entity::insert_many(part.to_vec()).on_conflict(added.clone());
        insert.exec_without_returning(&work.tx).await?;
    }
    if is_any_less {
        rollup::Entity::delete_many().filter(Column::Cases.eq(0)).exec(&work.tx).await?;
    }
    Ok(())
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
