//! A month of the assessment, in the wall time of Asia/Shanghai.
//!
//! Shanghai has had one offset since 1991, and tickets are younger. So a month begins eight hours before it begins in
//! UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Serialize};

use super::bug::{self, Bug};
use crate::ticket::Instant;

/// Years that a month can lie in: those of ticket numbers.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2099;

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i32,
    month: u32,
}

/// A text or a pair of numbers that is no month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthFault;

impl fmt::Display for MonthFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a month is written like 2019-10, from {}-01 to {}-12", YEARS.start(), YEARS.end())
    }
}

impl std::error::Error for MonthFault {}

impl Month {
    /// A month of a year, from 1 to 12.
    ///
    /// # Errors
    /// [`MonthFault`] if there is no such month.
    pub fn new(year: i32, month: u32) -> Result<Self, MonthFault> {
        let is_month = YEARS.contains(&year) && (1..=12).contains(&month);
        if is_month { Ok(Self { year, month }) } else { Err(MonthFault) }
    }

    /// The month in which an instant lies.
    #[must_use]
    pub fn of(at: Instant) -> Self {
        let date = if bug::is_injected(Bug::UtcMonth) {
            at.date_naive()
        } else {
            at.with_timezone(&Shanghai).date_naive()
        };
        Self { year: date.year(), month: date.month() }
    }

    /// Its number in tables: 201910 for October 2019.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.year * 100 + self.month.cast_signed()
    }

    /// The month of a number.
    ///
    /// # Errors
    /// [`MonthFault`] if it is none.
    pub fn of_number(number: i32) -> Result<Self, MonthFault> {
        Self::new(number.div_euclid(100), number.rem_euclid(100).cast_unsigned())
    }

    /// The next month.
    #[must_use]
    pub const fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }

    /// Its first instant.
    #[must_use]
    pub fn begins_at(self) -> Instant {
        let midnight = NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default().into();
        let begins_at = Shanghai.from_local_datetime(&midnight).earliest();
        begins_at.map_or_else(|| Utc.from_utc_datetime(&midnight), |at| at.with_timezone(&Utc))
    }

    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(self, at: Instant) -> bool {
        Self::of(at) == self
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = MonthFault;

    fn from_str(text: &str) -> Result<Self, MonthFault> {
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(MonthFault)?;
        if year.len() != 4 || month.len() != 2 || !is_number(year) || !is_number(month) {
            return Err(MonthFault);
        }
        let (year, month) = (year.parse().map_err(|_| MonthFault)?, month.parse().map_err(|_| MonthFault)?);
        Self::new(year, month)
    }
}

impl TryFrom<String> for Month {
    type Error = MonthFault;

    fn try_from(text: String) -> Result<Self, MonthFault> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("it is an instant")
    }

    #[test]
    fn a_month_begins_at_midnight_in_shanghai() {
        for (instant, month) in [
            ("2019-10-31T15:59:59.999999Z", "2019-10"),
            ("2019-10-31T16:00:00Z", "2019-11"),
            ("2019-12-31T16:00:00Z", "2020-01"),
            ("2020-02-29T15:59:59Z", "2020-02"),
        ] {
            assert_eq!(Month::of(at(instant)).to_string(), month, "{instant}");
        }
        let october: Month = "2019-10".parse().expect("it is a month");
        assert_eq!(october.begins_at(), at("2019-09-30T16:00:00Z"));
        assert!(october.contains(october.begins_at()) && !october.contains(october.next().begins_at()));
        assert_eq!(
            "2019-12".parse::<Month>().map(|month| month.next().to_string()),
            Ok("2020-01".to_owned())
        );
        assert_eq!(bug::with(Bug::UtcMonth, || Month::of(at("2019-10-31T16:00:00Z"))), october);
    }

    #[test]
    fn only_months_are_read() {
        for text in [
            "",
            "2019",
            "2019-13",
            "2019-00",
            "1999-12",
            "2100-01",
            "2019-1",
            "19-10",
            "2019-10-01",
            "+019-10",
        ] {
            assert_eq!(text.parse::<Month>(), Err(MonthFault), "{text:?}");
        }
    }
}
