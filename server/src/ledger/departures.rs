//! Departures: the units that a change of a ticket takes it from, as rows beside the change's last event. A stream of
//! such a unit says that the ticket left, and nothing about the event.

use sea_orm::ActiveValue::Set;

use super::entry::TicketChange;
use super::rows;
use crate::platform::Fault;
use crate::platform::writes::Writes;

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

/// Adds the departures of some changes to what a unit of work writes.
pub(super) fn add(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let mut departures = Vec::new();
    for change in changes {
        let Some(before) = &change.before else { continue };
        let now = rows::unit::of(&change.after);
        for gone in rows::unit::of(before).iter().filter(|was| now.iter().all(|now| now.unit != was.unit)) {
            departures.push(row::ActiveModel {
                unit: Set(gone.unit.clone()),
                ticket_number: Set(gone.ticket_number),
                sequence: Set(change.head.sequence),
            });
        }
    }
    writes.insert(departures)
}
