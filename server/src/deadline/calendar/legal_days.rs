//! The days that are off by law, for years whose notice is not there yet: the State Council's 全国年节及纪念日放假办法
//! as revised in 2024, in force from 2025 on.
//!
//! The law gives no day in return where one of them falls on a weekend, and names no make-up workday: the notice of the
//! year does. So a year that is counted by these days stays provisional.

use chrono::{Datelike, Days, NaiveDate};

/// The first year under the law as it stands.
pub(super) const LAW_FROM: i32 = 2025;

/// From 2025 on, the day of the Spring Festival (正月初一), of Qingming, of the Dragon Boat Festival (五月初五) and of the
/// Mid-Autumn Festival (八月十五), each as month * 100 + day. They follow from the lunar calendar (GB/T 33661), and were
/// made with two independent programs, and an ephemeris for 2089, where these differ.
const LUNAR_DAYS: [[u32; 4]; 75] = [
    [129, 404, 531, 1006],
    [217, 405, 619, 925],
    [206, 405, 609, 915],
    [126, 404, 528, 1003],
    [213, 404, 616, 922],
    [203, 405, 605, 912],
    [123, 405, 624, 1001],
    [211, 404, 612, 919],
    [131, 404, 601, 908],
    [219, 405, 620, 927],
    [208, 405, 610, 916],
    [128, 404, 530, 1004],
    [215, 404, 618, 924],
    [204, 405, 607, 913],
    [124, 405, 527, 1002],
    [212, 404, 614, 920],
    [201, 404, 603, 910],
    [122, 404, 622, 928],
    [210, 405, 611, 917],
    [130, 404, 531, 1005],
    [217, 404, 619, 925],
    [206, 404, 608, 915],
    [126, 405, 529, 1004],
    [214, 404, 615, 922],
    [202, 404, 604, 911],
    [123, 404, 623, 930],
    [211, 405, 613, 919],
    [201, 404, 601, 907],
    [219, 404, 620, 926],
    [208, 404, 610, 916],
    [128, 405, 530, 1005],
    [215, 404, 617, 924],
    [204, 404, 606, 913],
    [124, 404, 625, 1002],
    [212, 405, 614, 921],
    [202, 404, 603, 909],
    [121, 404, 622, 928],
    [209, 404, 611, 917],
    [129, 405, 601, 1006],
    [217, 404, 619, 925],
    [205, 404, 608, 915],
    [126, 404, 528, 1003],
    [214, 405, 616, 923],
    [203, 404, 604, 911],
    [123, 404, 623, 929],
    [211, 404, 613, 919],
    [131, 405, 602, 908],
    [219, 404, 620, 926],
    [207, 404, 610, 916],
    [127, 404, 530, 1005],
    [215, 404, 617, 924],
    [205, 404, 606, 912],
    [124, 404, 624, 1001],
    [212, 404, 614, 920],
    [202, 404, 604, 910],
    [122, 404, 622, 928],
    [209, 404, 611, 917],
    [129, 404, 601, 1006],
    [217, 404, 619, 926],
    [206, 404, 607, 914],
    [126, 404, 527, 1003],
    [214, 404, 615, 922],
    [203, 404, 605, 911],
    [124, 404, 623, 929],
    [210, 404, 613, 918],
    [130, 404, 602, 908],
    [218, 404, 621, 927],
    [207, 404, 609, 916],
    [127, 404, 529, 1005],
    [215, 404, 617, 924],
    [205, 404, 606, 913],
    [125, 404, 624, 930],
    [212, 404, 614, 920],
    [201, 404, 604, 909],
    [121, 404, 623, 929],
];

/// The law's holidays with a fixed day.
const FIXED_DAYS: [(u32, &str); 6] =
    [(101, "元旦"), (501, "劳动节"), (502, "劳动节"), (1001, "国庆节"), (1002, "国庆节"), (1003, "国庆节")];

/// The holiday for which a day is off by law, if it is.
pub(super) fn holiday(date: NaiveDate) -> Option<&'static str> {
    let place = usize::try_from(date.year() - LAW_FROM).ok()?;
    let [spring, qingming, dragon_boat, mid_autumn] = *LUNAR_DAYS.get(place)?;
    let day = |date: NaiveDate| date.month() * 100 + date.day();
    // New Year's Eve and the first three days of the year.
    let is_spring = date
        .checked_add_days(Days::new(1))
        .into_iter()
        .chain((0..3).filter_map(|after| date.checked_sub_days(Days::new(after))))
        .any(|date| day(date) == spring);
    let is_fixed = |wanted: u32| FIXED_DAYS.iter().find(|(fixed, _)| *fixed == wanted).map(|(_, name)| *name);
    match (day(date), is_fixed(day(date))) {
        (day, Some("国庆节")) if day == mid_autumn => Some("国庆节、中秋节"),
        (_, Some(name)) => Some(name),
        _ if is_spring => Some("春节"),
        (day, _) if day == qingming => Some("清明节"),
        (day, _) if day == dragon_boat => Some("端午节"),
        (day, _) if day == mid_autumn => Some("中秋节"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Calendar, Day};
    use super::*;

    fn days_of(year: i32) -> Vec<(NaiveDate, &'static str)> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("a day");
        let days = first.iter_days().take_while(|day| day.year() == year);
        days.filter_map(|day| Some((day, holiday(day)?))).collect()
    }

    #[test]
    fn every_notice_under_the_law_has_its_days() {
        let calendar = Calendar::shipped().expect("the shipped calendar is sound");
        for year in 2025..=2026 {
            for (day, name) in days_of(year) {
                let Day::Holiday { name: noticed } = calendar.day(day) else {
                    panic!("{day} is off by law for {name}");
                };
                assert!(
                    noticed.contains(name.split('、').next().unwrap_or(name)),
                    "{day}: {name}, {noticed}"
                );
            }
        }
    }

    #[test]
    fn a_year_has_thirteen_days_off_by_law() {
        for year in LAW_FROM..=2099 {
            let days = days_of(year);
            // Qingming, the Dragon Boat and the Mid-Autumn Festival may fall on another holiday.
            let shared = days.iter().filter(|(_, name)| name.contains('、')).count();
            assert_eq!(days.len() + shared, 13, "{year}: {days:?}");
        }
        assert_eq!(days_of(LAW_FROM - 1), []);
        assert_eq!(days_of(2100), []);
    }

    #[test]
    fn the_days_of_a_year_are_those_of_the_law() {
        let expected = [
            ("2027-01-01", "元旦"),
            ("2027-02-05", "春节"),
            ("2027-02-06", "春节"),
            ("2027-02-07", "春节"),
            ("2027-02-08", "春节"),
            ("2027-04-05", "清明节"),
            ("2027-05-01", "劳动节"),
            ("2027-05-02", "劳动节"),
            ("2027-06-09", "端午节"),
            ("2027-09-15", "中秋节"),
            ("2027-10-01", "国庆节"),
            ("2027-10-02", "国庆节"),
            ("2027-10-03", "国庆节"),
        ];
        assert_eq!(days_of(2027), expected.map(|(day, name)| (day.parse().expect("a day"), name)));
        assert_eq!(holiday("2028-10-03".parse().expect("a day")), Some("国庆节、中秋节"));
    }
}
