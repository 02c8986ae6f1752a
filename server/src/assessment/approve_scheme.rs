//! `ApproveScheme`: a second person lets a scheme count from its month on.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::propose_scheme::record_change;
use super::scheme_record::{self, SchemeRecord, SchemeState};
use super::{Assessment, Step, check_etag};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// A scheme to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveScheme {
    /// Its number.
    pub number: u32,
    /// The etag that the caller has read.
    pub etag: String,
}

impl Assessment {
    /// Approves a scheme, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`approve`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn approve_scheme<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ApproveScheme,
        answer: fn(&SchemeRecord) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&approve(work, permit, command).await?))
            })
            .await
    }
}

/// Approves a scheme.
///
/// # Errors
/// `SCHEME_NOT_FOUND`, `SCHEME_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `SCHEME_NOT_TRIED`, `SCHEME_OUTDATED`.
pub async fn approve(work: &Work, permit: &Permit, command: &ApproveScheme) -> Result<SchemeRecord, Fault> {
    let mut record = scheme_record::lock(work, command.number).await?;
    let refusal = |reason| Fault::new(reason).with("scheme_number", command.number.to_string());
    if record.state != SchemeState::Proposed {
        return Err(refusal(ErrorReason::SchemeDecided));
    }
    check_etag(&command.etag, &record.etag())?;
    if record.history.proposed.by == permit.principal() {
        return Err(refusal(ErrorReason::SecondDeciderNeeded));
    }
    if record.history.tried.is_none() {
        return Err(refusal(ErrorReason::SchemeNotTried));
    }
    scheme_record::check_from(work, record.from_month).await?;
    record.state = SchemeState::Approved;
    let by = permit.principal().to_owned();
    record.history.approved = Some(Step { by, at: work.now(), note: String::new() });
    let record = scheme_record::update(work, record).await?;
    record_change(work, permit, &record).await?;
    Ok(record)
}
