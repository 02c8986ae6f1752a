//! `ProposePolicy`: a new policy. What is not complete and monotone is refused with everything that is wrong with it.

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
    /// The policy, whole.
    pub policy: Policy,
    /// Who proposes it, from when, and why.
    pub meta: ProposalMeta,
    /// What was wrong with the request as it was read, to be refused together with what is wrong with the policy.
    pub wrong: Violations,
}

impl RuleAdmin {
    /// Proposes a policy, once for the request; `answer` makes what is recorded and answered.
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

/// Checks a policy; everything that is wrong, with what was found wrong before, is refused together.
///
/// # Errors
/// `INVALID_FIELDS` with every value that is out of bounds or, if none is, loses the order of limits on a calendar
/// that is or will be in force then.
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
        // What is missing was read as zero, and named already.
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
