//! `ApproveReveal`: a second person's word that somebody else may read who reported.

use serde_json::json;

use super::find;
use crate::ledger::audit;
use crate::ledger::identity::approvals::{self, Approval};
use crate::platform::{Fault, Work, random};
use crate::ticket::{Actor, Instant};

/// Approves that somebody else reveals who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveReveal {
    /// For whom, which ticket, what for, and by whom.
    pub approval: Approval,
}

impl ApproveReveal {
    /// Approves; answers until when that can be used.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`.
    pub async fn run(&self, work: &Work, actor: &Actor) -> Result<Instant, Fault> {
        find(work, self.approval.ticket).await?;
        let id = random::id().map_err(|error| Fault::unavailable(error.to_string()))?;
        let Approval { ticket, principal, purpose, .. } = &self.approval;
        let details = json!({ "for": principal, "purpose": purpose.word(), "approval": id });
        audit::record(work, actor, "ApproveReveal", &format!("ticket/{ticket}"), details).await?;
        approvals::record(work, id, &self.approval).await
    }
}
