//! Compares what is stored with what the events make of it, in one snapshot. The facts of tickets that the follower has
//! not reached yet are compared with nothing.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::analysis;
use super::follow;
use super::rows::{self, RollupKey, case, rollup};
use super::score::Fact;
use crate::feed::followers;
use crate::feed::set_aside::FeedFollower;
use crate::ledger;
use crate::platform::{Fault, Store};

/// Tickets that are read together.
const PART: u64 = 500;
/// Differences that are reported; the first ones.
const DIFFERENCES_MAX: usize = 100;

/// Where the stored rows are not what the events make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredDifference {
    /// The facts of a ticket.
    Facts(i64),
    /// The units and months under which a ticket is found.
    Cases(i64),
    /// The row of a ticket for the analysis.
    Analysis(i64),
    /// A ticket whose events, facts or texts can't be read.
    Unreadable(i64),
    /// A row of the rollup: the month, the unit or topic, and the district.
    Rollup(i32, String, String),
}

/// What was compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Tickets with facts.
    pub tickets: u64,
    /// Facts.
    pub facts: u64,
    /// What differs, the first ones of each table.
    pub differences: Vec<StoredDifference>,
}

/// Compares all facts with the events, and the rollups with the facts.
///
/// # Errors
/// If the database refuses, or rows can't be read.
pub async fn check(store: &Store) -> Result<CheckReport, Fault> {
    let snapshot = store.snapshot().await?;
    let position = rows::position(&snapshot).await?;
    let (mut report, mut rolled, mut after) = (CheckReport::default(), BTreeMap::new(), 0);
    let mut set_aside = FeedFollower::Assessment.set_aside(&snapshot).await?;
    set_aside.extend(FeedFollower::Search.set_aside(&snapshot).await?);
    report.differences.extend(set_aside.iter().copied().map(StoredDifference::Unreadable));
    loop {
        let numbers = ledger::read::numbers_after(&snapshot, after, PART).await?;
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { break };
        let changed = followers::changed_after(&snapshot, position, *first..=*last).await?;
        let (stored, derived, unreadable) = stored_and_derived(&snapshot, &numbers).await;
        let unreadable = unreadable.into_iter().filter(|number| !set_aside.contains(number));
        report.differences.extend(unreadable.map(StoredDifference::Unreadable));
        // What can't be read differs in the facts, too.
        let altered = analysis::altered(&snapshot, &numbers).await.unwrap_or_default();
        let found = cases(&snapshot, &numbers).await?;
        for number in &numbers {
            let none = Vec::new();
            let facts = stored.get(number).unwrap_or(&none);
            report.tickets += u64::from(!facts.is_empty());
            report.facts += facts.len() as u64;
            follow::rolled_up(facts, &mut rolled);
            if !changed.contains(number) && facts != derived.get(number).unwrap_or(&none) {
                report.differences.push(StoredDifference::Facts(*number));
            }
            if !changed.contains(number) && altered.contains(number) {
                report.differences.push(StoredDifference::Analysis(*number));
            }
            if found.get(number).cloned().unwrap_or_default() != follow::places(facts) {
                report.differences.push(StoredDifference::Cases(*number));
            }
        }
        after = *last;
        report.differences.truncate(DIFFERENCES_MAX);
    }
    report.differences.extend(rollup_differences(&snapshot, rolled).await?);
    snapshot.rollback().await?;
    Ok(report)
}

/// The facts of tickets by number.
type Facts = BTreeMap<i64, Vec<Fact>>;

/// The stored facts, those that the events make, and the tickets of which one of them can't be read. What can't be read
/// is missing, so it differs.
async fn stored_and_derived(db: &impl ConnectionTrait, numbers: &[i64]) -> (Facts, Facts, Vec<i64>) {
    let all = (rows::facts(db, numbers).await, follow::derived(db, numbers).await);
    if let (Ok(stored), Ok(derived)) = all {
        return (stored, derived, Vec::new());
    }
    let (mut stored, mut derived, mut unreadable) = (Facts::new(), Facts::new(), Vec::new());
    for number in numbers {
        let one = (rows::facts(db, &[*number]).await, follow::derived(db, &[*number]).await);
        if one.0.is_err() || one.1.is_err() {
            unreadable.push(*number);
        }
        stored.extend(one.0.unwrap_or_default());
        derived.extend(one.1.unwrap_or_default());
    }
    (stored, derived, unreadable)
}

async fn cases(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, BTreeSet<(String, i32)>>, Fault> {
    let mut all: BTreeMap<i64, BTreeSet<(String, i32)>> = BTreeMap::new();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(all) };
    let stored =
        case::Entity::find().filter(case::Column::TicketNumber.between(*first, *last)).all(db).await?;
    for row in stored {
        all.entry(row.ticket_number).or_default().insert((row.unit, row.month));
    }
    Ok(all)
}

/// The first rows of the rollup that are not the sum of the facts.
async fn rollup_differences(
    db: &impl ConnectionTrait,
    mut rolled: BTreeMap<RollupKey, i64>,
) -> Result<Vec<StoredDifference>, Fault> {
    let place = |key: &RollupKey| StoredDifference::Rollup(key.1, key.2.clone(), key.3.clone());
    let mut differences = Vec::new();
    let months: Vec<i32> = rollup::Entity::find()
        .select_only()
        .column(rollup::Column::Month)
        .distinct()
        .order_by_asc(rollup::Column::Month)
        .into_tuple()
        .all(db)
        .await?;
    for month in months {
        let stored = rollup::Entity::find()
            .filter(rollup::Column::Month.eq(month))
            .order_by_asc(rollup::Column::Kind)
            .order_by_asc(rollup::Column::Owner);
        for row in stored.all(db).await? {
            let key = (row.kind, row.month, row.owner, row.district, row.counted_by, row.properties);
            if rolled.remove(&key) != Some(row.cases) {
                differences.push(place(&key));
            }
        }
    }
    differences.extend(rolled.keys().map(place));
    differences.dedup();
    differences.truncate(DIFFERENCES_MAX);
    Ok(differences)
}
