//! Explains a deadline line by line, for a unit, a company or an auditor.
//!
//! The lines come from the walk that counted the deadline (`due`) and add up to it: there are as many counted lines as
//! the length has days. The explanation never counts differently, and needs only the policy, the calendar and the
//! intake.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::calendar::{Calendar, Day};
use super::due::{CountFault, CountedDay, Step, due_with_days};
use super::policy::{Limit, Policy};
use crate::ticket::Tier;

/// A deadline with everything that it follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The row of the deadline table.
    pub tier: Tier,
    /// Its length, and the clock of days.
    pub limit: Limit,
    /// The policy of the length.
    pub policy_version: String,
    /// The calendar of the days.
    pub calendar_version: String,
    /// The start of the count.
    pub intake_at: DateTime<Utc>,
    /// The end of the count.
    pub due_at: DateTime<Utc>,
    /// Whether a later notice may still change it.
    pub provisional: bool,
    /// The day of intake, then every day up to the last that counts, in order.
    pub lines: Vec<Line>,
}

/// One day of an [`Explanation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The date in Asia/Shanghai.
    pub date: NaiveDate,
    /// The meaning of the day for the count.
    pub kind: LineKind,
    /// Why.
    pub reason: DayReason,
    /// Which counted day it is, from 1; `None` unless it counts.
    pub ordinal: Option<u32>,
    /// Whether a later notice may still change what the day is.
    pub provisional: bool,
}

/// The meaning of a day for the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The day of intake, which never counts.
    StartDay,
    /// It counts.
    Counted,
    /// It does not count.
    Skipped,
}

/// Why a day counts or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayReason {
    /// The natural clock, and minutes, treat every day the same.
    NaturalDay,
    /// An ordinary Monday to Friday.
    Workday,
    /// 调休: worked instead of a day off.
    MakeUpWorkday {
        /// The holiday it makes up for.
        holiday: String,
    },
    /// An ordinary Saturday or Sunday.
    Weekend,
    /// A day off by notice.
    Holiday {
        /// The holiday's name.
        name: String,
    },
}

/// Explains the deadline of a request of `tier` taken at `intake_at`, under this policy and this calendar.
///
/// # Errors
/// [`CountFault`] if nothing can be counted.
pub fn explain(
    policy: &Policy,
    calendar: &Calendar,
    tier: Tier,
    intake_at: DateTime<Utc>,
) -> Result<Explanation, CountFault> {
    let limit = policy.deadline.limit(tier);
    let counted = due_with_days(intake_at, limit, calendar)?;
    Ok(Explanation {
        tier,
        limit,
        policy_version: policy.version(),
        calendar_version: calendar.version().to_owned(),
        intake_at,
        due_at: counted.due_at,
        provisional: counted.provisional,
        lines: counted.days.into_iter().map(Line::from).collect(),
    })
}

impl From<CountedDay<'_>> for Line {
    fn from(day: CountedDay<'_>) -> Self {
        let (kind, ordinal) = match day.step {
            Step::Start => (LineKind::StartDay, None),
            Step::Counted(ordinal) => (LineKind::Counted, Some(ordinal)),
            Step::Skipped => (LineKind::Skipped, None),
        };
        let reason = day.day.map_or(DayReason::NaturalDay, DayReason::from);
        Self { date: day.date, kind, reason, ordinal, provisional: day.provisional }
    }
}

impl From<Day<'_>> for DayReason {
    fn from(day: Day<'_>) -> Self {
        match day {
            Day::Workday => Self::Workday,
            Day::MakeUpWorkday { holiday } => Self::MakeUpWorkday { holiday: holiday.to_owned() },
            Day::Weekend => Self::Weekend,
            Day::Holiday { name } => Self::Holiday { name: name.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::policy::{Clock, default_policy};
    use super::*;

    fn on_working_days() -> Policy {
        let mut policy = default_policy();
        let deadline = &mut policy.deadline;
        for limit in [
            &mut deadline.consultation_complex_one_unit,
            &mut deadline.consultation_complex_several_units,
            &mut deadline.general,
            &mut deadline.complex,
        ] {
            limit.clock = Clock::Working;
        }
        policy
    }

    fn explained(policy: &Policy, tier: Tier, intake: &str) -> Explanation {
        let calendar = Calendar::shipped().expect("the shipped calendar is sound");
        explain(policy, &calendar, tier, intake.parse().expect("an instant")).expect("in range")
    }

    #[test]
    fn each_day_over_national_day_says_why() {
        let policy = on_working_days();
        let tier = Tier::ConsultationComplexOneUnit;
        let explanation = explained(&policy, tier, "2019-09-28T10:00:00+08:00");
        let holiday = || DayReason::Holiday { name: "国庆节".to_owned() };
        let make_up = || DayReason::MakeUpWorkday { holiday: "国庆节".to_owned() };
        let skipped = (0..7).map(|_| (LineKind::Skipped, holiday(), None));
        let expected: Vec<_> = [
            (LineKind::StartDay, DayReason::Weekend, None),
            (LineKind::Counted, make_up(), Some(1)),
            (LineKind::Counted, DayReason::Workday, Some(2)),
        ]
        .into_iter()
        .chain(skipped)
        .chain([(LineKind::Counted, DayReason::Workday, Some(3))])
        .collect();
        let lines: Vec<_> =
            explanation.lines.iter().map(|line| (line.kind, line.reason.clone(), line.ordinal)).collect();
        assert_eq!(lines, expected);
        // Taken on a day off, so due at the end of 8 October.
        assert_eq!(explanation.due_at.to_rfc3339(), "2019-10-08T16:00:00+00:00");
        assert_eq!(explanation.calendar_version, "cn-2026.1");
        assert_eq!(explanation.policy_version, policy.version());
        assert!(!explanation.provisional);
    }

    #[test]
    fn the_lines_add_up_to_the_length() {
        for policy in [default_policy(), on_working_days()] {
            for tier in Tier::ALL {
                // A start on every day of two months with a holiday and make-up workdays in them.
                for day in 0..61 {
                    let start: DateTime<Utc> = "2019-09-10T02:00:00Z".parse().expect("an instant");
                    let intake = (start + TimeDelta::days(day)).to_rfc3339();
                    let explanation = explained(&policy, tier, &intake);
                    let length = match explanation.limit {
                        Limit::Minutes(_) => 0,
                        Limit::Days(limit) => limit.days,
                    };
                    let ordinals: Vec<_> = explanation.lines.iter().filter_map(|line| line.ordinal).collect();
                    assert_eq!(ordinals, (1..=length).collect::<Vec<_>>(), "{tier:?} {intake}");
                    let (first, last) =
                        (&explanation.lines[0], &explanation.lines[explanation.lines.len() - 1]);
                    assert_eq!(first.kind, LineKind::StartDay);
                    assert_ne!(last.kind, LineKind::Skipped);
                    let span = usize::try_from((last.date - first.date).num_days()).expect("ascending");
                    assert_eq!(explanation.lines.len(), span + 1, "no day is left out");
                }
            }
        }
    }

    #[test]
    fn natural_days_and_minutes_need_no_calendar() {
        let policy = default_policy();
        let explanation = explained(&policy, Tier::General, "2019-10-12T10:00:00+08:00");
        assert!(explanation.lines.iter().all(|line| line.reason == DayReason::NaturalDay));
        assert_eq!(explanation.lines.len(), 8);
        let call = explained(&policy, Tier::ConsultationGeneral, "2019-10-12T10:00:00+08:00");
        assert_eq!(call.due_at - call.intake_at, TimeDelta::minutes(30));
        assert_eq!(call.lines.len(), 1);
    }

    #[test]
    fn a_line_in_a_year_without_a_notice_is_provisional() {
        let explanation = explained(&on_working_days(), Tier::General, "2026-12-30T10:00:00+08:00");
        assert!(explanation.provisional);
        let marked: Vec<_> = explanation.lines.iter().map(|line| line.provisional).collect();
        // 30 and 31 December have a notice. New Year, which is off by law, two weekends and six weekdays have none.
        assert_eq!(marked, [vec![false; 2], vec![true; 11]].concat());
    }
}
