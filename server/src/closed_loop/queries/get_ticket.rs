//! `GetTicket`: one ticket, and who called if the reader may know it.

use super::{TicketQueries, find};
use crate::access::Permit;
use crate::desk::reveal::get_caller::TicketWithCaller;
use crate::ledger::read;
use crate::platform::Fault;
use crate::ticket::{CallerIdentity, Ticket, TicketNumber};

/// A ticket to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetTicket {
    /// Its number.
    pub number: TicketNumber,
    /// Whether to read its caller too, which is an access to the identity.
    pub with_caller: bool,
}

/// The longest chain of merges that is followed.
const MERGES_MAX: usize = 50;

/// The tickets that a ticket points to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketLinks {
    /// The ticket that stands for a merged repeat now; for staff.
    pub surviving: Option<TicketNumber>,
    /// The closed ticket that it follows; for a unit that sees that ticket.
    pub follows: Option<TicketNumber>,
    /// The tickets about the same cause that a unit sees.
    pub linked: Vec<TicketNumber>,
}

impl TicketQueries {
    /// Reads a ticket.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `LEAD_ONLY`, `NOT_INVOLVED`; if the database refuses.
    pub async fn get_ticket(&self, permit: &Permit, query: GetTicket) -> Result<TicketWithCaller, Fault> {
        let ticket = find(&self.reading(permit).await?, permit, query.number).await?;
        if query.with_caller {
            return self.identities.get_caller(permit, ticket).await;
        }
        Ok(TicketWithCaller { ticket, caller: CallerIdentity::default(), is_withheld: false })
    }

    /// The tickets that a ticket points to, as far as the caller may know.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn ticket_links(&self, permit: &Permit, ticket: &Ticket) -> Result<TicketLinks, Fault> {
        let mut links = TicketLinks::default();
        let (is_for_unit, merged_into) = (permit.unit().is_some(), ticket.merged_into);
        // A unit may have been kept from a ticket further up the chain.
        let merged_into = merged_into.filter(|_| !is_for_unit);
        let has_links = ticket.follows.is_some() || !ticket.linked_tickets.is_empty();
        if merged_into.is_none() && !(is_for_unit && has_links) {
            return Ok(links);
        }
        let (reading, scope) = (self.reading(permit).await?, permit.scope());
        let mut next = merged_into;
        for _ in 0..MERGES_MAX {
            let Some(number) = next else { break };
            links.surviving = next;
            next = read::find(&reading, &scope, number).await?.and_then(|standing| standing.merged_into);
        }
        if let Some(number) = ticket.follows.filter(|_| is_for_unit) {
            let followed = read::find(&reading, &scope, number).await?;
            links.follows = followed.map(|followed| followed.number);
        }
        for number in ticket.linked_tickets.iter().filter(|_| is_for_unit) {
            links.linked.extend(read::find(&reading, &scope, *number).await?.map(|seen| seen.number));
        }
        Ok(links)
    }
}
