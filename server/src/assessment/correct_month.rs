//! `CorrectMonth`: counts a published month again, and proposes the next number of it.

use prost::Message;

use super::Assessment;
use super::propose_publication::MonthToPublish;
use super::publication::Publication;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Assessment {
    /// Proposes a correction, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `MONTH_NOT_PUBLISHED`, `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn correct_month<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: MonthToPublish,
        answer: fn(&Publication) -> A,
    ) -> Result<A, Fault> {
        self.propose_number(permit, key, command, (true, answer)).await
    }
}
