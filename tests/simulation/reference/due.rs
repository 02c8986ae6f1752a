//! A deadline counted one day at a time.

use hotline_proto::v1::ErrorReason;

use super::calendar::{Calendar, year_of};

pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Beijing is eight hours ahead, all year, since 1991.
const BEIJING: i64 = 8 * HOUR;

/// A length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    Minutes(u32),
    Natural(u32),
    Working(u32),
}

/// A counted deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    /// Microseconds since 1970, UTC.
    pub(crate) due: i64,
    pub(crate) is_provisional: bool,
    /// The day of the start, then each day, with its ordinal.
    pub(crate) days: Vec<(i64, Option<u32>)>,
}

/// The day in Beijing, and the time since its midnight.
pub(crate) const fn beijing_time(at: i64) -> (i64, i64) {
    let local = at + BEIJING;
    (local.div_euclid(DAY), local.rem_euclid(DAY))
}

/// The instant of a time in Beijing.
pub(crate) const fn instant(day: i64, time: i64) -> i64 {
    day * DAY + time - BEIJING
}

/// When something that starts at `from` is due, with the days in between on request.
pub(crate) fn limit(from: i64, length: Length, calendar: &Calendar, is_listed: bool) -> Limit {
    let (start, time) = beijing_time(from);
    let mut days = Vec::new();
    let mut note = |day, ordinal| {
        if is_listed {
            days.push((day, ordinal));
        }
    };
    note(start, None);
    match length {
        Length::Minutes(minutes) => {
            let due = from + i64::from(minutes) * MINUTE;
            Limit { due, is_provisional: false, days }
        }
        Length::Natural(count) => {
            for ordinal in 1..=count {
                note(start + i64::from(ordinal), Some(ordinal));
            }
            Limit { due: from + i64::from(count) * DAY, is_provisional: false, days }
        }
        Length::Working(count) => {
            let (mut day, mut counted) = (start, 0);
            while counted < count {
                day += 1;
                let is_worked = calendar.is_worked(day);
                counted += u32::from(is_worked);
                note(day, is_worked.then_some(counted));
            }
            // A request of a day off is due at the end of its last day: 00:00 of the next.
            let due = if calendar.is_worked(start) { instant(day, time) } else { instant(day + 1, 0) };
            // A year in between counts as well as those at the ends.
            let is_provisional = (year_of(start)..=year_of(day)).any(|year| !calendar.is_known_year(year));
            Limit { due, is_provisional, days }
        }
    }
}

/// What is recorded of an instant that a caller gives for what has happened: 5 seconds ahead count as now, 10 minutes
/// have to be waited for, and more is wrong.
pub(crate) fn settle(given: i64, now: i64) -> Result<i64, ErrorReason> {
    match given - now {
        ahead if ahead > 10 * MINUTE => Err(ErrorReason::InvalidFields),
        ahead if ahead > MINUTE / 12 => Err(ErrorReason::ClockAhead),
        _ => Ok(given.min(now)),
    }
}
