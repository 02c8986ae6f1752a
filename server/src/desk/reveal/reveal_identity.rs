//! `RevealIdentity`: shows who called to staff, for a purpose. The access is recorded in the same transaction, and a
//! repeat of the request is recorded as another access.

use hotline_proto::v1::ErrorReason;
use serde_json::json;

use super::{CallerIdentities, count_refused, lock, needs_second_person};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::free_text::{FreeText, screen_texts};
use crate::identity::access_log::{AccessReason, Occasion, RevealPurpose};
use crate::identity::approvals;
use crate::identity::disclose;
use crate::identity::vault::Vault;
use crate::platform::idempotency::{self, RequestKey, StoredAnswer};
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, CallerIdentity, TicketNumber};

/// Reveals who called about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevealIdentity {
    /// The ticket.
    pub number: TicketNumber,
    /// The purpose.
    pub purpose: RevealPurpose,
    /// The purpose in words.
    pub note: String,
}

/// Why an identity is not revealed.
enum Refusal {
    SecondPersonNeeded,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::SecondPersonNeeded => Self::new(ErrorReason::SecondPersonNeeded),
        }
    }
}

impl CallerIdentities {
    /// Reveals who called; empty if nobody was named.
    ///
    /// # Errors
    /// Those of [`RevealIdentity::run`], and a refusal of the note; `UNAVAILABLE`.
    pub async fn reveal_identity(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: RevealIdentity,
    ) -> Result<CallerIdentity, Fault> {
        let input = (command, self.vault.clone(), permit.actor(), key);
        let outcome = self.store.run(&self.clock, input, async |work, (command, vault, reader, key)| {
            command.run(work, vault, reader, key).await
        });
        count_refused(outcome.await?)
    }
}

impl RevealIdentity {
    /// Reveals the caller, who is empty if nobody was named. Or returns a refusal of the note that is recorded in this
    /// unit of work.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `SECOND_PERSON_NEEDED`, `REQUEST_ID_REUSED`, `INVALID_FIELDS`, `TEXT_TRIES_EXHAUSTED`.
    pub async fn run(
        &self,
        work: &Work,
        vault: &Vault,
        reader: &Actor,
        key: &RequestKey,
    ) -> Result<Result<CallerIdentity, Fault>, Fault> {
        // The record keeps no answer, because only the vault stores identities. A repeat decrypts it again, and is
        // recorded again.
        let is_repeat = idempotency::find(&work.tx, key).await?.is_some();
        let ticket = lock(work, self.number).await?;
        let (principal, request) = (reader.principal.as_str(), key.request_id);
        let approval = if needs_second_person(work, &ticket).await? {
            let found = approvals::find(work, self.number, principal, self.purpose, request).await?;
            Some(found.ok_or(Refusal::SecondPersonNeeded)?)
        } else {
            None
        };
        // Before the approval is used, and before anything is written: even rolled-back writes are in the write-ahead
        // log.
        let texts = [FreeText::of("note", &self.note)];
        let refusal = screen_texts(work, vault, reader, "RevealIdentity", &ticket, &texts).await?;
        if let Some(refusal) = refusal {
            return Ok(Err(refusal));
        }
        let approved_by = match approval {
            Some(approval) => Some(approval.take(work, request).await?),
            None => None,
        };
        let why = AccessReason {
            occasion: Occasion::Reveal,
            purpose: Some(self.purpose),
            note: self.note.clone(),
            approved_by,
        };
        let identity = disclose(work, vault, reader, self.number, why).await?;
        let details = json!({ "purpose": self.purpose.word(), "is_repeat": is_repeat });
        records::record(work, reader, "RevealIdentity", &format!("ticket/{}", self.number), details).await?;
        if !is_repeat {
            let answered = StoredAnswer::Version { subject: self.number.as_i64(), version: ticket.version };
            idempotency::record(work, key, answered).await?;
        }
        Ok(Ok(identity))
    }
}
