//! How a limit is counted, line by line, so that it can be checked by hand.

use chrono::{DateTime, NaiveDate, Utc};

use super::Tier;
use crate::convert::{open_enum, record};

record! {
    /// A limit that can be checked by hand.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DeadlineExplanation = DeadlineExplanation {
        /// The row of the deadline table.
        tier: Tier,
        /// Its length in days; 0 for a general consultation.
        days: u32,
        /// The allowance for the call in minutes, for a general consultation; 0 otherwise.
        minutes: u32,
        /// The clock that the days are counted by; `None` if there are none.
        clock: Option<DeadlineClock>,
        /// The version of the policy.
        policy_version: String,
        /// The version of the calendar.
        calendar_version: String,
        /// The instant from which it is counted.
        start_time: DateTime<Utc>,
        /// The limit.
        due_time: DateTime<Utc>,
        /// Whether a year without an official notice was counted, as Monday to Friday.
        provisional: bool,
        /// One line for each day. The tier's number of days are counted among them.
        lines: Vec<DeadlineLine>,
    }
}

open_enum! {
    /// The clock that a tier's days are counted by.
    DeadlineClock = DeadlineClock {
        /// Every day counts.
        Natural = "自然日",
        /// Working days count, including make-up workdays (调休).
        Working = "工作日",
    }
}

/// A clock in the files of a policy: `natural` or `working`.
pub(super) mod clock_in_files {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::DeadlineClock;

    // serde passes the field by reference.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(in crate::model) fn serialize<S: Serializer>(
        clock: &DeadlineClock,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&clock.to_string().to_lowercase())
    }

    pub(in crate::model) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<DeadlineClock, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "natural" => Ok(DeadlineClock::Natural),
            "working" => Ok(DeadlineClock::Working),
            _ => Err(serde::de::Error::custom("a clock is \"natural\" or \"working\"")),
        }
    }
}

record! {
    /// One day of the count.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DeadlineLine = DeadlineLine {
        /// The day, in Beijing.
        date: NaiveDate,
        /// The number of the counted day, from 1; 0 for a skipped day or the day of the start.
        ordinal: u32,
        /// What kind of day it is.
        kind: DayKind,
        /// The holiday, for holidays and make-up workdays.
        holiday: Option<String>,
    }
}

open_enum! {
    /// What kind of day it is.
    DayKind = DayKind {
        /// The day from which the count starts; not counted.
        Start = "起始日",
        /// A day on the natural clock.
        Natural = "自然日",
        /// A working day.
        Workday = "工作日",
        /// A make-up workday (调休).
        MakeUpWorkday = "调休工作日",
        /// A weekend day.
        Weekend = "周末",
        /// A public holiday.
        Holiday = "节假日",
    }
}

record! {
    /// Something that set or moved a ticket's limit.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    DeadlineChange = DeadlineChange {
        /// When.
        change_time: DateTime<Utc>,
        /// What it was.
        cause: DeadlineCause,
        /// The tier from then on.
        tier: Tier,
        /// The limit from then on; the promised date of a carry-over.
        due_time: DateTime<Utc>,
        /// The version of the policy that it was counted under; `None` if it was not counted.
        policy_version: Option<String>,
        /// The version of the calendar; `None` if it was not counted.
        calendar_version: Option<String>,
    }
}

open_enum! {
    /// What sets or moves a limit.
    DeadlineCause = DeadlineCause {
        /// The intake.
        Intake = "受理",
        /// A new classification, counted again from the intake.
        Classification = "分类调整",
        /// A granted carry-over: the promised date.
        CarryOver = "挂账",
        /// A rework: a new cycle, counted from then.
        Rework = "返工",
        /// A classification after the limit, which stays.
        ClassificationAfterLimit = "超期后分类调整",
        /// A wrong classification that was corrected within minutes.
        Correction = "分类更正",
        /// A merged repeat with an earlier limit.
        Merge = "合并",
        /// The merge of such a repeat was undone.
        Unmerge = "撤销合并",
        /// The notice of a year came into force.
        Recount = "重新计算",
    }
}

record! {
    /// Why a ticket has its due time.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TicketDeadline = ExplainDeadlineResponse {
        /// The present limit, line by line.
        explanation: DeadlineExplanation,
        /// The changes of the limit, oldest first.
        changes: Vec<DeadlineChange>,
        /// The limit in force: the counted one, or the promised date of a granted carry-over.
        due_time: DateTime<Utc>,
        /// The server's time when it answered.
        now: DateTime<Utc>,
        /// Seconds left until the limit; negative if it has passed.
        seconds_left: i64,
    }
}
