//! Schemes, exclusions and published months of the assessment (考核).

use chrono::{DateTime, Utc};

use super::{UnitGroup, UnitStanding};
use crate::convert::{open_enum, record};

record! {
    /// A request to leave a case out (剔除): an objection (申诉) of its unit, or a request of a supervisor. The
    /// case stays visible.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Exclusion = Exclusion {
        /// Its number, from 1.
        number: u32,
        /// The case.
        line: String,
        /// The unit of the case.
        unit: String,
        /// The month that it is about.
        month: String,
        /// Where it is.
        state: ExclusionState,
        /// Whether the unit asked, and not a supervisor.
        objection: bool,
        /// Why it is asked.
        reason: String,
        /// What proves it.
        evidence: Option<String>,
        /// Who asked. Empty for a unit, if it was a supervisor.
        requester: Option<String>,
        /// When.
        request_time: DateTime<Utc>,
        /// The decisions, the first one first.
        decisions: Vec<ExclusionDecision>,
        /// Changes with every change.
        etag: String,
    }
}

record! {
    /// A decision.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ExclusionDecision = ExclusionDecision {
        /// Whether the case is to be left out.
        accepted: bool,
        /// Why.
        note: String,
        /// Who decided. Empty for a unit.
        principal: Option<String>,
        /// When.
        time: DateTime<Utc>,
    }
}

record! {
    /// A scheme (考核方案): how months are counted.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Scheme = Scheme {
        /// Its number, from 1.
        number: u32,
        /// The first month that it counts.
        from_month: String,
        /// Where it is.
        state: SchemeState,
        /// Its name.
        name: String,
        /// The document in TOML, as it was proposed.
        document: String,
        /// Why it is proposed.
        reason: String,
        /// Who proposed it.
        proposer: Option<String>,
        /// When.
        propose_time: DateTime<Utc>,
        /// The month of the last dry run; empty before the first.
        dry_run_month: Option<String>,
        /// When it ran.
        dry_run_time: Option<DateTime<Utc>>,
        /// Who approved it; empty before.
        approver: Option<String>,
        /// When.
        approve_time: Option<DateTime<Utc>>,
        /// Changes with every change.
        etag: String,
    }
}

record! {
    /// What a scheme would mean for a unit in a past month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SchemeDifference = SchemeDifference {
        /// The unit.
        unit: String,
        /// Its group.
        group: UnitGroup,
        /// Under the scheme that counts the month.
        before: SchemeOutcome,
        /// Under the proposed one.
        after: SchemeOutcome,
    }
}

record! {
    /// What a scheme means for a unit.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SchemeOutcome = SchemeOutcome {
        /// Whether it has a rank.
        standing: UnitStanding,
        /// The rank; 0 without one.
        rank: u32,
        /// The composite; empty if an item has no points.
        composite: Option<String>,
    }
}

record! {
    /// A published month, or a correction of it. Its bytes never change.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Publication = Publication {
        /// The month.
        month: String,
        /// Its number in the month, from 1. Corrections have later numbers.
        number: u32,
        /// Where it is.
        state: PublicationState,
        /// Why it is published, or what is corrected.
        reason: String,
        /// The scheme that counted it; 0 for the one that is shipped.
        scheme_number: u32,
        /// The version of the calendar that was in force at the end of the month.
        calendar_version: String,
        /// The SHA-256 of the manifest in hexadecimal digits. The audit log has it too, under a signed
        /// checkpoint.
        sha256: String,
        /// Who proposed it. Empty for a unit.
        proposer: Option<String>,
        /// When.
        propose_time: DateTime<Utc>,
        /// Who approved it. Empty before, and for a unit.
        approver: Option<String>,
        /// When.
        approve_time: Option<DateTime<Utc>>,
        /// Changes with every change.
        etag: String,
    }
}

record! {
    /// The published ranking of a group.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PublishedRanking = PublishedRanking {
        /// The group.
        group: UnitGroup,
        /// The canonical JSON, as it was stored.
        document: Vec<u8>,
        /// Its SHA-256 in hexadecimal digits, which the manifest has too.
        sha256: String,
    }
}

open_enum! {
    /// Where a request to leave a case out is.
    ExclusionState = ExclusionState {
        /// Nobody has decided.
        Filed = "待决定",
        /// Accepted by one supervisor; the month is published, so a second one has to decide.
        AcceptedOnce = "待复核",
        /// The case is excluded.
        Accepted = "已采纳",
        /// The case counts.
        Rejected = "未采纳",
    }
}

open_enum! {
    /// Where a scheme is.
    SchemeState = SchemeState {
        /// Proposed.
        Proposed = "待批准",
        /// Approved: it counts from its month on.
        Approved = "已批准",
    }
}

open_enum! {
    /// Where a publication is.
    PublicationState = PublicationState {
        /// Proposed.
        Proposed = "待批准",
        /// Published.
        Published = "已发布",
        /// Another proposal of the month took its place before it was approved.
        Replaced = "已替换",
    }
}

record! {
    /// What a scheme would mean.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    SchemeDryRun = DryRunSchemeResponse {
        /// The scheme.
        scheme: Scheme,
        /// The units that would notice, by group and code.
        differences: Vec<SchemeDifference>,
        /// How many units were compared.
        units: i64,
    }
}

record! {
    /// A published month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PublishedMonth = GetPublishedMonthResponse {
        /// The publication.
        publication: Publication,
        /// The canonical JSON of the manifest, as it was stored. It has the SHA-256 of each ranking.
        manifest: Vec<u8>,
        /// The rankings.
        rankings: Vec<PublishedRanking>,
    }
}
