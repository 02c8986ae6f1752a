//! Departures: the units that a change of a ticket takes it from, as rows beside the change's last event. A stream of
//! such a unit says that the ticket left, and nothing about the event.

use super::entry::TicketChange;
use super::{audience, rows};
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::Event;

/// `ticket_departure`: a ticket left a unit with an event.
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_departure")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        /// The sequence of the event.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Adds the departures of some changes to what a unit of work writes. A ticket that was hidden from the unit already
/// does not leave it: the unit must not learn that something happened to it.
///
/// # Errors
/// If the database refuses.
pub(super) async fn add(work: &Work, changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let mut departures = Vec::new();
    let mut unsure = Vec::new();
    for change in changes {
        let gone = gone_from(change);
        if !gone.is_empty() && may_be_hidden(change) {
            unsure.push(change.after.number.as_i64());
        }
        departures.extend(gone);
    }
    if !unsure.is_empty() {
        // The rows are still those from before the changes.
        let hidden = audience::hidden_from(&work.tx, &unsure).await?;
        departures.retain(|gone| {
            hidden.iter().all(|(number, unit)| (*number, unit) != (gone.ticket_number, &gone.unit))
        });
    }
    writes.insert(departures.into_iter().map(row::ActiveModel::from).collect())
}

/// The units that a change takes its ticket from.
fn gone_from(change: &TicketChange) -> Vec<row::Model> {
    let Some(before) = &change.before else { return Vec::new() };
    let now = rows::unit::of(&change.after);
    let gone = rows::unit::of(before).into_iter().filter(|was| now.iter().all(|now| now.unit != was.unit));
    let sequence = change.head.sequence;
    gone.map(|gone| row::Model { unit: gone.unit, ticket_number: gone.ticket_number, sequence }).collect()
}

/// Whether the ticket may have been hidden from one of its units before the change. An open ticket that is recalled was
/// not: what hides it was committed or is written with the recall, as a change of the unit tree is.
fn may_be_hidden(change: &TicketChange) -> bool {
    let Some(before) = &change.before else { return false };
    let is_recall =
        |event: &Event| matches!(event, Event::TicketClassified(classified) if classified.is_recalled);
    let is_recalled = change.recorded.iter().any(|recorded| is_recall(&recorded.event));
    // A repeat is about the same matter as the ticket that it was merged into, and accuses the same units.
    let accuses = !before.accused_units.is_empty() || before.merged_into.is_some();
    accuses && !(before.state.is_open() && is_recalled)
}
