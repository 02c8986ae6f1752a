//! `ListTicketEvents`: a page of a ticket's events. A unit reads the intake, and what happened from its present
//! dispatch on: who had the ticket before, and why not any longer, may say who is complained about.

use super::{TicketQueries, find};
use crate::access::Permit;
use crate::ledger;
use crate::platform::Fault;
use crate::platform::ReadConn;
use crate::ticket::{EventRecord, Ticket, TicketNumber, unit_sequence};

/// Events to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListTicketEvents {
    /// Their ticket.
    pub number: TicketNumber,
    /// After this sequence, as the reader counts.
    pub after: u32,
    /// How many at most.
    pub limit: u64,
}

/// A ticket and a page of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketEvents {
    /// The ticket.
    pub ticket: Ticket,
    /// The events, oldest first.
    pub events: Vec<EventRecord>,
    /// The sequence of the dispatch from which on the reader reads; `None` for staff, who read everything.
    since: Option<u32>,
}

impl TicketEvents {
    /// The sequence of an event as the reader counts.
    #[must_use]
    pub fn sequence_of(&self, event: &EventRecord) -> u32 {
        self.since.map_or(event.sequence, |since| unit_sequence(event.sequence, since))
    }
}

impl TicketQueries {
    /// Reads events.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `LEAD_ONLY`, `NOT_INVOLVED`; if the database refuses.
    pub async fn list_ticket_events(
        &self,
        permit: &Permit,
        query: ListTicketEvents,
    ) -> Result<TicketEvents, Fault> {
        let ListTicketEvents { number, after, limit } = query;
        let reading = self.reading(permit).await?;
        let ticket = find(&reading, permit, number).await?;
        let since = present_dispatch(permit, &ticket)?;
        let mut events = match since {
            None => ledger::read::events(&reading, number, after, limit).await?,
            Some(since) => events_since(&reading, number, since, after, limit).await?,
        };
        // What was recorded after the ticket was read may be of another unit's time.
        events.retain(|recorded| recorded.sequence <= ticket.version);
        Ok(TicketEvents { ticket, events, since })
    }
}

/// The sequence of the dispatch from which on a unit reads a ticket's events; `None` for staff.
fn present_dispatch(permit: &Permit, ticket: &Ticket) -> Result<Option<u32>, Fault> {
    if permit.unit().is_none() {
        return Ok(None);
    }
    let since = ticket.dispatched_version;
    since.map(Some).ok_or_else(|| Fault::internal(format!("{} was dispatched by no event", ticket.number)))
}

/// What a unit reads of a ticket's events, after a sequence as the unit counts.
async fn events_since(
    db: &ReadConn,
    number: TicketNumber,
    since: u32,
    after: u32,
    limit: u64,
) -> Result<Vec<EventRecord>, Fault> {
    let mut found = if after == 0 { ledger::read::events(db, number, 0, 1).await? } else { Vec::new() };
    let after = since.saturating_sub(1).saturating_add(after.saturating_sub(1));
    let left = limit.saturating_sub(found.len() as u64);
    found.extend(ledger::read::events(db, number, after, left).await?);
    Ok(found)
}
