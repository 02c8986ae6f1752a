//! `ProposePolicy`: a new policy. An incomplete or non-monotone policy is refused with all its faults.

use prost::Message;
use sea_orm::ConnectionTrait;

use super::propose::{CheckedProposal, Document, ProposalMeta, check_time, crossings, day_of};
use super::{ProposalDetails, RuleAdmin};
use crate::access::Permit;
use crate::deadline::{Policy, RuleBook, RuleKind, in_force};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Violations};
use crate::ticket::Instant;

/// A policy to propose.
#[derive(Debug)]
pub struct ProposePolicy {
    /// The whole policy.
    pub policy: Policy,
    /// Who proposes it, from when, and why.
    pub meta: ProposalMeta,
    /// Violations found when the request was decoded, to be refused together with those of the policy.
    pub wrong: Violations,
}

impl RuleAdmin {
    /// Proposes a policy, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`check_policy`], `PROPOSAL_OUTDATED`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn propose_policy<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ProposePolicy,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        if let Some(earlier) = self.store.earlier_answer(&key).await? {
            return Ok(earlier);
        }
        let (reader, now) = (self.store.reader(), self.clock.now());
        let ProposePolicy { policy, meta, wrong } = command;
        let checked = check_policy(reader, &self.book, (policy, meta), now, wrong).await?;
        self.write_proposal(permit, key, checked, answer).await
    }
}

/// Checks a policy. All violations are refused together, with those found before.
///
/// # Errors
/// `INVALID_FIELDS` with every value that is out of bounds. If none is: with every limit that loses its order on a
/// calendar that is or will be in force then.
pub async fn check_policy(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    (policy, meta): (Policy, ProposalMeta),
    now: Instant,
    mut wrong: Violations,
) -> Result<CheckedProposal, Fault> {
    let base = in_force::last(db, RuleKind::Policy).await?;
    let beside = in_force::last(db, RuleKind::Calendar).await?;
    check_time(&meta, &base, now, &mut wrong);
    for fault in policy.check().err().unwrap_or_default() {
        // A missing value was read as zero, and is named already.
        if !wrong.names(fault.key) {
            wrong.add(fault.key, fault.wrong);
        }
    }
    if wrong.is_empty() {
        if policy.version() == base.version {
            wrong.add("policy", "is what is in force then already");
        }
        let mut calendars = Vec::new();
        for rule in in_force::from(db, RuleKind::Calendar, meta.effective_from).await? {
            calendars.push(book.calendar(db, &rule.version).await?);
        }
        for fault in crossings(policy.clone(), calendars, day_of(meta.effective_from)).await? {
            wrong.add(fault.key, fault.wrong);
        }
    }
    wrong.into_result(())?;
    Ok(CheckedProposal { meta, document: Document::Policy(policy), base, beside, warnings: Vec::new() })
}
