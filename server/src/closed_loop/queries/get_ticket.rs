//! `GetTicket`: one ticket, and who called if the reader may know it.

use super::{TicketQueries, find};
use crate::access::Permit;
use crate::desk::reveal::get_caller::TicketWithCaller;
use crate::platform::Fault;
use crate::ticket::{CallerIdentity, TicketNumber};

/// A ticket to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetTicket {
    /// Its number.
    pub number: TicketNumber,
    /// Whether to read its caller too, which is an access to the identity.
    pub with_caller: bool,
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
}
