//! `DecideExclusion`: another supervisor decides, and a third person if the month is published.

use prost::Message;

use super::Assessment;
use super::exclusion::Exclusion;
use super::exclusion_steps::{DecisionCommand, decide};
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Assessment {
    /// Decides a request of another supervisor, once per request.
    ///
    /// # Errors
    /// `EXCLUSION_NOT_FOUND`, `EXCLUSION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `REQUEST_ID_REUSED`,
    /// `UNAVAILABLE`.
    pub async fn decide_exclusion<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: DecisionCommand,
        answer: impl Fn(&Exclusion) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), self.vault.clone(), command, answer);
        let outcome = self.store.run_once_or_refuse(&self.clock, key, input, async |work, input| {
            let (permit, vault, command, answer) = input;
            Ok(decide(work, vault, permit, command, false).await?.map(|one| answer(&one)))
        });
        outcome.await?
    }
}
