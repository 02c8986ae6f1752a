//! `assessment_exclusion`: objections of units and requests of supervisors to leave a case out, and what was decided.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::exclusion::{Exclusion, ExclusionState, not_found};
use super::rows::month_of;
use super::score::Month;
use crate::ledger::{self, accused};
use crate::platform::bulk_sql::is_among;
use crate::platform::{Fault, Work};
use crate::ticket::{UnitCode, columns};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_exclusion")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub revision: i32,
        pub ticket_number: i64,
        pub cycle: i32,
        pub unit: String,
        pub month: i32,
        pub state: i16,
        pub is_objection: bool,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use row::Column;

/// The tickets and cycles that decisions exclude, of some tickets.
///
/// # Errors
/// If the database refuses.
pub(super) async fn excluded(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeSet<(i64, u32)>, Fault> {
    if numbers.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Vec<(i64, i32)> = row::Entity::find()
        .select_only()
        .columns([Column::TicketNumber, Column::Cycle])
        .filter(is_among(db, Column::TicketNumber, numbers.to_vec()))
        .filter(Column::State.eq(ExclusionState::Accepted.stored()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(|(number, cycle)| (number, cycle.unsigned_abs())).collect())
}

fn exclusion_of(row: &row::Model) -> Result<Exclusion, Fault> {
    let broken = |what: &dyn std::fmt::Display| Fault::internal(format!("exclusion {}: {what}", row.number));
    Ok(Exclusion {
        number: row.number.unsigned_abs(),
        revision: row.revision.unsigned_abs(),
        ticket: columns::number(row.ticket_number)?,
        cycle: row.cycle.unsigned_abs(),
        unit: UnitCode(row.unit.clone()),
        month: month_of(row.month)?,
        state: ExclusionState::of_stored(row.state).ok_or_else(|| broken(&"unknown state"))?,
        is_objection: row.is_objection,
        is_confidential: false,
        history: serde_json::from_str(&row.document).map_err(|error| broken(&error))?,
    })
}

fn row_of(one: &Exclusion) -> Result<row::ActiveModel, Fault> {
    let document = serde_json::to_string(&one.history).map_err(|error| Fault::internal(error.to_string()))?;
    let whole = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(row::ActiveModel {
        number: Set(whole(one.number)),
        revision: Set(whole(one.revision)),
        ticket_number: Set(one.ticket.as_i64()),
        cycle: Set(whole(one.cycle)),
        unit: Set(one.unit.0.clone()),
        month: Set(one.month.number()),
        state: Set(one.state.stored()),
        is_objection: Set(one.is_objection),
        document: Set(document),
    })
}

/// Adds one under the next number; returns it with that number.
///
/// # Errors
/// A conflict if another one takes the number at the same time; if the database refuses.
pub(super) async fn add(work: &Work, mut one: Exclusion) -> Result<Exclusion, Fault> {
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(Column::Number.max(), "last")
        .into_tuple()
        .one(&work.tx)
        .await?;
    one.number = last.flatten().unwrap_or_default().unsigned_abs() + 1;
    row::Entity::insert(row_of(&one)?).exec_without_returning(&work.tx).await?;
    Ok(one)
}

/// Stores one that was read under its lock, as its next revision.
///
/// # Errors
/// If the database refuses.
pub(super) async fn update(work: &Work, mut one: Exclusion) -> Result<Exclusion, Fault> {
    one.revision += 1;
    let mut row = row_of(&one)?;
    row.number = Unchanged(i32::try_from(one.number).unwrap_or(i32::MAX));
    row::Entity::update(row).exec(&work.tx).await?;
    Ok(one)
}

/// One, locked until the unit of work ends.
///
/// # Errors
/// `EXCLUSION_NOT_FOUND`.
pub(super) async fn lock(work: &Work, number: u32) -> Result<Exclusion, Fault> {
    let key = i32::try_from(number).unwrap_or(i32::MAX);
    let locked = row::Entity::find_by_id(key).lock_exclusive().one(&work.tx).await?;
    locked.as_ref().map(exclusion_of).transpose()?.ok_or_else(|| not_found(number))
}

/// Those of one case that are not rejected.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn of_cases(db: &impl ConnectionTrait, numbers: &[i64]) -> Result<Vec<Exclusion>, Fault> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let found = row::Entity::find()
        .filter(is_among(db, Column::TicketNumber, numbers.to_vec()))
        .filter(Column::State.ne(ExclusionState::Rejected.stored()))
        .order_by_asc(Column::Number);
    read_all(db, found).await
}

/// The requests of a query, with whether their tickets are confidential.
async fn read_all(db: &impl ConnectionTrait, query: Select<row::Entity>) -> Result<Vec<Exclusion>, Fault> {
    let rows = query.all(db).await?;
    let numbers = rows.iter().map(|row| row.ticket_number).collect();
    let confidential = ledger::read::confidential(db, numbers).await?;
    let read = |row: row::Model| {
        let is_confidential = confidential.contains(&row.ticket_number);
        Ok(Exclusion { is_confidential, ..exclusion_of(&row)? })
    };
    rows.into_iter().map(read).collect()
}

/// A filter; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExclusionFilter {
    /// About cases of this unit only. What accuses the unit is left out if the unit itself asks.
    pub unit: Option<UnitCode>,
    /// Whether the unit itself asks.
    pub is_by_unit: bool,
    /// Of this month only.
    pub month: Option<Month>,
    /// In this state only.
    pub state: Option<ExclusionState>,
}

/// A page by number, after a number.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    filter: &ExclusionFilter,
    after: Option<u32>,
    limit: u64,
) -> Result<Vec<Exclusion>, Fault> {
    let mut query = row::Entity::find().order_by_asc(Column::Number).limit(limit);
    if let Some(unit) = &filter.unit {
        query = query.filter(Column::Unit.eq(unit.as_str()));
        if filter.is_by_unit {
            let number = (row::Entity, Column::TicketNumber);
            query = query.filter(accused::is_not_accused(db, unit, number).await?);
        }
    }
    if let Some(month) = filter.month {
        query = query.filter(Column::Month.eq(month.number()));
    }
    if let Some(state) = filter.state {
        query = query.filter(Column::State.eq(state.stored()));
    }
    if let Some(after) = after {
        query = query.filter(Column::Number.gt(i32::try_from(after).unwrap_or(i32::MAX)));
    }
    read_all(db, query).await
}
