//! The snapshot at the beginning of a stream: the open tickets of the caller, page by page, as fast as the caller reads
//! them.

use sea_orm::ConnectionTrait;

use crate::access::{Permit, View};
use crate::ledger::list::{self, Columns, Cursor, ListQuery, Order, TicketFilter};
use crate::platform::Fault;
use crate::ticket::{State, Ticket, unit_sequence};

/// Tickets that are read together.
const PAGE: u64 = 100;

/// A snapshot on its way.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    after: Option<Cursor>,
    /// How many tickets were sent.
    pub(super) count: u64,
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
    /// The next tickets; none at the end. The newest come first: a ticket that is taken in meanwhile comes as an event.
    pub(super) async fn next(
        &mut self,
        db: &impl ConnectionTrait,
        permit: &Permit,
    ) -> Result<Vec<OpenTicket>, Fault> {
        let filter = TicketFilter { states: State::OPEN.to_vec(), ..TicketFilter::default() };
        let (order, columns) = (Order::NewestFirst, Columns::WithoutContent);
        let query = ListQuery { filter, order, columns, after: self.after, limit: PAGE };
        let tickets = list::page(db, &permit.scope(), &query).await?;
        self.after = tickets.last().map(Cursor::of);
        self.count += tickets.len() as u64;
        let open = |ticket: Ticket| {
            let view = View::of(permit, &ticket);
            let sequence = match (permit.unit(), ticket.dispatched_version) {
                (Some(_), Some(since)) => unit_sequence(ticket.version, since),
                _ => ticket.version,
            };
            OpenTicket { ticket, view, sequence }
        };
        Ok(tickets.into_iter().map(open).collect())
    }
}
