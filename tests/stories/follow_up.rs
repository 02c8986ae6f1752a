//! The follow-up (回访): the survey, the calls that reach nobody, and the one rework that a bad survey allows.

use chrono::TimeDelta;
use hotline_client::{
    ClosingReason, DeadlineCause, ErrorReason, EventDetail, RecordContactAttempt, Resolved, Responded,
    ReworkTicket, Rung, Satisfied, SubmitSurvey, TicketState,
};

use super::test_env::{City, LEAD, OPENING, at, refused};

on_every_store!(city:
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

async fn completed(city: &City) -> String {
    let number = city.appeal_in_handling().await.number;
    assert_eq!(city.hand_in(&number, LEAD).await.state, TicketState::Completed);
    number
}

async fn a_company_that_nobody_reaches_is_called_three_times(city: &City) {
    let number = completed(city).await;
    let call =
        || RecordContactAttempt { note: Some("无人接听".into()), ..RecordContactAttempt::new(&number) };
    for attempt in 1..=2 {
        let tried = city.agent().record_contact_attempt(call()).await.expect("the attempt is recorded");
        assert_eq!((tried.state, tried.cycle.contact_attempts.len()), (TicketState::Completed, attempt));
        city.advance(TimeDelta::hours(4) - TimeDelta::microseconds(1)).await;
        let soon = refused(city.agent().record_contact_attempt(call()).await, ErrorReason::AttemptTooSoon);
        let earliest = city.now().await + TimeDelta::microseconds(1);
        assert_eq!(at(&soon.metadata()["earliest_time"]), earliest);
        city.advance_to(earliest).await;
    }
    let closed = city.agent().record_contact_attempt(call()).await.expect("the attempt is recorded");
    assert_eq!(closed.state, TicketState::Closed);
    assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Unreachable));
    refused(city.agent().record_contact_attempt(call()).await, ErrorReason::WrongState);
    let told = city.story_of(&number).await;
    let tail = ["ContactAttempted", "ContactAttempted", "ContactAttempted", "TicketClosed"];
    assert!(told.ends_with(&tail), "{told:?}");
}

async fn a_bad_survey_allows_one_rework(city: &City) {
    let number = city.appeal_in_handling().await.number;
    let late = at(OPENING) + TimeDelta::days(8);
    assert_eq!(city.advance_to(late).await, 1, "the first cycle is urged");
    city.hand_in(&number, LEAD).await;
    let early = ReworkTicket::new(&number, "请重新核实。");
    refused(city.agent().rework_ticket(early.clone()).await, ErrorReason::WrongState);
    let bad = survey(&number, Resolved::No, Satisfied::Dissatisfied);
    city.agent().submit_survey(bad.clone()).await.expect("the survey is taken");

    let again = city.supervisor().rework_ticket(early).await.expect("it is sent back");
    assert_eq!((again.state, again.cycle.number), (TicketState::Handling, 2));
    assert_eq!(again.cycle.due_time, late + TimeDelta::days(7), "a cycle has a limit of its own");
    assert_eq!((again.cycle.rung, again.cycle.survey), (Some(Rung::None), None));
    assert_eq!((again.cycle.caller_reply, again.closing), (None, None));
    assert_eq!(city.advance(TimeDelta::days(7) + TimeDelta::microseconds(1)).await, 1);
    let urged: Vec<_> = city
        .events(&number)
        .await
        .into_iter()
        .filter_map(|event| match event.detail {
            EventDetail::RungFired(fired) => Some((fired.cycle, fired.rung)),
            _ => None,
        })
        .collect();
    assert_eq!(urged, [(1, Rung::Urged), (2, Rung::Urged)], "each rung fires once a cycle");

    city.hand_in(&number, LEAD).await;
    city.agent().submit_survey(SubmitSurvey { request_id: None, ..bad }).await.expect("one survey a cycle");
    let third = city.agent().rework_ticket(ReworkTicket::new(&number, "请再次核实。")).await;
    refused(third, ErrorReason::ReworksExhausted);
    let why = city.agent().explain_deadline(&number).await.expect("it is explained");
    let causes: Vec<_> = why.changes.iter().map(|change| change.cause).collect();
    assert_eq!(causes, [DeadlineCause::Intake, DeadlineCause::Rework]);
}

async fn a_good_survey_allows_none(city: &City) {
    let number = completed(city).await;
    let good = survey(&number, Resolved::Partly, Satisfied::Basically);
    city.agent().submit_survey(good.clone()).await.expect("the survey is taken");
    let again = city.agent().rework_ticket(ReworkTicket::new(&number, "请重新核实。")).await;
    refused(again, ErrorReason::SurveyNotBad);
    refused(city.agent().submit_survey(good).await, ErrorReason::WrongState);
}

async fn a_unit_never_follows_up(city: &City) {
    let number = completed(city).await;
    let good = survey(&number, Resolved::Yes, Satisfied::Satisfied);
    refused(city.unit(LEAD).submit_survey(good).await, ErrorReason::RoleNotAllowed);
    let attempt = city.unit(LEAD).record_contact_attempt(RecordContactAttempt::new(&number)).await;
    refused(attempt, ErrorReason::RoleNotAllowed);
    assert_eq!(city.ticket(&number).await.state, TicketState::Completed);
}
