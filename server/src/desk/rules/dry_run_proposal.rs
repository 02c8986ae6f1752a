//! `DryRunProposal`: tries a proposal on the tickets that are open now, and stores the report with it.

use prost::Message;

use super::proposal::{self, Proposal};
use super::{DryRun, ProposalDetails, RuleAdmin, dry_run};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

impl RuleAdmin {
    /// Tries a proposal, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`report`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn dry_run_proposal<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        number: u32,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        if let Some(earlier) = self.store.earlier_answer(&key).await? {
            return Ok(earlier);
        }
        let proposal = self.find(number).await?;
        proposal.check_undecided()?;
        // Counted before the unit of work begins. For a city it takes seconds, and must not hold a lock for so long.
        let (reader, now) = (self.store.reader(), self.clock.now());
        let counted = dry_run::run(reader, &self.book, &proposal, permit.principal(), now).await?;
        let input = (self.clone(), permit.clone(), number, counted, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (admin, permit, number, counted, answer)| {
                let proposal = report(work, *number, counted.clone()).await?;
                Ok(answer(&admin.record(work, permit, proposal).await?))
            })
            .await
    }
}

/// Stores the report of a dry run with its proposal.
///
/// # Errors
/// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`.
pub async fn report(work: &Work, number: u32, dry_run: DryRun) -> Result<Proposal, Fault> {
    let mut proposal = proposal::lock(work, number).await?;
    proposal.check_undecided()?;
    proposal.history.dry_run = Some(dry_run);
    proposal::update(work, proposal).await
}
