//! `ReportCall`: joins a part of a call with what is known of it. A part that adds nothing writes nothing but the
//! record that it named numbers.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::details::RecordingFacts;
use super::rollup;
use super::rows::{self, call};
use super::{Call, CallDetails, Calls};
use crate::access::Permit;
use crate::audit_log::records;
use crate::identity::{self, CallNumbers};
use crate::ledger::call_keys;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::dated::{Join as _, value_of};
use crate::ticket::{CallId, CallKey, ExchangeId};

/// A part of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCall {
    /// The call.
    pub key: CallKey,
    /// What the part says.
    pub details: CallDetails,
    /// The numbers that it gives.
    pub numbers: CallNumbers,
}

impl Calls {
    /// Joins a part, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `CALL_TOO_LARGE`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn report_call<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        part: ReportCall,
        answer: fn(&CallId) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), part, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (calls, permit, part, answer)| {
                Ok(answer(&calls.join(work, permit, part).await?))
            })
            .await
    }

    /// Joins a part in a unit of work.
    ///
    /// # Errors
    /// `CALL_TOO_LARGE`; a conflict if somebody else makes the call at the same time.
    pub async fn join(&self, work: &Work, permit: &Permit, part: &ReportCall) -> Result<CallId, Fault> {
        let rules = self.rules.in_force(&work.tx, work.now()).await?;
        let within = rules.policy.intake.same_call_within();
        let id = call_keys::find_or_make(work, &part.key, within).await?;
        // Parts of one call are joined one after the other.
        let known = call::Entity::find_by_id(id.0.as_str()).lock_exclusive().one(&work.tx).await?;
        let is_new = known.is_none();
        let before = known.map(rows::read).transpose()?;
        let after = joined(before.clone(), &id, part);
        if let Some(participant) = other_recording(before.as_ref(), &part.details) {
            return Err(Fault::new(ErrorReason::RecordingExists).with("participant", participant));
        }
        if !after.details.is_bounded() {
            let refusal = Fault::new(ErrorReason::CallTooLarge);
            return Err(refusal.with("items_max", super::details::ITEMS_MAX.to_string()));
        }
        let is_changed = before.as_ref() != Some(&after);
        if is_changed {
            rows::write(work, &after, is_new).await?;
            rollup::count(work, before.as_ref().map(|call| &call.details), &after).await?;
        }
        self.join_numbers(work, &id, &part.numbers).await?;
        // Recorded also if the numbers were known: otherwise the record would tell whether a guess is right.
        let has_numbers = !part.numbers.is_empty();
        if is_changed || has_numbers {
            let details = json!({ "fields": part.details.fields(), "has_numbers": has_numbers });
            let method = permit.method().method;
            records::record(work, &permit.actor(), method, &format!("call/{id}"), details).await?;
        }
        Ok(id)
    }

    /// Joins the numbers of a part. Numbers that are known already write nothing.
    async fn join_numbers(&self, work: &Work, id: &CallId, part: &CallNumbers) -> Result<(), Fault> {
        if part.is_empty() {
            return Ok(());
        }
        let before = identity::decrypt_call_for_update(&work.tx, &self.vault, id).await?;
        let mut after = before.clone();
        after.join(part);
        if after == before {
            return Ok(());
        }
        identity::put_call_numbers(work, &self.vault, id, &after).await
    }
}

/// A participant of whom the call has another recording than the part. Pure.
fn other_recording(before: Option<&Call>, part: &CallDetails) -> Option<String> {
    let known = &before?.details.recordings;
    let is_other = |(participant, recording): &(&String, &RecordingFacts)| {
        known.get(*participant).is_some_and(|one| {
            let facts =
                |recording: &RecordingFacts| (value_of(&recording.sha256), value_of(&recording.length_bytes));
            facts(one) != facts(recording)
        })
    };
    part.recordings.iter().find(is_other).map(|(participant, _)| participant.clone())
}

/// The call with a part. Pure.
fn joined(before: Option<Call>, id: &CallId, part: &ReportCall) -> Call {
    let mut call = before.unwrap_or_else(|| {
        let (end_to_end_id, reference) = match &part.key.id {
            ExchangeId::EndToEnd(id) => (Some(id.clone()), None),
            ExchangeId::Reference { reference, .. } => (None, Some(reference.clone())),
        };
        let details = CallDetails::default();
        Call {
            id: id.clone(),
            system: part.key.system.clone(),
            end_to_end_id,
            reference,
            details,
            is_training: false,
        }
    });
    if failpoint::overwrites_calls() {
        call.details = CallDetails::default();
    }
    call.details.join(&part.details);
    if let (None, Some(reference)) = (&call.reference, &call.details.reference) {
        call.reference = Some(reference.value.clone());
    }
    call
}
