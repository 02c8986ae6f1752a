//! A year's notice of holidays and make-up workdays is loaded without a release. Existing limits stay; new limits and
//! new cycles are counted by the calendar then in force.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    CalendarHoliday, CalendarYear, Category, ClassifyTicket, Complexity, DayKind, DeadlineCause,
    PreviewDeadline, Proposal, ProposeCalendar, Resolved, ReworkTicket, SubmitSurvey,
};

use super::rule_changes::{approve, proposer, provisional};
use super::test_env::{LEAD, TestEnv, appeal, at};
use crate::support::server::{Options, Store};

/// A possible notice for 2027.
pub(super) fn notice_of_2027() -> CalendarYear {
    let holiday = |name: &str, off: &[&str], work: &[&str]| CalendarHoliday {
        name: name.into(),
        off_days: off.iter().map(ToString::to_string).collect(),
        work_days: work.iter().map(ToString::to_string).collect(),
    };
    CalendarYear {
        year: 2027,
        provisional: false,
        notices: vec!["示例〔2026〕1号".into()],
        holidays: vec![
            holiday("元旦", &["2027-01-01/2027-01-03"], &[]),
            holiday("春节", &["2027-02-05/2027-02-11"], &["2027-02-14", "2027-02-20"]),
            holiday("清明节", &["2027-04-05"], &[]),
            holiday("劳动节", &["2027-05-01/2027-05-05"], &["2027-05-08"]),
            holiday("端午节", &["2027-06-09"], &[]),
            holiday("中秋节", &["2027-09-15"], &[]),
            holiday("国庆节", &["2027-10-01/2027-10-07"], &["2027-09-26", "2027-10-09"]),
        ],
    }
}

/// The evening of 30 December 2026, with limits in working days.
fn before_2027(store: Store) -> TestEnv {
    let options = Options::default()
        .simulated_clock("2026-12-30T10:00:00+08:00")
        .set("policy.deadline.general.clock", "working")
        .set("policy.deadline.complex.clock", "working");
    TestEnv::with(store, options)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_holidays_is_loaded_without_a_release() {
    for store in Store::every() {
        let env = before_2027(store);
        let old_ticket = env.appeal_in_handling().await;
        // Seven days, Monday to Friday, after the New Year, for which there is no notice yet. It is off by law.
        assert_eq!(old_ticket.cycle.due_time, at("2027-01-11T10:00:00+08:00"));
        assert!(old_ticket.cycle.deadline_provisional);

        let effective_time = env.now().await + TimeDelta::hours(2);
        let provisional_rules = load(&env, provisional(2027), effective_time).await;
        env.advance_to(effective_time).await;
        assert!(
            env.take_in(appeal()).await.cycle.deadline_provisional,
            "a provisional year makes provisional limits"
        );
        let effective_time = env.now().await + TimeDelta::hours(2);
        let notice_version = load(&env, notice_of_2027(), effective_time).await;
        assert_ne!(notice_version.version, provisional_rules.version);
        env.advance_to(effective_time).await;

        let new_ticket = env.take_in(appeal()).await;
        assert_eq!(
            (new_ticket.cycle.calendar_version.as_str(), new_ticket.cycle.deadline_provisional),
            (&*notice_version.version, false)
        );
        // 31 December, then 4 to 8 January and the 11th.
        assert_eq!(new_ticket.cycle.due_time, at("2027-01-11T14:00:00+08:00"));
        let explanation =
            env.agent().explain_deadline(&new_ticket.number).await.expect("the deadline can be explained");
        let new_year =
            explanation.explanation.lines.iter().filter(|line| line.holiday.as_deref() == Some("元旦"));
        assert_eq!(new_year.filter(|line| line.kind == DayKind::Holiday).count(), 3);
        is_counted_again(&env, &old_ticket.number, &notice_version.version).await;
        keeps_its_calendar(&env, &old_ticket.number, &notice_version.version).await;
    }
}

/// Proposes a year, tries it and approves it.
async fn load(env: &TestEnv, year: CalendarYear, from: DateTime<Utc>) -> Proposal {
    let proposal =
        proposer(env).propose_calendar(ProposeCalendar::new(vec![year], from, "2027年放假安排")).await;
    approve(env, &proposal.expect("the year is sound")).await.expect("the approval is accepted")
}

/// The notice leaves the limit where it was, and makes it certain.
async fn is_counted_again(env: &TestEnv, number: &str, notice_version: &str) {
    let ticket = env.ticket(number).await;
    assert_eq!(ticket.cycle.due_time, at("2027-01-11T10:00:00+08:00"));
    assert_eq!(
        (ticket.cycle.calendar_version.as_str(), ticket.cycle.deadline_provisional),
        (notice_version, false)
    );
    let explained = env.agent().explain_deadline(number).await.expect("the deadline can be explained");
    let last = explained.changes.last().expect("it was counted");
    assert_eq!(
        (last.cause, last.calendar_version.as_deref()),
        (DeadlineCause::Recount, Some(notice_version))
    );
    assert!(!explained.explanation.provisional);
}

async fn keeps_its_calendar(env: &TestEnv, number: &str, notice_version: &str) {
    let complex = ClassifyTicket::new(number, Category::Appeal, Complexity::Complex);
    let classified = env.agent().classify_ticket(complex).await.expect("it is open");
    let calendar_version = classified.cycle.calendar_version.clone();
    assert_eq!(calendar_version, notice_version);
    assert_eq!(classified.cycle.due_time, at("2027-01-21T10:00:00+08:00"), "fifteen weekdays but New Year");
    let explanation =
        env.agent().explain_deadline(number).await.expect("the deadline can be explained").explanation;
    assert_eq!(
        (explanation.calendar_version, explanation.due_time),
        (calendar_version, classified.cycle.due_time)
    );

    // A rework begins a new cycle, which is counted by the notice in force.
    env.complete(number, LEAD).await;
    let survey = SubmitSurvey::new(number).resolved(Resolved::No);
    env.agent().submit_survey(survey).await.expect("the survey is accepted");
    let reworked = env.agent().rework_ticket(ReworkTicket::new(number, "请重新办理")).await.expect("once");
    assert_eq!(
        (reworked.cycle.calendar_version.as_str(), reworked.cycle.deadline_provisional),
        (notice_version, false)
    );
    let with_old_calendar =
        PreviewDeadline::new(Category::Appeal, Complexity::Complex).calendar_version("cn-2026.1");
    let preview = env.client("agent").directory().preview_deadline(with_old_calendar).await;
    let preview = preview.expect("any calendar version can be previewed");
    assert!(preview.provisional && preview.due_time <= reworked.cycle.due_time);
}

/// A command counts by the calendar of its cycle. If it leaves a provisional limit after a notice has come into force,
/// the limit is counted again some minutes later.
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_becomes_provisional_after_the_notice_is_counted_again() {
    for store in Store::every() {
        let options = Options::default()
            .simulated_clock("2026-12-16T10:00:00+08:00")
            .set("policy.deadline.general.clock", "working")
            .set("policy.deadline.complex.clock", "working");
        let env = TestEnv::with(store, options);
        let ticket = env.take_in(appeal()).await;
        assert!(!ticket.cycle.deadline_provisional, "it is due in the same year");
        let mut notice = notice_of_2027();
        notice.holidays[0].off_days = vec!["2027-01-01/2027-01-04".into()];
        let effective_time = env.now().await + TimeDelta::hours(2);
        let notice_version = load(&env, notice, effective_time).await.version;
        env.advance_to(effective_time).await;

        let complex = ClassifyTicket::new(&ticket.number, Category::Appeal, Complexity::Complex);
        let classified = env.agent().classify_ticket(complex).await.expect("it is open");
        assert!(classified.cycle.deadline_provisional, "it is counted by the calendar of its cycle");
        assert_eq!(classified.cycle.due_time, at("2027-01-07T10:00:00+08:00"));
        env.advance(TimeDelta::minutes(5)).await;
        let counted = env.ticket(&ticket.number).await.cycle;
        assert_eq!(
            (counted.due_time, counted.deadline_provisional),
            (at("2027-01-08T10:00:00+08:00"), false)
        );
        assert_eq!(counted.calendar_version.as_str(), &*notice_version);
    }
}
