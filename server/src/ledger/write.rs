//! How what happens to some tickets becomes rows: a handful of statements, however many tickets there are, as long as
//! their values fit into one. Every update compares the version that was read.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Iterable as _, Statement, Value};

use super::{Rows, accused, digests, identity, rows, seals};
use crate::platform::{Fault, Work};
use crate::ticket::Event;
use crate::vault::Vault;

/// Values that one statement takes: SQLite's limit; PostgreSQL's is twice as high.
const VALUES_MAX: usize = 32_766;

/// The columns of a ticket that change after its intake.
const CHANGING: [rows::ticket::Column; 13] = {
    use rows::ticket::Column;
    [
        Column::Version,
        Column::State,
        Column::Category,
        Column::Topic,
        Column::District,
        Column::LeadUnit,
        Column::Rung,
        Column::DueAt,
        Column::IsOpen,
        Column::IsHeld,
        Column::Document,
        Column::HeadSequence,
        Column::HeadHash,
    ]
};

/// Writes all the rows.
///
/// # Errors
/// A conflict where a ticket was changed since it was read, or a unique row is there already.
pub(super) async fn write(work: &Work, vault: &Vault, rows: &mut [Rows]) -> Result<(), Fault> {
    write_tickets(work, rows).await?;
    write_events(work, rows).await?;
    let heads = rows.iter().map(|row| (row.after.number.as_i64(), "", row.head.sequence, &row.head.link));
    seals::note(work, heads).await?;
    digests::note(work, rows.iter().flat_map(|row| &row.recorded)).await?;
    identity::write(work, vault, rows).await?;
    write_units(work, rows).await?;
    accused::write(work, rows).await?;
    write_timers(work, rows).await
}

/// Inserts rows, as many in a statement as it takes.
pub(super) async fn insert<A>(work: &Work, mut rows: Vec<A>) -> Result<(), Fault>
where
    A: ActiveModelTrait,
{
    let most = VALUES_MAX / <A::Entity as EntityTrait>::Column::iter().count();
    while !rows.is_empty() {
        let rest = rows.split_off(most.min(rows.len()));
        A::Entity::insert_many(rows).exec_without_returning(&work.tx).await?;
        rows = rest;
    }
    Ok(())
}

/// Deletes the rows of these tickets, which a column names.
async fn delete<E: EntityTrait>(work: &Work, column: E::Column, numbers: &[i64]) -> Result<(), Fault> {
    for some in numbers.chunks(VALUES_MAX) {
        E::delete_many().filter(column.is_in(some.iter().copied())).exec(&work.tx).await?;
    }
    Ok(())
}

async fn write_tickets(work: &Work, rows: &[Rows]) -> Result<(), Fault> {
    let (mut new, mut changed, mut rewritten) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let after = rows::ticket::of(&row.after, Some(&row.head))?;
        match &row.before {
            None => new.push(after),
            Some(before) => {
                if before.content != row.after.content {
                    rewritten.push(&row.after);
                }
                changed.push((before.version, after));
            }
        }
    }
    insert(work, new).await?;
    for some in changed.chunks(VALUES_MAX / (CHANGING.len() + 2)) {
        let outcome = work.tx.execute_raw(update(work, some)?).await?;
        if outcome.rows_affected() != some.len() as u64 {
            return Err(Fault { is_conflict: true, ..Fault::unavailable("a ticket changed under its lock") });
        }
    }
    // A text is long and hardly ever written anew.
    for ticket in rewritten {
        rows::ticket::Entity::update_many()
            .col_expr(rows::ticket::Column::Content, ticket.content.as_str().into())
            .filter(rows::ticket::Column::Number.eq(ticket.number.as_i64()))
            .exec(&work.tx)
            .await?;
    }
    Ok(())
}

/// The statement that changes some tickets, each only if it still has the version it was read in.
fn update(work: &Work, changed: &[(u32, rows::ticket::ActiveModel)]) -> Result<Statement, Fault> {
    let names = CHANGING.map(|column| column.as_str());
    let width = names.len() + 2;
    let backend = work.tx.get_database_backend();
    let mark = |place: usize| match backend {
        DbBackend::Postgres => format!("${place}"),
        // SQLite takes a number for a name, and looks through all names for each value.
        _ => "?".to_owned(),
    };
    let row = |row: usize| {
        let values: Vec<_> = (1..=width).map(|value| mark(row * width + value)).collect();
        format!("({})", values.join(", "))
    };
    let sql = format!(
        "WITH now (number, was, {}) AS (VALUES {}) UPDATE ticket SET {} FROM now \
         WHERE ticket.number = now.number AND ticket.version = now.was",
        names.join(", "),
        (0..changed.len()).map(row).collect::<Vec<_>>().join(", "),
        names.map(|name| format!("{name} = now.{name}")).join(", "),
    );
    let mut values: Vec<Value> = Vec::with_capacity(changed.len() * width);
    for (before, after) in changed {
        let before = i32::try_from(*before).map_err(|_| Fault::internal("a version out of range"))?;
        let value = |column| after.get(column).into_value();
        values.extend(value(rows::ticket::Column::Number));
        values.push(before.into());
        values.extend(CHANGING.into_iter().filter_map(value));
    }
    Ok(Statement::from_sql_and_values(backend, sql, values))
}

async fn write_events(work: &Work, rows: &mut [Rows]) -> Result<(), Fault> {
    let events = rows.iter_mut().flat_map(|row| std::mem::take(&mut row.events)).collect();
    let mut effects = Vec::new();
    for recorded in rows.iter().flat_map(|row| &row.recorded) {
        if let Event::RungFired { cycle, rung, .. } | Event::RungPassed { cycle, rung, .. } = &recorded.event
        {
            effects.push(rows::effect::ActiveModel {
                ticket_number: Set(recorded.ticket.as_i64()),
                cycle: Set(i32::try_from(*cycle).unwrap_or(i32::MAX)),
                rung: Set(rows::rung_number(*rung)),
                fired_at: Set(recorded.at.timestamp_micros()),
            });
        }
    }
    insert(work, events).await?;
    insert(work, effects).await
}

async fn write_units(work: &Work, rows: &[Rows]) -> Result<(), Fault> {
    let (mut stale, mut units) = (Vec::new(), Vec::new());
    for row in rows {
        let now = rows::unit::of(&row.after);
        let before = row.before.as_ref().map(rows::unit::of).unwrap_or_default();
        if now == before {
            continue;
        }
        if !before.is_empty() {
            stale.push(row.after.number.as_i64());
        }
        units.extend(now.into_iter().map(rows::unit::ActiveModel::from));
    }
    delete::<rows::unit::Entity>(work, rows::unit::Column::TicketNumber, &stale).await?;
    insert(work, units).await
}

async fn write_timers(work: &Work, rows: &[Rows]) -> Result<(), Fault> {
    let (mut stale, mut timers) = (Vec::new(), Vec::new());
    for row in rows {
        let cycle_before = row.before.as_ref().map(|ticket| ticket.cycle.number);
        if row.timer == row.timer_before && cycle_before == Some(row.after.cycle.number) {
            continue;
        }
        if row.timer_before.is_some() {
            stale.push(row.after.number.as_i64());
        }
        timers.extend(row.timer.map(|timer| rows::timer::of(&row.after, timer)));
    }
    delete::<rows::timer::Entity>(work, rows::timer::Column::TicketNumber, &stale).await?;
    insert(work, timers).await
}
