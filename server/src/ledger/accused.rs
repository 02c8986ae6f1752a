//! The units that a ticket accuses, as rows that every query of a unit checks. They follow from the ticket. A ticket
//! that was merged into a complaint is about the same matter, so it accuses the same units, until the merge is undone.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{IntoColumnRef, SimpleExpr};
use sea_orm::{ActiveValue::Set, QueryOrder as _, QuerySelect as _};

use super::entry::TicketChange;
use super::read;
use super::rows::{self, accused, ticket};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{State, Ticket, TicketNumber, UnitCode};

/// Adds the accused units of tickets to what a unit of work writes, if they or the repeats are others than before.
pub(super) async fn add(work: &Work, changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let (mut rows, mut stale) = (Vec::new(), Vec::new());
    for change in changes {
        let after = &change.after;
        let is_as_before = change.before.as_ref().is_some_and(|before| {
            before.accused_units.len() == after.accused_units.len()
                && before.repeats.len() == after.repeats.len()
        });
        if change.before.as_ref().is_some_and(|before| before.merged_into.is_some())
            && after.merged_into.is_none()
        {
            stale.extend(no_longer_accused(work, after).await?);
        }
        if after.accused_units.is_empty() || is_as_before {
            continue;
        }
        for number in family(after) {
            rows.extend(after.accused_units.iter().map(|unit| accused::ActiveModel {
                ticket_number: Set(number.as_i64()),
                unit: Set(unit.0.clone()),
            }));
        }
    }
    let (numbers, units) = stale.into_iter().map(|(number, unit)| (number.into(), unit.into())).unzip();
    writes.delete::<accused::Entity>(vec![("ticket_number", numbers), ("unit", units)])?;
    writes.insert_missing(rows)
}

/// The rows of a repeat whose merge is undone, and of its own repeats, that came from the tickets which stood for it.
async fn no_longer_accused(work: &Work, repeat: &Ticket) -> Result<Vec<(i64, String)>, Fault> {
    let mut stale = Vec::new();
    for number in family(repeat) {
        let own =
            if number == repeat.number { None } else { read::find(&work.tx, &Scope::All, number).await? };
        let own = own.map(|own| own.accused_units).unwrap_or_default();
        let stored: Vec<String> = accused::Entity::find()
            .select_only()
            .column(accused::Column::Unit)
            .filter(accused::Column::TicketNumber.eq(number.as_i64()))
            .into_tuple()
            .all(&work.tx)
            .await?;
        let is_stale =
            |unit: &String| repeat.accused_units.iter().chain(&own).all(|accused| accused.as_str() != unit);
        stale.extend(stored.into_iter().filter(is_stale).map(|unit| (number.as_i64(), unit)));
    }
    Ok(stale)
}

/// A ticket and all tickets that were merged into it, directly or through others.
fn family(ticket: &Ticket) -> impl Iterator<Item = TicketNumber> {
    std::iter::once(ticket.number).chain(ticket.repeats.iter().copied())
}

/// Whether a ticket accuses a unit, or a unit above it.
///
/// # Errors
/// If the database refuses.
pub async fn accuses(
    db: &impl ConnectionTrait,
    number: TicketNumber,
    unit: &UnitCode,
) -> Result<bool, Fault> {
    let lineage = UnitLineage::of_unit(db, unit).await?;
    let found: Option<i64> = ticket::Entity::find_by_id(number.as_i64())
        .select_only()
        .column(ticket::Column::Number)
        .filter(lineage.is_not_accused((ticket::Entity, ticket::Column::Number)))
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_none())
}

/// The condition that the ticket of a number column accuses neither a unit nor one above it.
///
/// # Errors
/// If the database refuses.
pub async fn is_not_accused(
    db: &impl ConnectionTrait,
    unit: &UnitCode,
    number: impl IntoColumnRef,
) -> Result<SimpleExpr, Fault> {
    Ok(UnitLineage::of_unit(db, unit).await?.is_not_accused(number))
}

/// Open tickets that accuse somebody, by number, after a given one and at most `limit`; not locked. They are shown to
/// nobody.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn open_complaints(
    db: &impl ConnectionTrait,
    behind: Option<TicketNumber>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    let complaints = sea_orm::sea_query::Query::select()
        .column(accused::Column::TicketNumber)
        .from(accused::Entity)
        .to_owned();
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Number, ticket::Column::Document])
        .filter(ticket::Column::State.is_in(State::OPEN.iter().map(|state| state.name())))
        .filter(ticket::Column::Number.in_subquery(complaints))
        .order_by_asc(ticket::Column::Number)
        .limit(limit);
    if let Some(behind) = behind {
        query = query.filter(ticket::Column::Number.gt(behind.as_i64()));
    }
    let found: Vec<(i64, String)> = query.into_tuple().all(db).await?;
    found.into_iter().map(|(number, document)| rows::ticket::read(number, &document, String::new())).collect()
}
