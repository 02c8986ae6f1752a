//! The tickets of a snapshot. An event that a ticket of the snapshot contains already comes once more in the stream
//! behind it, and is left out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::model::{Ticket, TicketEvent};

/// When each ticket of the snapshot was changed last, and the sequence of its last event.
#[derive(Debug, Default)]
pub(super) struct SeenInSnapshot(HashMap<String, (DateTime<Utc>, u32)>);

impl SeenInSnapshot {
    pub(super) fn note(&mut self, ticket: &Ticket, sequence: u32) {
        self.0.insert(ticket.number.clone(), (ticket.update_time, sequence));
    }

    /// The ticket has left the caller's scope. If it comes back, nothing of it is in the snapshot.
    pub(super) fn forget(&mut self, ticket_number: &str) {
        self.0.remove(ticket_number);
    }

    /// Whether the snapshot contains an event. The events of a ticket are dated in their order, so everything after
    /// the first later event is new.
    pub(super) fn contains(&mut self, event: &TicketEvent) -> bool {
        let Some(last) = self.0.get(&event.ticket_number) else { return false };
        // A later dispatch begins a unit's sequences again, so the time decides first.
        let is_seen = (event.event_time, event.sequence) <= *last;
        if !is_seen {
            self.0.remove(&event.ticket_number);
        }
        is_seen
    }
}
