//! The faults of a calendar, and the limits that it is checked against.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// The first year of calendars and deadlines.
pub const YEAR_MIN: i32 = 2000;

/// The last year of calendars and deadlines.
pub const YEAR_MAX: i32 = 2099;

/// The longest calendar that is read, in bytes; sixteen years take about ten thousand.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// The longest version, holiday name or notice number, in characters.
pub const TEXT_CHARS_MAX: usize = 64;

/// The most exceptions from the week in a year; a real year has about forty.
pub(super) const EXCEPTIONS_MAX: usize = 100;

/// A fault of a calendar, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarFault {
    /// More than [`FILE_BYTES_MAX`] bytes.
    TooLong {
        /// The number of bytes.
        bytes: usize,
    },
    /// Not TOML, or not of this form; the text names the line.
    Unreadable(String),
    /// The version, a name or a notice is blank or longer than [`TEXT_CHARS_MAX`].
    BadText {
        /// Which text it is.
        of: String,
    },
    /// A year outside [`YEAR_MIN`] to [`YEAR_MAX`].
    UnknownYear(i32),
    /// A year that occurs twice in the file.
    YearTwice(i32),
    /// A year with neither a notice nor the mark that it is provisional.
    NoNotice(i32),
    /// A holiday with neither a day off nor a workday.
    NoDays {
        /// The year that it is listed in.
        year: i32,
        /// Its name.
        holiday: String,
    },
    /// Neither a day nor a range of days.
    NotADay {
        /// The year that it is listed in.
        year: i32,
        /// The written text.
        text: String,
    },
    /// A range that ends before it starts.
    RangeReversed {
        /// The year that it is listed in.
        year: i32,
        /// The written text.
        text: String,
    },
    /// A day outside the year that it is listed in.
    OutsideYear {
        /// The year that it is listed in.
        year: i32,
        /// The day.
        date: NaiveDate,
    },
    /// A day listed twice in the same sense.
    DayTwice(NaiveDate),
    /// A day that is both off and a make-up workday.
    OffAndWorkday(NaiveDate),
    /// More than a hundred exceptions from the week in a year.
    TooManyDays(i32),
    /// A make-up workday on a Monday to Friday, which is worked anyway.
    WorkdayInTheWeek(NaiveDate),
}

impl fmt::Display for CalendarFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => {
                write!(f, "calendar has {bytes} bytes, more than {FILE_BYTES_MAX}")
            }
            Self::Unreadable(why) => write!(f, "calendar cannot be read: {why}"),
            Self::BadText { of } => {
                write!(f, "{of} must have 1 to {TEXT_CHARS_MAX} characters")
            }
            Self::UnknownYear(year) => {
                write!(f, "year {year} is outside {YEAR_MIN} to {YEAR_MAX}")
            }
            Self::YearTwice(year) => write!(f, "year {year} stands in the calendar twice"),
            Self::NoNotice(year) => {
                write!(f, "year {year} names no notice and is not marked provisional")
            }
            Self::NoDays { year, holiday } => write!(f, "{holiday} of {year} has no days"),
            Self::NotADay { year, text } => {
                write!(f, "\"{text}\" in year {year} is not a day or a range of days")
            }
            Self::RangeReversed { year, text } => {
                write!(f, "range \"{text}\" in year {year} ends before it starts")
            }
            Self::OutsideYear { year, date } => write!(f, "{date} does not lie in year {year}"),
            Self::DayTwice(date) => write!(f, "{date} is listed twice"),
            Self::OffAndWorkday(date) => {
                write!(f, "{date} is both a day off and a make-up workday")
            }
            Self::TooManyDays(year) => {
                write!(f, "year {year} departs from the week on more than {EXCEPTIONS_MAX} days")
            }
            Self::WorkdayInTheWeek(date) => {
                write!(f, "make-up workday {date} is a {}, worked anyway", date.weekday())
            }
        }
    }
}

impl std::error::Error for CalendarFault {}
