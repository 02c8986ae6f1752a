//! The chain of each ticket's events in the ledger. A ticket's row carries the link of its last event, so that the next
//! event is hashed over it without a read of the event table.

use std::ops::Deref;

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use crate::audit_log::hash_chain::{Head, link_of};
use crate::ledger::rows::ticket;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, Ticket};

/// A ticket as it was read under its lock, with the head of its chain if that was read too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedTicket {
    /// The ticket.
    pub ticket: Ticket,
    pub(super) head: Option<Head>,
}

impl Deref for LockedTicket {
    type Target = Ticket;

    fn deref(&self) -> &Ticket {
        &self.ticket
    }
}

impl From<Ticket> for LockedTicket {
    /// A ticket without the head of its chain. The ledger then looks it up when it writes.
    fn from(ticket: Ticket) -> Self {
        Self { ticket, head: None }
    }
}

/// The head of a row's columns.
pub(super) fn head_of_row(sequence: i32, hash: &[u8]) -> Result<Head, Fault> {
    Ok(Head { sequence, link: link_of(hash)? })
}

/// The head of a locked ticket's chain, looked up if it was not read with the ticket.
pub(super) async fn head_of(work: &Work, locked: &LockedTicket) -> Result<Head, Fault> {
    if let Some(head) = locked.head {
        return Ok(head);
    }
    let found: Option<(i32, Vec<u8>)> = ticket::Entity::find_by_id(locked.number.as_i64())
        .select_only()
        .columns([ticket::Column::HeadSequence, ticket::Column::HeadHash])
        .into_tuple()
        .one(&work.tx)
        .await?;
    found.map_or(Ok(Head::NONE), |(sequence, hash)| head_of_row(sequence, &hash))
}

/// The instant at which a unit of work changes a ticket: its own, but never before the ticket's last event. A clock may
/// have been put back, or be slightly behind another server's, but the events of a ticket never go back in time. A
/// decision and its events must use the same instant.
#[must_use]
pub fn instant_of(work: &Work, ticket: &Ticket) -> Instant {
    work.now().max(ticket.updated_at)
}
