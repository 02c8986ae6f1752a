//! The snapshot at the beginning of a stream: the open tickets of the caller, page by page, as fast as the caller reads
//! them.

use sea_orm::ConnectionTrait;
use tokio::time::Instant as Moment;

use super::page_bytes::PageBytes;
use crate::access::{Permit, View};
use crate::ledger::list::{self, Columns, Cursor, ListQuery, Order, TicketFilter};
use crate::platform::Fault;
use crate::ticket::{State, Ticket, unit_sequence};

/// Tickets that are read together at most.
const PAGE: u64 = 32;

/// How far a snapshot was sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Snapshot {
    after: Option<Cursor>,
    /// How many tickets were sent.
    pub(super) count: u64,
}

/// Some open tickets, the next ones of a snapshot; none at its end.
#[derive(Debug)]
pub(super) struct OpenTickets {
    pub(super) tickets: std::vec::IntoIter<OpenTicket>,
    /// Whether the snapshot has no others.
    pub(super) is_end: bool,
    /// When they were read.
    pub(super) read_at: Moment,
}

/// An open ticket, and what the caller sees of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTicket {
    /// The ticket.
    pub ticket: Ticket,
    /// What the caller may read of it.
    pub view: View,
    /// The sequence of its last event, as numbered for the caller.
    pub sequence: u32,
}

impl Snapshot {
    /// Notes that a ticket is sent, or has been read to be sent.
    pub(super) fn note(&mut self, open: &OpenTicket) {
        self.after = Some(Cursor::of(&open.ticket));
        self.count += 1;
    }

    /// The next tickets. The newest come first: a ticket that is taken in meanwhile comes as an event.
    pub(super) async fn next(
        &self,
        db: &impl ConnectionTrait,
        permit: &Permit,
    ) -> Result<OpenTickets, Fault> {
        let read_at = Moment::now();
        let filter = TicketFilter { states: State::OPEN.to_vec(), ..TicketFilter::default() };
        let (order, columns) = (Order::NewestFirst, Columns::WithoutContent);
        let query = ListQuery { filter, order, columns, after: self.after, limit: PAGE };
        let mut tickets = list::page(db, &permit.scope(), &query).await?;
        let is_end = tickets.is_empty();
        let mut bytes = PageBytes::default();
        let kept = tickets.iter().take_while(|ticket| bytes.add_json(ticket)).count();
        tickets.truncate(kept);
        let open = |ticket: Ticket| {
            let view = View::of(permit, &ticket);
            let sequence = match (permit.unit(), ticket.dispatched_version) {
                (Some(_), Some(since)) => unit_sequence(ticket.version, since),
                _ => ticket.version,
            };
            OpenTicket { ticket, view, sequence }
        };
        let tickets: Vec<OpenTicket> = tickets.into_iter().map(open).collect();
        Ok(OpenTickets { tickets: tickets.into_iter(), is_end, read_at })
    }
}
