//! Changes of the rules: an administrator proposes a policy or some years of the calendar, tries them on the open
//! tickets, and another administrator approves. The proposal takes effect by itself at its time. One file for each
//! method of `AdminService`.
//!
//! There are four checks between a proposal and its effect. It must be complete and monotone, or it can't be proposed.
//! It must have been tried on the open tickets, and approved by a second administrator who saw the result, or it never
//! comes into force.

pub mod approve_proposal;
pub mod changes;
pub mod dry_run;
pub mod dry_run_proposal;
pub mod dry_run_report;
pub mod get_calendar;
pub mod get_policy;
pub mod get_proposal;
pub mod list_proposals;
pub mod list_rules_in_force;
pub mod list_ticket_differences;
pub mod proposal;
pub mod propose;
pub mod propose_calendar;
pub mod propose_policy;
pub mod shipped_calendar;
pub mod withdraw_proposal;

use std::sync::Arc;

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::access::Permit;
use crate::audit_log::records;
use crate::deadline::{Calendar, Policy, RuleBook, RuleKind};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Clock, Fault, Store, Work};
use changes::ValueChange;
use propose::CheckedProposal;

pub use dry_run::TicketDifference;
pub use dry_run_report::{DryRun, TierDifference};
pub use proposal::{Proposal, ProposalState};

/// The dependencies of the administration of the rules.
#[derive(Debug, Clone)]
pub struct RuleAdmin {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies and calendars.
    pub book: RuleBook,
}

/// A proposal and what it would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalDetails {
    /// The proposal.
    pub proposal: Proposal,
    /// Every value that would change.
    pub changes: Vec<ValueChange>,
}

impl RuleAdmin {
    async fn find(&self, number: u32) -> Result<Proposal, Fault> {
        let found = proposal::find(self.store.reader(), number).await?;
        found.ok_or_else(|| proposal::not_found(number))
    }

    async fn details(&self, db: &impl ConnectionTrait, proposal: Proposal) -> Result<ProposalDetails, Fault> {
        let (base, version) = (&proposal.base_version, &proposal.version);
        let changes = match proposal.kind {
            RuleKind::Policy => {
                let (before, after) =
                    (self.book.policy(db, base).await?, self.book.policy(db, version).await?);
                changes::of_policies(&before, &after)
            }
            RuleKind::Calendar => {
                let before = self.book.calendar(db, base).await?;
                changes::of_calendars(&before, &*self.book.calendar(db, version).await?)
            }
        };
        Ok(ProposalDetails { proposal, changes })
    }

    /// Records a change of a proposal in the audit log, in the unit of work that made it; returns the proposal as it is
    /// now.
    async fn record(
        &self,
        work: &Work,
        permit: &Permit,
        proposal: Proposal,
    ) -> Result<ProposalDetails, Fault> {
        let subject = format!("proposal/{}", proposal.number);
        let details = json!({ "version": proposal.version, "etag": proposal.etag() });
        records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
        self.details(&work.tx, proposal).await
    }

    /// Writes a checked proposal, once per request.
    async fn write_proposal<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        checked: CheckedProposal,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), checked, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (admin, permit, checked, answer)| {
                let proposal = propose::write(work, &admin.book, checked).await?;
                Ok(answer(&admin.record(work, permit, proposal).await?))
            })
            .await
    }
}

/// The policy of a version from a request.
///
/// # Errors
/// `RULES_NOT_FOUND`; if the database refuses.
pub async fn require_policy(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    version: &str,
) -> Result<Arc<Policy>, Fault> {
    let found = book.find_policy(db, version).await?;
    found.ok_or_else(|| Fault::new(ErrorReason::RulesNotFound).with("policy_version", version))
}

/// The calendar of a version from a request.
///
/// # Errors
/// `RULES_NOT_FOUND`; if the database refuses.
pub async fn require_calendar(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    version: &str,
) -> Result<Arc<Calendar>, Fault> {
    let found = book.find_calendar(db, version).await?;
    found.ok_or_else(|| Fault::new(ErrorReason::RulesNotFound).with("calendar_version", version))
}
