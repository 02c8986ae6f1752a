//! Limits on the working-day clock over the National Day holidays of 2019, including make-up workdays (调休), and
//! explanations that can be checked by hand.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hotline_client::{Category, Complexity, DayKind, DeadlineClock, DeadlineExplanation, PreviewDeadline};

use super::test_env::{LEAD, TestEnv, appeal, at};
use crate::support::server::{Options, Store};

on_every_store!(store: seven_working_days_skip_the_holidays, a_limit_of_a_request_on_a_holiday_starts_on_the_next_workday);
on_every_store!(env: explanations_of_natural_days_add_up, a_previewed_deadline_is_the_deadline_of_the_ticket);

/// A Friday that is worked, before the holidays.
const FRIDAY: &str = "2019-09-27T10:00:00+08:00";

fn env_with_working_days(store: Store) -> TestEnv {
    let clock = Options::default().simulated_clock(FRIDAY);
    // No limit may end before that of a simpler request, so both count working days.
    let clock = clock.set("policy.deadline.general.clock", "working");
    TestEnv::with(store, clock.set("policy.deadline.complex.clock", "working"))
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

async fn checked_explanation(env: &TestEnv, number: &str, due: DateTime<Utc>) -> DeadlineExplanation {
    let answer = env.agent().explain_deadline(number).await.expect("the deadline can be explained");
    assert_eq!((answer.due_time, answer.explanation.due_time), (due, due));
    assert_eq!(answer.seconds_left, (due - answer.now).num_seconds());
    assert_adds_up(&answer.explanation);
    answer.explanation
}

async fn seven_working_days_skip_the_holidays(store: Store) {
    let env = env_with_working_days(store);
    let ticket = env.take_in(appeal()).await;
    let due = at("2019-10-12T10:00:00+08:00");
    assert_eq!(ticket.cycle.due_time, due);
    assert!(!ticket.cycle.deadline_provisional, "the notice for 2019 is out");

    let explanation = checked_explanation(&env, &ticket.number, due).await;
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
    let is_named = |kind| {
        explanation
            .lines
            .iter()
            .filter(move |line| line.kind == kind)
            .all(|line| line.holiday.as_deref() == Some("国庆节"))
    };
    assert!(is_named(DayKind::Holiday) && is_named(DayKind::MakeUpWorkday), "{:?}", explanation.lines);

    env.advance_to(at("2019-09-30T10:00:00+08:00")).await;
    let window = env.dispatch(&ticket.number, LEAD).await.dispatch.and_then(|sent| sent.return_due_time);
    assert_eq!(
        window,
        Some(at("2019-10-08T10:00:00+08:00")),
        "the window ends on the first working day after the holidays"
    );
    assert_eq!(env.advance_to(due).await, 0);
    assert_eq!(env.advance(TimeDelta::microseconds(1)).await, 1);
}

async fn a_limit_of_a_request_on_a_holiday_starts_on_the_next_workday(store: Store) {
    let env = env_with_working_days(store);
    env.advance_to(at("2019-10-01T15:00:00+08:00")).await;
    let ticket = env.take_in(appeal()).await;
    // 8 to 12 October are worked, the 13th is a Sunday; the seventh working day is the 15th, until its end.
    let due = at("2019-10-16T00:00:00+08:00");
    let explanation = checked_explanation(&env, &ticket.number, due).await;
    assert_eq!(explanation.lines.last().map(|line| line.date), Some(day(10, 15)));

    // The limit of a complex request counts working days too: the fifteenth is the 25th.
    let complex = appeal().complexity(Complexity::Complex);
    let complex = env.take_in(complex).await;
    assert_eq!(complex.cycle.due_time, at("2019-10-26T00:00:00+08:00"));
}

async fn explanations_of_natural_days_add_up(env: &TestEnv) {
    let limits = [
        (Category::Consultation, Complexity::Complex, false, 3),
        (Category::Consultation, Complexity::Complex, true, 7),
        (Category::Appeal, Complexity::General, false, 7),
        (Category::Appeal, Complexity::Complex, true, 15),
        (Category::ComplaintReport, Complexity::General, true, 7),
        (Category::ComplaintReport, Complexity::Complex, false, 15),
    ];
    for (category, complexity, several_units, days) in limits {
        let request = appeal().category(category).complexity(complexity).several_units(several_units);
        let ticket = env.take_in(request).await;
        let due = ticket.intake_time + TimeDelta::days(days.into());
        let explanation = checked_explanation(env, &ticket.number, due).await;
        assert_eq!((explanation.days, explanation.clock), (days, Some(DeadlineClock::Natural)));
        assert_eq!(explanation.tier, ticket.cycle.tier);
        assert_eq!(explanation.policy_version, ticket.cycle.policy_version);
        assert_eq!(explanation.calendar_version, ticket.cycle.calendar_version);
    }
}

async fn a_previewed_deadline_is_the_deadline_of_the_ticket(env: &TestEnv) {
    let appeal_of_now = PreviewDeadline::new(Category::Appeal, Complexity::Complex);
    let directory = env.client("dispatcher").directory();
    let preview = directory.preview_deadline(appeal_of_now.clone()).await.expect("it is previewed");
    let ticket = env.take_in(appeal().complexity(Complexity::Complex)).await;
    assert_eq!(preview, checked_explanation(env, &ticket.number, ticket.cycle.due_time).await);
    let appeal_of_friday = appeal_of_now.intake_time(at(FRIDAY));
    let preview = directory.preview_deadline(appeal_of_friday).await.expect("it is previewed");
    assert_eq!(preview.due_time, at(FRIDAY) + TimeDelta::days(15));
}
