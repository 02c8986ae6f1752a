//! The reads of tickets, one file each. Each read is limited to the reader's scope and changes nothing. Fields that a
//! reader may not see are left out when the answer is encoded.

pub mod explain_deadline;
pub mod get_attachment;
pub mod get_ticket;
pub mod list_digests;
pub mod list_own_intakes;
pub mod list_ticket_events;
pub mod list_tickets;
pub mod search_tickets;
pub mod watch_tickets;

use hotline_proto::v1::ErrorReason;

use super::not_found;
use crate::access::Permit;
use crate::deadline::RuleBook;
use crate::desk::directory::units;
use crate::desk::reveal::CallerIdentities;
use crate::feed::Feed;
use crate::ledger;
use crate::platform::ReadConn;
use crate::platform::{Clock, Fault, Store};
use crate::ticket::{Ticket, TicketNumber, UnitCode};

/// The dependencies of the reads.
#[derive(Debug, Clone)]
pub struct TicketQueries {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies and calendars.
    pub rules: RuleBook,
    /// Who called.
    pub identities: CallerIdentities,
    /// The streams.
    pub feed: Feed,
}

impl TicketQueries {
    /// Refuses a filter that names a unit which nobody has put: an empty list would look like an answer. One that is
    /// no longer active may be named.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN` with every such field.
    pub async fn check_units(&self, named: &[(&str, Option<&str>)]) -> Result<(), Fault> {
        let named: Vec<_> =
            named.iter().filter_map(|(field, code)| Some((*field, UnitCode((*code)?.to_owned())))).collect();
        let codes: Vec<_> = named.iter().map(|(_, code)| code.clone()).collect();
        let known = units::find_all(self.store.reader(), &codes, false).await?;
        let unknown = named.iter().filter(|(_, code)| known.iter().all(|unit| unit.code != *code));
        let fault = unknown
            .fold(Fault::new(ErrorReason::UnitUnknown), |fault, (field, _)| fault.at(*field, "no such unit"));
        if fault.violations.is_empty() { Ok(()) } else { Err(fault) }
    }

    /// A connection for the reads of a caller. For a unit, the database itself shows only what the unit may see.
    async fn reading(&self, permit: &Permit) -> Result<ReadConn, Fault> {
        self.store.read_conn(permit.scope().unit()).await
    }
}

/// A ticket that the caller may see. For a unit without a relation it does not exist.
async fn find(db: &ReadConn, permit: &Permit, number: TicketNumber) -> Result<Ticket, Fault> {
    let found = ledger::read::find(db, &permit.scope(), number).await?;
    let ticket = found.ok_or_else(|| not_found(number))?;
    let relation = permit.unit().map(|unit| ticket.relation_of(unit));
    if relation == Some(None) {
        return Err(not_found(number));
    }
    permit.check_relation(relation.flatten())?;
    Ok(ticket)
}
