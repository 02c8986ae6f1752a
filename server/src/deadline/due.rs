//! The one place that counts a deadline: from an instant, a length and a calendar to the instant it is due.
//!
//! - Natural days: the same wall time that many days later.
//! - Working days: something taken on a workday is due at the same wall time on the n-th workday after it; something
//!   taken on a day off counts the next workday as its first and is due at 24:00 of its n-th.
//! - Minutes: that much later.
//!
//! Wall time is Asia/Shanghai's. A later start is never due earlier. [`count`] lists the days and [`due`] does not; both
//! walk the same iterator, so that what is explained is what was counted.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;

use super::calendar::{Calendar, Day, YEAR_MAX, YEAR_MIN};
use super::policy::{Clock, Limit};

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The instant itself; late is whatever comes after it.
    pub due_at: DateTime<Utc>,
    /// Whether a day that was looked at lies in a year whose notice is missing or not final.
    pub provisional: bool,
}

/// When something is due, with every day between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count<'c> {
    /// As in [`Due`].
    pub due_at: DateTime<Utc>,
    /// As in [`Due`].
    pub provisional: bool,
    /// The day of the start, then every day up to the last that counts.
    pub days: Vec<CountedDay<'c>>,
}

/// A day the count passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedDay<'c> {
    /// The date in Asia/Shanghai.
    pub date: NaiveDate,
    /// What the day meant to the count.
    pub step: Step,
    /// What the calendar says of it; `None` where it was not asked, since natural days and minutes need no calendar.
    pub day: Option<Day<'c>>,
    /// Whether what the calendar says may still change.
    pub provisional: bool,
}

/// What a day means to the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The day of the start, which never counts.
    Start,
    /// It counts, as the n-th, from 1.
    Counted(u32),
    /// It does not count.
    Skipped,
}

/// Why nothing could be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountFault {
    /// A length of zero.
    NoLength,
    /// The start or the end lies outside [`YEAR_MIN`] to [`YEAR_MAX`].
    OutOfRange,
}

impl fmt::Display for CountFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLength => f.write_str("a deadline must have a length"),
            Self::OutOfRange => {
                write!(f, "a deadline must lie between the years {YEAR_MIN} and {YEAR_MAX}")
            }
        }
    }
}

impl std::error::Error for CountFault {}

/// When something that starts at `from` is due, with every day between.
///
/// # Errors
/// [`CountFault`] for a length of zero or outside the years that can be counted; never for a year without a notice.
pub fn count(from: DateTime<Utc>, limit: Limit, calendar: &Calendar) -> Result<Count<'_>, CountFault> {
    let start = wall(from)?;
    let days: Vec<_> = Days::new(start.date(), limit, calendar).collect();
    let Due { due_at, provisional } = close(start, limit, days.iter().copied())?;
    Ok(Count { due_at, provisional, days })
}

/// When something that starts at `from` is due; the same as [`count`] without the list.
///
/// # Errors
/// As [`count`].
pub fn due(from: DateTime<Utc>, limit: Limit, calendar: &Calendar) -> Result<Due, CountFault> {
    let start = wall(from)?;
    close(start, limit, Days::new(start.date(), limit, calendar))
}

/// Walks from the day of the start to the last day that counts, or to the end of the years that can be counted.
struct Days<'c> {
    calendar: &'c Calendar,
    clock: Clock,
    /// How many days still have to count.
    left: u32,
    ordinal: u32,
    next: Option<NaiveDate>,
    is_at_start: bool,
}

impl<'c> Days<'c> {
    const fn new(start: NaiveDate, limit: Limit, calendar: &'c Calendar) -> Self {
        let (left, clock) = match limit {
            // Minutes end where they end: the day of the start is all there is to say.
            Limit::Minutes(_) => (0, Clock::Natural),
            Limit::Days(limit) => (limit.days, limit.clock),
        };
        Self { calendar, clock, left, ordinal: 0, next: Some(start), is_at_start: true }
    }
}

impl<'c> Iterator for Days<'c> {
    type Item = CountedDay<'c>;

    fn next(&mut self) -> Option<CountedDay<'c>> {
        if self.left == 0 && !self.is_at_start {
            return None;
        }
        let date = self.next.filter(|date| is_countable(*date))?;
        self.next = date.succ_opt();
        let (day, provisional) = match self.clock {
            Clock::Natural => (None, false),
            Clock::Working => (Some(self.calendar.day(date)), self.calendar.is_provisional(date.year())),
        };
        let step = if std::mem::take(&mut self.is_at_start) {
            Step::Start
        } else if day.is_none_or(Day::is_workday) {
            self.left -= 1;
            self.ordinal += 1;
            Step::Counted(self.ordinal)
        } else {
            Step::Skipped
        };
        Some(CountedDay { date, step, day, provisional })
    }
}

/// Turns the days walked into the instant due.
fn close<'c>(
    start: NaiveDateTime,
    limit: Limit,
    days: impl Iterator<Item = CountedDay<'c>>,
) -> Result<Due, CountFault> {
    let (mut last, mut counted, mut provisional, mut starts_off) = (start.date(), 0, false, false);
    for day in days {
        last = day.date;
        provisional |= day.provisional;
        match day.step {
            Step::Start => starts_off = day.day.is_some_and(|day| !day.is_workday()),
            Step::Counted(ordinal) => counted = ordinal,
            Step::Skipped => {}
        }
    }
    let due = match limit {
        Limit::Minutes(0) => return Err(CountFault::NoLength),
        Limit::Minutes(minutes) => start.checked_add_signed(TimeDelta::minutes(minutes.into())),
        Limit::Days(limit) if limit.days == 0 => return Err(CountFault::NoLength),
        Limit::Days(limit) if counted < limit.days => return Err(CountFault::OutOfRange),
        // 24:00 of the last day is 00:00 of the day after.
        Limit::Days(_) if starts_off => last.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0)),
        Limit::Days(_) => Some(last.and_time(start.time())),
    };
    let due_at = due.and_then(instant).ok_or(CountFault::OutOfRange)?;
    Ok(Due { due_at, provisional })
}

/// The wall time of `at`.
fn wall(at: DateTime<Utc>) -> Result<NaiveDateTime, CountFault> {
    // Asked of the date in UTC first, since converting the very ends of the time line would panic; a day at either end
    // of the range is judged by its date in Shanghai below.
    if !(YEAR_MIN - 1..=YEAR_MAX).contains(&at.year()) {
        return Err(CountFault::OutOfRange);
    }
    let wall = at.with_timezone(&Shanghai).naive_local();
    is_countable(wall.date()).then_some(wall).ok_or(CountFault::OutOfRange)
}

/// The instant of a wall time, if it is not past the end of the years that can be counted.
fn instant(wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let end = NaiveDate::from_ymd_opt(YEAR_MAX + 1, 1, 1)?.and_hms_opt(0, 0, 0)?;
    if wall > end {
        return None;
    }
    // Shanghai has had no summer time since 1991, so in these years every wall time is exactly one instant.
    Some(Shanghai.from_local_datetime(&wall).single()?.to_utc())
}

fn is_countable(date: NaiveDate) -> bool {
    (YEAR_MIN..=YEAR_MAX).contains(&date.year())
}

#[cfg(test)]
mod tests {
    use super::super::policy::DayLimit;
    use super::*;

    const fn natural(days: u32) -> Limit {
        Limit::Days(DayLimit { days, clock: Clock::Natural })
    }

    const fn working(days: u32) -> Limit {
        Limit::Days(DayLimit { days, clock: Clock::Working })
    }

    /// An instant written as wall time, `2019-10-12 10:00:00`.
    fn at(text: &str) -> DateTime<Utc> {
        format!("{}+08:00", text.replace(' ', "T")).parse().expect(text)
    }

    fn shipped() -> Calendar {
        Calendar::shipped().expect("the shipped calendar is sound")
    }

    fn table(limit_of: fn(u32) -> Limit, rows: &[(&str, u32, &str, bool)]) {
        let calendar = shipped();
        for (from, length, expected, provisional) in rows {
            let expected = Due { due_at: at(expected), provisional: *provisional };
            let case = format!("{from} + {length}");
            assert_eq!(due(at(from), limit_of(*length), &calendar), Ok(expected), "{case}");
            let listed = count(at(from), limit_of(*length), &calendar).expect(&case);
            assert_eq!((listed.due_at, listed.provisional), (expected.due_at, *provisional), "{case}");
            let ordinals: Vec<_> = listed
                .days
                .iter()
                .filter_map(|day| if let Step::Counted(n) = day.step { Some(n) } else { None })
                .collect();
            assert_eq!(ordinals, (1..=*length).collect::<Vec<_>>(), "{case}");
        }
    }

    #[test]
    fn natural_days_keep_the_wall_time() {
        let rows = [
            ("2019-10-12 10:00:00", 3, "2019-10-15 10:00:00", false),
            ("2019-10-12 00:00:00", 7, "2019-10-19 00:00:00", false),
            ("2019-12-31 23:59:59", 1, "2020-01-01 23:59:59", false),
            ("2020-02-28 09:30:00", 1, "2020-02-29 09:30:00", false),
            ("2020-02-29 09:30:00", 365, "2021-02-28 09:30:00", false),
            ("2019-01-31 08:00:00", 1, "2019-02-01 08:00:00", false),
            // Before 08:00 in Shanghai the date in UTC is the day before.
            ("2019-03-01 07:59:59", 15, "2019-03-16 07:59:59", false),
            // Needs no calendar, so a year without a notice is as good as any.
            ("2031-05-01 12:00:00", 15, "2031-05-16 12:00:00", false),
        ];
        table(natural, &rows);
    }

    #[test]
    fn working_days_from_a_workday_keep_the_wall_time() {
        let rows = [
            ("2019-10-14 10:00:00", 1, "2019-10-15 10:00:00", false),
            ("2019-10-14 00:00:00", 1, "2019-10-15 00:00:00", false),
            ("2019-10-18 23:59:59", 1, "2019-10-21 23:59:59", false),
            // A make-up Saturday is a workday: taken on one, and counted through one.
            ("2019-10-12 10:00:00", 1, "2019-10-14 10:00:00", false),
            ("2019-10-11 10:00:00", 1, "2019-10-12 10:00:00", false),
            // Two make-up weekends and the National Day week: 27, 29, 30 September, 8 to 11 October.
            ("2019-09-26 16:00:00", 7, "2019-10-11 16:00:00", false),
            // Through the lengthened Spring Festival: 23 January, then 3 February.
            ("2020-01-22 09:00:00", 2, "2020-02-03 09:00:00", false),
            // Over a year's end whose Saturday was made a workday: 29 December 2018, 2 January 2019.
            ("2018-12-28 11:00:00", 2, "2019-01-02 11:00:00", false),
            // A leap day that is a Saturday, and one that is a Thursday.
            ("2020-02-28 09:00:00", 1, "2020-03-02 09:00:00", false),
            ("2024-02-28 09:00:00", 1, "2024-02-29 09:00:00", false),
        ];
        table(working, &rows);
    }

    #[test]
    fn working_days_from_a_day_off_end_at_the_end_of_the_day() {
        let rows = [
            // Saturday and Sunday, first and last second: Monday is the first day, due at its end.
            ("2019-10-19 00:00:00", 1, "2019-10-22 00:00:00", false),
            ("2019-10-20 23:59:59", 1, "2019-10-22 00:00:00", false),
            // A holiday: 8, 9 and 10 October.
            ("2019-10-01 10:00:00", 3, "2019-10-11 00:00:00", false),
            // A Sunday whose week has a make-up Saturday: 8 to 12 and then 14 October.
            ("2019-10-06 10:00:00", 6, "2019-10-15 00:00:00", false),
            // The end of the n-th day may be the end of a month, or of a year.
            ("2019-11-24 10:00:00", 5, "2019-11-30 00:00:00", false),
            ("2021-12-26 10:00:00", 5, "2022-01-01 00:00:00", false),
            ("2020-02-02 23:59:59", 1, "2020-02-04 00:00:00", false),
        ];
        table(working, &rows);
    }

    #[test]
    fn a_year_without_a_notice_counts_the_week_and_is_provisional() {
        let rows = [
            // 31 December 2026 is a Thursday and the last day with a notice.
            ("2026-12-30 10:00:00", 1, "2026-12-31 10:00:00", false),
            ("2026-12-31 10:00:00", 1, "2027-01-01 10:00:00", true),
            ("2027-10-01 10:00:00", 1, "2027-10-04 10:00:00", true),
            ("2027-10-02 10:00:00", 1, "2027-10-05 00:00:00", true),
            ("2010-12-31 10:00:00", 1, "2011-01-04 10:00:00", true),
        ];
        table(working, &rows);
        let calendar = Calendar::parse("version = \"t\"\n[[year]]\nyear = 2027\nprovisional = true");
        let due = due(at("2027-10-04 10:00:00"), working(1), &calendar.expect("sound"));
        assert!(due.is_ok_and(|due| due.provisional));
    }

    #[test]
    fn minutes_run_on_whatever_the_day() {
        let calendar = shipped();
        let from = at("2019-10-01 23:45:00");
        let counted = count(from, Limit::Minutes(30), &calendar).expect("in range");
        assert_eq!(counted.due_at, at("2019-10-02 00:15:00"));
        assert!(!counted.provisional);
        assert_eq!(counted.days.len(), 1);
        assert_eq!(counted.days[0].step, Step::Start);
    }

    #[test]
    fn what_cannot_be_counted_is_refused_without_a_panic() {
        let calendar = shipped();
        let limits = [natural(1), working(1), natural(u32::MAX), working(u32::MAX), Limit::Minutes(u32::MAX)];
        for limit in limits {
            for from in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, DateTime::UNIX_EPOCH] {
                assert_eq!(due(from, limit, &calendar), Err(CountFault::OutOfRange), "{limit:?}");
            }
        }
        for limit in [natural(0), working(0), Limit::Minutes(0)] {
            assert_eq!(due(at("2019-10-12 10:00:00"), limit, &calendar), Err(CountFault::NoLength));
        }
        let first = at("2000-01-01 00:00:00");
        assert!(due(first, natural(1), &calendar).is_ok());
        assert_eq!(due(first - TimeDelta::seconds(1), natural(1), &calendar), Err(CountFault::OutOfRange));
        let last = at("2099-12-31 10:00:00");
        assert!(due(last, Limit::Minutes(5), &calendar).is_ok());
        assert_eq!(due(last, natural(1), &calendar), Err(CountFault::OutOfRange));
        assert_eq!(due(last, Limit::Minutes(24 * 60), &calendar), Err(CountFault::OutOfRange));
        assert_eq!(due(last, natural(u32::MAX), &calendar), Err(CountFault::OutOfRange));
    }

    #[test]
    fn a_later_start_is_never_due_earlier() {
        let calendar = shipped();
        let limits = [working(1), working(3), working(7), natural(7), Limit::Minutes(30)];
        for limit in limits {
            let mut from = at("2018-12-20 00:00:00");
            let mut before = DateTime::<Utc>::MIN_UTC;
            // Four hours at a time, so that every midnight is met, through two years with everything in them.
            while from < at("2020-12-31 00:00:00") {
                for instant in [from, from + TimeDelta::seconds(1), from + TimeDelta::seconds(4 * 3600 - 1)] {
                    let due = due(instant, limit, &calendar).expect("in range");
                    assert!(due.due_at >= before && due.due_at > instant, "{instant} {limit:?}");
                    before = due.due_at;
                }
                from += TimeDelta::hours(4);
            }
        }
    }

    #[test]
    fn the_last_instant_that_can_be_counted_is_the_end_of_the_last_day() {
        let calendar = shipped();
        let last = at("2099-12-31 23:30:00");
        let end = at("2100-01-01 00:00:00");
        assert_eq!(due(last, Limit::Minutes(30), &calendar).map(|due| due.due_at), Ok(end));
        assert_eq!(due(last, Limit::Minutes(31), &calendar), Err(CountFault::OutOfRange));
    }

    #[test]
    fn why_nothing_can_be_counted_is_said() {
        assert_eq!(CountFault::NoLength.to_string(), "a deadline must have a length");
        let words = "a deadline must lie between the years 2000 and 2099";
        assert_eq!(CountFault::OutOfRange.to_string(), words);
    }
}
