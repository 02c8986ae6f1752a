//! Counts a deadline: from an instant, a length and a calendar to the due instant. Nothing else counts deadlines.
//!
//! - Natural days: the same wall time that many days later.
//! - Working days: a request of a workday is due at the same wall time on the n-th workday after it. A request of a day
//!   off counts the next workday as its first and is due at 24:00 of its n-th.
//! - Minutes: that much later.
//!
//! Wall time is that of Asia/Shanghai. A later start is never due earlier. [`due_with_days`] lists the days and [`due`]
//! does not. Both use the same iterator, so that the explanation is always what was counted.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;

use super::calendar::{Calendar, Day, YEAR_MAX, YEAR_MIN};
use super::policy::{Clock, Limit};

/// When something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The due instant; anything after it is late.
    pub due_at: DateTime<Utc>,
    /// Whether one of the days lies in a year whose notice is missing or not final.
    pub provisional: bool,
}

/// When something is due, with every day between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWithDays<'c> {
    /// As in [`Due`].
    pub due_at: DateTime<Utc>,
    /// As in [`Due`].
    pub provisional: bool,
    /// The day of the start, then every day up to the last that counts.
    pub days: Vec<CountedDay<'c>>,
}

/// A day of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedDay<'c> {
    /// The date in Asia/Shanghai.
    pub date: NaiveDate,
    /// The meaning of the day for the count.
    pub step: Step,
    /// The day in the calendar; `None` for natural days and minutes, which need no calendar.
    pub day: Option<Day<'c>>,
    /// Whether the calendar may still change the day.
    pub provisional: bool,
}

/// The meaning of a day for a count.
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
/// [`CountFault`] for a length of zero or outside the years of calendars; never for a year without a notice.
pub fn due_with_days(
    from: DateTime<Utc>,
    limit: Limit,
    calendar: &Calendar,
) -> Result<DueWithDays<'_>, CountFault> {
    let start = wall(from)?;
    let days: Vec<_> = Days::new(start.date(), limit, calendar).collect();
    let Due { due_at, provisional } = close(start, limit, days.iter().copied())?;
    Ok(DueWithDays { due_at, provisional, days })
}

/// When something that starts at `from` is due; the same as [`due_with_days`] without the list.
///
/// # Errors
/// As [`due_with_days`].
pub fn due(from: DateTime<Utc>, limit: Limit, calendar: &Calendar) -> Result<Due, CountFault> {
    let start = wall(from)?;
    close(start, limit, Days::new(start.date(), limit, calendar))
}

/// Walks from the day of the start to the last day that counts, or to the end of the years of calendars.
struct Days<'c> {
    calendar: &'c Calendar,
    clock: Clock,
    /// The number of days that must still count.
    left: u32,
    ordinal: u32,
    next: Option<NaiveDate>,
    is_at_start: bool,
}

impl<'c> Days<'c> {
    const fn new(start: NaiveDate, limit: Limit, calendar: &'c Calendar) -> Self {
        let (left, clock) = match limit {
            // Minutes are counted without days; only the day of the start is listed.
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

/// Turns the counted days into the due instant.
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
    // The date in UTC is checked first, because a conversion at the ends of chrono's range would panic. A day at either
    // end of the range is checked below by its date in Shanghai.
    if !(YEAR_MIN - 1..=YEAR_MAX).contains(&at.year()) {
        return Err(CountFault::OutOfRange);
    }
    let wall = at.with_timezone(&Shanghai).naive_local();
    is_countable(wall.date()).then_some(wall).ok_or(CountFault::OutOfRange)
}

/// The instant of a wall time, unless it is after the years of calendars.
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
mod tests;
