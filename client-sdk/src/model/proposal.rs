//! Proposals: rules on their way into force, what they would change, and their dry run.

use chrono::{DateTime, Utc};

use super::{RuleKind, Rung, Tier};
use crate::convert::{open_enum, record};

record! {
    /// A new version of the rules on its way into force.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Proposal = Proposal {
        /// Its number, from 1.
        number: u32,
        /// What it is about.
        kind: RuleKind,
        /// The version that it would bring.
        version: String,
        /// The version in force just before it.
        base_version: String,
        /// From when it would be in force.
        effective_time: DateTime<Utc>,
        /// Where it stands.
        state: ProposalState,
        /// Why it is proposed.
        reason: String,
        /// The principal that proposed it; `system` for a calendar that came with a release.
        proposer: String,
        /// When.
        propose_time: DateTime<Utc>,
        /// Every value in which it differs from the base. Left out in lists.
        changes: Vec<ValueChange>,
        /// The last dry run.
        dry_run: Option<DryRun>,
        /// The principal that approved it.
        approver: Option<String>,
        /// When.
        approve_time: Option<DateTime<Utc>>,
        /// The principal that withdrew it.
        withdrawer: Option<String>,
        /// When.
        withdraw_time: Option<DateTime<Utc>>,
        /// Why it was withdrawn.
        withdrawal_note: Option<String>,
        /// Changes with every change of the proposal.
        etag: String,
        /// What the check found that does not keep it from coming into force.
        warnings: Vec<String>,
    }
}

open_enum! {
    /// Where a proposal stands.
    ProposalState = ProposalState {
        /// Proposed, and checked as far as it can be by itself.
        Proposed,
        /// Approved: it comes, or came, into force at its effective time.
        Approved,
        /// Withdrawn before it came into force.
        Withdrawn,
    }
}

record! {
    /// A value that a proposal would change.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ValueChange = ValueChange {
        /// Which: a path such as `deadline.general.days`, or a day such as `2027-01-04`, or a year for its notices.
        path: String,
        /// What it is.
        before: Option<String>,
        /// What it would be.
        after: Option<String>,
    }
}

record! {
    /// What a proposal would have meant for the tickets that were open at an instant, had they been taken in under it.
    /// They keep their own rules all the same.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DryRun = DryRun {
        /// The instant.
        run_time: DateTime<Utc>,
        /// Who asked for it.
        principal: String,
        /// Open tickets that were looked at.
        open_tickets: i64,
        /// Those of them that are carried over: the promised date stands whatever the rules.
        carried_over_tickets: i64,
        /// The others by tier. A tier without an open ticket is left out.
        tiers: Vec<TierDifference>,
    }
}

record! {
    /// The difference that a proposal would make to the open tickets of a tier.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TierDifference = TierDifference {
        /// The tier.
        tier: Tier,
        /// Tickets in it.
        tickets: i64,
        /// Those with an earlier limit.
        earlier: i64,
        /// Those with a later limit.
        later: i64,
        /// Those in time that would be overdue.
        newly_overdue: i64,
        /// Those overdue that would be in time.
        no_longer_overdue: i64,
        /// Those that would stand on a higher rung.
        higher_rung: i64,
        /// Those that would stand on a lower rung. What has fired stays fired.
        lower_rung: i64,
    }
}

record! {
    /// The difference that a proposal would make to one open ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketDifference = TicketDifference {
        /// The ticket.
        ticket_number: String,
        /// Its tier.
        tier: Tier,
        /// Its limit.
        due_time: DateTime<Utc>,
        /// The limit it would have.
        proposed_due_time: DateTime<Utc>,
        /// The rung at which its ladder alone stands by now.
        rung: Option<Rung>,
        /// The rung at which the proposed ladder alone would stand.
        proposed_rung: Option<Rung>,
    }
}
