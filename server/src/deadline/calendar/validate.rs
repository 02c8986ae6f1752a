//! Whether a calendar may follow the one in force: no holiday is missing, and nothing that was known is lost.

use super::{Calendar, YearTable};

/// The holidays in the law (全国年节及纪念日放假办法), each with the first year in which it had a day off.
const STATUTORY: [(&str, i32); 7] = [
    ("元旦", 1949),
    ("春节", 1949),
    ("清明节", 2008),
    ("劳动节", 1949),
    ("端午节", 2008),
    ("中秋节", 2008),
    ("国庆节", 1949),
];

/// The holidays without a day off in a year that has a notice. One name may stand for two holidays, as in 国庆节、中秋节.
#[must_use]
pub fn missing_holidays(year: &YearTable) -> Vec<&'static str> {
    if year.provisional {
        return Vec::new();
    }
    let with_days_off = year.holidays.iter().filter(|table| !table.off.is_empty());
    let named: Vec<&str> = with_days_off.flat_map(|table| table.name.split('、')).collect();
    STATUTORY
        .into_iter()
        .filter(|(holiday, first_year)| *first_year <= year.year && !named.contains(holiday))
        .map(|(holiday, _)| holiday)
        .collect()
}

/// The years that another calendar lost: missing, or provisional again.
#[must_use]
pub fn forgotten_years(before: &Calendar, after: &Calendar) -> Vec<i32> {
    let is_forgotten = |year: &i32| {
        after.year(*year).is_none() || (!before.is_provisional(*year) && after.is_provisional(*year))
    };
    before.years().filter(is_forgotten).collect()
}

/// The missing years between the first and the last of a calendar.
#[must_use]
pub fn skipped_years(calendar: &Calendar) -> Vec<i32> {
    let years: Vec<_> = calendar.years().collect();
    years.windows(2).flat_map(|pair| pair[0] + 1..pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> Calendar {
        Calendar::shipped().expect("the shipped calendar is sound")
    }

    #[test]
    fn the_shipped_calendar_is_complete() {
        let calendar = shipped();
        for year in calendar.to_file().years {
            assert_eq!(missing_holidays(&year), [] as [&str; 0], "{}", year.year);
        }
        assert_eq!(skipped_years(&calendar), [] as [i32; 0]);
    }

    #[test]
    fn a_forgotten_holiday_is_named() {
        let mut year = shipped().year(2020).cloned().expect("it is known");
        // In 2020 one name stands for two holidays.
        year.holidays.retain(|holiday| !holiday.name.contains("国庆节"));
        assert_eq!(missing_holidays(&year), ["中秋节", "国庆节"]);
        year.year = 2007;
        year.holidays.retain(|holiday| !matches!(&*holiday.name, "清明节" | "端午节"));
        assert_eq!(missing_holidays(&year), ["国庆节"], "the others had no day off then");
        year.holidays[0].name = "元旦春节劳动节国庆节".to_owned();
        assert_eq!(missing_holidays(&year).len(), 2, "names are whole");
        year.provisional = true;
        assert_eq!(missing_holidays(&year), [] as [&str; 0]);
    }

    #[test]
    fn what_was_known_is_not_forgotten() {
        let before = shipped();
        let year = |year, provisional| YearTable { year, provisional, notices: vec![], holidays: vec![] };
        let after = before.with_years(vec![year(2026, true), year(2028, true)]).expect("it can be read");
        assert_eq!(forgotten_years(&before, &after), [2026]);
        assert_eq!(skipped_years(&after), [2027]);
        assert_eq!(forgotten_years(&after, &before), [2028]);
        let other = after.with_years(vec![year(2027, true)]).expect("it can be read");
        assert_eq!((forgotten_years(&after, &other), skipped_years(&other)), (vec![], vec![]));
        assert!(other.version().starts_with("c-") && other.version() != after.version());
        let again = before.with_years(vec![year(2028, true), year(2026, true), year(2027, true)]);
        assert_eq!(
            again.expect("it can be read").version(),
            other.version(),
            "the same days, the same version"
        );
    }
}
