//! The rows of changed tickets: a handful of statements, however many tickets there are, as long as their values fit into
//! one. Every update compares the version that was read.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Statement, UpdateMany};

use super::entry::TicketChange;
use super::{accused, digests, rows};
use crate::audit_log::pending_heads;
use crate::identity::vault::Vault;
use crate::identity::{self, IdentityChange};
use crate::platform::bulk_sql::{ValuesSource, delete, insert, rows_max};
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::Event;

/// The columns of a ticket that change after its intake.
const CHANGING: [rows::ticket::Column; 14] = {
    use rows::ticket::Column;
    [
        Column::Version,
        Column::State,
        Column::Category,
        Column::Topic,
        Column::District,
        Column::LeadUnit,
        Column::Rung,
        Column::UpdatedAt,
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
pub(super) async fn write_rows(
    work: &Work,
    vault: &Vault,
    changes: &mut [TicketChange],
) -> Result<(), Fault> {
    failpoint::reach("ledger.tickets").await?;
    write_tickets(work, changes).await?;
    failpoint::reach("ledger.events").await?;
    write_events(work, changes).await?;
    failpoint::reach("ledger.heads").await?;
    let heads = changes
        .iter()
        .map(|change| (change.after.number.as_i64(), "", change.head.sequence, &change.head.link));
    pending_heads::note(work, heads).await?;
    failpoint::reach("ledger.effects").await?;
    digests::note(work, changes.iter().flat_map(|change| &change.recorded)).await?;
    failpoint::reach("ledger.identity").await?;
    let identities: Vec<IdentityChange<'_>> =
        changes.iter().filter_map(TicketChange::identity_change).collect();
    identity::write(work, vault, &identities).await?;
    failpoint::reach("ledger.units").await?;
    write_units(work, changes).await?;
    failpoint::reach("ledger.accused").await?;
    accused::write(work, changes).await?;
    failpoint::reach("ledger.timers").await?;
    write_timers(work, changes).await
}

async fn write_tickets(work: &Work, changes: &[TicketChange]) -> Result<(), Fault> {
    let (mut new, mut updated, mut rewritten) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let after = rows::ticket::of(&change.after, &change.head)?;
        match &change.before {
            None => new.push(after),
            Some(before) => {
                if before.content != change.after.content {
                    rewritten.push(&change.after);
                }
                updated.push((before.version, after));
            }
        }
    }
    insert(work, new).await?;
    for some in updated.chunks(rows_max(CHANGING.len() + 2)) {
        let updated = match some {
            [(was, after)] => update_one(*was, after)?.exec(&work.tx).await?.rows_affected,
            some => work.tx.execute_raw(update(work, some)?).await?.rows_affected(),
        };
        if updated != some.len() as u64 {
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
fn update(work: &Work, updated: &[(u32, rows::ticket::ActiveModel)]) -> Result<Statement, Fault> {
    let names = CHANGING.map(|column| column.as_str());
    let source = values_source(work, updated)?;
    let sql = format!(
        "WITH now (number, was, {}) AS ({}) UPDATE ticket SET {} FROM now \
         WHERE ticket.number = now.number AND ticket.version = now.was",
        names.join(", "),
        source.sql,
        names.map(|name| format!("{name} = now.{name}")).join(", "),
    );
    Ok(Statement::from_sql_and_values(work.tx.get_database_backend(), sql, source.values))
}

/// Of each ticket its number, the version it was read in, and the columns that change.
fn values_source(work: &Work, updated: &[(u32, rows::ticket::ActiveModel)]) -> Result<ValuesSource, Fault> {
    let mut before = Vec::with_capacity(updated.len());
    for (version, _) in updated {
        before.push(Value::from(version_of(*version)?));
    }
    let number = rows::ticket::Column::Number;
    let of = |column| updated.iter().filter_map(move |(_, after)| after.get(column).into_value());
    let columns = [(number.as_str(), of(number).collect()), ("was", before)].into_iter();
    let columns = columns.chain(CHANGING.map(|column| (column.as_str(), of(column).collect())));
    match work.tx.get_database_backend() {
        DbBackend::Postgres => ValuesSource::from_arrays(columns.collect()),
        _ => Ok(ValuesSource::from_rows(columns.collect())),
    }
}

async fn write_events(work: &Work, changes: &mut [TicketChange]) -> Result<(), Fault> {
    let events = changes.iter_mut().flat_map(|change| std::mem::take(&mut change.events)).collect();
    let mut effects = Vec::new();
    for recorded in changes.iter().flat_map(|change| &change.recorded) {
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

async fn write_units(work: &Work, changes: &[TicketChange]) -> Result<(), Fault> {
    let (mut stale, mut units) = (Vec::new(), Vec::new());
    for change in changes {
        let now = rows::unit::of(&change.after);
        let before = change.before.as_ref().map(rows::unit::of).unwrap_or_default();
        if now == before {
            continue;
        }
        if !before.is_empty() {
            stale.push(change.after.number.as_i64());
        }
        units.extend(now.into_iter().map(rows::unit::ActiveModel::from));
    }
    delete::<rows::unit::Entity>(work, rows::unit::Column::TicketNumber, &stale).await?;
    insert(work, units).await
}

async fn write_timers(work: &Work, changes: &[TicketChange]) -> Result<(), Fault> {
    let (mut stale, mut timers) = (Vec::new(), Vec::new());
    for change in changes {
        let cycle_before = change.before.as_ref().map(|ticket| ticket.cycle.number);
        if change.timer == change.timer_before && cycle_before == Some(change.after.cycle.number) {
            continue;
        }
        if change.timer_before.is_some() {
            stale.push(change.after.number.as_i64());
        }
        timers.extend(change.timer.map(|timer| rows::timer::of(&change.after, timer)));
    }
    delete::<rows::timer::Entity>(work, rows::timer::Column::TicketNumber, &stale).await?;
    insert(work, timers).await
}
