//! The policy: the rules of the service that the operator sets, and their version.
//!
//! A policy has no defaults in code. Every key comes from `config.default.toml` and may be replaced alone. The policy
//! is checked as a whole (`check`) before it is used. Its version is a digest of its values. So the same values have
//! the same version on every server, and a ticket can name the policy that it was judged by.

mod quiet_hours;
mod time_of_day;
mod validate;

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};

use super::version_digest;
use crate::ticket::Tier;

pub use quiet_hours::MessageRules;
pub use time_of_day::{NotATimeOfDay, TimeOfDay};
pub use validate::PolicyFault;

/// Every policy value of the hotline, the table `[policy]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// How long each tier may take.
    pub deadline: Deadlines,
    /// When supervision acts.
    pub ladder: Ladder,
    /// How a unit may return a ticket.
    pub returns: Returns,
    /// How a ticket may be carried over.
    pub carry_over: CarryOver,
    /// How the company is called back.
    pub follow_up: FollowUp,
    /// When and at how many seats calls are taken.
    pub intake: Intake,
    /// How long slips can be undone.
    pub undo: Undo,
    /// What answers may cite.
    pub knowledge: Knowledge,
    /// How calls are offered to seats.
    pub seats: SeatRules,
    /// When companies get messages.
    pub messages: MessageRules,
    /// How units are assessed.
    pub assessment: AssessmentRules,
}

/// The length of each tier, counted from intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// A general consultation: answered during the call.
    pub consultation_general: CallAllowance,
    /// A complex consultation that one unit can answer.
    pub consultation_complex_one_unit: DayLimit,
    /// A complex consultation that needs several units.
    pub consultation_complex_several_units: DayLimit,
    /// A general appeal or complaint-report.
    pub general: DayLimit,
    /// A complex appeal or complaint-report.
    pub complex: DayLimit,
}

/// How long a call may last before a ticket that should be answered during it is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallAllowance {
    /// Minutes, 1 to 1440.
    pub minutes: u32,
}

/// A length in days, and the clock that it is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayLimit {
    /// Days, 1 to 365.
    pub days: u32,
    /// Which days count.
    pub clock: Clock,
}

/// Which days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Every day.
    Natural,
    /// The working days of the calendar.
    Working,
}

/// A length of a tier or a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// This many minutes of wall time.
    Minutes(u32),
    /// This many days of a clock.
    Days(DayLimit),
}

/// When supervision acts, in hours after the limit; the three rungs rise strictly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Hours *before* the limit at which the unit is reminded; 0 = never.
    pub remind_before_hours: u32,
    /// 催办, hours after the limit.
    pub urge_after_hours: u32,
    /// 督办, hours after the limit.
    pub supervise_after_hours: u32,
    /// 人工督办, hours after the limit.
    pub manual_after_hours: u32,
}

/// How a unit may return a ticket (退单).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returns {
    /// How long after its dispatch a ticket may be returned.
    pub window: DayLimit,
    /// Returns for each ticket, 0 to 10; the next one goes to arbitration.
    pub returns_max: u32,
}

/// How a ticket may be carried over (挂账).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryOver {
    /// How far ahead the promised date may lie, in natural days, 1 to 365.
    pub promise_max_days: u32,
}

/// How the company is called back (回访).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// Attempts that may reach nobody, 1 to 20, before it closes as unreachable.
    pub attempts_max: u32,
    /// Hours between two attempts, 0 to 720.
    pub attempt_gap_hours: u32,
    /// Whether an answered consultation is followed up, or closes with the answer.
    pub answers_followed_up: bool,
    /// Times a ticket may be sent back for rework, 0 to 10.
    pub reworks_max: u32,
    /// Hours for which an agent has a ticket to call back, 1 to 24.
    pub lease_hours: u32,
    /// Percent of surveyed tickets that another agent calls again, 0 to 100.
    pub recheck_percent: u32,
}

/// How units are assessed (考核).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentRules {
    /// Days after the end of a month in which a unit may object, 0 to 365.
    pub objection_days: u32,
}

/// When and at how many seats calls are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// The first minute at which calls are taken, Asia/Shanghai.
    pub hours_open: TimeOfDay,
    /// The first minute at which they are no longer taken; `24:00` is the end of the day.
    pub hours_close: TimeOfDay,
    /// Enterprise seats, 1 to 10000.
    pub seats: u32,
    /// How long after its start a ticket may be created for a call, in hours, 1 to 8760.
    pub call_age_max_hours: u32,
    /// Minutes within which two starts with the same id of an exchange are of one call, 1 to 1440.
    pub same_call_within_minutes: u32,
}

/// How calls are offered to seats, and when a company is called back instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatRules {
    /// How long a seat may ring before the offer goes on, in seconds, 5 to 300.
    pub offer_timeout_seconds: u32,
    /// How long an agent's program may be silent before the agent is signed out, in seconds, 10 to 3600.
    pub heartbeat_timeout_seconds: u32,
    /// How long a call may wait before the company is called back, in seconds, 10 to 86400.
    pub queue_wait_max_seconds: u32,
    /// How long an agent may finish the last call before the seat is ready again, in seconds, 0 to 3600; 0 = no limit.
    pub wrap_up_max_seconds: u32,
    /// By when a company is to be called back.
    pub call_back: DayLimit,
}

/// How long slips can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Minutes in which the correction of a wrong classification gets limit and rung back, 0 to 60.
    pub correction_minutes: u32,
    /// Hours in which a merge, a declined or a withdrawn ticket can be undone, 0 to 720.
    pub undo_hours: u32,
    /// Days in which a closed ticket can be opened again, 0 to 365.
    pub reopen_days: u32,
}

impl Undo {
    /// The time in which the correction of a wrong classification gets limit and rung back.
    #[must_use]
    pub fn correction_window(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.correction_minutes))
    }
}

/// What answers may cite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knowledge {
    /// Whether an article may be cited that the knowledge base does not hold, because the office keeps it elsewhere.
    pub free_citations: bool,
}

impl Deadlines {
    /// The length of `tier`.
    #[must_use]
    pub const fn limit(&self, tier: Tier) -> Limit {
        match tier {
            Tier::ConsultationGeneral => Limit::Minutes(self.consultation_general.minutes),
            Tier::ConsultationComplexOneUnit => Limit::Days(self.consultation_complex_one_unit),
            Tier::ConsultationComplexSeveralUnits => Limit::Days(self.consultation_complex_several_units),
            Tier::General => Limit::Days(self.general),
            Tier::Complex => Limit::Days(self.complex),
        }
    }
}

impl Intake {
    /// Whether calls are taken at `instant`, by the wall clock of Asia/Shanghai: from `hours_open` until before
    /// `hours_close`. The beginning of the call counts.
    #[must_use]
    pub fn is_open_at(&self, instant: DateTime<Utc>) -> bool {
        // Arithmetic on seconds, because a conversion of the instant would panic at the ends of chrono's range.
        let east_of_utc = Shanghai.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
        let minute = (instant.timestamp() + i64::from(east_of_utc)).div_euclid(60).rem_euclid(24 * 60);
        let (open, close) = (self.hours_open.minutes(), self.hours_close.minutes());
        (i64::from(open)..i64::from(close)).contains(&minute)
    }
}

impl Intake {
    /// The span between two starts with the same id of an exchange, below which they are of one call.
    #[must_use]
    pub fn same_call_within(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.same_call_within_minutes))
    }

    /// The earliest start of a call that a ticket may be created for at `now`.
    #[must_use]
    pub fn earliest_call_start(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let age_max = TimeDelta::hours(i64::from(self.call_age_max_hours));
        now.checked_sub_signed(age_max).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl Policy {
    /// The version of these values: `p-` and twelve hex digits of the SHA-256 over their canonical JSON.
    #[must_use]
    pub fn version(&self) -> String {
        version_digest::of("p-", self)
    }
}

/// The default policy, for the tests of all modules.
#[cfg(test)]
pub(crate) fn default_policy() -> Policy {
    #[derive(Deserialize)]
    struct Root {
        policy: Policy,
    }
    let text = include_str!("../../config.default.toml");
    toml::from_str::<Root>(text).expect("the default policy is sound").policy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_gives_the_published_lengths() {
        let policy = default_policy();
        let days = |days| Limit::Days(DayLimit { days, clock: Clock::Natural });
        let expected = [Limit::Minutes(30), days(3), days(7), days(7), days(15)];
        assert_eq!(Tier::ALL.map(|tier| policy.deadline.limit(tier)), expected);
        assert_eq!(policy.check(), Ok(()));
    }

    #[test]
    fn the_same_values_have_the_same_version_and_others_another() {
        let policy = default_policy();
        let version = policy.version();
        assert_eq!(policy.clone().version(), version);
        // Pinned: a release that changes it would lose the versions that tickets name.
        assert_eq!(version, "p-80812fe37d40");
        let mut other = policy.clone();
        other.deadline.general.clock = Clock::Working;
        assert_ne!(other.version(), version);
        let mut other = policy;
        other.follow_up.answers_followed_up = false;
        assert_ne!(other.version(), version);
    }

    #[test]
    fn hours_are_judged_in_shanghai_and_24_00_is_the_end_of_the_day() {
        let mut intake = default_policy().intake;
        let is_open = |intake: Intake, text: &str| intake.is_open_at(text.parse().expect("an instant"));
        for (at, expected) in [
            ("2019-10-12T05:59:59.999+08:00", false),
            ("2019-10-12T06:00:00+08:00", true),
            ("2019-10-12T23:58:00+08:00", true),
            ("2019-10-12T23:59:59.999+08:00", true),
            ("2019-10-13T00:00:00+08:00", false),
            ("2019-10-12T22:00:00Z", true),
            ("1969-12-31T21:59:59Z", false),
        ] {
            assert_eq!(is_open(intake, at), expected, "{at}");
        }
        intake.hours_close = TimeOfDay::try_from("20:30".to_owned()).expect("a time");
        assert!(is_open(intake, "2019-10-12T20:29:59+08:00"));
        assert!(!is_open(intake, "2019-10-12T20:30:00+08:00"));
        for end in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            // It must not panic.
            let _ = intake.is_open_at(end);
        }
    }

    #[test]
    fn a_missing_and_an_unknown_key_are_refused() {
        let json = serde_json::to_value(default_policy()).expect("json");
        let mut missing = json.clone();
        missing["returns"].as_object_mut().expect("a table").remove("returns_max");
        assert!(serde_json::from_value::<Policy>(missing).is_err());
        let mut unknown = json;
        unknown["deadline"]["general"]["hours"] = 3.into();
        assert!(serde_json::from_value::<Policy>(unknown).is_err());
    }
}
