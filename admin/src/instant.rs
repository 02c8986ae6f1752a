//! Instants in files and flags: a day, which begins at midnight in Beijing, or a time with its offset.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Asia::Shanghai;

/// The beginning of a day in Beijing.
fn of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let begin = Shanghai.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
    begin.map(|begin| begin.to_utc())
}

/// An instant as people write it.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, String> {
    let instant = match text.parse::<NaiveDate>() {
        Ok(day) => of_day(day),
        Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()),
    };
    instant.ok_or_else(|| format!("{text:?} is no day (2027-06-30) and no time (2027-06-30T09:00:00+08:00)"))
}

/// An instant as it is written: a day if it is midnight in Beijing.
pub(crate) fn text(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&Shanghai);
    if local.time() == NaiveTime::MIN { local.date_naive().to_string() } else { local.to_rfc3339() }
}

/// The day of an instant in Beijing; empty if there is none.
pub(crate) fn day(instant: Option<DateTime<Utc>>) -> String {
    instant.map(|instant| instant.with_timezone(&Shanghai).date_naive().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_it_is_read() {
        for written in ["2027-06-30", "2027-06-30T09:00:00+08:00", "2027-06-30T23:59:59.250+08:00"] {
            assert_eq!(parse(written).map(text), Ok(written.to_owned()));
        }
        assert_eq!(parse("2027-06-30T16:00:00Z").map(text), Ok("2027-07-01".to_owned()));
        assert_eq!(parse("2027-06-30").map(|at| at.to_rfc3339()), Ok("2027-06-29T16:00:00+00:00".to_owned()));
        for wrong in ["", "2027-02-30", "tomorrow", "2027-06-30T09:00:00"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
