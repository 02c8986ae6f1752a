//! `FileObjection`: a unit asks to leave one of its cases out, until the days of the policy after the end of the month.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::Assessment;
use super::exclusion::Exclusion;
use super::exclusion_steps::{ExclusionRequest, file};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

impl Assessment {
    /// Files an objection, once per request.
    ///
    /// # Errors
    /// Those of [`Self::object`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn file_objection<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ExclusionRequest,
        answer: impl Fn(&Exclusion) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), self.clone(), command, answer);
        let outcome = self.store.run_once_or_refuse(&self.clock, key, input, async |work, input| {
            let (permit, assessment, command, answer) = input;
            Ok(assessment.object(work, permit, command).await?.map(|one| answer(&one)))
        });
        outcome.await?
    }

    /// Files an objection.
    ///
    /// # Errors
    /// `OBJECTION_WINDOW_CLOSED`, `LINE_NOT_FOUND`, `EXCLUSION_PENDING`.
    pub async fn object(
        &self,
        work: &Work,
        permit: &Permit,
        command: &ExclusionRequest,
    ) -> Result<Result<Exclusion, Fault>, Fault> {
        let policy = self.rules.in_force(&work.tx, work.now()).await?.policy;
        let window = TimeDelta::days(i64::from(policy.assessment.objection_days));
        if work.now() >= command.month.next().begins_at() + window {
            return Err(Fault::new(ErrorReason::ObjectionWindowClosed));
        }
        file(work, &self.vault, permit, command, true).await
    }
}
