//! `ListTicketEvents`: a page of a ticket's events. A unit reads the intake, and the events since its present dispatch.
//! Earlier dispatches could show who is complained about.

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
    /// After this sequence, as numbered for the reader.
    pub after: u32,
    /// Maximum number of events.
    pub limit: u64,
}

/// A ticket and a page of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketEvents {
    /// The ticket.
    pub ticket: Ticket,
    /// The events, oldest first.
    pub events: Vec<EventRecord>,
    /// The sequence of the dispatch that the reader's events start with; `None` for staff, who read everything.
    since: Option<u32>,
}

impl TicketEvents {
    /// The sequence of an event, as numbered for the reader.
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
        // Events that were recorded after the ticket was read may belong to another unit's dispatch.
        events.retain(|recorded| recorded.sequence <= ticket.version);
        Ok(TicketEvents { ticket, events, since })
    }
}

/// The sequence of the dispatch that a unit's events start with; `None` for staff.
fn present_dispatch(permit: &Permit, ticket: &Ticket) -> Result<Option<u32>, Fault> {
    if permit.unit().is_none() {
        return Ok(None);
    }
    let since = ticket.dispatched_version;
    since.map(Some).ok_or_else(|| Fault::internal(format!("{} was dispatched by no event", ticket.number)))
}

/// A unit's events of a ticket, after a sequence as numbered for the unit.
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
