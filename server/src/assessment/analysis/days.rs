//! Days of intake in the wall time of Asia/Shanghai, as numbers that sort: 20191012.

use chrono::{Datelike as _, Months, NaiveDate, TimeDelta, Timelike as _};
use chrono_tz::Asia::Shanghai;

use crate::ticket::Instant;

/// The longest period, in days.
pub const DAYS_MAX: i64 = 800;

/// A period, with both days in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

impl Days {
    /// How many days it has.
    #[must_use]
    pub fn count(self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// As many days before it.
    #[must_use]
    pub fn period_before(self) -> Self {
        let back = TimeDelta::days(self.count());
        let day = |day: NaiveDate| day.checked_sub_signed(back).unwrap_or(NaiveDate::MIN);
        Self { first: day(self.first), last: day(self.last) }
    }

    /// The same days of the year before. The 29th of February is the 28th there.
    #[must_use]
    pub fn year_before(self) -> Self {
        let day = |day: NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(NaiveDate::MIN);
        Self { first: day(self.first), last: day(self.last) }
    }

    /// The first and the last day as numbers.
    #[must_use]
    pub fn numbers(self) -> (i32, i32) {
        (day_number(self.first), day_number(self.last))
    }
}

/// When a ticket came in, as the tables keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntakeTime {
    /// The day, for example 20191012.
    pub day: i32,
    /// The ISO week, for example 201941.
    pub week: i32,
    /// The hour of the week from 0: Monday from 0 to 1 o'clock.
    pub hour_of_week: i16,
}

/// By which instant a ticket belongs to a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AnalysisInstant {
    /// The intake.
    #[default]
    Intake,
    /// The last completion.
    Completion,
}

impl AnalysisInstant {
    /// What the names of its columns begin with.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::Intake => "received",
            Self::Completion => "completed",
        }
    }
}

impl IntakeTime {
    /// That of an instant.
    #[must_use]
    pub fn of(at: Instant) -> Self {
        let local = at.with_timezone(&Shanghai);
        let (week, hour) = (local.iso_week(), local.weekday().num_days_from_monday() * 24 + local.hour());
        Self {
            day: day_number(local.date_naive()),
            week: week.year() * 100 + i32::try_from(week.week()).unwrap_or_default(),
            hour_of_week: i16::try_from(hour).unwrap_or_default(),
        }
    }
}

fn day_number(day: NaiveDate) -> i32 {
    let part = |part: u32| i32::try_from(part).unwrap_or_default();
    day.year() * 10_000 + part(day.month()) * 100 + part(day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn days(first: &str, last: &str) -> Days {
        Days { first: day(first), last: day(last) }
    }

    #[test]
    fn periods_before_are_as_long_and_meet() {
        let october = days("2019-10-01", "2019-10-31");
        assert_eq!(october.period_before(), days("2019-08-31", "2019-09-30"));
        assert_eq!(october.year_before(), days("2018-10-01", "2018-10-31"));
        assert_eq!(days("2020-02-29", "2020-02-29").year_before(), days("2019-02-28", "2019-02-28"));
        assert_eq!(days("2020-01-01", "2020-01-01").period_before(), days("2019-12-31", "2019-12-31"));
        assert_eq!(october.numbers(), (20_191_001, 20_191_031));
    }

    #[test]
    fn an_instant_belongs_to_the_day_in_shanghai() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let before_midnight = IntakeTime::of(at("2019-12-29T15:59:59Z"));
        assert_eq!(before_midnight, IntakeTime { day: 20_191_229, week: 201_952, hour_of_week: 6 * 24 + 23 });
        // The first day of an ISO year.
        let after_midnight = IntakeTime::of(at("2019-12-29T16:00:00Z"));
        assert_eq!(after_midnight, IntakeTime { day: 20_191_230, week: 202_001, hour_of_week: 0 });
    }
}
