//! `ticket_unit`: which units have a ticket, and so which tickets a unit may see; with what lists of the units' work
//! ask for.

use sea_orm::entity::prelude::*;

use crate::ticket::{Relation as To, Ticket};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket_unit")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ticket_number: i64,
    pub relation: i16,
    pub is_open: bool,
    pub due_at: i64,
    /// The clerk to whom the unit has assigned it.
    pub assigned_to: Option<String>,
    /// Whether the unit has asked the supervisor for help.
    pub has_help_open: bool,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The number of a relation in the table; it falls with what the unit has to do.
pub(crate) const fn relation_number(relation: To) -> i16 {
    match relation {
        To::Lead => 1,
        To::Assist => 2,
        To::Inform => 3,
    }
}

/// The rows of a ticket's units.
pub(crate) fn of(ticket: &Ticket) -> Vec<Model> {
    let units = ticket.dispatch.iter().flat_map(crate::ticket::Dispatch::units);
    units
        .map(|(unit, relation)| Model {
            unit: unit.0.clone(),
            ticket_number: ticket.number.as_i64(),
            relation: relation_number(relation),
            is_open: ticket.state.is_open(),
            due_at: ticket.listed_due_at().timestamp_micros(),
            assigned_to: ticket.assignment_in(unit).and_then(|one| one.clerk.clone()),
            has_help_open: ticket.help_request.as_ref().is_some_and(|help| help.unit == *unit),
        })
        .collect()
}
