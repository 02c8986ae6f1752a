//! The working-day calendar: which days are worked in mainland China, and why.
//!
//! A calendar is read once, checked as a whole (`parse`), and never changed afterwards; a changed calendar gets
//! another version. A year without a notice is no error: its Mondays to Fridays are working days, less those that are
//! off by law (`legal_days`), and everything counted in it is provisional. Dates are days of Asia/Shanghai; nothing
//! here converts instants.

mod fault;
mod file;
mod legal_days;
mod parse;
pub mod validate;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::version_digest;

pub use fault::{CalendarFault, FILE_BYTES_MAX, TEXT_CHARS_MAX, YEAR_MAX, YEAR_MIN};
pub use file::{CalendarFile, HolidayTable, YearTable};
pub use parse::faults;

/// The calendar of this release; the operator may load a newer one instead.
const SHIPPED: &str = include_str!("../../data/calendar.toml");

/// The kind of a day; for an exception from the week also its holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day<'a> {
    /// An ordinary Monday to Friday.
    Workday,
    /// 调休: a Saturday or Sunday that is worked in return for days off.
    MakeUpWorkday {
        /// The holiday it makes up for, in Chinese as in the notice.
        holiday: &'a str,
    },
    /// An ordinary Saturday or Sunday.
    Weekend,
    /// A day off by notice, whatever day of the week; in a provisional year also one that is off by law.
    Holiday {
        /// The holiday's name, in Chinese as in the notice.
        name: &'a str,
    },
}

impl Day<'_> {
    /// Whether the day is worked.
    #[must_use]
    pub const fn is_workday(self) -> bool {
        matches!(self, Self::Workday | Self::MakeUpWorkday { .. })
    }
}

/// A day on which a notice makes an exception from the week.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
    Off(String),
    MakeUp(String),
}

/// A checked calendar; a look-up is one search among about forty exceptions a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    version: String,
    years: BTreeMap<i32, YearTable>,
    exceptions: BTreeMap<NaiveDate, Exception>,
}

impl Calendar {
    /// The calendar of this release, 2011 to 2026, from the notices of the State Council's General Office.
    ///
    /// # Errors
    /// Only if the release itself is broken; a test shows that it is not.
    pub fn shipped() -> Result<Self, CalendarFault> {
        Self::parse(SHIPPED)
    }

    /// Reads a calendar in the form of `data/calendar.toml`.
    ///
    /// # Errors
    /// The first [`CalendarFault`], naming what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, CalendarFault> {
        file::read(text)?.try_into()
    }

    /// The version in the file; a deadline names the version that it was counted with.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The kind of `date`. A year without a notice follows the week and the law.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> Day<'_> {
        match self.exceptions.get(&date) {
            Some(Exception::Off(name)) => Day::Holiday { name },
            Some(Exception::MakeUp(holiday)) => Day::MakeUpWorkday { holiday },
            None => self.legal_day(date),
        }
    }

    /// The kind of a day without an exception by notice.
    fn legal_day(&self, date: NaiveDate) -> Day<'_> {
        let legal = if self.is_provisional(date.year()) { legal_days::holiday(date) } else { None };
        match legal {
            Some(name) => Day::Holiday { name },
            None if is_weekend(date) => Day::Weekend,
            None => Day::Workday,
        }
    }

    /// Whether `date` is worked.
    #[must_use]
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        self.day(date).is_workday()
    }

    /// Whether the days of `year` may still change: it has no notice, or is marked provisional in the file.
    #[must_use]
    pub fn is_provisional(&self, year: i32) -> bool {
        self.years.get(&year).is_none_or(|known| known.provisional)
    }

    /// The numbers of the notices for days of `year`, the yearly notice first. `None` for an unknown year, empty for a
    /// provisional year without a notice yet.
    #[must_use]
    pub fn notices(&self, year: i32) -> Option<&[String]> {
        self.years.get(&year).map(|known| known.notices.as_slice())
    }

    /// The exceptions from the week, ascending.
    pub fn exceptions(&self) -> impl Iterator<Item = NaiveDate> {
        self.exceptions.keys().copied()
    }

    /// The known years, ascending.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.keys().copied()
    }

    /// A year in its written form.
    #[must_use]
    pub fn year(&self, year: i32) -> Option<&YearTable> {
        self.years.get(&year)
    }

    /// The calendar in its written form, with its years ascending.
    #[must_use]
    pub fn to_file(&self) -> CalendarFile {
        CalendarFile { version: self.version.clone(), years: self.years.values().cloned().collect() }
    }

    /// This calendar with some years replaced. Its version is made from the new content.
    ///
    /// # Errors
    /// The first [`CalendarFault`] of those years.
    pub fn with_years(&self, years: Vec<YearTable>) -> Result<Self, CalendarFault> {
        let mut all = self.years.clone();
        for table in years {
            all.insert(table.year, table);
        }
        let years: Vec<_> = all.into_values().collect();
        CalendarFile { version: version_digest::of("c-", &years), years }.try_into()
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn shipped() -> Calendar {
        Calendar::shipped().expect("the shipped calendar is sound")
    }

    #[test]
    fn the_shipped_calendar_knows_2011_to_2026_by_notice() {
        let calendar = shipped();
        assert_eq!(calendar.version(), "cn-2026.1");
        assert!(calendar.years().eq(2011..=2026));
        for year in 2011..=2026 {
            assert!(!calendar.is_provisional(year), "{year}");
            let first = format!("国办发明电〔{}〕", year - 1);
            let notices = calendar.notices(year).unwrap_or_default();
            assert!(notices.first().is_some_and(|n| n.starts_with(&first)), "{year}: {notices:?}");
        }
        assert!(calendar.is_provisional(2010) && calendar.is_provisional(2027));
        assert_eq!(calendar.notices(2027), None);
    }

    #[test]
    fn each_day_says_why_it_is_worked_or_not() {
        let calendar = shipped();
        for (on, expected) in [
            ("2019-10-07", Day::Holiday { name: "国庆节" }),
            ("2019-10-12", Day::MakeUpWorkday { holiday: "国庆节" }),
            ("2019-10-13", Day::Weekend),
            ("2019-10-14", Day::Workday),
            ("2019-05-02", Day::Holiday { name: "劳动节" }),
            ("2019-05-05", Day::MakeUpWorkday { holiday: "劳动节" }),
            ("2018-12-29", Day::MakeUpWorkday { holiday: "元旦" }),
            ("2018-12-31", Day::Holiday { name: "元旦" }),
            ("2015-09-04", Day::Holiday { name: "抗战胜利70周年纪念日" }),
            ("2015-09-06", Day::MakeUpWorkday { holiday: "抗战胜利70周年纪念日" }),
            // Was to be a make-up workday until the Spring Festival was lengthened.
            ("2020-02-01", Day::Holiday { name: "春节" }),
            ("2020-02-03", Day::Workday),
            ("2025-10-06", Day::Holiday { name: "国庆节、中秋节" }),
            // Unknown years follow the week and the law.
            ("2027-10-01", Day::Holiday { name: "国庆节" }),
            ("2027-10-04", Day::Workday),
            ("2027-10-09", Day::Weekend),
            ("2010-10-01", Day::Workday),
        ] {
            assert_eq!(calendar.day(date(on)), expected, "{on}");
            assert_eq!(calendar.is_workday(date(on)), expected.is_workday(), "{on}");
        }
    }

    #[test]
    fn the_year_has_the_known_number_of_workdays() {
        let calendar = shipped();
        // Counted by hand from the notices: 250 workdays in 2019, 248 in 2025 after two more days off became law.
        for (year, expected) in [(2019, 250), (2020, 249), (2024, 251), (2025, 248), (2026, 248)] {
            let worked = date(&format!("{year}-01-01"))
                .iter_days()
                .take_while(|day| day.year() == year)
                .filter(|day| calendar.is_workday(*day))
                .count();
            assert_eq!(worked, expected, "{year}");
        }
    }

    #[test]
    fn a_provisional_year_keeps_its_days_but_says_so() {
        let calendar = Calendar::parse(
            "version = \"t\"\n[[year]]\nyear = 2027\nprovisional = true\nholidays = [{ name = \"元旦\", off = [\"2027-01-01\"] }]",
        )
        .expect("sound");
        assert!(calendar.is_provisional(2027));
        assert_eq!(calendar.notices(2027), Some(&[][..]));
        assert_eq!(calendar.day(date("2027-01-01")), Day::Holiday { name: "元旦" });
    }

    #[test]
    fn the_days_that_depart_from_the_week_rise() {
        let calendar = Calendar::parse(
            "version = \"t\"\n[[year]]\nyear = 2027\nprovisional = true\nholidays = [{ name = \"元旦\", \
             off = [\"2027-01-01\"], work = [\"2027-01-09\"] }]",
        );
        let calendar = calendar.expect("sound");
        let expected = ["2027-01-01", "2027-01-09"].map(date);
        assert_eq!(calendar.exceptions().collect::<Vec<_>>(), expected);
        assert_eq!(calendar.year(2027).map(|year| year.holidays.len()), Some(1));
        assert_eq!(calendar.year(2026), None);
    }

    #[test]
    fn texts_and_files_are_taken_up_to_their_longest() {
        let of_version = |length: usize| {
            Calendar::parse(&format!("version = \"{}\"\nyear = []", "版".repeat(length))).map(|_| ())
        };
        assert_eq!(of_version(TEXT_CHARS_MAX), Ok(()));
        assert_eq!(of_version(TEXT_CHARS_MAX + 1), Err(CalendarFault::BadText { of: "version".to_owned() }));
        // The longest allowed text is read, and found to have no version.
        let longest = " ".repeat(FILE_BYTES_MAX);
        assert!(matches!(Calendar::parse(&longest), Err(CalendarFault::Unreadable(_))));
    }

    #[test]
    fn a_year_departs_from_the_week_on_a_hundred_days_at_most() {
        let of = |years: &[(i32, &str)]| {
            let year = |(year, last): &(i32, &str)| {
                format!(
                    "[[year]]\nyear = {year}\nnotices = [\"n\"]\nholidays = [{{ name = \"x\", off = \
                     [\"{year}-01-01/{year}-{last}\"] }}]\n"
                )
            };
            let years: String = years.iter().map(year).collect();
            Calendar::parse(&format!("version = \"t\"\n{years}")).map(|_| ())
        };
        assert_eq!(of(&[(2019, "04-10")]), Ok(()), "a hundred days");
        assert_eq!(of(&[(2019, "04-11")]), Err(CalendarFault::TooManyDays(2019)));
        assert_eq!(of(&[(2018, "03-01"), (2019, "03-01")]), Ok(()), "each year by itself");
    }

    #[test]
    fn a_fault_says_where_it_is() {
        let no_days = CalendarFault::NoDays { year: 2019, holiday: "国庆节".to_owned() };
        assert_eq!(no_days.to_string(), "国庆节 of 2019 has no days");
        let worked = CalendarFault::WorkdayInTheWeek(date("2019-10-14"));
        assert_eq!(worked.to_string(), "make-up workday 2019-10-14 is a Mon, worked anyway");
    }
}
