//! The tickets of a snapshot. An event that a ticket of the snapshot contains already comes once more in the stream
//! behind it, and is left out.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::model::{Ticket, TicketEvent};

/// When each ticket of the snapshot was changed last.
#[derive(Debug, Default)]
pub(super) struct SeenInSnapshot(HashMap<String, DateTime<Utc>>);

impl SeenInSnapshot {
    pub(super) fn note(&mut self, ticket: &Ticket) {
        self.0.insert(ticket.number.clone(), ticket.update_time);
    }

    /// Whether the snapshot contains an event. The events of a ticket are dated in their order, so everything after
    /// the first later event is new.
    pub(super) fn contains(&mut self, event: &TicketEvent) -> bool {
        let Some(seen) = self.0.get(&event.ticket_number) else { return false };
        let is_seen = event.event_time <= *seen;
        if !is_seen {
            self.0.remove(&event.ticket_number);
        }
        is_seen
    }
}
