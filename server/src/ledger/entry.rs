//! The change of one ticket in one unit of work, before and after its events are folded.

use crate::audit_log::hash_chain::Head;
use crate::deadline::ladder::RungAt;
use crate::identity::IdentityChange;
use crate::identity::attachment_keys::StoredFile;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::rows;
use crate::ticket::{Actor, CallerIdentity, Event, EventRecord, Ticket, TicketNumber};

/// The change of one ticket in one unit of work.
#[derive(Debug)]
pub struct Entry {
    /// The ticket.
    pub number: TicketNumber,
    /// The ticket as it was read under its lock; `None` for a new one.
    pub before: Option<LockedTicket>,
    /// Who does it.
    pub actor: Actor,
    /// The events, in order; at least one.
    pub events: Vec<Event>,
    /// Who called, for a new ticket.
    pub identity: CallerIdentity,
}

/// A change whose events are folded into its ticket, with everything that becomes rows.
#[derive(Debug)]
pub(crate) struct TicketChange {
    pub(super) before: Option<Ticket>,
    pub(super) after: Ticket,
    pub(super) recorded: Vec<EventRecord>,
    pub(super) events: Vec<rows::event::ActiveModel>,
    pub(super) head: Head,
    pub(super) identity: CallerIdentity,
    /// Whether the identity takes the place of the one that is there, even if it is empty.
    pub(super) replaces_identity: bool,
    /// The file of the attachment that it adds.
    pub(super) attachment: Option<StoredFile>,
    pub(super) timer_before: Option<RungAt>,
    pub(super) timer: Option<RungAt>,
}

impl TicketChange {
    /// The change with another identity behind its ticket.
    pub(crate) fn with_caller(self, identity: CallerIdentity) -> Self {
        Self { identity, replaces_identity: true, ..self }
    }

    /// The change with the file of the attachment that it adds.
    pub(crate) fn with_attachment(self, attachment: Option<StoredFile>) -> Self {
        Self { attachment, ..self }
    }

    /// The change of the identity behind the ticket, if there is one.
    pub(super) fn identity_change(&self) -> Option<IdentityChange<'_>> {
        let is_confidential = self.after.is_confidential;
        let new = Some(&self.identity).filter(|identity| self.replaces_identity || !identity.is_empty());
        let has_changed =
            self.before.as_ref().is_some_and(|before| before.is_confidential != is_confidential);
        (new.is_some() || has_changed).then_some(IdentityChange {
            ticket: self.after.number,
            is_confidential,
            new,
            is_replaced: self.replaces_identity,
        })
    }
}
