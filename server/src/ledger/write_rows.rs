//! The rows of changed tickets: as many statements for many tickets as for one, as long as their values fit into one
//! statement. Every update compares the version that was read.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::entry::TicketChange;
use super::{accused, citations, departures, digests, own_intakes, rows};
use crate::audit_log::pending_heads;
use crate::identity::vault::Vault;
use crate::identity::{self, IdentityChange, attachment_keys};
use crate::platform::bulk_sql::rows_max;
use crate::platform::writes::{Columns, Writes};
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::Event;

/// The columns of a ticket that change after its intake.
const CHANGING: [rows::ticket::Column; 15] = {
    use rows::ticket::Column;
    [
        Column::Version,
        Column::State,
        Column::Category,
        Column::Topic,
        Column::District,
        Column::LeadUnit,
        Column::Rung,
        Column::LadderRung,
        Column::UpdatedAt,
        Column::DueAt,
        Column::IsOpen,
        Column::Queue,
        Column::Document,
        Column::HeadSequence,
        Column::HeadHash,
    ]
};

/// Adds all the rows to what a unit of work writes.
///
/// # Errors
/// What the database refuses with; an internal error if a ticket can't be written down.
pub(super) async fn add_rows(
    work: &Work,
    vault: &Vault,
    changes: &mut [TicketChange],
    writes: &mut Writes,
) -> Result<(), Fault> {
    failpoint::reach("ledger.tickets").await?;
    add_tickets(work, changes, writes).await?;
    failpoint::reach("ledger.events").await?;
    add_events(changes, writes)?;
    failpoint::reach("ledger.heads").await?;
    let heads = changes
        .iter()
        .map(|change| (change.after.number.as_i64(), "", change.head.sequence, &change.head.link));
    pending_heads::add(heads, writes)?;
    failpoint::reach("ledger.effects").await?;
    digests::add_notices(changes.iter().flat_map(|change| &change.recorded), writes)?;
    failpoint::reach("ledger.identity").await?;
    let identities: Vec<IdentityChange<'_>> =
        changes.iter().filter_map(TicketChange::identity_change).collect();
    identity::add(work, vault, &identities, writes).await?;
    let files = changes.iter().filter_map(|change| {
        let (file, added) = (change.attachment.as_ref()?, change.after.attachments.last()?);
        Some(attachment_keys::new_row(change.after.number, &added.id, file, work.now()))
    });
    writes.insert(files.collect())?;
    failpoint::reach("ledger.units").await?;
    add_units(changes, writes)?;
    own_intakes::add(changes, writes)?;
    departures::add(work, changes, writes).await?;
    citations::add(changes, writes)?;
    failpoint::reach("ledger.accused").await?;
    accused::add(work, changes, writes).await?;
    failpoint::reach("ledger.timers").await?;
    add_timers(changes, writes)
}

async fn add_tickets(work: &Work, changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
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
    writes.insert(new)?;
    for some in updated.chunks(rows_max(CHANGING.len() + 2)) {
        let names = CHANGING.map(|column| column.as_str());
        writes.update(columns_of(some)?, |source| {
            format!(
                "WITH now (number, was, {}) AS ({source}) UPDATE ticket SET {} FROM now \
                 WHERE ticket.number = now.number AND ticket.version = now.was",
                names.join(", "),
                names.map(|name| format!("{name} = now.{name}")).join(", "),
            )
        })?;
    }
    // A text is long and rarely rewritten.
    for ticket in rewritten {
        rows::ticket::Entity::update_many()
            .col_expr(rows::ticket::Column::Content, ticket.content.as_str().into())
            .filter(rows::ticket::Column::Number.eq(ticket.number.as_i64()))
            .exec(&work.tx)
            .await?;
    }
    Ok(())
}

fn version_of(version: u32) -> Result<i32, Fault> {
    i32::try_from(version).map_err(|_| Fault::internal("a version out of range"))
}

/// For each ticket its number, the version that was read, and the columns that change.
fn columns_of(updated: &[(u32, rows::ticket::ActiveModel)]) -> Result<Columns, Fault> {
    let mut before = Vec::with_capacity(updated.len());
    for (version, _) in updated {
        before.push(Value::from(version_of(*version)?));
    }
    let number = rows::ticket::Column::Number;
    let of = |column| updated.iter().filter_map(move |(_, after)| after.get(column).into_value());
    let columns = [(number.as_str(), of(number).collect()), ("was", before)].into_iter();
    Ok(columns.chain(CHANGING.map(|column| (column.as_str(), of(column).collect()))).collect())
}

fn add_events(changes: &mut [TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let events = changes.iter_mut().flat_map(|change| std::mem::take(&mut change.events)).collect();
    let mut effects = Vec::new();
    for recorded in changes.iter().flat_map(|change| &change.recorded) {
        if let Event::RungFired { cycle, round, rung, .. } | Event::RungPassed { cycle, round, rung, .. } =
            &recorded.event
        {
            effects.push(rows::effect::ActiveModel {
                ticket_number: Set(recorded.ticket.as_i64()),
                cycle: Set(i32::try_from(*cycle).unwrap_or(i32::MAX)),
                rung: Set(rows::rung_number(*rung)),
                fired_at: Set(recorded.at.timestamp_micros()),
                round: Set(i32::try_from(*round).unwrap_or(i32::MAX)),
            });
        }
    }
    writes.insert(events)?;
    writes.insert(effects)
}

fn add_units(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let (mut stale, mut units) = ((Vec::new(), Vec::new()), Vec::new());
    for change in changes {
        let now = rows::unit::of(&change.after);
        let before = change.before.as_ref().map(rows::unit::of).unwrap_or_default();
        for gone in before.iter().filter(|before| now.iter().all(|now| now.unit != before.unit)) {
            stale.0.push(gone.unit.as_str().into());
            stale.1.push(gone.ticket_number.into());
        }
        let others = now.into_iter().filter(|now| !before.contains(now));
        units.extend(others.map(rows::unit::ActiveModel::from));
    }
    writes.delete::<rows::unit::Entity>(vec![("unit", stale.0), ("ticket_number", stale.1)])?;
    writes.put(units, &["unit", "ticket_number"])
}

fn add_timers(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let mut stale = [const { Vec::new() }; 3];
    let mut timers = Vec::new();
    for change in changes {
        let cycle_before = change.before.as_ref().map(|ticket| ticket.cycle.number);
        if change.timer == change.timer_before && cycle_before == Some(change.after.cycle.number) {
            continue;
        }
        let before = change.before.as_ref().zip(change.timer_before);
        let before = before.map(|(ticket, timer)| rows::timer::key_of(ticket, timer));
        let now = change.timer.map(|timer| rows::timer::key_of(&change.after, timer));
        if let Some((number, cycle, rung)) = before.filter(|before| now.as_ref() != Some(before)) {
            stale[0].push(number.into());
            stale[1].push(cycle.into());
            stale[2].push(rung.into());
        }
        timers.extend(change.timer.map(|timer| rows::timer::of(&change.after, timer)));
    }
    let [numbers, cycles, rungs] = stale;
    let key = ["ticket_number", "cycle", "rung"];
    writes.delete::<rows::timer::Entity>(key.into_iter().zip([numbers, cycles, rungs]).collect())?;
    writes.put(timers, &key)
}
