//! The earlier answer to a request, found by its request record. A record names the ticket and the version in which the
//! first request left it.

use crate::ledger;
use crate::platform::idempotency::{self, RequestKey, StoredAnswer};
use crate::platform::{Fault, Store, Work};
use crate::ticket::{Ticket, TicketNumber};

/// A ticket and a version of it.
type TicketVersion = (TicketNumber, u32);

fn ticket_version(recorded: Option<&StoredAnswer>) -> Result<Option<TicketVersion>, Fault> {
    match recorded {
        Some(StoredAnswer::Version { subject, version }) => {
            let number = TicketNumber::from_i64(*subject);
            let number = number.map_err(|error| Fault::internal(format!("a request record: {error}")))?;
            Ok(Some((number, *version)))
        }
        Some(StoredAnswer::Bytes(_)) => Err(Fault::internal("a request record of another kind")),
        None => Ok(None),
    }
}

/// Whether the same request was answered before.
pub(super) async fn exists(work: &Work, key: &RequestKey) -> Result<bool, Fault> {
    Ok(ticket_version(idempotency::find(&work.tx, key).await?.as_ref())?.is_some())
}

/// The ticket as the first of equal requests left it, if there was one. A unit of work with a unit's scope may then
/// read that ticket.
///
/// The answer is the first one, byte for byte. A unit gets it again wherever the ticket is now, and whomever it
/// complains about by now, as the contract says. This discloses nothing that the unit has not read before. A refusal
/// only for a complaint about the unit would disclose exactly that.
pub(super) async fn find_in(work: &Work, key: &RequestKey) -> Result<Option<Ticket>, Fault> {
    let Some((number, version)) = ticket_version(idempotency::find(&work.tx, key).await?.as_ref())? else {
        return Ok(None);
    };
    work.allow_ticket(number.as_i64()).await?;
    ledger::read::at_version(&work.tx, number, version).await.map(Some)
}

/// The same outside a unit of work.
pub(super) async fn find(store: &Store, key: &RequestKey) -> Result<Option<Ticket>, Fault> {
    let db = store.reader();
    let Some((number, version)) = ticket_version(idempotency::find(db, key).await?.as_ref())? else {
        return Ok(None);
    };
    ledger::read::at_version(db, number, version).await.map(Some)
}

/// Records that a request left a ticket in this version.
pub(super) async fn write(work: &Work, key: &RequestKey, ticket: &Ticket) -> Result<(), Fault> {
    let answer = StoredAnswer::Version { subject: ticket.number.as_i64(), version: ticket.version };
    idempotency::record(work, key, answer).await
}
