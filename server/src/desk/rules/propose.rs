//! Shared by proposals of policies and of calendars: the first two checks. An incomplete or non-monotone proposal is
//! refused with all its faults, and nothing is stored.
//!
//! The checks count thousands of limits. So they run before the unit of work begins, against the last version of each
//! kind. The unit of work then only checks that these are still the last.

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;
use hotline_proto::v1::ErrorReason;

use super::proposal::NOTICE;
use super::proposal::{self, History, Proposal, ProposalState, ProposalStep};
use crate::deadline::{Calendar, Policy, PolicyFault, RuleBook, RuleInForce, RuleKind, in_force, tier_order};
use crate::platform::{Fault, Violations, Work};
use crate::ticket::Instant;

/// Who proposes, from when, and why: everything but the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalMeta {
    /// The principal.
    pub principal: String,
    /// The instant from which the new version is in force.
    pub effective_from: Instant,
    /// Why.
    pub reason: String,
}

/// The proposed document.
#[derive(Debug, Clone)]
pub(super) enum Document {
    Policy(Policy),
    Calendar(Calendar),
}

/// A checked proposal, and the versions that it was checked against.
#[derive(Debug, Clone)]
pub struct CheckedProposal {
    pub(super) meta: ProposalMeta,
    pub(super) document: Document,
    pub(super) base: RuleInForce,
    pub(super) beside: RuleInForce,
    pub(super) warnings: Vec<String>,
}

/// The day of an instant in Beijing.
pub(super) fn day_of(instant: Instant) -> NaiveDate {
    instant.with_timezone(&Shanghai).date_naive()
}

/// A version takes effect after every server has read it, and after its base version.
pub(super) fn check_time(meta: &ProposalMeta, base: &RuleInForce, now: Instant, wrong: &mut Violations) {
    if meta.effective_from < now + NOTICE {
        wrong.add("effective_time", "lies at least a minute ahead");
    }
    if base.effective_from >= meta.effective_from {
        let base = base.effective_from.to_rfc3339();
        wrong.add("effective_time", format!("lies after what is approved already, {base}"));
    }
}

/// The limits that lose their order on some calendars, counted on another thread.
pub(super) async fn crossings(
    policy: Policy,
    calendars: Vec<std::sync::Arc<Calendar>>,
    from: NaiveDate,
) -> Result<Vec<PolicyFault>, Fault> {
    let count = move || {
        let mut all: Vec<PolicyFault> = Vec::new();
        for fault in calendars.iter().flat_map(|calendar| tier_order::faults(&policy, calendar, from)) {
            if all.iter().all(|other| other.key != fault.key) {
                all.push(fault);
            }
        }
        all
    };
    let counted = tokio::task::spawn_blocking(count).await;
    counted.map_err(|error| Fault::internal(format!("counting limits: {error}")))
}

/// Writes a checked proposal.
///
/// # Errors
/// `PROPOSAL_OUTDATED` if other rules were approved since the check.
pub async fn write(work: &Work, book: &RuleBook, checked: &CheckedProposal) -> Result<Proposal, Fault> {
    let kind = match checked.document {
        Document::Policy(_) => RuleKind::Policy,
        Document::Calendar(_) => RuleKind::Calendar,
    };
    for (kind, then) in [(kind, &checked.base), (kind.other(), &checked.beside)] {
        let last = in_force::last(&work.tx, kind).await?;
        if last.version != then.version {
            return Err(Fault::new(ErrorReason::ProposalOutdated).with("last_version", last.version));
        }
    }
    let version = match &checked.document {
        Document::Policy(policy) => book.keep_policy(work, policy).await?,
        Document::Calendar(calendar) => book.keep_calendar(work, calendar).await?,
    };
    let ProposalMeta { principal, effective_from, reason } = checked.meta.clone();
    let proposal = Proposal {
        number: 0,
        revision: 1,
        kind,
        version,
        base_version: checked.base.version.clone(),
        effective_from,
        state: ProposalState::Proposed,
        history: History {
            proposed: ProposalStep { by: principal, at: work.now(), note: reason },
            beside_version: checked.beside.version.clone(),
            warnings: checked.warnings.clone(),
            dry_run: None,
            approved: None,
            withdrawn: None,
        },
    };
    proposal::add(work, proposal).await
}
