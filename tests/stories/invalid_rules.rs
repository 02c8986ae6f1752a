//! Policies and calendars that are refused when they are proposed: the refusal names every violation, and nothing is
//! written.

use chrono::TimeDelta;
use hotline_client::{
    CalendarHoliday, CalendarYear, DeadlineClock, Error, ErrorReason, ListProposals, ProposeCalendar,
};

use super::rule_changes::{in_force, propose, proposer, provisional};
use super::test_env::{OPENING, TestEnv, at, refused};

on_every_store!(env:
    an_invalid_policy_is_refused_with_every_violation,
    an_invalid_calendar_is_refused_with_every_violation,
    many_invalid_days_are_refused_with_a_summary,
);

/// The fields that a refusal names.
fn fields(error: &Error) -> Vec<String> {
    error.field_violations().iter().map(|violation| violation.field.clone()).collect()
}

async fn an_invalid_policy_is_refused_with_every_violation(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let mut policy = in_force(env).await;
    policy.deadline.general.days = 0;
    policy.ladder.manual_after_hours = 24;
    policy.intake.seats = 0;
    let error = refused(propose(env, policy, at(OPENING)).await, ErrorReason::InvalidFields);
    let expected = [
        "effective_time",
        "policy.deadline.general.days",
        "policy.intake.seats",
        "policy.ladder.manual_after_hours",
    ];
    assert_eq!(fields(&error), expected);

    // Each limit is fine by itself, and on the days before a long holiday the complex one ends first.
    let mut policy = in_force(env).await;
    policy.deadline.general.clock = DeadlineClock::Working;
    policy.deadline.complex.days = 10;
    let error = refused(propose(env, policy, from).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&error), ["policy.deadline.complex"]);
    let description = &error.field_violations()[0].description;
    assert!(description.starts_with("20") && description.contains("到期"), "{description}");

    let unchanged = refused(propose(env, in_force(env).await, from).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&unchanged), ["policy"]);
    assert_eq!(
        proposer(env).list_proposals(ListProposals::default()).take_up_to(9).await.expect("listed"),
        []
    );
}

async fn an_invalid_calendar_is_refused_with_every_violation(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let year = CalendarYear {
        year: 2027,
        notices: vec![],
        holidays: vec![
            CalendarHoliday {
                name: "元旦".into(),
                off_days: vec!["2027-01-01/2026-01-03".into()],
                ..CalendarHoliday::default()
            },
            CalendarHoliday {
                name: "春节".into(),
                work_days: vec!["2027-02-01".into()],
                ..CalendarHoliday::default()
            },
        ],
        ..CalendarYear::default()
    };
    let invalid_calendar = ProposeCalendar::new(vec![year.clone(), year], from, "2027年放假安排");
    let error = refused(proposer(env).propose_calendar(invalid_calendar).await, ErrorReason::InvalidFields);
    let expected = [
        "years[0].notices",
        "years[0].holidays[0].off_days[0]",
        "years[0].holidays[1].work_days[0]",
        "years[0].holidays",
        "years[1].notices",
        "years[1].holidays[0].off_days[0]",
        "years[1].holidays[1].work_days[0]",
        "years[1].year",
        "years[1].holidays",
    ];
    assert_eq!(fields(&error), expected);
    for years in [vec![provisional(2028)], vec![provisional(2026)]] {
        let incomplete_calendar = ProposeCalendar::new(years, from, "预排");
        let error =
            refused(proposer(env).propose_calendar(incomplete_calendar).await, ErrorReason::InvalidFields);
        assert_eq!(fields(&error), ["years"], "{error:?}");
    }
}

async fn many_invalid_days_are_refused_with_a_summary(env: &TestEnv) {
    let days: Vec<String> = (1..=20).map(|day| format!("2027/01/{day:02}")).collect();
    let holiday = CalendarHoliday { name: "元旦".into(), off_days: days.clone(), work_days: days };
    let year = CalendarYear { year: 2027, holidays: vec![holiday; 20], ..provisional(2027) };
    let from = at(OPENING) + TimeDelta::days(1);
    let invalid_calendar = ProposeCalendar::new(vec![year], from, "2027年放假安排");
    let error = refused(proposer(env).propose_calendar(invalid_calendar).await, ErrorReason::InvalidFields);
    let violations = error.field_violations();
    assert_eq!(violations[0].field, "years[0].holidays[0].off_days[0]");
    assert!(violations.len() > 30, "{}", violations.len());
    let summary = &violations[violations.len() - 1].description;
    // Eight hundred days in all.
    assert_eq!(*summary, format!("有误，另有 {} 个字段有误", 800 - violations.len()));
    let control_characters = CalendarHoliday { name: "元旦\u{7}".into(), ..CalendarHoliday::default() };
    let year = CalendarYear { holidays: vec![control_characters], ..provisional(2027) };
    let control_characters = ProposeCalendar::new(vec![year], from, "2027年放假安排");
    let error = refused(proposer(env).propose_calendar(control_characters).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "years[0].holidays[0].name");
}
