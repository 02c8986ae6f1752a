//! Screens what supervisors write about a case before it is stored, like every text of staff about a ticket. Units and
//! analysts read it, so it is screened on every ticket. What a unit writes is compared with nothing: a refusal would
//! confirm a right guess.

use crate::access::Permit;
use crate::desk::free_text::{FreeText, screen_texts};
use crate::identity::vault::Vault;
use crate::ledger;
use crate::platform::{Fault, Work};
use crate::ticket::TicketNumber;

/// Screens texts about a ticket; answers a refusal that is recorded in this unit of work, which must then be committed.
///
/// # Errors
/// `INVALID_FIELDS` if a form is refused, `TEXT_TRIES_EXHAUSTED`. Nothing is recorded then.
pub(super) async fn screen(
    work: &Work,
    vault: &Vault,
    permit: &Permit,
    number: TicketNumber,
    texts: &[FreeText<'_>],
) -> Result<Option<Fault>, Fault> {
    if permit.unit().is_some() {
        return Ok(None);
    }
    let ticket = ledger::lock::lock_ticket(work, &permit.scope(), number).await?;
    let ticket = ticket.ok_or_else(|| Fault::internal("a case without its ticket"))?;
    screen_texts(work, vault, &permit.actor(), permit.method().method, &ticket, texts).await
}
