//! `GetServiceLevel`: the counts of a span, by the hour of the week and by day in the wall time of Asia/Shanghai.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _};
use chrono_tz::Asia::Shanghai;

use super::Calls;
use super::rollup::{self, Counts, HOUR_MICROS};
use crate::platform::Fault;
use crate::ticket::Instant;

/// The longest span, in hours: 100 days.
pub const HOURS_MAX: i64 = 100 * 24;

/// Whole hours since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span(pub Range<i64>);

impl Span {
    /// The hours between two instants; `None` if there are none, or too many.
    #[must_use]
    pub fn of(from: Instant, before: Instant) -> Option<Self> {
        let hours = rollup::hour_of(from)..rollup::hour_of(before);
        (1..=HOURS_MAX).contains(&(hours.end - hours.start)).then_some(Self(hours))
    }
}

/// An hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeekHour {
    /// 1 is Monday.
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
}

/// The service level of a span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceLevel {
    /// All its calls.
    pub total: Counts,
    /// By the hour of the week.
    pub hours: BTreeMap<WeekHour, Counts>,
    /// By day.
    pub days: BTreeMap<NaiveDate, Counts>,
}

/// When an hour is in Shanghai. Its offset has been whole hours since 1901.
#[must_use]
pub fn local(hour: i64) -> Option<(NaiveDate, WeekHour)> {
    let begins = DateTime::from_timestamp_micros(hour.checked_mul(HOUR_MICROS)?)?.with_timezone(&Shanghai);
    let weekday = begins.weekday().number_from_monday();
    Some((begins.date_naive(), WeekHour { weekday, hour: begins.hour() }))
}

/// How often each hour of the week is in a span.
pub(super) fn occurrences(span: &Span) -> BTreeMap<WeekHour, u32> {
    let mut counted = BTreeMap::new();
    for (_, hour) in span.0.clone().filter_map(local) {
        *counted.entry(hour).or_default() += 1;
    }
    counted
}

impl Calls {
    /// The service level of a span.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn get_service_level(&self, span: &Span) -> Result<ServiceLevel, Fault> {
        let counts = rollup::read(self.store.reader(), span.0.clone()).await?;
        Ok(summed(&counts))
    }
}

fn summed(counts: &BTreeMap<i64, Counts>) -> ServiceLevel {
    let mut level = ServiceLevel::default();
    for (hour, counts) in counts {
        let Some((day, week_hour)) = local(*hour) else { continue };
        level.total += counts;
        *level.hours.entry(week_hour).or_default() += counts;
        *level.days.entry(day).or_default() += counts;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    #[test]
    fn hours_and_days_are_those_of_shanghai() {
        let hour = rollup::hour_of(at("2019-10-11T22:59:59Z"));
        let counts = BTreeMap::from([(hour, Counts { queued: 2, ..Counts::default() })]);
        let level = summed(&counts);
        let (day, hours) = ("2019-10-12".parse().expect("a day"), WeekHour { weekday: 6, hour: 6 });
        assert_eq!(level.days.keys().collect::<Vec<_>>(), [&day]);
        assert_eq!(level.hours.keys().collect::<Vec<_>>(), [&hours]);
        assert_eq!(level.total.queued, 2);
    }

    #[test]
    fn a_span_is_bounded() {
        let from = at("2019-10-12T00:30:00Z");
        assert_eq!(Span::of(from, at("2019-10-12T00:59:00Z")), None, "no whole hour");
        assert_eq!(Span::of(from, at("2019-10-11T00:59:00Z")), None);
        assert!(Span::of(from, at("2020-01-20T00:00:00Z")).is_some());
        assert_eq!(Span::of(from, at("2020-01-20T01:00:00Z")), None);
        let week = Span::of(from, at("2019-10-19T00:00:00Z")).expect("a week");
        assert!(occurrences(&week).values().all(|times| *times == 1));
        assert_eq!(occurrences(&week).len(), 7 * 24);
    }
}
