//! Scores and lines of the assessment (考核).

use chrono::{DateTime, Utc};

use super::Exclusion;
use crate::convert::{open_enum, record};

record! {
    /// The score of a unit in a month.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    UnitScore = UnitScore {
        /// The unit.
        unit: String,
        /// The month, for example 2019-10.
        month: String,
        /// Whether it has a rank, or why it has none.
        standing: UnitStanding,
        /// Its rank in its group, from 1; 0 without a rank, and for a score by itself.
        rank: u32,
        /// The tickets that it got in the month.
        requests: i64,
        /// The cases of the weighted item that has the fewest.
        cases: i64,
        /// The weighted points without the excluded cases, with the decimals of the scheme; empty if an item
        /// has no points.
        composite: Option<String>,
        /// The same with all cases.
        raw_composite: Option<String>,
        /// The items, in the order of the scheme.
        items: Vec<ItemScore>,
        /// The number of the scheme; 0 for the one that is shipped.
        scheme_number: u32,
    }
}

record! {
    /// One item of a score.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ItemScore = ItemScore {
        /// Its key, for example "response".
        key: String,
        /// The rule in words.
        clause: String,
        /// Without the excluded cases.
        adjusted: ItemRate,
        /// With all cases.
        raw: ItemRate,
    }
}

record! {
    /// A rate with its counts, its interval and its points.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ItemRate = ItemRate {
        /// The sum of the credits: a whole number, a decimal, or a fraction like 1/3.
        numerator: String,
        /// The cases.
        denominator: i64,
        /// The rate in percent; empty without cases.
        percent: Option<String>,
        /// The lower end of the 95 % Wilson interval, in percent; empty without cases.
        low: Option<String>,
        /// The upper end.
        high: Option<String>,
        /// The points; empty if an item without cases has none.
        points: Option<String>,
    }
}

record! {
    /// A case of a unit in a month, and what it counts under each item. It names no caller.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ScoreLine = ScoreLine {
        /// What `FileObjection` and `RequestExclusion` name it by: the ticket number, a hyphen, and the handling
        /// cycle.
        line: String,
        /// The ticket.
        ticket_number: String,
        /// The handling cycle, from 1.
        cycle: u32,
        /// The limit in force.
        due_time: DateTime<Utc>,
        /// When it was completed.
        complete_time: Option<DateTime<Utc>>,
        /// When the company was called back.
        survey_time: Option<DateTime<Utc>>,
        /// Whether it is carried over and has not ended. Then resolution and satisfaction leave it out.
        carried_over: bool,
        /// What it counts, in the order of the scheme.
        items: Vec<LineItem>,
        /// The objections and exclusions of the case that were not refused.
        exclusions: Vec<Exclusion>,
    }
}

record! {
    /// A case under one item.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    LineItem = LineItem {
        /// The item.
        key: String,
        /// Its rule in words.
        clause: String,
        /// Whether it counts.
        verdict: CaseVerdict,
        /// What it counts in the numerator, for example "1"; empty if it does not count.
        credit: Option<String>,
        /// The condition that decided: the credit that applies, the exclusion, or what it lacks.
        condition: Option<String>,
    }
}

open_enum! {
    /// Whether a unit has a rank.
    UnitStanding = UnitStanding {
        /// It has enough cases and is ranked.
        Ranked = "有排名",
        /// It has fewer cases than the scheme asks for, or no composite.
        TooFewCases = "样本不足",
        /// It got tickets, and no item has a case yet.
        NothingDue = "无到期事项",
        /// It got no ticket, and no item has a case.
        NoRequest = "无诉求",
    }
}

open_enum! {
    /// What became of a case under an item.
    CaseVerdict = CaseVerdict {
        /// It counts.
        Counted = "计入",
        /// It counts in the raw rate only.
        Excluded = "剔除",
        /// The instant that decides lies in another month, or has not come yet.
        OtherMonth = "不属本月",
        /// A later handling cycle of the ticket counts in its place.
        LaterCycle = "以后次办理计",
        /// It lacks a condition of the denominator.
        NotCounted = "不计入",
    }
}

record! {
    /// A score.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CountedScore = GetUnitScoreResponse {
        /// The score.
        score: UnitScore,
        /// Events that are not counted yet.
        entries_behind: i64,
    }
}

record! {
    /// A completed ticket whose company is to be called back (回访).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    FollowUp = FollowUp {
        /// The ticket.
        ticket_number: String,
        /// Its limit. Lists are in this order.
        due_time: DateTime<Utc>,
        /// When the unit completed it; `None` if the hotline answered it.
        complete_time: Option<DateTime<Utc>>,
        /// When calls reached nobody, the first one first.
        attempt_times: Vec<DateTime<Utc>>,
        /// Merged repeats whose companies are to be called too.
        repeat_ticket_numbers: Vec<String>,
        /// The agent who has it.
        agent: Option<String>,
        /// The end of the lease.
        lease_end_time: Option<DateTime<Utc>>,
        /// The calls that reached nobody, the first one first.
        attempts: Vec<FollowUpAttempt>,
        /// Which call it is.
        kind: FollowUpKind,
        /// For a second call: when the survey was taken.
        survey_time: Option<DateTime<Utc>>,
    }
}

record! {
    /// A follow-up call that reached nobody.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    FollowUpAttempt = FollowUpAttempt {
        /// When.
        attempt_time: DateTime<Utc>,
        /// The agent who called; `None` if it was not recorded.
        agent: Option<String>,
    }
}

open_enum! {
    /// Which call to a company is due.
    FollowUpKind = FollowUpKind {
        /// The survey of a completed ticket.
        Survey = "回访",
        /// A second call about a surveyed ticket, by another agent.
        Recheck = "回访复核",
    }
}
