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
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&decide(work, permit, command, false).await?))
            })
            .await
    }
}
