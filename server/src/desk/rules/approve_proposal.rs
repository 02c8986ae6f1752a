//! `ApproveProposal`: a second administrator's decision, and the last two checks. An approved proposal takes effect by
//! itself at its time, on every server.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::proposal::{self, NOTICE, Proposal, ProposalState, ProposalStep};
use super::{DryRun, ProposalDetails, RuleAdmin};
use crate::access::Permit;
use crate::deadline::in_force;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// The oldest dry run that allows an approval, because tickets come and go.
pub const DRY_RUN_AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// A proposal to approve, as the caller has read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApproveProposal {
    /// Its number.
    pub number: u32,
    /// Its etag.
    pub etag: String,
}

impl RuleAdmin {
    /// Approves a proposal, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`approve`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn approve_proposal<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ApproveProposal,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), command, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (admin, permit, command, answer)| {
                let proposal = approve(work, permit.principal(), command.number, &command.etag).await?;
                Ok(answer(&admin.record(work, permit, proposal).await?))
            })
            .await
    }
}

/// Why a proposal can't be approved as it is.
pub(super) enum Refusal {
    SameAdministrator,
    DryRunMissing,
    TooSoon,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        Self::new(match refused {
            Refusal::SameAdministrator => ErrorReason::SecondAdministratorNeeded,
            Refusal::DryRunMissing => ErrorReason::DryRunMissing,
            Refusal::TooSoon => ErrorReason::EffectiveTimeTooSoon,
        })
    }
}

fn check_approval(proposal: &Proposal, principal: &str, now: Instant) -> Result<(), Refusal> {
    if proposal.history.proposed.by == principal {
        return Err(Refusal::SameAdministrator);
    }
    let is_recent = |dry_run: &DryRun| now - dry_run.run_at <= DRY_RUN_AGE_MAX;
    if !proposal.history.dry_run.as_ref().is_some_and(is_recent) {
        return Err(Refusal::DryRunMissing);
    }
    if proposal.effective_from < now + NOTICE {
        return Err(Refusal::TooSoon);
    }
    Ok(())
}

pub(super) fn check_etag(etag: &str, proposal: &Proposal) -> Result<(), Fault> {
    if etag == proposal.etag() {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::EtagStale).with("proposal_number", proposal.number.to_string()))
}

/// Approves a proposal as the caller has read it.
///
/// # Errors
/// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`, `ETAG_STALE`, `SECOND_ADMINISTRATOR_NEEDED`, `DRY_RUN_MISSING`,
/// `EFFECTIVE_TIME_TOO_SOON`, `PROPOSAL_OUTDATED`.
pub async fn approve(work: &Work, principal: &str, number: u32, etag: &str) -> Result<Proposal, Fault> {
    let mut proposal = proposal::lock(work, number).await?;
    proposal.check_undecided()?;
    check_etag(etag, &proposal)?;
    check_approval(&proposal, principal, work.now())?;
    in_force::lock(work).await?;
    // Versions take effect in the order of their approval, each after the ones that it was checked against.
    let last = in_force::last(&work.tx, proposal.kind).await?;
    let beside = in_force::last(&work.tx, proposal.kind.other()).await?;
    if last.version != proposal.base_version || last.effective_from >= proposal.effective_from {
        return Err(Fault::new(ErrorReason::ProposalOutdated).with("last_version", last.version));
    }
    if beside.version != proposal.history.beside_version {
        return Err(Fault::new(ErrorReason::ProposalOutdated).with("last_version", beside.version));
    }
    in_force::put(work, proposal.kind, proposal.effective_from, &proposal.version, Some(number)).await?;
    proposal.state = ProposalState::Approved;
    proposal.history.approved =
        Some(ProposalStep { by: principal.to_owned(), at: work.now(), note: String::new() });
    proposal::update(work, proposal).await
}
