//! Limits on the working-day clock over the National Day holidays of 2019, including make-up workdays (调休), and
//! explanations that can be checked by hand.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hotline_client::{
    Category, Complexity, CreateTicket, DayKind, DeadlineClock, DeadlineExplanation, PreviewDeadline,
};

use super::test_env::{LEAD, TestEnv, appeal, at};
use crate::support::server::{Options, Store};

on_every_store!(store: a_week_of_working_days_over_the_holidays, a_request_of_a_holiday_begins_with_the_next_workday);
on_every_store!(env: natural_days_add_up_line_by_line, a_previewed_deadline_is_the_deadline_of_the_ticket);

/// A Friday that is worked, before the holidays.
const FRIDAY: &str = "2019-09-27T10:00:00+08:00";

fn working_city(store: Store) -> TestEnv {
    let clock = Options::default().simulated_clock(FRIDAY);
    TestEnv::with(store, clock.set("policy.deadline.general.clock", "working"))
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, month, day).expect("a day of 2019")
}

/// The lines follow each other day by day, are numbered from 1 to the tier's days, and end at the limit.
fn assert_adds_up(explanation: &DeadlineExplanation) {
    let lines = &explanation.lines;
    assert_eq!(lines[0].kind, DayKind::Start);
    assert!(lines.windows(2).all(|pair| pair[0].date.succ_opt() == Some(pair[1].date)), "{lines:?}");
    let counted: Vec<_> = lines.iter().map(|line| line.ordinal).filter(|ordinal| *ordinal > 0).collect();
    assert_eq!(counted, (1..=explanation.days).collect::<Vec<_>>());
    assert_eq!(lines.last().map(|line| line.ordinal), Some(explanation.days));
    for line in lines {
        let counts = matches!(line.kind, DayKind::Workday | DayKind::MakeUpWorkday | DayKind::Natural);
        assert_eq!(line.ordinal > 0, counts, "{line:?}");
    }
}

async fn explained(env: &TestEnv, number: &str, due: DateTime<Utc>) -> DeadlineExplanation {
    let why = env.agent().explain_deadline(number).await.expect("it is explained");
    assert_eq!((why.due_time, why.explanation.due_time), (due, due));
    assert_eq!(why.seconds_left, (due - why.now).num_seconds());
    assert_adds_up(&why.explanation);
    why.explanation
}

async fn a_week_of_working_days_over_the_holidays(store: Store) {
    let env = working_city(store);
    let ticket = env.take_in(appeal()).await;
    let due = at("2019-10-12T10:00:00+08:00");
    assert_eq!(ticket.cycle.due_time, due);
    assert!(!ticket.cycle.deadline_provisional, "the notice for 2019 is out");

    let explanation = explained(&env, &ticket.number, due).await;
    assert_eq!((explanation.days, explanation.clock), (7, Some(DeadlineClock::Working)));
    let actual: Vec<_> = explanation.lines.iter().map(|line| (line.date, line.ordinal, line.kind)).collect();
    let mut expected = vec![
        (day(9, 27), 0, DayKind::Start),
        (day(9, 28), 0, DayKind::Weekend),
        (day(9, 29), 1, DayKind::MakeUpWorkday),
        (day(9, 30), 2, DayKind::Workday),
    ];
    expected.extend((1..=7).map(|date| (day(10, date), 0, DayKind::Holiday)));
    expected.extend((8..=11).zip(3..).map(|(date, ordinal)| (day(10, date), ordinal, DayKind::Workday)));
    expected.push((day(10, 12), 7, DayKind::MakeUpWorkday));
    assert_eq!(actual, expected);
    let named = |kind| {
        explanation
            .lines
            .iter()
            .filter(move |line| line.kind == kind)
            .all(|line| line.holiday.as_deref() == Some("国庆节"))
    };
    assert!(named(DayKind::Holiday) && named(DayKind::MakeUpWorkday), "{:?}", explanation.lines);

    env.advance_to(at("2019-09-30T10:00:00+08:00")).await;
    let window = env.dispatch(&ticket.number, LEAD).await.dispatch.and_then(|sent| sent.return_due_time);
    assert_eq!(window, Some(at("2019-10-08T10:00:00+08:00")), "one working day lies behind the holidays");
    assert_eq!(env.advance_to(due).await, 0);
    assert_eq!(env.advance(TimeDelta::microseconds(1)).await, 1);
}

async fn a_request_of_a_holiday_begins_with_the_next_workday(store: Store) {
    let env = working_city(store);
    env.advance_to(at("2019-10-01T15:00:00+08:00")).await;
    let ticket = env.take_in(appeal()).await;
    // 8 to 12 October are worked, the 13th is a Sunday; the seventh working day is the 15th, until its end.
    let due = at("2019-10-16T00:00:00+08:00");
    let explanation = explained(&env, &ticket.number, due).await;
    assert_eq!(explanation.lines.last().map(|line| line.date), Some(day(10, 15)));

    // The other tiers stay on natural days.
    let complex = CreateTicket { complexity: Complexity::Complex, ..appeal() };
    let complex = env.take_in(complex).await;
    assert_eq!(complex.cycle.due_time, at("2019-10-16T15:00:00+08:00"));
}

async fn natural_days_add_up_line_by_line(env: &TestEnv) {
    let table = [
        (Category::Consultation, Complexity::Complex, false, 3),
        (Category::Consultation, Complexity::Complex, true, 7),
        (Category::Appeal, Complexity::General, false, 7),
        (Category::Appeal, Complexity::Complex, true, 15),
        (Category::ComplaintReport, Complexity::General, true, 7),
        (Category::ComplaintReport, Complexity::Complex, false, 15),
    ];
    for (category, complexity, several_units, days) in table {
        let request = CreateTicket { category, complexity, several_units, ..appeal() };
        let ticket = env.take_in(request).await;
        let due = ticket.intake_time + TimeDelta::days(days.into());
        let explanation = explained(env, &ticket.number, due).await;
        assert_eq!((explanation.days, explanation.clock), (days, Some(DeadlineClock::Natural)));
        assert_eq!(explanation.tier, ticket.cycle.tier);
        assert_eq!(explanation.policy_version, ticket.cycle.policy_version);
        assert_eq!(explanation.calendar_version, ticket.cycle.calendar_version);
    }
}

async fn a_previewed_deadline_is_the_deadline_of_the_ticket(env: &TestEnv) {
    let question = PreviewDeadline::new(Category::Appeal, Complexity::Complex);
    let directory = env.client("dispatcher").directory();
    let preview = directory.preview_deadline(question.clone()).await.expect("it is previewed");
    let ticket = env.take_in(CreateTicket { complexity: Complexity::Complex, ..appeal() }).await;
    assert_eq!(preview, explained(env, &ticket.number, ticket.cycle.due_time).await);
    let earlier = PreviewDeadline { intake_time: Some(at(FRIDAY)), ..question };
    let preview = directory.preview_deadline(earlier).await.expect("it is previewed");
    assert_eq!(preview.due_time, at(FRIDAY) + TimeDelta::days(15));
}
