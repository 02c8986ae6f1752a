//! The follow-up (回访): the survey, calls that reach nobody, and the one rework after a bad survey.

use chrono::TimeDelta;
use hotline_client::{
    ClosingReason, DeadlineCause, ErrorReason, EventDetail, RecordContactAttempt, Resolved, Responded,
    ReworkTicket, Rung, Satisfied, SubmitSurvey, TicketState,
};

use super::test_env::{LEAD, OPENING, TestEnv, at, refused};

on_every_store!(env:
    a_company_that_nobody_reaches_is_called_three_times,
    a_bad_survey_allows_one_rework,
    a_good_survey_allows_none,
    a_unit_never_follows_up,
);

fn survey(number: &str, resolved: Resolved, satisfied: Satisfied) -> SubmitSurvey {
    SubmitSurvey {
        responded: Some(Responded::Yes),
        resolved: Some(resolved),
        satisfied: Some(satisfied),
        ..SubmitSurvey::new(number)
    }
}

async fn completed(env: &TestEnv) -> String {
    let number = env.appeal_in_handling().await.number;
    assert_eq!(env.complete(&number, LEAD).await.state, TicketState::Completed);
    number
}

async fn a_company_that_nobody_reaches_is_called_three_times(env: &TestEnv) {
    let number = completed(env).await;
    let call =
        || RecordContactAttempt { note: Some("无人接听".into()), ..RecordContactAttempt::new(&number) };
    for attempt in 1..=2 {
        let tried = env.agent().record_contact_attempt(call()).await.expect("the attempt is recorded");
        assert_eq!((tried.state, tried.cycle.contact_attempts.len()), (TicketState::Completed, attempt));
        env.advance(TimeDelta::hours(4) - TimeDelta::microseconds(1)).await;
        let soon = refused(env.agent().record_contact_attempt(call()).await, ErrorReason::AttemptTooSoon);
        let earliest = env.now().await + TimeDelta::microseconds(1);
        assert_eq!(at(&soon.metadata()["earliest_time"]), earliest);
        env.advance_to(earliest).await;
    }
    let closed = env.agent().record_contact_attempt(call()).await.expect("the attempt is recorded");
    assert_eq!(closed.state, TicketState::Closed);
    assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Unreachable));
    refused(env.agent().record_contact_attempt(call()).await, ErrorReason::WrongState);
    let actual = env.event_names(&number).await;
    let tail = ["ContactAttempted", "ContactAttempted", "ContactAttempted", "TicketClosed"];
    assert!(actual.ends_with(&tail), "{actual:?}");
}

async fn a_bad_survey_allows_one_rework(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let late = at(OPENING) + TimeDelta::days(8);
    assert_eq!(env.advance_to(late).await, 1, "the first cycle is urged");
    env.complete(&number, LEAD).await;
    let early = ReworkTicket::new(&number, "请重新核实。");
    refused(env.agent().rework_ticket(early.clone()).await, ErrorReason::WrongState);
    let bad = survey(&number, Resolved::No, Satisfied::Dissatisfied);
    env.agent().submit_survey(bad.clone()).await.expect("the survey is taken");

    let again = env.supervisor().rework_ticket(early).await.expect("it is sent back");
    assert_eq!((again.state, again.cycle.number), (TicketState::Handling, 2));
    assert_eq!(again.cycle.due_time, late + TimeDelta::days(7), "a cycle has a limit of its own");
    assert_eq!((again.cycle.rung, again.cycle.survey), (Some(Rung::None), None));
    assert_eq!((again.cycle.caller_reply, again.closing), (None, None));
    assert_eq!(env.advance(TimeDelta::days(7) + TimeDelta::microseconds(1)).await, 1);
    let urged: Vec<_> = env
        .events(&number)
        .await
        .into_iter()
        .filter_map(|event| match event.detail {
            EventDetail::RungFired(fired) => Some((fired.cycle, fired.rung)),
            _ => None,
        })
        .collect();
    assert_eq!(urged, [(1, Rung::Urged), (2, Rung::Urged)], "each rung fires once a cycle");

    env.complete(&number, LEAD).await;
    env.agent().submit_survey(SubmitSurvey { request_id: None, ..bad }).await.expect("one survey a cycle");
    let third = env.agent().rework_ticket(ReworkTicket::new(&number, "请再次核实。")).await;
    refused(third, ErrorReason::ReworksExhausted);
    let why = env.agent().explain_deadline(&number).await.expect("it is explained");
    let causes: Vec<_> = why.changes.iter().map(|change| change.cause).collect();
    assert_eq!(causes, [DeadlineCause::Intake, DeadlineCause::Rework]);
}

async fn a_good_survey_allows_none(env: &TestEnv) {
    let number = completed(env).await;
    let good = survey(&number, Resolved::Partly, Satisfied::Basically);
    env.agent().submit_survey(good.clone()).await.expect("the survey is taken");
    let again = env.agent().rework_ticket(ReworkTicket::new(&number, "请重新核实。")).await;
    refused(again, ErrorReason::SurveyNotBad);
    refused(env.agent().submit_survey(good).await, ErrorReason::WrongState);
}

async fn a_unit_never_follows_up(env: &TestEnv) {
    let number = completed(env).await;
    let good = survey(&number, Resolved::Yes, Satisfied::Satisfied);
    refused(env.unit(LEAD).submit_survey(good).await, ErrorReason::RoleNotAllowed);
    let attempt = env.unit(LEAD).record_contact_attempt(RecordContactAttempt::new(&number)).await;
    refused(attempt, ErrorReason::RoleNotAllowed);
    assert_eq!(env.ticket(&number).await.state, TicketState::Completed);
}
