//! `ApproveReveal`: a second person approves that another principal reveals an identity.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::{CallerIdentities, count_refused, lock};
use crate::access::permit::method_of;
use crate::access::{Authenticator, Permit};
use crate::audit_log::records;
use crate::desk::free_text::{FreeText, screen_texts};
use crate::identity::approvals::{self, Approval};
use crate::identity::vault::Vault;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, random};
use crate::ticket::{Actor, Instant};

/// Approves that another principal reveals who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveReveal {
    /// For which principal, ticket and purpose, and who approves.
    pub approval: Approval,
}

/// The method that the approval allows.
const REVEAL_PATH: &str = "/hotline.v1.TicketService/RevealIdentity";

impl CallerIdentities {
    /// Approves a reveal, once per request; `answer` makes the answer, which is recorded, from the end of the approval.
    ///
    /// # Errors
    /// Those of [`ApproveReveal::run`], and a refusal of the note; `INVALID_FIELDS` for a principal that may not
    /// reveal; `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn approve_reveal<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ApproveReveal,
        answer: fn(Instant) -> A,
    ) -> Result<A, Fault> {
        let input = (command, self.clone(), permit.actor(), answer);
        let approved = self.store.run_once_or_refuse(&self.clock, key, input, async |work, input| {
            let (command, identities, actor, answer) = input;
            // A repeat does not come here: it gets the first answer, even if the principal was revoked meanwhile.
            check_can_reveal(identities.authenticator.as_deref(), &command.approval.principal)?;
            let expires_at = command.run(work, &identities.vault, actor).await?;
            Ok(expires_at.map(answer))
        });
        count_refused(approved.await?)
    }
}

/// Checks that a principal of this name may call `RevealIdentity`.
///
/// # Errors
/// `INVALID_FIELDS` if there is none.
fn check_can_reveal(authenticator: Option<&Authenticator>, principal: &str) -> Result<(), Fault> {
    let known = authenticator.and_then(|authenticator| authenticator.principal(principal));
    let may_reveal = known
        .zip(method_of(REVEAL_PATH))
        .is_some_and(|(caller, method)| Permit::grant(caller, method).is_ok());
    if may_reveal {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::InvalidFields).at(
        "principal",
        "is an agent's or a supervisor's that is not revoked, written exactly as the hotline knows it",
    ))
}

impl ApproveReveal {
    /// Approves; returns when the approval expires, or a refusal of the note that is recorded in this unit of work.
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
        records::record(work, actor, "ApproveReveal", &format!("ticket/{ticket}"), details).await?;
        approvals::record(work, id, &self.approval).await.map(Ok)
    }
}
