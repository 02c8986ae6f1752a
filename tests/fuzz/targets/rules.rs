//! Policies and calendars from files and proposals: limits can be counted with everything that passes the checks.

use chrono::{DateTime, NaiveDate, Utc};
use hotline_server::deadline::calendar::validate;
use hotline_server::deadline::{Calendar, CalendarFile, Policy, explain, ladder, tier_order};
use hotline_server::platform::config;
use hotline_server::ticket::Tier;
use std::fmt::Write as _;

use super::random::Random;

/// Parts of these files.
pub(crate) const DICTIONARY: &[&str] = &[
    "[deadline.general]\n",
    "days = 366\n",
    "clock = \"working\"\n",
    "minutes = 0\n",
    "[[year]]\nyear = 2027\n",
    "provisional = true\n",
    "holidays = []\n",
    "\"2027-10-01/2027-10-07\"",
    "\"2027-02-29\"",
    "\"24:00\"",
    "国庆节、中秋节",
    "4294967295",
    "-1",
    "1e9",
    "\u{0}",
];

/// Tried instants of intake: an ordinary one, the eve of a holiday, and both ends of the years of calendars.
const INTAKES: [&str; 5] = [
    "2019-10-12T02:00:00Z",
    "2027-09-30T15:59:59Z",
    "1999-12-31T16:00:00Z",
    "2099-12-31T15:59:59Z",
    "+262142-12-31T23:59:59Z",
];

fn shipped() -> Calendar {
    Calendar::shipped().expect("the shipped calendar is sound")
}

thread_local! {
    static SHIPPED: Calendar = shipped();
    static POLICY: Policy = toml::from_str(&default_policy()).expect("the default policy is sound");
}

/// The default policy alone.
fn default_policy() -> String {
    let whole: toml::Table = toml::from_str(config::DEFAULT).expect("the default file is sound");
    toml::to_string(&whole["policy"]).expect("a table can be written")
}

/// Counts and explains every limit.
fn count(policy: &Policy, calendar: &Calendar) {
    for intake in INTAKES {
        let Ok(intake) = intake.parse::<DateTime<Utc>>() else { continue };
        for tier in Tier::ALL {
            let Ok(explained) = explain(policy, calendar, tier, intake) else { continue };
            assert!(explained.due_at >= intake, "due before it was taken in");
            let inputs = ladder::CycleLimit { since: intake, due_at: explained.due_at, carried_over: false };
            let rungs = ladder::rungs(&policy.ladder, &inputs);
            assert!(rungs.windows(2).all(|pair| pair[0].1 < pair[1].1), "rungs out of order: {rungs:?}");
        }
    }
}

/// A policy in TOML.
pub(crate) fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(policy) = toml::from_str::<Policy>(text) else { return };
    let again: Policy =
        toml::from_str(&toml::to_string(&policy).expect("it can be written")).expect("it can be read");
    assert_eq!(again.version(), policy.version(), "the same values have the same version");
    if let Err(faults) = policy.check() {
        assert!(!faults.is_empty() && faults.iter().all(|fault| fault.key.starts_with("policy.")));
        return;
    }
    SHIPPED.with(|calendar| count(&policy, calendar));
    // Counting thousands of limits is slow, so it is not done for every input.
    if bytes.len().is_multiple_of(64) {
        let from = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day");
        SHIPPED.with(|calendar| tier_order::faults(&policy, calendar, from));
    }
}

/// The default policy with some numbers changed.
pub(crate) fn generate_policy(random: &mut Random) -> Vec<u8> {
    let text = default_policy();
    let lines = text.lines().map(|line| match line.split_once(" = ") {
        Some((key, value)) if random.percent(15) => {
            let other = match value.parse::<u32>() {
                Ok(_) => random.pick(&["0", "1", "30", "365", "366", "8760", "4294967295", "-1"]),
                Err(_) => random.pick(&[
                    "\"working\"",
                    "\"natural\"",
                    "\"08:30\"",
                    "\"24:00\"",
                    "true",
                    "\"25:00\"",
                ]),
            };
            format!("{key} = {other}")
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n").into_bytes()
}

/// A calendar in TOML.
pub(crate) fn calendar(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let calendar = match Calendar::parse(text) {
        Ok(calendar) => calendar,
        Err(fault) => {
            assert!(!fault.to_string().is_empty());
            return;
        }
    };
    let file = calendar.to_file();
    let written = toml::to_string(&file).expect("it can be written");
    let again = toml::from_str::<CalendarFile>(&written).expect("it can be read");
    assert_eq!(Calendar::try_from(again).as_ref(), Ok(&calendar), "it comes back as it was written");
    for year in &file.years {
        let _ = validate::missing_holidays(year);
    }
    let _ = validate::skipped_years(&calendar);
    SHIPPED.with(|shipped| {
        let _ = validate::forgotten_years(shipped, &calendar);
        let merged = shipped.with_years(file.years.clone()).expect("sound years stay sound beside others");
        assert!(calendar.years().all(|year| merged.year(year).is_some()));
    });
    POLICY.with(|policy| count(policy, &calendar));
}

/// A year or two of holidays.
pub(crate) fn generate_calendar(random: &mut Random) -> Vec<u8> {
    let mut text = "version = \"fuzz-1\"\n".to_owned();
    for year in 2027..=2027 + random.below(2) {
        write!(text, "[[year]]\nyear = {year}\n").expect("a string takes it");
        text.push_str(random.pick(&["provisional = true\n", "notices = [\"国办发明电〔2026〕1号\"]\n", ""]));
        text.push_str("holidays = [\n");
        for (name, month) in [("元旦", 1), ("春节", 2), ("劳动节", 5), ("国庆节", 10)] {
            if random.percent(80) {
                let (from, days, work) = (1 + random.below(3), random.below(8), 9 + random.below(9));
                write!(
                    text,
                    "{{ name = \"{name}\", off = [\"{year}-{month:02}-{from:02}/{year}-{month:02}-{:02}\"]",
                    from + days
                )
                .expect("a string takes it");
                if random.percent(40) {
                    write!(text, ", work = [\"{year}-{month:02}-{work:02}\"]").expect("a string takes it");
                }
                text.push_str(" },\n");
            }
        }
        text.push_str("]\n");
    }
    text.into_bytes()
}
