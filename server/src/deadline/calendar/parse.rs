//! The checks between the written form of a calendar and a [`Calendar`].
//!
//! A calendar can be replaced without a release, so mistakes must be caught here. Nothing passes that would silently
//! make a deadline wrong, and every fault names its year, day or holiday.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{Datelike, NaiveDate};

use super::fault::{CalendarFault, EXCEPTIONS_MAX, TEXT_CHARS_MAX};
use super::file::{CalendarFile, HolidayTable, YearTable};
use super::{Calendar, Exception, YEAR_MAX, YEAR_MIN, is_weekend};
use crate::platform::text::has_visible;

impl TryFrom<CalendarFile> for Calendar {
    type Error = CalendarFault;

    fn try_from(file: CalendarFile) -> Result<Self, CalendarFault> {
        check_text(&file.version, || "version".to_owned())?;
        let mut years = BTreeMap::new();
        let mut exceptions = BTreeMap::new();
        for table in file.years {
            let year = table.year;
            let mut parser = YearParser { exceptions: &mut exceptions, faults: Vec::new() };
            parser.year(&table);
            if let Some((_, fault)) = parser.faults.into_iter().next() {
                return Err(fault);
            }
            if years.insert(year, table).is_some() {
                return Err(CalendarFault::YearTwice(year));
            }
        }
        Ok(Self { version: file.version, years, exceptions })
    }
}

/// All faults of a year alone, each with its path in the contract, for example `holidays[2].off_days[0]`.
#[must_use]
pub fn faults(table: &YearTable) -> Vec<(String, CalendarFault)> {
    let mut parser = YearParser { exceptions: &mut BTreeMap::new(), faults: Vec::new() };
    parser.year(table);
    parser.faults
}

fn check_text(text: &str, of: impl FnOnce() -> String) -> Result<(), CalendarFault> {
    if !has_visible(text) || text.chars().count() > TEXT_CHARS_MAX {
        return Err(CalendarFault::BadText { of: of() });
    }
    Ok(())
}

/// Turns years into exceptions, and continues after a fault, so that all faults are found.
struct YearParser<'e> {
    exceptions: &'e mut BTreeMap<NaiveDate, Exception>,
    faults: Vec<(String, CalendarFault)>,
}

impl YearParser<'_> {
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

/// The days of `2019-05-01` or `2019-10-01/2019-10-07`; at most one year of them, because both ends lie in `year`.
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
    // chrono also accepts "2019-5-1". Only one spelling is allowed, so that a search for a date finds it.
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
    use super::super::fault::FILE_BYTES_MAX;
    use super::super::file::read;
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
        assert_eq!(
            fault("notices = [\"\u{200b}\u{2800}\"]"),
            CalendarFault::BadText { of: "a notice of 2019".to_owned() }
        );
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
    fn all_that_is_wrong_with_a_year_is_found_at_once() {
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
