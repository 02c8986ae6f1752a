//! The working days of `server/data/calendar.toml` and similar calendars, read line by line without a TOML parser or
//! calendar library.
//!
//! A day is a number: days since 1970-01-01, in Beijing.

use std::collections::HashMap;

/// The shipped file.
pub(crate) const SHIPPED: &str = include_str!("../../../server/data/calendar.toml");

/// The first and last year of the table of worked days.
const YEARS: std::ops::RangeInclusive<i64> = 2009..=2032;

/// The days of the law (全国年节及纪念日放假办法, 2024) that follow the moon or the sun: New Year's Eve, Qingming, the
/// Dragon Boat Festival and the Mid-Autumn Festival, from 2025 on.
const FEASTS: [[&str; 4]; 8] = [
    ["2025-01-28", "2025-04-04", "2025-05-31", "2025-10-06"],
    ["2026-02-16", "2026-04-05", "2026-06-19", "2026-09-25"],
    ["2027-02-05", "2027-04-05", "2027-06-09", "2027-09-15"],
    ["2028-01-25", "2028-04-04", "2028-05-28", "2028-10-03"],
    ["2029-02-12", "2029-04-04", "2029-06-16", "2029-09-22"],
    ["2030-02-02", "2030-04-05", "2030-06-05", "2030-09-12"],
    ["2031-01-22", "2031-04-05", "2031-06-24", "2031-10-01"],
    ["2032-02-10", "2032-04-04", "2032-06-12", "2032-09-19"],
];

/// Which days are worked.
#[derive(Debug)]
pub(crate) struct Calendar {
    first: i64,
    worked: Vec<bool>,
    known_years: Vec<i64>,
    /// Days in a notice: whether they are off, and the holiday's name.
    named: HashMap<i64, (bool, String)>,
}

/// The number of a day. Months are counted one by one, which is slow and simple.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let whole_years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let whole_months: i64 = (1..month).map(|month| month_length(year, month)).sum();
    whole_years + whole_months + day - 1
}

/// The year of a day.
pub(crate) fn year_of(day: i64) -> i64 {
    // 146,097 days are 400 years; the estimate is at most a year off.
    let mut year = 1970 + day * 400 / 146_097;
    while day_number(year, 1, 1) > day {
        year -= 1;
    }
    while day_number(year + 1, 1, 1) <= day {
        year += 1;
    }
    year
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) const fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether a day is a Saturday or a Sunday; 1970-01-01 was a Thursday.
pub(crate) const fn is_weekend(day: i64) -> bool {
    (day + 3).rem_euclid(7) >= 5
}

/// The number of a day written `2019-10-01`.
fn parse_day(text: &str) -> i64 {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap_or(0)).collect();
    day_number(parts[0], parts[1], parts[2])
}

/// The texts in quotes between `key = [` and the next `]`.
fn listed<'a>(line: &'a str, key: &str) -> Vec<&'a str> {
    let Some((_, after)) = line.split_once(&format!("{key} = [")) else { return Vec::new() };
    let Some((inside, _)) = after.split_once(']') else { return Vec::new() };
    inside.split('"').skip(1).step_by(2).collect()
}

impl Calendar {
    pub(crate) fn read(text: &str) -> Self {
        let first = day_number(*YEARS.start(), 1, 1);
        let end = day_number(*YEARS.end() + 1, 1, 1);
        let worked = (first..end).map(|day| !is_weekend(day)).collect();
        let mut calendar = Self { first, worked, known_years: Vec::new(), named: HashMap::new() };
        let mut is_expected = false;
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            match line {
                "[[year]]" => is_expected = false,
                "provisional = true" => is_expected = true,
                _ => {}
            }
            // In the calendars that are read here, a year begins with whether it is provisional.
            if let Some(year) = line.strip_prefix("year = ").filter(|_| !is_expected) {
                calendar.known_years.extend(year.parse::<i64>());
            }
            let name = line.split('"').nth(1).unwrap_or_default();
            for range in listed(line, "off") {
                let (from, to) = range.split_once('/').unwrap_or((range, range));
                for day in parse_day(from)..=parse_day(to) {
                    calendar.set(day, false, name);
                }
            }
            for day in listed(line, "work") {
                calendar.set(parse_day(day), true, name);
            }
        }
        calendar.apply_law();
        calendar
    }

    /// In years without a notice, the days of the law are off, unless the expected table says something else of them.
    fn apply_law(&mut self) {
        for feasts in FEASTS {
            let [eve, qingming, dragon_boat, mid_autumn] = feasts.map(parse_day);
            let year = year_of(eve);
            if self.is_known_year(year) {
                continue;
            }
            let mut off =
                vec![(day_number(year, 1, 1), "元旦"), (qingming, "清明节"), (dragon_boat, "端午节")];
            off.extend((0..4).map(|after| (eve + after, "春节")));
            off.extend((1..=2).map(|day| (day_number(year, 5, day), "劳动节")));
            let national: Vec<i64> = (1..=3).map(|day| day_number(year, 10, day)).collect();
            let both = |day: &i64| if *day == mid_autumn { "国庆节、中秋节" } else { "国庆节" };
            off.extend(national.iter().map(|day| (*day, both(day))));
            if !national.contains(&mid_autumn) {
                off.push((mid_autumn, "中秋节"));
            }
            for (day, name) in off {
                if !self.named.contains_key(&day) {
                    self.set(day, false, name);
                }
            }
        }
    }

    fn set(&mut self, day: i64, is_worked: bool, name: &str) {
        let place = usize::try_from(day - self.first).unwrap_or(usize::MAX);
        self.worked[place] = is_worked;
        self.named.insert(day, (!is_worked, name.to_owned()));
    }

    pub(crate) fn is_worked(&self, day: i64) -> bool {
        usize::try_from(day - self.first)
            .ok()
            .and_then(|place| self.worked.get(place).copied())
            .unwrap_or(!is_weekend(day))
    }

    pub(crate) fn is_known_year(&self, year: i64) -> bool {
        self.known_years.contains(&year)
    }

    /// The text for a day in an explanation on the working clock.
    pub(crate) fn words(&self, day: i64) -> (&'static str, &str) {
        match self.named.get(&day) {
            Some((true, name)) => ("holiday", name),
            Some((false, name)) => ("make-up", name),
            None if is_weekend(day) => ("weekend", ""),
            None => ("workday", ""),
        }
    }
}
