//! Limits on natural days, working days and minutes, and what cannot be counted.

use super::super::policy::DayLimit;
use super::*;

const fn natural(days: u32) -> Limit {
    Limit::Days(DayLimit { days, clock: Clock::Natural })
}

const fn working(days: u32) -> Limit {
    Limit::Days(DayLimit { days, clock: Clock::Working })
}

/// An instant written as wall time, `2019-10-12 10:00:00`.
fn at(text: &str) -> DateTime<Utc> {
    format!("{}+08:00", text.replace(' ', "T")).parse().expect(text)
}

fn shipped() -> Calendar {
    Calendar::shipped().expect("the shipped calendar is sound")
}

fn table(limit_of: fn(u32) -> Limit, rows: &[(&str, u32, &str, bool)]) {
    let calendar = shipped();
    for (from, length, expected, provisional) in rows {
        let expected = Due { due_at: at(expected), provisional: *provisional };
        let case = format!("{from} + {length}");
        assert_eq!(due(at(from), limit_of(*length), &calendar), Ok(expected), "{case}");
        let listed = due_with_days(at(from), limit_of(*length), &calendar).expect(&case);
        assert_eq!((listed.due_at, listed.provisional), (expected.due_at, *provisional), "{case}");
        let ordinals: Vec<_> = listed
            .days
            .iter()
            .filter_map(|day| if let Step::Counted(n) = day.step { Some(n) } else { None })
            .collect();
        assert_eq!(ordinals, (1..=*length).collect::<Vec<_>>(), "{case}");
    }
}

#[test]
fn natural_days_keep_the_wall_time() {
    let rows = [
        ("2019-10-12 10:00:00", 3, "2019-10-15 10:00:00", false),
        ("2019-10-12 00:00:00", 7, "2019-10-19 00:00:00", false),
        ("2019-12-31 23:59:59", 1, "2020-01-01 23:59:59", false),
        ("2020-02-28 09:30:00", 1, "2020-02-29 09:30:00", false),
        ("2020-02-29 09:30:00", 365, "2021-02-28 09:30:00", false),
        ("2019-01-31 08:00:00", 1, "2019-02-01 08:00:00", false),
        // Before 08:00 in Shanghai the date in UTC is the day before.
        ("2019-03-01 07:59:59", 15, "2019-03-16 07:59:59", false),
        // Needs no calendar, so a year without a notice makes no difference.
        ("2031-05-01 12:00:00", 15, "2031-05-16 12:00:00", false),
    ];
    table(natural, &rows);
}

#[test]
fn working_days_from_a_workday_keep_the_wall_time() {
    let rows = [
        ("2019-10-14 10:00:00", 1, "2019-10-15 10:00:00", false),
        ("2019-10-14 00:00:00", 1, "2019-10-15 00:00:00", false),
        ("2019-10-18 23:59:59", 1, "2019-10-21 23:59:59", false),
        // A make-up Saturday is a workday: as the day of intake, and inside the count.
        ("2019-10-12 10:00:00", 1, "2019-10-14 10:00:00", false),
        ("2019-10-11 10:00:00", 1, "2019-10-12 10:00:00", false),
        // Two make-up weekends and the National Day week: 27, 29, 30 September, 8 to 11 October.
        ("2019-09-26 16:00:00", 7, "2019-10-11 16:00:00", false),
        // Through the lengthened Spring Festival: 23 January, then 3 February.
        ("2020-01-22 09:00:00", 2, "2020-02-03 09:00:00", false),
        // Over a year's end whose Saturday was made a workday: 29 December 2018, 2 January 2019.
        ("2018-12-28 11:00:00", 2, "2019-01-02 11:00:00", false),
        // A leap day that is a Saturday, and one that is a Thursday.
        ("2020-02-28 09:00:00", 1, "2020-03-02 09:00:00", false),
        ("2024-02-28 09:00:00", 1, "2024-02-29 09:00:00", false),
    ];
    table(working, &rows);
}

#[test]
fn working_days_from_a_day_off_end_at_the_end_of_the_day() {
    let rows = [
        // Saturday and Sunday, first and last second: Monday is the first day, due at its end.
        ("2019-10-19 00:00:00", 1, "2019-10-22 00:00:00", false),
        ("2019-10-20 23:59:59", 1, "2019-10-22 00:00:00", false),
        // A holiday: 8, 9 and 10 October.
        ("2019-10-01 10:00:00", 3, "2019-10-11 00:00:00", false),
        // A Sunday whose week has a make-up Saturday: 8 to 12 and then 14 October.
        ("2019-10-06 10:00:00", 6, "2019-10-15 00:00:00", false),
        // The end of the n-th day may be the end of a month, or of a year.
        ("2019-11-24 10:00:00", 5, "2019-11-30 00:00:00", false),
        ("2021-12-26 10:00:00", 5, "2022-01-01 00:00:00", false),
        ("2020-02-02 23:59:59", 1, "2020-02-04 00:00:00", false),
    ];
    table(working, &rows);
}

#[test]
fn a_year_without_a_notice_counts_the_week_and_is_provisional() {
    let rows = [
        // 31 December 2026 is a Thursday and the last day with a notice.
        ("2026-12-30 10:00:00", 1, "2026-12-31 10:00:00", false),
        // 1 January and the first days of October are off by law.
        ("2026-12-31 10:00:00", 1, "2027-01-04 10:00:00", true),
        ("2027-10-01 10:00:00", 1, "2027-10-05 00:00:00", true),
        ("2027-10-02 10:00:00", 1, "2027-10-05 00:00:00", true),
        ("2010-12-31 10:00:00", 1, "2011-01-04 10:00:00", true),
    ];
    table(working, &rows);
    let calendar = Calendar::parse("version = \"t\"\n[[year]]\nyear = 2027\nprovisional = true");
    let due = due(at("2027-10-04 10:00:00"), working(1), &calendar.expect("sound"));
    assert!(due.is_ok_and(|due| due.provisional));
}

#[test]
fn minutes_run_on_whatever_the_day() {
    let calendar = shipped();
    let from = at("2019-10-01 23:45:00");
    let counted = due_with_days(from, Limit::Minutes(30), &calendar).expect("in range");
    assert_eq!(counted.due_at, at("2019-10-02 00:15:00"));
    assert!(!counted.provisional);
    assert_eq!(counted.days.len(), 1);
    assert_eq!(counted.days[0].step, Step::Start);
}

#[test]
fn what_cannot_be_counted_is_refused_without_a_panic() {
    let calendar = shipped();
    let limits = [natural(1), working(1), natural(u32::MAX), working(u32::MAX), Limit::Minutes(u32::MAX)];
    for limit in limits {
        for from in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, DateTime::UNIX_EPOCH] {
            assert_eq!(due(from, limit, &calendar), Err(CountFault::OutOfRange), "{limit:?}");
        }
    }
    for limit in [natural(0), working(0), Limit::Minutes(0)] {
        assert_eq!(due(at("2019-10-12 10:00:00"), limit, &calendar), Err(CountFault::NoLength));
    }
    let first = at("2000-01-01 00:00:00");
    assert!(due(first, natural(1), &calendar).is_ok());
    assert_eq!(due(first - TimeDelta::seconds(1), natural(1), &calendar), Err(CountFault::OutOfRange));
    let last = at("2099-12-31 10:00:00");
    assert!(due(last, Limit::Minutes(5), &calendar).is_ok());
    assert_eq!(due(last, natural(1), &calendar), Err(CountFault::OutOfRange));
    assert_eq!(due(last, Limit::Minutes(24 * 60), &calendar), Err(CountFault::OutOfRange));
    assert_eq!(due(last, natural(u32::MAX), &calendar), Err(CountFault::OutOfRange));
}

#[test]
fn a_later_start_is_never_due_earlier() {
    let calendar = shipped();
    let limits = [working(1), working(3), working(7), natural(7), Limit::Minutes(30)];
    for limit in limits {
        let mut from = at("2018-12-20 00:00:00");
        let mut before = DateTime::<Utc>::MIN_UTC;
        // Four hours at a time, so that every midnight is met, through two years with everything in them.
        while from < at("2020-12-31 00:00:00") {
            for instant in [from, from + TimeDelta::seconds(1), from + TimeDelta::seconds(4 * 3600 - 1)] {
                let due = due(instant, limit, &calendar).expect("in range");
                assert!(due.due_at >= before && due.due_at > instant, "{instant} {limit:?}");
                before = due.due_at;
            }
            from += TimeDelta::hours(4);
        }
    }
}

#[test]
fn the_last_instant_that_can_be_counted_is_the_end_of_the_last_day() {
    let calendar = shipped();
    let last = at("2099-12-31 23:30:00");
    let end = at("2100-01-01 00:00:00");
    assert_eq!(due(last, Limit::Minutes(30), &calendar).map(|due| due.due_at), Ok(end));
    assert_eq!(due(last, Limit::Minutes(31), &calendar), Err(CountFault::OutOfRange));
}

#[test]
fn why_nothing_can_be_counted_is_said() {
    assert_eq!(CountFault::NoLength.to_string(), "a deadline must have a length");
    let words = "a deadline must lie between the years 2000 and 2099";
    assert_eq!(CountFault::OutOfRange.to_string(), words);
}
