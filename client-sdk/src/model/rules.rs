//! The rules that change with time: policies and calendars.
//!
//! A [`Policy`] and a [`CalendarYear`] can be read from and written to a file: their names are those of the `[policy]`
//! tables of the server's configuration and of the `[[year]]` tables of its calendar.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::DeadlineClock;
use crate::convert::{open_enum, plain_record, record, writable};

/// A part of the policy: a record for answers and requests that can be stored in a file.
macro_rules! policy_part {
    ($(#[$about:meta])* $name:ident = $proto:ident { $($(#[$doc:meta])* $field:ident: $kind:ty),+ $(,)? }) => {
        plain_record! {
            $(#[$about])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields)]
            $name = $proto { $($(#[$doc])* $field: $kind,)+ }
        }
        writable!($name = $proto { $($field),+ });
    };
}

policy_part! {
    /// The rules that the service leaves to the operator. A version never changes, and a ticket keeps the version of
    /// its intake.
    Policy = Policy {
        /// How long each tier may take.
        deadline: DeadlinePolicy,
        /// When supervision acts.
        ladder: LadderPolicy,
        /// How a unit may return a ticket.
        returns: ReturnPolicy,
        /// How a ticket may be carried over.
        carry_over: CarryOverPolicy,
        /// How the company is called back.
        follow_up: FollowUpPolicy,
        /// When calls are taken, and at how many seats.
        intake: IntakePolicy,
        /// How long slips can be undone.
        undo: UndoPolicy,
        /// What answers may cite.
        knowledge: KnowledgePolicy,
        /// How calls are offered to seats.
        seats: SeatPolicy,
        /// When companies get messages about their tickets.
        messages: MessagePolicy,
        /// How units are assessed.
        assessment: AssessmentPolicy,
    }
}

policy_part! {
    /// How long each tier may take, counted from intake.
    DeadlinePolicy = DeadlinePolicy {
        /// A general consultation, answered during the call.
        consultation_general: CallAllowance,
        /// A complex consultation that one unit can answer.
        consultation_complex_one_unit: DayLimit,
        /// A complex consultation that needs several units.
        consultation_complex_several_units: DayLimit,
        /// A general appeal or complaint-report.
        general: DayLimit,
        /// A complex appeal or complaint-report.
        complex: DayLimit,
    }
}

policy_part! {
    /// How long a call may last before a ticket that should be answered during it is late.
    CallAllowance = CallAllowance {
        /// Minutes, 1 to 1440.
        minutes: u32,
    }
}

policy_part! {
    /// A length in days, and the clock that it is counted by.
    DayLimit = DayLimit {
        /// Days, 1 to 365.
        days: u32,
        /// Which days count; `natural` or `working` in files.
        #[serde(with = "super::deadline::clock_in_files")]
        clock: DeadlineClock,
    }
}

policy_part! {
    /// The supervision ladder, in hours, 0 to 8760. Each rung is strictly later than the one before.
    LadderPolicy = LadderPolicy {
        /// Hours before the limit at which the unit is reminded; 0 for no reminder.
        remind_before_hours: u32,
        /// Urge (催办), hours after the limit.
        urge_after_hours: u32,
        /// Supervise (督办), hours after the limit.
        supervise_after_hours: u32,
        /// Manual supervision (人工督办), hours after the limit.
        manual_after_hours: u32,
    }
}

policy_part! {
    /// How a unit may return a ticket (退单).
    ReturnPolicy = ReturnPolicy {
        /// How long after the dispatch.
        window: DayLimit,
        /// How often, 0 to 10; the next return goes to arbitration.
        returns_max: u32,
    }
}

policy_part! {
    /// How a ticket may be carried over (挂账).
    CarryOverPolicy = CarryOverPolicy {
        /// How far ahead the promised date may lie, in natural days, 1 to 365.
        promise_max_days: u32,
    }
}

policy_part! {
    /// How the company is called back (回访).
    FollowUpPolicy = FollowUpPolicy {
        /// Attempts that may reach nobody, 1 to 20, before it closes as unreachable.
        attempts_max: u32,
        /// Hours between two attempts, 0 to 720.
        attempt_gap_hours: u32,
        /// Whether an answered consultation is followed up, or closes with the answer.
        answers_followed_up: bool,
        /// How often a ticket may be sent back for rework, 0 to 10.
        reworks_max: u32,
        /// Hours for which an agent has a ticket to call back, 1 to 24.
        lease_hours: u32,
        /// Percent of surveyed tickets that another agent calls again, 0 to 100.
        recheck_percent: u32,
    }
}

policy_part! {
    /// How units are assessed (考核).
    AssessmentPolicy = AssessmentPolicy {
        /// Days after the end of a month in which a unit may object, 0 to 365.
        objection_days: u32,
    }
}

policy_part! {
    /// When calls are taken, and at how many seats.
    IntakePolicy = IntakePolicy {
        /// The first minute at which calls are taken, in Beijing, as `06:00`.
        hours_open: String,
        /// The first minute at which they are no longer taken; `24:00` is the end of the day.
        hours_close: String,
        /// Enterprise seats, 1 to 10000.
        seats: u32,
        /// How long after its start a ticket may be created for a call, in hours, 1 to 8760.
        call_age_max_hours: u32,
        /// Minutes within which two starts with the same id of an exchange are of one call, 1 to 1440.
        same_call_within_minutes: u32,
    }
}

policy_part! {
    /// How calls are offered to seats, and when a company is called back instead.
    SeatPolicy = SeatPolicy {
        /// How long a seat may ring before the offer goes on to the next one, in seconds, 5 to 300.
        offer_timeout_seconds: u32,
        /// How long an agent's program may be silent before the agent is signed out, in seconds, 10 to 3600.
        heartbeat_timeout_seconds: u32,
        /// How long a call may wait in the queue before the company is called back, in seconds, 10 to 86400.
        queue_wait_max_seconds: u32,
        /// How long an agent may finish the last call before the seat is ready again, in seconds, 0 to 3600; 0 is no
        /// limit.
        wrap_up_max_seconds: u32,
        /// By when a company is to be called back.
        call_back: DayLimit,
    }
}

policy_part! {
    /// When companies get messages about their tickets. In the quiet hours messages wait.
    MessagePolicy = MessagePolicy {
        /// The first minute of the quiet hours, in Beijing, as `21:00`.
        quiet_from: String,
        /// The first minute after them, as `08:00`.
        quiet_until: String,
    }
}

policy_part! {
    /// How long slips can be undone.
    UndoPolicy = UndoPolicy {
        /// Minutes in which the correction of a wrong classification gets limit and rung back, 0 to 60.
        correction_minutes: u32,
        /// Hours in which a merge, a declined or a withdrawn ticket can be undone, 0 to 720.
        undo_hours: u32,
        /// Days in which a closed ticket can be opened again, 0 to 365.
        reopen_days: u32,
    }
}

policy_part! {
    /// What answers may cite.
    KnowledgePolicy = KnowledgePolicy {
        /// Whether an answer may cite an article that the knowledge base does not hold.
        free_citations: bool,
    }
}

record! {
    /// A policy with its version.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PolicyVersion = GetPolicyResponse {
        /// The version.
        version: String,
        /// Its content.
        policy: Policy,
    }
}

record! {
    /// A calendar with its version.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    CalendarVersion = GetCalendarResponse {
        /// The version.
        version: String,
        /// Its years, ascending. A missing year counts Monday to Friday and is provisional.
        years: Vec<CalendarYear>,
    }
}

plain_record! {
    /// A calendar year: its exceptions from Monday to Friday.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    CalendarYear = CalendarYear {
        /// The year, 2000 to 2099.
        year: u32,
        /// Whether its days are expected, without a notice yet. Limits counted in it are provisional.
        #[serde(default)]
        provisional: bool,
        /// The numbers of the notices that set its days, the yearly notice first. At least one, unless it is
        /// provisional.
        #[serde(default)]
        notices: Vec<String>,
        /// The holidays with a day in this year.
        #[serde(default)]
        holidays: Vec<CalendarHoliday>,
    }
}
writable!(CalendarYear = CalendarYear { year, provisional, notices, holidays });

plain_record! {
    /// A holiday's days in one year. One day is written as `2027-01-01`, several as `2027-10-01/2027-10-07`.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    CalendarHoliday = CalendarHoliday {
        /// Its name as in the notice.
        name: String,
        /// Days off; `off` in files.
        #[serde(rename = "off", default)]
        off_days: Vec<String>,
        /// Make-up workdays (调休): Saturdays and Sundays that are worked instead; `work` in files.
        #[serde(rename = "work", default)]
        work_days: Vec<String>,
    }
}
writable!(CalendarHoliday = CalendarHoliday { name, off_days, work_days });

open_enum! {
    /// What a set of rules is about.
    RuleKind = RuleKind {
        /// A policy.
        Policy = "政策",
        /// A calendar.
        Calendar = "日历",
    }
}

record! {
    /// A version that is, was or will be in force.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    RuleInForce = RuleInForce {
        /// What it is about.
        kind: RuleKind,
        /// The version.
        version: String,
        /// From this instant until the next one of its kind. `None` for the version that the database was created with.
        effective_time: Option<DateTime<Utc>>,
        /// The proposal that brought it; 0 for the version that the database was created with.
        proposal_number: u32,
    }
}
