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
        let input = (permit.clone(), self.vault.clone(), command, answer);
        let outcome = self.store.run_once_or_refuse(&self.clock, key, input, async |work, input| {
            let (permit, vault, command, answer) = input;
            Ok(file(work, vault, permit, command, false).await?.map(|one| answer(&one)))
        });
        outcome.await?
    }
}
