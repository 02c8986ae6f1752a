//! Carry-over (挂账): the company is informed of the next steps and a date. Missing that date leads straight to manual
//! supervision.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, CarryOverState, CarryOverStep, CarryOverTicket, CreateTicket, DeadlineCause, ErrorReason,
    EventDetail, ListAuditRecords, Rung, Ticket,
};

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, appeal, at, refused};
use crate::support::canary::CONTACT;

on_every_store!(env:
    a_missed_promise_goes_straight_to_manual_supervision,
    a_refused_carry_over_leaves_the_limit,
    a_carry_over_comes_before_the_limit,
    everybody_keeps_to_their_own_step,
    a_note_that_would_not_be_stored_is_compared_with_nothing,
);

fn ask(number: &str, promised: DateTime<Utc>, informed: DateTime<Utc>) -> CarryOverTicket {
    let next_steps = "待市级平台改造完成后补录。".to_owned();
    CarryOverTicket::new(
        number,
        CarryOverStep::Ask { next_steps, promised_time: promised, inform_time: informed },
    )
}

fn decide(number: &str, granted: bool, note: Option<&str>) -> CarryOverTicket {
    CarryOverTicket::new(number, CarryOverStep::Decide { granted, note: note.map(str::to_owned) })
}

/// A ticket in handling, with a carry-over that its lead has asked for.
async fn requests_received(env: &TestEnv, promised: DateTime<Utc>) -> Ticket {
    let number = env.appeal_in_handling().await.number;
    let requests_received = env.unit(LEAD).carry_over_ticket(ask(&number, promised, env.now().await)).await;
    requests_received.expect("the lead asks")
}

async fn a_missed_promise_goes_straight_to_manual_supervision(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let waiting = requests_received(env, promised).await;
    let number = waiting.number.as_str();
    assert_eq!(waiting.cycle.due_time, at(OPENING) + TimeDelta::days(7), "asking moves nothing");
    let granted = env.dispatcher().carry_over_ticket(decide(number, true, None)).await;
    let granted = granted.expect("the dispatcher grants it");
    assert_eq!(granted.cycle.due_time, promised);
    assert_eq!(granted.cycle.carry_over.map(|carry| carry.state), Some(CarryOverState::Granted));
    let twice = env.unit(LEAD).carry_over_ticket(ask(number, promised, env.now().await)).await;
    refused(twice, ErrorReason::AlreadyCarriedOver);

    assert_eq!(env.advance_to(promised).await, 0, "the old limit and its rungs are gone");
    assert_eq!(env.advance(TimeDelta::microseconds(1)).await, 1);
    assert_eq!(env.rung(number).await, Rung::Manual);
    assert_eq!(env.advance(TimeDelta::days(60)).await, 0, "nothing is above it");
    let events = env.events(number).await;
    let EventDetail::RungFired(fired) = &events.last().expect("it has events").detail else {
        panic!("no rung fired last: {events:?}")
    };
    assert_eq!((fired.rung, fired.due_time), (Rung::Manual, Some(promised)));

    let why = env.agent().explain_deadline(number).await.expect("it is explained");
    let causes: Vec<_> = why.changes.iter().map(|change| (change.cause, change.due_time)).collect();
    let intake = (DeadlineCause::Intake, at(OPENING) + TimeDelta::days(7));
    assert_eq!(causes, [intake, (DeadlineCause::CarryOver, promised)]);
    assert_eq!(why.due_time, promised);
    let late = env.complete(number, LEAD).await;
    assert_eq!(late.cycle.completed_on_time(), Some(false));
}

async fn a_refused_carry_over_leaves_the_limit(env: &TestEnv) {
    let waiting = requests_received(env, at(OPENING) + TimeDelta::days(40)).await;
    let number = waiting.number.as_str();
    let silent = env.dispatcher().carry_over_ticket(decide(number, false, None)).await;
    assert_eq!(refused(silent, ErrorReason::InvalidFields).field_violations()[0].field, "decision.note");
    let no = env.dispatcher().carry_over_ticket(decide(number, false, Some("尚可按期办结。"))).await;
    let no = no.expect("the dispatcher refuses it");
    assert_eq!(no.cycle.due_time, waiting.cycle.due_time);
    assert_eq!(env.advance_to(waiting.cycle.due_time + TimeDelta::microseconds(1)).await, 1);
    assert_eq!(env.rung(number).await, Rung::Urged);
}

async fn a_carry_over_comes_before_the_limit(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let waiting = requests_received(env, promised).await;
    let unasked = env.appeal_in_handling().await;
    let number = unasked.number.as_str();
    let fields = |error: hotline_client::Error| -> Vec<String> {
        error.field_violations().iter().map(|violation| violation.field.clone()).collect()
    };
    let (limit, second) = (unasked.cycle.due_time, TimeDelta::seconds(1));
    let nonsense = env.unit(LEAD).carry_over_ticket(ask(number, limit, env.now().await + second)).await;
    let error = refused(nonsense, ErrorReason::InvalidFields);
    assert_eq!(fields(error), ["ask.promised_time", "ask.inform_time"]);
    let far = at(OPENING) + TimeDelta::days(180) + second;
    let nonsense = env.unit(LEAD).carry_over_ticket(ask(number, far, at(OPENING) - second)).await;
    let error = refused(nonsense, ErrorReason::InvalidFields);
    assert_eq!(fields(error), ["ask.promised_time", "ask.inform_time"]);

    env.advance_to(limit).await;
    let late = env.unit(LEAD).carry_over_ticket(ask(number, promised, env.now().await)).await;
    refused(late, ErrorReason::LimitPassed);
    let late = env.dispatcher().carry_over_ticket(decide(&waiting.number, true, None)).await;
    refused(late, ErrorReason::LimitPassed);
    let no = decide(&waiting.number, false, Some("时限已过。"));
    env.dispatcher().carry_over_ticket(no).await.expect("it can still be refused");
}

async fn everybody_keeps_to_their_own_step(env: &TestEnv) {
    let promised = at(OPENING) + TimeDelta::days(40);
    let waiting = requests_received(env, promised).await;
    let number = waiting.number.as_str();
    let own = env.unit(LEAD).carry_over_ticket(decide(number, true, None)).await;
    refused(own, ErrorReason::PartNotAllowed);
    let staff = env.dispatcher().carry_over_ticket(ask(number, promised, env.now().await)).await;
    refused(staff, ErrorReason::PartNotAllowed);

    let other = env.take_in(appeal()).await.number;
    env.dispatch(&other, NEXT).await;
    env.unit(NEXT).accept_ticket(AcceptTicket::new(&other)).await.expect("it signs");
    let nothing = env.dispatcher().carry_over_ticket(decide(&other, true, None)).await;
    refused(nothing, ErrorReason::NoCarryOverPending);
}

/// A refusal never shows whether the note names a confidential caller: neither to the lead, who may not decide, nor to
/// a dispatcher without anything to decide.
async fn a_note_that_would_not_be_stored_is_compared_with_nothing(env: &TestEnv) {
    let number = env.take_in(CreateTicket { confidential: Some(true), ..appeal() }).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs");
    for (tickets, reason) in
        [(env.unit(LEAD), ErrorReason::PartNotAllowed), (env.dispatcher(), ErrorReason::NoCarryOverPending)]
    {
        let mut answers = Vec::new();
        for name in [CONTACT, "欧阳示例"] {
            let note = format!("请联系{name}");
            let guess = decide(&number, false, Some(note.as_str()));
            let error = refused(tickets.carry_over_ticket(guess).await, reason);
            let fields: Vec<_> = error.field_violations().iter().map(|one| one.field.clone()).collect();
            answers.push((error.message().to_owned(), error.metadata().clone(), fields));
        }
        assert_eq!(answers[0], answers[1], "a right guess and a wrong one");
    }
    let which = ListAuditRecords { method: Some("TextRefused".into()), ..Default::default() };
    let audit = env.client("administrator").audit();
    let records = audit.list_audit_records(which).take_up_to(10).await.expect("an administrator reads them");
    assert!(records.is_empty(), "nothing was compared: {records:?}");
}
