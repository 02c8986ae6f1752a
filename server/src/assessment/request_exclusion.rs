//! `RequestExclusion`: a supervisor asks to leave a case out.

use prost::Message;

use super::Assessment;
use super::exclusion::Exclusion;
use super::exclusion_steps::{ExclusionRequest, file};
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Assessment {
    /// Asks to leave a case out, once per request.
    ///
    /// # Errors
    /// `LINE_NOT_FOUND`, `EXCLUSION_PENDING`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn request_exclusion<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ExclusionRequest,
        answer: impl Fn(&Exclusion) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&file(work, permit, command, false).await?))
            })
            .await
    }
}
