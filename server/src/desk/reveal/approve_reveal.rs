//! `ApproveReveal`: a second person's word that somebody else may read who reported.

use serde_json::json;

use super::lock;
use crate::desk::free_text::{FreeText, screen_texts};
use crate::ledger::audit;
use crate::ledger::identity::approvals::{self, Approval};
use crate::platform::{Fault, Work, random};
use crate::ticket::{Actor, Instant};
use crate::vault::Vault;

/// Approves that somebody else reveals who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveReveal {
    /// For whom, which ticket, what for, and by whom.
    pub approval: Approval,
}

impl ApproveReveal {
    /// Approves; answers until when that can be used, or a refusal of the note that is recorded in this unit of work.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `INVALID_FIELDS`, `TEXT_TRIES_EXHAUSTED`.
    pub async fn run(
        &self,
        work: &Work,
        vault: &Vault,
        actor: &Actor,
    ) -> Result<Result<Instant, Fault>, Fault> {
        let locked = lock(work, self.approval.ticket).await?;
        let texts = [FreeText::of("note", &self.approval.note)];
        if let Some(refusal) = screen_texts(work, vault, actor, "ApproveReveal", &locked, &texts).await? {
            return Ok(Err(refusal));
        }
        let id = random::id().map_err(|error| Fault::unavailable(error.to_string()))?;
        let Approval { ticket, principal, purpose, .. } = &self.approval;
        let details = json!({ "for": principal, "purpose": purpose.word(), "approval": id });
        audit::record(work, actor, "ApproveReveal", &format!("ticket/{ticket}"), details).await?;
        approvals::record(work, id, &self.approval).await.map(Ok)
    }
}
