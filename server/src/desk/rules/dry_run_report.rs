//! The report of a dry run, which is stored with its proposal.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ticket::Tier;

/// What a proposal would have meant at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRun {
    /// The instant.
    pub run_at: DateTime<Utc>,
    /// Who asked for it.
    pub principal: String,
    /// Open tickets that were examined.
    pub open_tickets: u64,
    /// Carried-over tickets, whose promised date does not depend on the rules.
    pub carried_over_tickets: u64,
    /// The other tickets, by tier.
    pub tiers: Vec<TierDifference>,
}

/// The difference to the tickets of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TierDifference {
    pub tier: Tier,
    pub tickets: u64,
    pub earlier: u64,
    pub later: u64,
    pub newly_overdue: u64,
    pub no_longer_overdue: u64,
    pub higher_rung: u64,
    pub lower_rung: u64,
}
