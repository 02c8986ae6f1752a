//! The days of a report, and those that it is compared with. They are the same that the server compares with.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

/// The weeks of the section about supervision.
const WEEKS: u64 = 8;

/// A week or a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    /// As it was asked for, for example "2019-10" or "2019-W42".
    pub(super) name: String,
    pub(super) is_week: bool,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
}

/// The month of a text like 2019-10.
pub(super) fn month(text: &str) -> Result<Period, String> {
    let first = format!("{text}-01").parse::<NaiveDate>().ok().filter(|_| text.len() == 7);
    let last = first.and_then(|first| first.checked_add_months(Months::new(1))?.pred_opt());
    let (first, last) = first.zip(last).ok_or_else(|| format!("{text:?} is no month like 2019-10"))?;
    Ok(Period { name: text.to_owned(), is_week: false, first, last })
}

/// The ISO week of a text like 2019-W42.
pub(super) fn week(text: &str) -> Result<Period, String> {
    let numbers =
        text.split_once("-W").and_then(|(year, week)| Some((year.parse().ok()?, week.parse().ok()?)));
    let first = numbers.and_then(|(year, week)| NaiveDate::from_isoywd_opt(year, week, Weekday::Mon));
    let last = first.and_then(|first| first.checked_add_days(Days::new(6)));
    let (first, last) = first.zip(last).ok_or_else(|| format!("{text:?} is no ISO week like 2019-W42"))?;
    Ok(Period { name: text.to_owned(), is_week: true, first, last })
}

impl Period {
    /// As many days before it.
    pub(super) fn before(&self) -> (NaiveDate, NaiveDate) {
        let days = Days::new(u64::try_from((self.last - self.first).num_days() + 1).unwrap_or(1));
        let back = |day: NaiveDate| day.checked_sub_days(days).unwrap_or(day);
        (back(self.first), back(self.last))
    }

    /// The same days of the year before.
    pub(super) fn year_before(&self) -> (NaiveDate, NaiveDate) {
        let back = |day: NaiveDate| day.checked_sub_months(Months::new(12)).unwrap_or(day);
        (back(self.first), back(self.last))
    }

    /// Whole weeks that end with the last day.
    pub(super) fn weeks(&self) -> (NaiveDate, NaiveDate) {
        let monday = self.last.week(Weekday::Mon).first_day();
        (monday.checked_sub_days(Days::new(7 * (WEEKS - 1))).unwrap_or(monday), self.last)
    }
}

/// The days of an ISO week.
pub(super) fn days_of_week(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    week(text).ok().map(|week| (week.first, week.last))
}

/// A day as a heading has it: "10-07".
pub(super) fn short(day: NaiveDate) -> String {
    format!("{:02}-{:02}", day.month(), day.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_the_days_before_it() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let october = month("2019-10").expect("a month");
        assert_eq!((october.first, october.last), (day("2019-10-01"), day("2019-10-31")));
        assert_eq!(october.before(), (day("2019-08-31"), day("2019-09-30")));
        assert_eq!(october.year_before(), (day("2018-10-01"), day("2018-10-31")));
        assert_eq!(october.weeks(), (day("2019-09-09"), day("2019-10-31")));
        let first = week("2020-W01").expect("a week");
        assert_eq!((first.first, first.last), (day("2019-12-30"), day("2020-01-05")));
        for wrong in ["2019", "2019-13", "2019-1", "2019-W54", "x"] {
            assert!(month(wrong).is_err() && week(wrong).is_err(), "{wrong}");
        }
    }
}
