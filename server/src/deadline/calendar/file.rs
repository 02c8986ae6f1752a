//! The written form of a calendar, and every check between it and a [`Calendar`].
//!
//! A calendar can be replaced without a release, so a slip of the pen must be caught here: nothing that would make a
//! deadline silently wrong passes, and every fault names the year, the day or the holiday it was found at.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Calendar, Exception, YEAR_MAX, YEAR_MIN, is_weekend};

/// The longest calendar that is read, in bytes; sixteen years take about ten thousand.
pub const FILE_BYTES_MAX: usize = 256 * 1024;

/// The most days of a year that depart from the week; about forty do.
const EXCEPTIONS_MAX: usize = 100;

/// The longest version, holiday name or notice number, in characters.
pub const TEXT_CHARS_MAX: usize = 64;

/// A calendar as written in TOML, unchecked; turn it into a [`Calendar`] with `try_into`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// Changes with every change of the file, 1 to [`TEXT_CHARS_MAX`] characters.
    pub version: String,
    /// The years, in any order, each once.
    #[serde(rename = "year")]
    pub years: Vec<YearTable>,
}

/// One year of a [`CalendarFile`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearTable {
    /// The calendar year, [`YEAR_MIN`] to [`YEAR_MAX`].
    pub year: i32,
    /// True while the days are expected but not yet ruled on.
    #[serde(default)]
    pub provisional: bool,
    /// The notices' numbers, at least one unless provisional.
    #[serde(default)]
    pub notices: Vec<String>,
    /// The holidays with a day in this year.
    #[serde(default)]
    pub holidays: Vec<HolidayTable>,
}

/// One holiday of a [`YearTable`]; days are `2019-05-01` or `2019-10-01/2019-10-07`, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayTable {
    /// The name as in the notice.
    pub name: String,
    /// Days off.
    #[serde(default)]
    pub off: Vec<String>,
    /// Saturdays and Sundays worked in return.
    #[serde(default)]
    pub work: Vec<String>,
}

/// What is wrong with a calendar, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarFault {
    /// More than [`FILE_BYTES_MAX`] bytes.
    TooLong {
        /// How many there are.
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
    /// A year that stands in the file twice.
    YearTwice(i32),
    /// A year with neither a notice nor the mark that it is provisional.
    NoNotice(i32),
    /// A holiday with neither a day off nor a workday.
    NoDays {
        /// The year it stands in.
        year: i32,
        /// Its name.
        holiday: String,
    },
    /// Neither a day nor a range of days.
    NotADay {
        /// The year it stands in.
        year: i32,
        /// What is written there.
        text: String,
    },
    /// A range that ends before it starts.
    RangeReversed {
        /// The year it stands in.
        year: i32,
        /// What is written there.
        text: String,
    },
    /// A day that does not lie in the year it stands in.
    OutsideYear {
        /// The year it stands in.
        year: i32,
        /// The day.
        date: NaiveDate,
    },
    /// A day listed twice in the same sense.
    DayTwice(NaiveDate),
    /// A day that is both off and a make-up workday.
    OffAndWorkday(NaiveDate),
    /// More than a hundred days of a year that depart from the week.
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

/// Reads the written form, without judging what it says.
pub(super) fn read(text: &str) -> Result<CalendarFile, CalendarFault> {
    if text.len() > FILE_BYTES_MAX {
        return Err(CalendarFault::TooLong { bytes: text.len() });
    }
    toml::from_str(text).map_err(|error| CalendarFault::Unreadable(error.to_string()))
}

impl TryFrom<CalendarFile> for Calendar {
    type Error = CalendarFault;

    fn try_from(file: CalendarFile) -> Result<Self, CalendarFault> {
        check_text(&file.version, || "version".to_owned())?;
        let mut years = BTreeMap::new();
        let mut exceptions = BTreeMap::new();
        for table in file.years {
            let year = table.year;
            let mut reading = Reading { exceptions: &mut exceptions, faults: Vec::new() };
            reading.year(&table);
            if let Some((_, fault)) = reading.faults.into_iter().next() {
                return Err(fault);
            }
            if years.insert(year, table).is_some() {
                return Err(CalendarFault::YearTwice(year));
            }
        }
        Ok(Self { version: file.version, years, exceptions })
    }
}

/// Everything that is wrong with a year by itself, each with its place in the contract's words, `holidays[2].off_days[0]`.
#[must_use]
pub fn faults(table: &YearTable) -> Vec<(String, CalendarFault)> {
    let mut reading = Reading { exceptions: &mut BTreeMap::new(), faults: Vec::new() };
    reading.year(table);
    reading.faults
}

fn check_text(text: &str, of: impl FnOnce() -> String) -> Result<(), CalendarFault> {
    if text.trim().is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(CalendarFault::BadText { of: of() });
    }
    Ok(())
}

/// Reads years into exceptions and goes on after a fault, so that all of them are found.
struct Reading<'e> {
    exceptions: &'e mut BTreeMap<NaiveDate, Exception>,
    faults: Vec<(String, CalendarFault)>,
}

impl Reading<'_> {
    fn check(&mut self, place: impl Into<String>, outcome: Result<(), CalendarFault>) {
        if let Err(fault) = outcome {
            self.faults.push((place.into(), fault));
        }
    }

    fn year(&mut self, table: &YearTable) {
        let year = table.year;
        if !(YEAR_MIN..=YEAR_MAX).contains(&year) {
            self.faults.push(("year".to_owned(), CalendarFault::UnknownYear(year)));
            return;
        }
        if table.notices.is_empty() && !table.provisional {
            self.faults.push(("notices".to_owned(), CalendarFault::NoNotice(year)));
        }
        for (place, notice) in table.notices.iter().enumerate() {
            let outcome = check_text(notice, || format!("a notice of {year}"));
            self.check(format!("notices[{place}]"), outcome);
        }
        let before = self.exceptions.len();
        for (place, holiday) in table.holidays.iter().enumerate() {
            self.holiday(&format!("holidays[{place}]"), year, holiday);
        }
        if self.exceptions.len() - before > EXCEPTIONS_MAX {
            self.faults.push(("holidays".to_owned(), CalendarFault::TooManyDays(year)));
        }
    }

    fn holiday(&mut self, place: &str, year: i32, holiday: &HolidayTable) {
        let name = &holiday.name;
        let outcome = check_text(name, || format!("the name of a holiday of {year}"));
        self.check(format!("{place}.name"), outcome);
        if holiday.off.is_empty() && holiday.work.is_empty() {
            let fault = CalendarFault::NoDays { year, holiday: name.clone() };
            self.faults.push((place.to_owned(), fault));
        }
        for (at, text) in holiday.off.iter().enumerate() {
            let outcome = self.days(year, text, || Exception::Off(name.clone()));
            self.check(format!("{place}.off_days[{at}]"), outcome);
        }
        for (at, text) in holiday.work.iter().enumerate() {
            let outcome = self.days(year, text, || Exception::MakeUp(name.clone()));
            self.check(format!("{place}.work_days[{at}]"), outcome);
        }
    }

    fn days(&mut self, year: i32, text: &str, what: impl Fn() -> Exception) -> Result<(), CalendarFault> {
        for date in days(year, text)? {
            let exception = what();
            if matches!(exception, Exception::MakeUp(_)) && !is_weekend(date) {
                return Err(CalendarFault::WorkdayInTheWeek(date));
            }
            add(self.exceptions, date, exception)?;
        }
        Ok(())
    }
}

fn add(
    exceptions: &mut BTreeMap<NaiveDate, Exception>,
    date: NaiveDate,
    exception: Exception,
) -> Result<(), CalendarFault> {
    match exceptions.entry(date) {
        Entry::Vacant(free) => {
            free.insert(exception);
            Ok(())
        }
        Entry::Occupied(taken) => Err(match (taken.get(), &exception) {
            (Exception::Off(_), Exception::Off(_)) | (Exception::MakeUp(_), Exception::MakeUp(_)) => {
                CalendarFault::DayTwice(date)
            }
            _ => CalendarFault::OffAndWorkday(date),
        }),
    }
}

/// The days of `2019-05-01` or `2019-10-01/2019-10-07`; at most one year of them, since both ends lie in `year`.
fn days(year: i32, text: &str) -> Result<impl Iterator<Item = NaiveDate> + use<>, CalendarFault> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let (first, last) = (day(year, first, text)?, day(year, last, text)?);
    if last < first {
        return Err(CalendarFault::RangeReversed { year, text: text.to_owned() });
    }
    Ok(first.iter_days().take_while(move |date| *date <= last))
}

fn day(year: i32, part: &str, text: &str) -> Result<NaiveDate, CalendarFault> {
    let not_a_day = || CalendarFault::NotADay { year, text: text.to_owned() };
    // chrono also takes "2019-5-1"; one spelling only, so that a search for a date finds it.
    if part.len() != "2019-05-01".len() {
        return Err(not_a_day());
    }
    let date = NaiveDate::parse_from_str(part, "%Y-%m-%d").map_err(|_| not_a_day())?;
    if date.year() != year {
        return Err(CalendarFault::OutsideYear { year, date });
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(year: &str) -> CalendarFault {
        let text = format!("version = \"t\"\n[[year]]\nyear = 2019\n{year}");
        Calendar::parse(&text).expect_err(year)
    }

    fn holiday(days: &str) -> CalendarFault {
        fault(&format!("notices = [\"n\"]\nholidays = [{{ name = \"国庆节\", {days} }}]"))
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn each_slip_is_named_with_its_place() {
        use CalendarFault as F;
        let text = |text: &str| text.to_owned();
        for (days, expected) in [
            (r#"off = ["2020-10-01"]"#, F::OutsideYear { year: 2019, date: on("2020-10-01") }),
            (r#"off = ["2019-2-3"]"#, F::NotADay { year: 2019, text: text("2019-2-3") }),
            (r#"off = ["2019-02-29"]"#, F::NotADay { year: 2019, text: text("2019-02-29") }),
            (r#"off = ["2019-10-01/"]"#, F::NotADay { year: 2019, text: text("2019-10-01/") }),
            (
                r#"off = ["2019-10-07/2019-10-01"]"#,
                F::RangeReversed { year: 2019, text: text("2019-10-07/2019-10-01") },
            ),
            (r#"off = ["2019-10-01", "2019-10-01/2019-10-02"]"#, F::DayTwice(on("2019-10-01"))),
            (r#"off = ["2019-10-05"], work = ["2019-10-05"]"#, F::OffAndWorkday(on("2019-10-05"))),
            (r#"work = ["2019-10-14"]"#, F::WorkdayInTheWeek(on("2019-10-14"))),
            ("", F::NoDays { year: 2019, holiday: text("国庆节") }),
        ] {
            assert_eq!(holiday(days), expected, "{days}");
        }
    }

    #[test]
    fn years_and_texts_are_checked() {
        assert_eq!(fault(""), CalendarFault::NoNotice(2019));
        assert_eq!(fault("notices = [\" \"]"), CalendarFault::BadText { of: "a notice of 2019".to_owned() });
        let twice = "notices = [\"n\"]\n[[year]]\nyear = 2019\nnotices = [\"n\"]";
        assert_eq!(fault(twice), CalendarFault::YearTwice(2019));
        let far = "version = \"t\"\n[[year]]\nyear = 2100\nnotices = [\"n\"]";
        assert_eq!(Calendar::parse(far), Err(CalendarFault::UnknownYear(2100)));
        assert_eq!(
            Calendar::parse("version = \"\"\nyear = []"),
            Err(CalendarFault::BadText { of: "version".to_owned() })
        );
    }

    #[test]
    fn all_that_is_wrong_with_a_year_is_told_at_once() {
        let text = "version = \"t\"\n[[year]]\nyear = 2019\nholidays = [\
            { name = \"\", off = [\"2019-10-01\", \"2020-01-01\"], work = [\"2019-10-14\"] }, { name = \"元旦\" }]";
        let file = read(text).expect("it can be read");
        let places: Vec<_> = faults(&file.years[0]).into_iter().map(|(place, _)| place).collect();
        let expected = [
            "notices",
            "holidays[0].name",
            "holidays[0].off_days[1]",
            "holidays[0].work_days[0]",
            "holidays[1]",
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn an_unknown_key_or_a_long_file_is_refused() {
        assert!(matches!(fault("notice = [\"n\"]"), CalendarFault::Unreadable(_)));
        let long = " ".repeat(FILE_BYTES_MAX + 1);
        assert!(matches!(Calendar::parse(&long), Err(CalendarFault::TooLong { .. })));
    }
}
