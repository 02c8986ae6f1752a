//! How a limit is counted, line by line, so that it can be checked by hand.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
        Natural,
        /// Working days count, including make-up workdays (调休).
        Working,
    }
}

/// In files: `natural` or `working`.
impl Serialize for DeadlineClock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.to_string().to_lowercase())
    }
}

impl<'de> Deserialize<'de> for DeadlineClock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "natural" => Ok(Self::Natural),
            "working" => Ok(Self::Working),
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
        Start,
        /// A day on the natural clock.
        Natural,
        /// A working day.
        Workday,
        /// A make-up workday (调休).
        MakeUpWorkday,
        /// A weekend day.
        Weekend,
        /// A public holiday.
        Holiday,
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
        Intake,
        /// A new classification, counted again from the intake.
        Classification,
        /// A granted carry-over: the promised date.
        CarryOver,
        /// A rework: a new cycle, counted from then.
        Rework,
        /// A classification after the limit, which stays.
        ClassificationAfterLimit,
        /// A wrong classification that was corrected within minutes.
        Correction,
        /// A merged repeat with an earlier limit.
        Merge,
        /// The merge of such a repeat was undone.
        Unmerge,
        /// The notice of a year came into force.
        Recount,
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
