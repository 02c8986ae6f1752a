//! The tables of the ticket, and the conversion of tickets and events to rows and back. For the ledger, and for the
//! verification of the audit log.

mod queue;
pub(super) mod unit;

use crate::platform::Fault;
use crate::ticket::{Category, Rung, Ticket};

pub(super) use queue::Queue;

/// The number of a rung in the tables; it rises with the ladder.
pub(super) const fn rung_number(rung: Rung) -> i16 {
    match rung {
        Rung::None => 0,
        Rung::Reminded => 1,
        Rung::Urged => 2,
        Rung::Supervised => 3,
        Rung::Manual => 4,
    }
}

/// The number of a category in the tables, the same as in the contract.
pub(super) const fn category_number(category: Category) -> i16 {
    match category {
        Category::Consultation => 1,
        Category::Appeal => 2,
        Category::ComplaintReport => 3,
    }
}

fn unreadable(what: &str, number: i64, error: &dyn std::fmt::Display) -> Fault {
    Fault::internal(format!("{what} of {number} can't be read or written: {error}"))
}

/// `ticket`: the columns that queries need, and the whole ticket as JSON.
pub(crate) mod ticket {
    use sea_orm::ActiveValue::Set;
    use sea_orm::entity::prelude::*;

    use super::{Fault, Queue, Ticket, category_number, rung_number, unreadable};
    use crate::audit_log::hash_chain::Head;
    use crate::ticket::{Channel, Source};

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub version: i32,
        pub state: String,
        pub category: i16,
        pub topic: Option<String>,
        pub district: Option<String>,
        pub lead_unit: Option<String>,
        pub rung: i16,
        pub ladder_rung: i16,
        pub received_at: i64,
        pub updated_at: i64,
        pub due_at: i64,
        pub is_open: bool,
        pub queue: i16,
        pub is_confidential: bool,
        pub source_owner: Option<String>,
        pub source_system: Option<String>,
        pub source_reference: Option<String>,
        /// The call that the source names; empty if the source is no call.
        pub source_call: Option<String>,
        pub call_id: Option<String>,
        pub content: String,
        pub document: String,
        /// The sequence and the link of the last event.
        pub head_sequence: i32,
        pub head_hash: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// The owner of a source's natural key; empty for the hotline's own systems, because NULL equals nothing.
    pub(crate) fn source_owner(source: &Source) -> String {
        source.owner.as_ref().map(|unit| unit.0.clone()).unwrap_or_default()
    }

    /// The call that a ticket's source names; empty if the source is no call, because NULL equals nothing.
    fn source_call(ticket: &Ticket) -> String {
        let call = ticket.call.as_ref().filter(|_| ticket.channel == Channel::Telephone);
        call.map(|call| call.0.clone()).unwrap_or_default()
    }

    /// The row of a ticket, with the head of its chain.
    pub(crate) fn of(ticket: &Ticket, head: &Head) -> Result<ActiveModel, Fault> {
        let number = ticket.number.as_i64();
        let document =
            serde_json::to_string(ticket).map_err(|error| unreadable("the document", number, &error))?;
        Ok(ActiveModel {
            number: Set(number),
            version: Set(
                i32::try_from(ticket.version).map_err(|error| unreadable("the version", number, &error))?
            ),
            state: Set(ticket.state.name().to_owned()),
            category: Set(category_number(ticket.category)),
            topic: Set(ticket.topic.clone()),
            district: Set(ticket.district.clone()),
            lead_unit: Set(ticket.lead_unit().map(|unit| unit.0.clone())),
            rung: Set(rung_number(ticket.cycle.rung)),
            ladder_rung: Set(rung_number(ticket.cycle.ladder_rung)),
            received_at: Set(ticket.received_at.timestamp_micros()),
            updated_at: Set(ticket.updated_at.timestamp_micros()),
            due_at: Set(ticket.listed_due_at().timestamp_micros()),
            is_open: Set(ticket.state.is_open()),
            queue: Set(Queue::of(ticket).number()),
            is_confidential: Set(ticket.is_confidential),
            source_owner: Set(ticket.source.as_ref().map(source_owner)),
            source_system: Set(ticket.source.as_ref().map(|source| source.system.clone())),
            source_reference: Set(ticket.source.as_ref().map(|source| source.reference.clone())),
            source_call: Set(ticket.source.as_ref().map(|_| source_call(ticket))),
            call_id: Set(ticket.call.as_ref().map(|call| call.0.clone())),
            content: Set(ticket.content.clone()),
            document: Set(document),
            head_sequence: Set(head.sequence),
            head_hash: Set(head.link.as_bytes().to_vec()),
        })
    }

    /// The ticket from its document and its content.
    pub(crate) fn read(number: i64, document: &str, content: String) -> Result<Ticket, Fault> {
        let mut ticket: Ticket =
            serde_json::from_str(document).map_err(|error| unreadable("the document", number, &error))?;
        ticket.content = content;
        Ok(ticket)
    }
}

/// `ticket_event`: what happened.
pub(crate) mod event {
    use sea_orm::ActiveValue::Set;
    use sea_orm::entity::prelude::*;

    use super::{Fault, unreadable};
    use crate::audit_log::hash_chain::{self, EventCells, Head};
    use crate::platform::hashing::HashSuite;
    use crate::ticket::columns::instant;
    use crate::ticket::{Actor, EventRecord, TicketNumber, UnitCode};

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_event")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
        pub occurred_at: i64,
        pub principal: String,
        pub unit: Option<String>,
        pub payload: String,
        pub hash: Vec<u8>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// The row of an event after a head; the head moves on to it.
    pub(crate) fn of(
        recorded: &EventRecord,
        suite: HashSuite,
        head: &mut Head,
    ) -> Result<ActiveModel, Fault> {
        let number = recorded.ticket.as_i64();
        let payload = recorded.payload().map_err(|error| unreadable("an event", number, &error))?;
        let sequence =
            i32::try_from(recorded.sequence).map_err(|error| unreadable("a sequence", number, &error))?;
        let row = Model {
            ticket_number: number,
            sequence,
            occurred_at: recorded.at.timestamp_micros(),
            principal: recorded.actor.principal.clone(),
            unit: recorded.actor.unit.as_ref().map(|unit| unit.0.clone()),
            payload,
            hash: Vec::new(),
        };
        *head = Head { sequence, link: hash_chain::event(suite, &head.link, &row.cells()) };
        Ok(ActiveModel {
            ticket_number: Set(row.ticket_number),
            sequence: Set(row.sequence),
            occurred_at: Set(row.occurred_at),
            principal: Set(row.principal),
            unit: Set(row.unit),
            payload: Set(row.payload),
            hash: Set(head.link.as_bytes().to_vec()),
        })
    }

    impl Model {
        /// The cells that its link is hashed over.
        pub(crate) fn cells(&self) -> EventCells<'_> {
            EventCells {
                ticket_number: self.ticket_number,
                sequence: self.sequence,
                occurred_at: self.occurred_at,
                principal: &self.principal,
                unit: self.unit.as_deref(),
                payload: &self.payload,
            }
        }
    }

    /// The event of a row.
    pub(crate) fn read(row: Model) -> Result<EventRecord, Fault> {
        let number = row.ticket_number;
        Ok(EventRecord {
            ticket: TicketNumber::from_i64(number)
                .map_err(|error| unreadable("the number", number, &error))?,
            sequence: row.sequence.unsigned_abs(),
            at: instant(row.occurred_at)?,
            actor: Actor {
                principal: row.principal,
                unit: row.unit.map(UnitCode),
                via: Actor::via_of(&row.payload).map_err(|error| unreadable("an event", number, &error))?,
            },
            event: serde_json::from_str(&row.payload)
                .map_err(|error| unreadable("an event", number, &error))?,
        })
    }
}

/// `ticket_accused`: which units a ticket accuses, or the ticket that it was merged into.
pub(super) mod accused {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_accused")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `ticket_timer`: the rung that a ticket waits for.
pub(super) mod timer {
    use sea_orm::ActiveValue::Set;
    use sea_orm::entity::prelude::*;

    use super::{Ticket, rung_number};
    use crate::deadline::ladder::RungAt;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_timer")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub cycle: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub rung: i16,
        pub due_at: i64,
        /// How often it failed to fire.
        pub tries: i32,
        /// When it can be claimed: its due time, or later if it was deferred.
        pub claim_after: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// The key of a ticket's timer: number, cycle and rung.
    pub(crate) fn key_of(ticket: &Ticket, (rung, _): RungAt) -> (i64, i32, i16) {
        let cycle = i32::try_from(ticket.cycle.number).unwrap_or(i32::MAX);
        (ticket.number.as_i64(), cycle, rung_number(rung))
    }

    /// The row of the rung that a ticket waits for.
    pub(crate) fn of(ticket: &Ticket, timer: RungAt) -> ActiveModel {
        let (ticket_number, cycle, rung) = key_of(ticket, timer);
        let (_, due_at) = timer;
        ActiveModel {
            ticket_number: Set(ticket_number),
            cycle: Set(cycle),
            rung: Set(rung),
            due_at: Set(due_at.timestamp_micros()),
            tries: Set(0),
            claim_after: Set(due_at.timestamp_micros()),
        }
    }
}

/// `rung_effect`: the rungs that fired or were passed.
pub(super) mod effect;
