//! `GetTicket`: one ticket, and who called, as far as the reader may know that.

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
    /// Whether its caller is wanted too, which is a reading of the identity.
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
