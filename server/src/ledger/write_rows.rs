//! How what happens to some tickets becomes rows: a handful of statements, however many tickets there are, as long as
//! their values fit into one. Every update compares the version that was read.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Statement, UpdateMany};

use super::bulk::{Given, delete, insert, rows_max};
use super::{Rows, accused, digests, identity, rows, seals};
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::Event;
use crate::vault::Vault;

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
    failpoint::reach("ledger.tickets").await?;
    write_tickets(work, rows).await?;
    failpoint::reach("ledger.events").await?;
    write_events(work, rows).await?;
    failpoint::reach("ledger.heads").await?;
    let heads = rows.iter().map(|row| (row.after.number.as_i64(), "", row.head.sequence, &row.head.link));
    seals::note(work, heads).await?;
    failpoint::reach("ledger.effects").await?;
    digests::note(work, rows.iter().flat_map(|row| &row.recorded)).await?;
    failpoint::reach("ledger.identity").await?;
    identity::write(work, vault, rows).await?;
    failpoint::reach("ledger.units").await?;
    write_units(work, rows).await?;
    failpoint::reach("ledger.accused").await?;
    accused::write(work, rows).await?;
    failpoint::reach("ledger.timers").await?;
    write_timers(work, rows).await
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
    for some in changed.chunks(rows_max(CHANGING.len() + 2)) {
        let changed = match some {
            [(was, after)] => update_one(*was, after)?.exec(&work.tx).await?.rows_affected,
            some => work.tx.execute_raw(update(work, some)?).await?.rows_affected(),
        };
        if changed != some.len() as u64 {
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

/// The statement that changes one ticket, only if it still has the version it was read in. Arrays of one would be planned
/// anew each time (docs/adr/0023-how-rows-travel.md).
fn update_one(
    was: u32,
    after: &rows::ticket::ActiveModel,
) -> Result<UpdateMany<rows::ticket::Entity>, Fault> {
    use rows::ticket::Column;
    let value = |column: Column| {
        let value = after.get(column).into_value();
        value.ok_or_else(|| Fault::internal(format!("{} has no value", column.as_str())))
    };
    let mut update = rows::ticket::Entity::update_many()
        .filter(Column::Number.eq(value(Column::Number)?))
        .filter(Column::Version.eq(version_of(was)?));
    for column in CHANGING {
        update = update.col_expr(column, Expr::val(value(column)?));
    }
    Ok(update)
}

fn version_of(version: u32) -> Result<i32, Fault> {
    i32::try_from(version).map_err(|_| Fault::internal("a version out of range"))
}

/// The statement that changes some tickets, each only if it still has the version it was read in.
fn update(work: &Work, changed: &[(u32, rows::ticket::ActiveModel)]) -> Result<Statement, Fault> {
    let names = CHANGING.map(|column| column.as_str());
    let given = given(work, changed)?;
    let sql = format!(
        "WITH now (number, was, {}) AS ({}) UPDATE ticket SET {} FROM now \
         WHERE ticket.number = now.number AND ticket.version = now.was",
        names.join(", "),
        given.sql,
        names.map(|name| format!("{name} = now.{name}")).join(", "),
    );
    Ok(Statement::from_sql_and_values(work.tx.get_database_backend(), sql, given.values))
}

/// Of each ticket its number, the version it was read in, and the columns that change.
fn given(work: &Work, changed: &[(u32, rows::ticket::ActiveModel)]) -> Result<Given, Fault> {
    let mut before = Vec::with_capacity(changed.len());
    for (version, _) in changed {
        before.push(Value::from(version_of(*version)?));
    }
    let number = rows::ticket::Column::Number;
    let of = |column| changed.iter().filter_map(move |(_, after)| after.get(column).into_value());
    let columns = [(number.as_str(), of(number).collect()), ("was", before)].into_iter();
    let columns = columns.chain(CHANGING.map(|column| (column.as_str(), of(column).collect())));
    match work.tx.get_database_backend() {
        DbBackend::Postgres => Given::columns(columns.collect()),
        _ => Ok(Given::rows(columns.collect())),
    }
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
