//! Every access to an identity: with a ticket, by a search for the caller, and by a reveal for a purpose. Each access
//! is recorded in the transaction that decrypts the identity. A ticket that ever was a confidential complaint-report
//! needs the approval of a second person. Nothing here changes a ticket.

pub mod approve_reveal;
pub mod get_caller;
pub mod list_identity_accesses;
pub mod look_up;
pub mod reveal_identity;

use std::sync::Arc;

use hotline_proto::v1::ErrorReason;

use crate::access::{Authenticator, Scope};
use crate::identity::vault::Vault;
use crate::ledger;
use crate::ledger::locked_ticket::LockedTicket;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{Category, Event, EventRecord, Ticket, TicketNumber};

/// The longest chain of merged tickets that is followed.
const MERGES_MAX: usize = 100;

/// The dependencies of accesses to identities.
#[derive(Debug, Clone)]
pub struct CallerIdentities {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The vault of identities.
    pub vault: Vault,
    /// Knows the principals of the hotline; without it, no reveal can be approved.
    pub authenticator: Option<Arc<Authenticator>>,
}

/// Counts a refused text, after the commit of its record.
fn count_refused<T>(recorded: Result<T, Fault>) -> Result<T, Fault> {
    recorded.inspect_err(|_| metrics::counter!(TEXTS_REFUSED).increment(1))
}

fn not_found(number: TicketNumber) -> Fault {
    Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string())
}

/// A ticket whose caller staff may reveal. A reveal does not change it. It is locked because notes are compared with
/// the caller one after the other, so that the limit on tries also holds for parallel calls.
async fn lock(work: &Work, number: TicketNumber) -> Result<LockedTicket, Fault> {
    ledger::lock::lock_ticket(work, &Scope::All, number).await?.ok_or_else(|| not_found(number))
}

async fn find(work: &Work, number: TicketNumber) -> Result<Ticket, Fault> {
    ledger::read::find(&work.tx, &Scope::All, number).await?.ok_or_else(|| not_found(number))
}

/// Whether an access needs a second person: the ticket, or one that it was merged into, ever was a complaint-report or
/// accused somebody. The present classification does not count, because it could have been changed to avoid the second
/// person.
async fn needs_second_person(work: &Work, ticket: &Ticket) -> Result<bool, Fault> {
    if !ticket.is_confidential {
        return Ok(false);
    }
    let mut matter = ticket.clone();
    for _ in 0..MERGES_MAX {
        let timeline = ledger::read::events(&work.tx, matter.number, 0, u64::from(matter.version)).await?;
        if timeline.iter().any(reports) {
            return Ok(true);
        }
        let Some(into) = matter.merged_into else { return Ok(false) };
        matter = find(work, into).await?;
    }
    Ok(true)
}

/// Whether an event makes its ticket a complaint-report, or accuses somebody. Pure.
fn reports(recorded: &EventRecord) -> bool {
    match &recorded.event {
        Event::TicketCreated(created) => {
            created.category == Category::ComplaintReport || !created.accused_units.is_empty()
        }
        Event::TicketClassified(classified) => {
            classified.category == Category::ComplaintReport || !classified.accused_units.is_empty()
        }
        Event::RepeatLinked(linked) => !linked.accused_units.is_empty(),
        _ => false,
    }
}
