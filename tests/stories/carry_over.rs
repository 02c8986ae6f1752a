//! Carry-over (挂账): the company is informed of the next steps and a date. Missing that date leads straight to manual
//! supervision.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, CarryOverState, CarryOverStep, CarryOverTicket, DeadlineCause, ErrorReason, EventDetail,
    ListAuditRecords, Rung, Ticket,
};

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, appeal, at, refused};
use crate::support::canary::CONTACT;

on_every_store!(env:
    a_missed_promised_date_leads_to_manual_supervision,
    a_refused_carry_over_keeps_the_limit,
    a_carry_over_after_the_limit_is_refused,
    the_lead_asks_for_a_carry_over_and_a_dispatcher_decides,
    a_note_that_would_not_be_stored_is_not_screened,
);

fn ask_carry_over(number: &str, promised: DateTime<Utc>, informed: DateTime<Utc>) -> CarryOverTicket {
    let next_steps = "待市级平台改造完成后补录。".to_owned();
    CarryOverTicket::new(
        number,
        CarryOverStep::Ask { next_steps, promised_time: promised, inform_time: informed },
    )
}

fn decide_carry_over(number: &str, granted: bool, note: Option<&str>) -> CarryOverTicket {
    CarryOverTicket::new(number, CarryOverStep::Decide { granted, note: note.map(str::to_owned) })
}

/// A ticket in handling, with a carry-over that its lead has asked for.
async fn ticket_with_pending_carry_over(env: &TestEnv, promised: DateTime<Utc>) -> Ticket {
    let number = env.appeal_in_handling().await.number;
    let ticket_with_pending_carry_over =
        env.unit(LEAD).carry_over_ticket(ask_carry_over(&number, promised, env.now().await)).await;
    ticket_with_pending_carry_over.expect("the lead asks")
}

async fn a_missed_promised_date_leads_to_manual_supervision(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let pending = ticket_with_pending_carry_over(env, promised).await;
    let number = pending.number.as_str();
    assert_eq!(
        pending.cycle.due_time,
        at(OPENING) + TimeDelta::days(7),
        "a request does not change the limit"
    );
    let granted = env.dispatcher().carry_over_ticket(decide_carry_over(number, true, None)).await;
    let granted = granted.expect("the dispatcher grants it");
    assert_eq!(granted.cycle.due_time, promised);
    assert_eq!(granted.cycle.carry_over.map(|carry| carry.state), Some(CarryOverState::Granted));
    let second_request =
        env.unit(LEAD).carry_over_ticket(ask_carry_over(number, promised, env.now().await)).await;
    refused(second_request, ErrorReason::AlreadyCarriedOver);

    assert_eq!(env.advance_to(promised).await, 0, "no rung fires for the old limit");
    assert_eq!(env.advance(TimeDelta::microseconds(1)).await, 1);
    assert_eq!(env.rung(number).await, Rung::Manual);
    assert_eq!(env.advance(TimeDelta::days(60)).await, 0, "there is no higher rung");
    let events = env.events(number).await;
    let EventDetail::RungFired(fired) = &events.last().expect("the ticket has events").detail else {
        panic!("no rung fired last: {events:?}")
    };
    assert_eq!((fired.rung, fired.due_time), (Rung::Manual, Some(promised)));

    let explanation = env.agent().explain_deadline(number).await.expect("the deadline can be explained");
    let changes: Vec<_> = explanation.changes.iter().map(|change| (change.cause, change.due_time)).collect();
    let intake = (DeadlineCause::Intake, at(OPENING) + TimeDelta::days(7));
    assert_eq!(changes, [intake, (DeadlineCause::CarryOver, promised)]);
    assert_eq!(explanation.due_time, promised);
    let completed = env.complete(number, LEAD).await;
    assert_eq!(completed.cycle.completed_on_time(), Some(false));
}

async fn a_refused_carry_over_keeps_the_limit(env: &TestEnv) {
    let pending = ticket_with_pending_carry_over(env, at(OPENING) + TimeDelta::days(40)).await;
    let number = pending.number.as_str();
    let without_note = env.dispatcher().carry_over_ticket(decide_carry_over(number, false, None)).await;
    assert_eq!(
        refused(without_note, ErrorReason::InvalidFields).field_violations()[0].field,
        "decision.note"
    );
    let declined =
        env.dispatcher().carry_over_ticket(decide_carry_over(number, false, Some("尚可按期办结。"))).await;
    let declined = declined.expect("the dispatcher refuses the carry-over");
    assert_eq!(declined.cycle.due_time, pending.cycle.due_time);
    assert_eq!(env.advance_to(pending.cycle.due_time + TimeDelta::microseconds(1)).await, 1);
    assert_eq!(env.rung(number).await, Rung::Urged);
}

async fn a_carry_over_after_the_limit_is_refused(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let pending = ticket_with_pending_carry_over(env, promised).await;
    let without_request = env.appeal_in_handling().await;
    let number = without_request.number.as_str();
    let fields = |error: hotline_client::Error| -> Vec<String> {
        error.field_violations().iter().map(|violation| violation.field.clone()).collect()
    };
    let (limit, second) = (without_request.cycle.due_time, TimeDelta::seconds(1));
    let wrong_times = env
        .unit(LEAD)
        .carry_over_ticket(ask_carry_over(number, limit, env.now().await + TimeDelta::minutes(11)))
        .await;
    let error = refused(wrong_times, ErrorReason::InvalidFields);
    assert_eq!(fields(error), ["ask.inform_time"], "a wrong clock is seen before the ticket");
    let too_late = at(OPENING) + TimeDelta::days(180) + second;
    let wrong_times =
        env.unit(LEAD).carry_over_ticket(ask_carry_over(number, too_late, at(OPENING) - second)).await;
    let error = refused(wrong_times, ErrorReason::InvalidFields);
    assert_eq!(fields(error), ["ask.promised_time", "ask.inform_time"]);

    env.advance_to(limit).await;
    let late = env.unit(LEAD).carry_over_ticket(ask_carry_over(number, promised, env.now().await)).await;
    refused(late, ErrorReason::LimitPassed);
    let late = env.dispatcher().carry_over_ticket(decide_carry_over(&pending.number, true, None)).await;
    refused(late, ErrorReason::LimitPassed);
    let refusal = decide_carry_over(&pending.number, false, Some("时限已过。"));
    env.dispatcher().carry_over_ticket(refusal).await.expect("a dispatcher may still refuse it");
}

async fn the_lead_asks_for_a_carry_over_and_a_dispatcher_decides(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let pending = ticket_with_pending_carry_over(env, promised).await;
    let number = pending.number.as_str();
    let decision_of_lead = env.unit(LEAD).carry_over_ticket(decide_carry_over(number, true, None)).await;
    refused(decision_of_lead, ErrorReason::PartNotAllowed);
    let request_of_dispatcher =
        env.dispatcher().carry_over_ticket(ask_carry_over(number, promised, env.now().await)).await;
    refused(request_of_dispatcher, ErrorReason::PartNotAllowed);

    let other_ticket = env.take_in(appeal()).await.number;
    env.dispatch(&other_ticket, NEXT).await;
    env.unit(NEXT).accept_ticket(AcceptTicket::new(&other_ticket)).await.expect("the unit accepts");
    let decision_without_request =
        env.dispatcher().carry_over_ticket(decide_carry_over(&other_ticket, true, None)).await;
    refused(decision_without_request, ErrorReason::NoCarryOverPending);
}

/// A refusal never shows whether the note names a confidential caller: neither to the lead, who may not decide, nor to
/// a dispatcher without anything to decide.
async fn a_note_that_would_not_be_stored_is_not_screened(env: &TestEnv) {
    let number = env.take_in(appeal().confidential(true)).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    for (client, reason) in
        [(env.unit(LEAD), ErrorReason::PartNotAllowed), (env.dispatcher(), ErrorReason::NoCarryOverPending)]
    {
        let mut answers = Vec::new();
        for name in [CONTACT, "欧阳示例"] {
            let note = format!("请联系{name}");
            let decision = decide_carry_over(&number, false, Some(note.as_str()));
            let error = refused(client.carry_over_ticket(decision).await, reason);
            let fields: Vec<_> =
                error.field_violations().iter().map(|violation| violation.field.clone()).collect();
            answers.push((error.message().to_owned(), error.metadata().clone(), fields));
        }
        assert_eq!(answers[0], answers[1], "a right guess and a wrong one");
    }
    let text_refusals = ListAuditRecords::default().method("TextRefused");
    let audit = env.client("administrator").audit();
    let records =
        audit.list_audit_records(text_refusals).take_up_to(10).await.expect("an administrator reads them");
    assert!(records.is_empty(), "no note was screened: {records:?}");
}
