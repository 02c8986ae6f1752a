//! `AttachRecording`: a recording is a part of its call. So it may arrive before every other part, and again. What it
//! is stays with the call; where it is stays with the numbers of the parties, encrypted.

use prost::Message;

use super::Calls;
use super::report_call::ReportCall;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::CallId;

impl Calls {
    /// Attaches a recording, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `RECORDING_EXISTS`, `CALL_TOO_LARGE`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn attach_recording<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        recording: ReportCall,
        answer: fn(&CallId) -> A,
    ) -> Result<A, Fault> {
        self.report_call(permit, key, recording, answer).await
    }
}
