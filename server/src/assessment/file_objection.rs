//! `FileObjection`: a unit asks to leave one of its cases out, until some days after the end of the month.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::Assessment;
use super::exclusion::Exclusion;
use super::exclusion_steps::{ExclusionRequest, file};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// How long after the end of a month a unit may object.
pub const OBJECTION_WINDOW: TimeDelta = TimeDelta::days(15);

impl Assessment {
    /// Files an objection, once per request.
    ///
    /// # Errors
    /// Those of [`object`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn file_objection<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ExclusionRequest,
        answer: impl Fn(&Exclusion) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&object(work, permit, command).await?))
            })
            .await
    }
}

/// Files an objection.
///
/// # Errors
/// `OBJECTION_WINDOW_CLOSED`, `LINE_NOT_FOUND`, `EXCLUSION_PENDING`.
pub async fn object(work: &Work, permit: &Permit, command: &ExclusionRequest) -> Result<Exclusion, Fault> {
    if work.now() >= command.month.next().begins_at() + OBJECTION_WINDOW {
        return Err(Fault::new(ErrorReason::ObjectionWindowClosed));
    }
    file(work, permit, command, true).await
}
