//! Instants as people in Beijing read and write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;

/// The form of `<input type="datetime-local">`. A reply may follow its ticket in the same minute, so seconds count.
const INPUT: &str = "%Y-%m-%dT%H:%M:%S";

/// An exact instant in Beijing.
pub(crate) fn full(time: DateTime<Utc>) -> String {
    time.with_timezone(&Shanghai).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// An instant to the minute.
pub(crate) fn minute(time: DateTime<Utc>) -> String {
    time.with_timezone(&Shanghai).format("%Y-%m-%d %H:%M").to_string()
}

/// The day of an instant.
pub(crate) fn day(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&Shanghai).date_naive()
}

/// For the value of an input of a form.
pub(crate) fn input(time: DateTime<Utc>) -> String {
    time.with_timezone(&Shanghai).format(INPUT).to_string()
}

/// The value of an input of a form.
pub(crate) fn from_input(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let local = NaiveDateTime::parse_from_str(text, INPUT)
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"));
    Shanghai.from_local_datetime(&local.ok()?).earliest().map(|time| time.to_utc())
}

/// The first instant of a day.
pub(crate) fn start_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = day.and_hms_opt(0, 0, 0)?;
    Shanghai.from_local_datetime(&midnight).earliest().map(|time| time.to_utc())
}

/// The first instant of the day after that of an instant.
pub(crate) fn end_of_day(time: DateTime<Utc>) -> DateTime<Utc> {
    day(time).succ_opt().and_then(start_of).unwrap_or(time)
}

/// A span of time in words, for example `3 天 04:05`.
pub(crate) fn span(span: TimeDelta, days: &str) -> String {
    let seconds = span.num_seconds().abs();
    format!("{} {days} {:02}:{:02}", seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_an_instant_of_beijing() {
        let time = from_input("2026-11-30T08:00").expect("an instant");
        assert_eq!(time.to_rfc3339(), "2026-11-30T00:00:00+00:00");
        assert_eq!(input(time), "2026-11-30T08:00:00");
        assert_eq!(from_input("tomorrow"), None);
    }
}
