//! `ProposePublication`: counts a month that is over, and stores the bytes for a second person to approve.

use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::follow::{self, FollowPass, Follower};
use super::publication::{self, Publication, PublicationHistory, PublicationState};
use super::score::Month;
use super::{Assessment, Step, month_documents};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// Passes of the follower that a proposal waits for.
const PASSES_MAX: usize = 64;
/// When a proposal may be tried again that met more.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A month to publish or to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthToPublish {
    /// The month.
    pub month: Month,
    /// Why.
    pub reason: String,
}

impl Assessment {
    /// Proposes a publication, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `MONTH_NOT_OVER`, `MONTH_PUBLISHED`, `ASSESSMENT_BEHIND`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn propose_publication<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: MonthToPublish,
        answer: fn(&Publication) -> A,
    ) -> Result<A, Fault> {
        self.propose_number(permit, key, command, (false, answer)).await
    }

    /// Proposes the first number of a month, or the next one.
    pub(super) async fn propose_number<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: MonthToPublish,
        (is_correction, answer): (bool, fn(&Publication) -> A),
    ) -> Result<A, Fault> {
        self.catch_up().await?;
        let input = (permit.clone(), command, is_correction, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, command, is_correction, answer)| {
                Ok(answer(&propose(work, permit, command, *is_correction).await?))
            })
            .await
    }

    /// Counts what the feed has now, so that no event of the month is missing.
    ///
    /// # Errors
    /// `ASSESSMENT_BEHIND` if that takes too long.
    pub(super) async fn catch_up(&self) -> Result<(), Fault> {
        let follower = Follower { store: self.store.clone(), clock: self.clock.clone(), tickets_max: None };
        for _ in 0..PASSES_MAX {
            if follower.pass().await? == FollowPass::UpToDate {
                return Ok(());
            }
            tokio::task::yield_now().await;
        }
        Err(Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(ErrorReason::AssessmentBehind) })
    }
}

/// Counts a month and writes its bytes.
///
/// # Errors
/// `MONTH_NOT_OVER`, `MONTH_PUBLISHED`, `MONTH_NOT_PUBLISHED`.
async fn propose(
    work: &Work,
    permit: &Permit,
    command: &MonthToPublish,
    is_correction: bool,
) -> Result<Publication, Fault> {
    let month = command.month;
    let refusal = |reason| Fault::new(reason).with("month", month.to_string());
    follow::take_turn(work).await?;
    if work.now() < month.next().begins_at() {
        return Err(refusal(ErrorReason::MonthNotOver));
    }
    let known = publication::lock_month(work, month).await?;
    let is_published = known.iter().any(|one| one.state == PublicationState::Published);
    match (is_published, is_correction) {
        (true, false) => return Err(refusal(ErrorReason::MonthPublished)),
        (false, true) => return Err(refusal(ErrorReason::MonthNotPublished)),
        _ => {}
    }
    let number = known.last().map_or(0, |one| one.number) + 1;
    for one in known.into_iter().filter(|one| one.state == PublicationState::Proposed) {
        publication::update(work, Publication { state: PublicationState::Replaced, ..one }).await?;
    }
    let documents = month_documents::count(&work.tx, month, number).await?;
    let by = permit.principal().to_owned();
    let proposed = Step { by, at: work.now(), note: command.reason.clone() };
    let history = PublicationHistory {
        scheme_number: documents.scheme_number,
        calendar_version: documents.calendar_version.clone(),
        sha256: month_documents::sha256(&documents.manifest),
        proposed,
        approved: None,
    };
    let one = Publication { month, number, revision: 1, state: PublicationState::Proposed, history };
    publication::add(work, &one, &documents).await?;
    record(work, permit, &one).await?;
    Ok(one)
}

/// Records a publication with its digest in the audit log, whose checkpoints are signed.
pub(super) async fn record(work: &Work, permit: &Permit, one: &Publication) -> Result<(), Fault> {
    let subject = format!("publication/{}", one.month);
    let details = json!({ "number": one.number, "sha256": one.history.sha256, "etag": one.etag() });
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await
}
