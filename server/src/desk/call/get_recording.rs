//! `GetRecording`: where a recording is, for a purpose. The reading is recorded in the transaction that decrypts the
//! reference. It is withheld if a ticket of the call is confidential: a voice says who called.

use hotline_proto::v1::ErrorReason;
use serde_json::json;

use super::details::RecordingFacts;
use super::{Calls, rows};
use crate::access::Permit;
use crate::audit_log::records;
use crate::identity;
use crate::identity::access_log::RevealPurpose;
use crate::ledger::call_tickets;
use crate::platform::{Fault, Work};
use crate::ticket::CallId;

/// A recording to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetRecording {
    /// Of this call.
    pub call: CallId,
    /// Of this participant.
    pub participant: String,
    /// For this purpose.
    pub purpose: RevealPurpose,
}

/// A recording as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedRecording {
    /// What it is.
    pub facts: RecordingFacts,
    /// Where it is.
    pub reference: String,
}

impl Calls {
    /// A recording for a member of staff.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `RECORDING_NOT_FOUND`, `RECORDING_WITHHELD`; if the database refuses, or the vault can't
    /// decrypt the reference.
    pub async fn get_recording(
        &self,
        permit: &Permit,
        query: GetRecording,
    ) -> Result<DisclosedRecording, Fault> {
        let input = (self.clone(), permit.clone(), query);
        self.store
            .run(&self.clock, input, async |work, (calls, permit, query)| {
                query.run(work, calls, permit).await
            })
            .await
    }
}

impl GetRecording {
    async fn run(&self, work: &Work, calls: &Calls, permit: &Permit) -> Result<DisclosedRecording, Fault> {
        let id = &self.call;
        let call = rows::find(&work.tx, id).await?.ok_or_else(|| super::not_found(id))?;
        let missing = || Fault::new(ErrorReason::RecordingNotFound).with("call_id", id.0.as_str());
        let facts = call.details.recordings.get(&self.participant).cloned().ok_or_else(missing)?;
        let tickets = call_tickets::of_call(&work.tx, id).await?;
        if tickets.iter().any(|ticket| ticket.is_confidential) {
            return Err(Fault::new(ErrorReason::RecordingWithheld));
        }
        let numbers = identity::disclose_call(work, &calls.vault, id).await?;
        let reference = numbers.recordings.get(&self.participant).cloned().flatten().ok_or_else(missing)?;
        let details = json!({ "participant": self.participant, "purpose": self.purpose.word() });
        records::record(work, &permit.actor(), "GetRecording", &format!("call/{id}"), details).await?;
        Ok(DisclosedRecording { facts, reference: reference.value })
    }
}
