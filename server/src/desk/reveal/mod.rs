//! Revealing who called: for a purpose, on record, and for a confidential complaint-report with a second person's word.
//! It changes no ticket.

pub mod approve_reveal;
pub mod reveal_identity;

use crate::access::Scope;
use crate::ledger;
use crate::platform::{Fault, Work};
use crate::ticket::{Category, Ticket, TicketNumber};
use hotline_proto::v1::ErrorReason;

/// A ticket, which staff may reveal the caller of; not locked, because revealing does not change it.
async fn find(work: &Work, number: TicketNumber) -> Result<Ticket, Fault> {
    let found = ledger::read::find(&work.tx, &Scope::All, number).await?;
    found.ok_or_else(|| Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string()))
}

/// Whether it takes two to read who called. Pure.
fn takes_two(ticket: &Ticket) -> bool {
    ticket.is_confidential && ticket.category == Category::ComplaintReport
}
