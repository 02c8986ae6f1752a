//! `WithdrawProposal`: withdraws a proposal that is not in force yet, approved or not.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::approve_proposal::{Refusal, check_etag};
use super::proposal::NOTICE;
use super::proposal::{self, Proposal, ProposalState, ProposalStep};
use super::{ProposalDetails, RuleAdmin};
use crate::access::Permit;
use crate::deadline::in_force;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// A proposal to withdraw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawProposal {
    /// Its number.
    pub number: u32,
    /// The etag that the caller has read, if it wants to be sure.
    pub etag: Option<String>,
    /// Why.
    pub note: String,
}

impl RuleAdmin {
    /// Withdraws a proposal, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`withdraw`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn withdraw_proposal<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: WithdrawProposal,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), command, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (admin, permit, command, answer)| {
                let proposal = withdraw_in(work, permit, command).await?;
                Ok(answer(&admin.record(work, permit, proposal).await?))
            })
            .await
    }
}

async fn withdraw_in(work: &Work, permit: &Permit, command: &WithdrawProposal) -> Result<Proposal, Fault> {
    withdraw(work, permit.principal(), command.number, command.etag.as_deref(), &command.note).await
}

/// Removes an approved version from those that will be in force.
async fn take_back(work: &Work, proposal: &Proposal) -> Result<(), Fault> {
    // As with the approval: no unit of work may be about to write a ticket under the withdrawn version.
    if proposal.effective_from < work.now() + NOTICE {
        return Err(Refusal::TooSoon.into());
    }
    in_force::lock(work).await?;
    // A version that was approved later may be based on it.
    let last = in_force::last(&work.tx, proposal.kind).await?;
    if last.proposal != Some(proposal.number) {
        let built_on = Fault::new(ErrorReason::ProposalBuiltOn);
        return Err(built_on.with("last_version", last.version));
    }
    in_force::take_back(work, proposal.kind, proposal.effective_from).await
}

/// Withdraws a proposal that is not in force yet.
///
/// # Errors
/// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`, `PROPOSAL_BUILT_ON`, `EFFECTIVE_TIME_TOO_SOON`, `ETAG_STALE`.
pub async fn withdraw(
    work: &Work,
    principal: &str,
    number: u32,
    etag: Option<&str>,
    note: &str,
) -> Result<Proposal, Fault> {
    let mut proposal = proposal::lock(work, number).await?;
    let is_over = proposal.state == ProposalState::Withdrawn || proposal.effective_from <= work.now();
    if is_over {
        proposal.check_undecided()?;
    }
    if let Some(etag) = etag {
        check_etag(etag, &proposal)?;
    }
    if proposal.state == ProposalState::Approved {
        take_back(work, &proposal).await?;
    }
    proposal.state = ProposalState::Withdrawn;
    proposal.history.withdrawn =
        Some(ProposalStep { by: principal.to_owned(), at: work.now(), note: note.to_owned() });
    proposal::update(work, proposal).await
}
