//! `ApprovePublication`: a second person publishes a month, if it still counts the same.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::propose_publication::record;
use super::publication::{self, Publication, PublicationState};
use super::score::Month;
use super::{Assessment, Step, check_etag, follow, month_documents};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// A publication to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovePublication {
    /// The month.
    pub month: Month,
    /// The number in the month.
    pub number: u32,
    /// The etag that the caller has read.
    pub etag: String,
}

impl Assessment {
    /// Publishes a month, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`approve`], `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn approve_publication<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ApprovePublication,
        answer: fn(&Publication) -> A,
    ) -> Result<A, Fault> {
        self.catch_up().await?;
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&approve(work, permit, command).await?))
            })
            .await
    }
}

/// Publishes a month.
///
/// # Errors
/// `PUBLICATION_NOT_FOUND`, `PUBLICATION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `PUBLICATION_OUTDATED`.
pub async fn approve(
    work: &Work,
    permit: &Permit,
    command: &ApprovePublication,
) -> Result<Publication, Fault> {
    follow::take_turn(work).await?;
    let known = publication::lock_month(work, command.month).await?;
    let refusal = |reason| {
        let fault = Fault::new(reason).with("month", command.month.to_string());
        fault.with("number", command.number.to_string())
    };
    let found = known.into_iter().find(|one| one.number == command.number);
    let mut one = found.ok_or_else(|| refusal(ErrorReason::PublicationNotFound))?;
    if one.state != PublicationState::Proposed {
        return Err(refusal(ErrorReason::PublicationDecided));
    }
    check_etag(&command.etag, &one.etag())?;
    if one.history.proposed.by == permit.principal() {
        return Err(refusal(ErrorReason::SecondDeciderNeeded));
    }
    let counted = month_documents::count(&work.tx, one.month, one.number).await?;
    if month_documents::sha256(&counted.manifest) != one.history.sha256 {
        return Err(refusal(ErrorReason::PublicationOutdated));
    }
    one.state = PublicationState::Published;
    let by = permit.principal().to_owned();
    one.history.approved = Some(Step { by, at: work.now(), note: String::new() });
    let one = publication::update(work, one).await?;
    record(work, permit, &one).await?;
    Ok(one)
}
