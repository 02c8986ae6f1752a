//! The follow-up (回访): the survey, calls that reach nobody, and the one rework after a bad survey.

use chrono::TimeDelta;
use hotline_client::{
    ClosingReason, DeadlineCause, ErrorReason, EventDetail, RecordContactAttempt, Resolved, Responded,
    ReworkTicket, Rung, Satisfied, SubmitSurvey, TicketState,
};

use super::test_env::{LEAD, OPENING, TestEnv, at, refused};

on_every_store!(env:
    a_ticket_closes_after_three_failed_contact_attempts,
    a_bad_survey_allows_one_rework,
    a_good_survey_allows_no_rework,
    a_unit_may_not_follow_up,
);

fn survey(number: &str, resolved: Resolved, satisfied: Satisfied) -> SubmitSurvey {
    SubmitSurvey::new(number).responded(Responded::Yes).resolved(resolved).satisfied(satisfied)
}

async fn completed_ticket(env: &TestEnv) -> String {
    let number = env.appeal_in_handling().await.number;
    assert_eq!(env.complete(&number, LEAD).await.state, TicketState::Completed);
    number
}

async fn a_ticket_closes_after_three_failed_contact_attempts(env: &TestEnv) {
    let number = completed_ticket(env).await;
    let attempt_command = || RecordContactAttempt::new(&number).note("无人接听");
    for attempt in 1..=2 {
        let attempted =
            env.agent().record_contact_attempt(attempt_command()).await.expect("the attempt is recorded");
        assert_eq!(
            (attempted.state, attempted.cycle.contact_attempts.len()),
            (TicketState::Completed, attempt)
        );
        env.advance(TimeDelta::hours(4) - TimeDelta::microseconds(1)).await;
        let too_soon =
            refused(env.agent().record_contact_attempt(attempt_command()).await, ErrorReason::AttemptTooSoon);
        let earliest = env.now().await + TimeDelta::microseconds(1);
        assert_eq!(at(&too_soon.metadata()["earliest_time"]), earliest);
        env.advance_to(earliest).await;
    }
    let closed =
        env.agent().record_contact_attempt(attempt_command()).await.expect("the attempt is recorded");
    assert_eq!(closed.state, TicketState::Closed);
    assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Unreachable));
    refused(env.agent().record_contact_attempt(attempt_command()).await, ErrorReason::WrongState);
    let actual = env.event_names(&number).await;
    let last_events = ["ContactAttempted", "ContactAttempted", "ContactAttempted", "TicketClosed"];
    assert!(actual.ends_with(&last_events), "{actual:?}");
}

async fn a_bad_survey_allows_one_rework(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let eighth_day = at(OPENING) + TimeDelta::days(8);
    assert_eq!(env.advance_to(eighth_day).await, 1, "the first cycle is urged");
    env.complete(&number, LEAD).await;
    let rework = ReworkTicket::new(&number, "请重新核实。");
    refused(env.agent().rework_ticket(rework.clone()).await, ErrorReason::WrongState);
    let bad_survey = survey(&number, Resolved::No, Satisfied::Dissatisfied);
    env.agent().submit_survey(bad_survey.clone()).await.expect("the survey is taken");

    let reworked = env.supervisor().rework_ticket(rework).await.expect("it is sent back");
    assert_eq!((reworked.state, reworked.cycle.number), (TicketState::Handling, 2));
    assert_eq!(reworked.cycle.due_time, eighth_day + TimeDelta::days(7), "a cycle has a limit of its own");
    assert_eq!((reworked.cycle.rung, reworked.cycle.survey), (Some(Rung::None), None));
    assert_eq!((reworked.cycle.caller_reply, reworked.closing), (None, None));
    assert_eq!(env.advance(TimeDelta::days(7) + TimeDelta::microseconds(1)).await, 1);
    let fired_rungs: Vec<_> = env
        .events(&number)
        .await
        .into_iter()
        .filter_map(|event| match event.detail {
            EventDetail::RungFired(fired) => Some((fired.cycle, fired.rung)),
            _ => None,
        })
        .collect();
    assert_eq!(fired_rungs, [(1, Rung::Urged), (2, Rung::Urged)], "each rung fires once a cycle");

    env.complete(&number, LEAD).await;
    env.agent().submit_survey(bad_survey.request_id(None)).await.expect("one survey a cycle");
    let second_rework = env.agent().rework_ticket(ReworkTicket::new(&number, "请再次核实。")).await;
    refused(second_rework, ErrorReason::ReworksExhausted);
    let explanation = env.agent().explain_deadline(&number).await.expect("the deadline can be explained");
    let causes: Vec<_> = explanation.changes.iter().map(|change| change.cause).collect();
    assert_eq!(causes, [DeadlineCause::Intake, DeadlineCause::Rework]);
}

async fn a_good_survey_allows_no_rework(env: &TestEnv) {
    let number = completed_ticket(env).await;
    let good_survey = survey(&number, Resolved::Partly, Satisfied::Basically);
    env.agent().submit_survey(good_survey.clone()).await.expect("the survey is taken");
    let rework = env.agent().rework_ticket(ReworkTicket::new(&number, "请重新核实。")).await;
    refused(rework, ErrorReason::SurveyNotBad);
    refused(env.agent().submit_survey(good_survey).await, ErrorReason::WrongState);
}

async fn a_unit_may_not_follow_up(env: &TestEnv) {
    let number = completed_ticket(env).await;
    let good_survey = survey(&number, Resolved::Yes, Satisfied::Satisfied);
    refused(env.unit(LEAD).submit_survey(good_survey).await, ErrorReason::RoleNotAllowed);
    let attempt = env.unit(LEAD).record_contact_attempt(RecordContactAttempt::new(&number)).await;
    refused(attempt, ErrorReason::RoleNotAllowed);
    assert_eq!(env.ticket(&number).await.state, TicketState::Completed);
}
