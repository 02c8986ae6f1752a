//! Deciding on a proposal: the last two checks. What is approved takes effect by itself at its time, on every server.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::DryRun;
use super::proposal::{self, Act, Proposal, ProposalState};
use crate::deadline::in_force;
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// What must be left until the effective time when a proposal is approved, so that no unit of work that read the rules
/// before can still write a ticket after it.
pub const NOTICE: TimeDelta = TimeDelta::minutes(1);

/// How old the dry run may be that an approval rests on: tickets come and go.
pub const DRY_RUN_AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// Keeps the report of a dry run with its proposal.
///
/// # Errors
/// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`.
pub async fn report(work: &Work, number: u32, dry_run: DryRun) -> Result<Proposal, Fault> {
    let mut proposal = proposal::lock(work, number).await?;
    proposal.check_undecided()?;
    proposal.history.dry_run = Some(dry_run);
    proposal::update(work, proposal).await
}

/// Why a proposal can't be approved as it is.
enum Refused {
    SameAdministrator,
    DryRunMissing,
    TooSoon,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::new(match refused {
            Refused::SameAdministrator => ErrorReason::SecondAdministratorNeeded,
            Refused::DryRunMissing => ErrorReason::DryRunMissing,
            Refused::TooSoon => ErrorReason::EffectiveTimeTooSoon,
        })
    }
}

fn check_approval(proposal: &Proposal, principal: &str, now: Instant) -> Result<(), Refused> {
    if proposal.history.proposed.by == principal {
        return Err(Refused::SameAdministrator);
    }
    let is_recent = |dry_run: &DryRun| now - dry_run.run_at <= DRY_RUN_AGE_MAX;
    if !proposal.history.dry_run.as_ref().is_some_and(is_recent) {
        return Err(Refused::DryRunMissing);
    }
    if proposal.effective_from < now + NOTICE {
        return Err(Refused::TooSoon);
    }
    Ok(())
}

fn check_etag(etag: &str, proposal: &Proposal) -> Result<(), Fault> {
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
    // Versions take effect in the order in which they are approved, each on the ones that it was checked against.
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
    proposal.history.approved = Some(Act { by: principal.to_owned(), at: work.now(), note: String::new() });
    proposal::update(work, proposal).await
}

/// Takes an approved version out of what will be in force.
async fn take_back(work: &Work, proposal: &Proposal) -> Result<(), Fault> {
    // As with the approval: nobody may be about to write a ticket by what is taken back.
    if proposal.effective_from < work.now() + NOTICE {
        return Err(Refused::TooSoon.into());
    }
    in_force::lock(work).await?;
    // What was approved after it was made from it.
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
        Some(Act { by: principal.to_owned(), at: work.now(), note: note.to_owned() });
    proposal::update(work, proposal).await
}
