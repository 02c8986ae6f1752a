//! Proposed rules, what they would change, and their dry run.

use chrono::{DateTime, Utc};

use super::{RuleKind, Rung, Tier};
use crate::convert::{open_enum, record};

record! {
    /// A proposed version of the rules.
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
        /// Its state.
        state: ProposalState,
        /// Why it is proposed.
        reason: String,
        /// The principal that proposed it; `system` for a calendar that came with a release.
        proposer: String,
        /// When.
        propose_time: DateTime<Utc>,
        /// Every value in which it differs from the base. Not included in lists.
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
        /// Findings of the check that do not prevent it from coming into force.
        warnings: Vec<String>,
    }
}

open_enum! {
    /// The state of a proposal.
    ProposalState = ProposalState {
        /// Proposed, and checked as far as possible without the open tickets.
        Proposed = "已提出",
        /// Approved: it comes, or came, into force at its effective time.
        Approved = "已批准",
        /// Withdrawn before it came into force.
        Withdrawn = "已撤回",
    }
}

record! {
    /// A value that a proposal would change.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ValueChange = ValueChange {
        /// Which value: a path such as `deadline.general.days`, a day such as `2027-01-04`, or a year for its notices.
        path: String,
        /// The present value.
        before: Option<String>,
        /// The new value.
        after: Option<String>,
    }
}

record! {
    /// What a proposal would have meant for the tickets that were open at an instant, if they had been taken in under
    /// it. They keep their own rules.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DryRun = DryRun {
        /// The instant.
        run_time: DateTime<Utc>,
        /// Who asked for it.
        principal: String,
        /// Open tickets that were examined.
        open_tickets: i64,
        /// Those that are carried over: their promised date does not depend on the rules.
        carried_over_tickets: i64,
        /// The other tickets by tier. A tier without an open ticket is left out.
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
        /// Those that would be on a higher rung.
        higher_rung: i64,
        /// Those that would be on a lower rung. A rung that has fired stays fired.
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
        /// The rung that its ladder alone has reached by now.
        rung: Option<Rung>,
        /// The rung that the proposed ladder alone would have reached.
        proposed_rung: Option<Rung>,
    }
}
