//! The earlier answer to a request, found by its request record. A record names the ticket and the version in which the
//! first request left it.

use crate::ledger;
use crate::platform::idempotency::{self, RequestKey, StoredAnswer};
use crate::platform::{Fault, Store};
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

/// The ticket as an equal request left it, if there was one.
pub(super) async fn find(store: &Store, key: &RequestKey) -> Result<Option<Ticket>, Fault> {
    let db = store.reader();
    let Some((number, version)) = ticket_version(idempotency::find(db, key).await?.as_ref())? else {
        return Ok(None);
    };
    ledger::read::at_version(db, number, version).await.map(Some)
}
