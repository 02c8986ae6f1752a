//! What units took in at their own counters: a row for each such ticket, with what its unit may know wherever the
//! ticket is. It is written with the ticket.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _, QueryTrait as _, Statement};

use super::entry::TicketChange;
use crate::platform::Fault;
use crate::platform::writes::Writes;
use crate::ticket::{Instant, Source, State, Ticket, TicketNumber, UnitCode, columns};

/// What a unit may read of a ticket that it took in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnIntake {
    /// The ticket.
    pub number: TicketNumber,
    /// When it was taken in.
    pub received_at: Instant,
    /// The system and reference that the unit gave.
    pub source: Option<Source>,
    /// Its state; `None` if it is withheld.
    pub state: Option<State>,
}

/// The row of a ticket, if a unit took it in.
fn row_of(ticket: &Ticket) -> Option<own_intake::Model> {
    let state = (!ticket.withholds_state()).then(|| ticket.state.name().to_owned());
    Some(own_intake::Model {
        unit: ticket.intake_unit.as_ref()?.0.clone(),
        ticket_number: ticket.number.as_i64(),
        received_at: ticket.received_at.timestamp_micros(),
        source_system: ticket.source.as_ref().map(|source| source.system.clone()),
        source_reference: ticket.source.as_ref().map(|source| source.reference.clone()),
        state,
    })
}

/// Adds the rows that differ from before.
pub(super) fn add(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    let mut rows = Vec::new();
    for change in changes {
        let now = row_of(&change.after);
        if now != change.before.as_ref().and_then(row_of) {
            rows.extend(now);
        }
    }
    let rows = rows.into_iter().map(|row| own_intake::ActiveModel {
        unit: Set(row.unit),
        ticket_number: Set(row.ticket_number),
        received_at: Set(row.received_at),
        source_system: Set(row.source_system),
        source_reference: Set(row.source_reference),
        state: Set(row.state),
    });
    writes.put(rows.collect(), &["unit", "ticket_number"])
}

fn query(unit: &UnitCode, before: Option<i64>, limit: u64) -> Select<own_intake::Entity> {
    let mut found = own_intake::Entity::find().filter(own_intake::Column::Unit.eq(unit.as_str()));
    if let Some(before) = before {
        found = found.filter(own_intake::Column::TicketNumber.lt(before));
    }
    found.order_by_desc(own_intake::Column::TicketNumber).limit(limit)
}

/// The statement of [`page`], for those who look at its plan.
#[must_use]
pub fn statement(backend: DbBackend, unit: &UnitCode, before: Option<i64>, limit: u64) -> Statement {
    query(unit, before, limit).build(backend)
}

/// What a unit took in, before a ticket number if there is one; the newest first, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    unit: &UnitCode,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<OwnIntake>, Fault> {
    let rows = query(unit, before, limit).all(db).await?;
    rows.into_iter().map(|row| read(unit, row)).collect()
}

fn read(unit: &UnitCode, row: own_intake::Model) -> Result<OwnIntake, Fault> {
    let source = row.source_system.zip(row.source_reference);
    let state = row.state.map(|name| {
        let state = State::ALL.into_iter().find(|state| state.name() == name);
        state.ok_or_else(|| Fault::internal(format!("{name} is no state")))
    });
    Ok(OwnIntake {
        number: columns::number(row.ticket_number)?,
        received_at: columns::instant(row.received_at)?,
        source: source.map(|(system, reference)| Source { owner: Some(unit.clone()), system, reference }),
        state: state.transpose()?,
    })
}

/// `own_intake`: what a unit took in at its own counter, and may know of it.
mod own_intake {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "own_intake")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        pub received_at: i64,
        pub source_system: Option<String>,
        pub source_reference: Option<String>,
        pub state: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
