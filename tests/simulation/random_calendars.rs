//! Random calendars: the shipped one with years missing or only expected, and years with random days off and make-up
//! workdays. So a count is checked on any calendar, not only on the shipped one.

use std::fmt::Write as _;
use std::rc::Rc;

use crate::injected_bugs::InjectedBug;
use crate::random::Random;
use crate::reference::calendar::{self, day_number, month_length};
use crate::rule_versions::{CalendarPair, YearKnowledge, calendar_with};

/// Calendars with years that are missing or expected.
const WITH_GAPS: usize = 5;
/// Calendars with random days.
const INVENTED: usize = 6;
/// The years of a random calendar.
const YEARS: std::ops::RangeInclusive<i64> = 2011..=2026;

/// The shipped calendar first, then others.
pub(crate) fn all(random: &mut Random, bug: Option<InjectedBug>) -> Result<Vec<Rc<CalendarPair>>, String> {
    let mut all = vec![CalendarPair::read(calendar::SHIPPED, bug)?];
    for place in 0..WITH_GAPS {
        let version = format!("with-gaps-{place}");
        let notices =
            [YearKnowledge::Known, YearKnowledge::Known, YearKnowledge::Expected, YearKnowledge::Missing];
        all.push(CalendarPair::read(&calendar_with(&version, |_| random.pick(&notices)), bug)?);
    }
    for place in 0..INVENTED {
        all.push(CalendarPair::read(&invented(random, place), bug)?);
    }
    Ok(all)
}

/// A calendar with a holiday of up to six days in the first half of most months, and up to two make-up workdays after
/// it. This stays below the limit of exceptions in a year.
fn invented(random: &mut Random, place: usize) -> String {
    let mut text = format!("version = \"invented-{place}\"\n");
    for year in YEARS {
        text.push_str("[[year]]\n");
        text.push_str(if random.percent(15) { "provisional = true\n" } else { "" });
        let _ = writeln!(text, "year = {year}\nnotices = [\"invented\"]\nholidays = [");
        for month in 1..=12 {
            if random.percent(20) {
                continue;
            }
            let first = random.between(1, 12);
            let last = first + random.between(0, 6);
            let off = format!("{year}-{month:02}-{first:02}/{year}-{month:02}-{last:02}");
            let _ = write!(text, "  {{ name = \"holiday of {month}\", off = [\"{off}\"]");
            let made_up: Vec<_> = (last + 1..=month_length(year, month))
                .filter(|day| calendar::is_weekend(day_number(year, month, *day)) && random.percent(30))
                .take(2)
                .map(|day| format!("\"{year}-{month:02}-{day:02}\""))
                .collect();
            if !made_up.is_empty() {
                let _ = write!(text, ", work = [{}]", made_up.join(", "));
            }
            text.push_str(" },\n");
        }
        text.push_str("]\n");
    }
    text
}
