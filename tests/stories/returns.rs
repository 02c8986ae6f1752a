//! Returns (退单): refused, accepted, redispatched, and the third one, which is an arbitration whose ruling is final.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, DispatchTicket, ErrorReason, ReturnReason, ReturnTicket, RuleOnReturn, Ruling, Ticket,
    TicketState,
};

use super::test_env::{LEAD, NEXT, TestEnv, appeal, refused};

on_every_store!(env:
    the_third_return_is_an_arbitration_and_its_ruling_is_final,
    a_return_comes_inside_its_window,
    a_return_says_who_should_have_it,
);

fn back(number: &str, proposed: &str) -> ReturnTicket {
    ReturnTicket {
        proposed_unit: Some(proposed.to_owned()),
        ..ReturnTicket::new(number, ReturnReason::NotOurPlace, "注册地不在本区。")
    }
}

async fn send_back(env: &TestEnv, number: &str, unit: &str) -> Ticket {
    let elsewhere = if unit == LEAD { NEXT } else { LEAD };
    let returned = env.unit(unit).return_ticket(back(number, elsewhere)).await.expect("it is returned");
    assert_eq!(returned.state, TicketState::Returned);
    returned
}

async fn rule(env: &TestEnv, number: &str, ruling: Ruling) -> Ticket {
    let command = RuleOnReturn::new(number, ruling, "已核对注册地。");
    env.dispatcher().rule_on_return(command).await.expect("the dispatcher rules")
}

async fn the_third_return_is_an_arbitration_and_its_ruling_is_final(env: &TestEnv) {
    let taken = env.take_in(appeal()).await;
    let number = taken.number.as_str();
    env.dispatch(number, LEAD).await;
    let first = send_back(env, number, LEAD).await;
    assert!(!first.returns[0].arbitration);
    let sent = env.dispatcher().dispatch_ticket(DispatchTicket::new(number, NEXT)).await;
    refused(sent, ErrorReason::ReturnPending);
    assert_eq!(rule(env, number, Ruling::Refuse).await.state, TicketState::Dispatched);
    let twice = RuleOnReturn::new(number, Ruling::Accept, "再次裁定。");
    refused(env.dispatcher().rule_on_return(twice).await, ErrorReason::WrongState);

    // By the same unit, which sees its own returns.
    assert!(!send_back(env, number, LEAD).await.returns[1].arbitration);
    assert_eq!(rule(env, number, Ruling::Accept).await.state, TicketState::Returned);
    let gone = env.dispatch(number, NEXT).await;
    assert_eq!(gone.dispatch.map(|dispatch| dispatch.lead_unit), Some(NEXT.to_owned()));
    refused(env.unit(LEAD).get_ticket(number).await, ErrorReason::TicketNotFound);
    refused(env.unit(LEAD).return_ticket(back(number, NEXT)).await, ErrorReason::TicketNotFound);

    let returned = send_back(env, number, NEXT).await.returns;
    assert!(
        returned.len() == 1 && returned[0].arbitration,
        "the other unit's are not its to read: {returned:?}"
    );
    let ruled = rule(env, number, Ruling::Refuse).await;
    let ruling = ruled.returns[2].ruling.clone().expect("it was ruled on");
    assert_eq!((ruled.state, ruling.accepted, ruling.is_final), (TicketState::Dispatched, false, true));
    refused(env.unit(NEXT).return_ticket(back(number, LEAD)).await, ErrorReason::ReturnsExhausted);

    let signed = env.unit(NEXT).accept_ticket(AcceptTicket::new(number)).await.expect("it signs now");
    assert_eq!(signed.cycle.due_time, taken.cycle.due_time, "the clock keeps running");
    let actual = [
        "TicketCreated",
        "TicketDispatched",
        "TicketReturned",
        "ReturnRuled",
        "TicketReturned",
        "ReturnRuled",
        "TicketDispatched",
        "TicketReturned",
        "ReturnRuled",
        "TicketAccepted",
    ];
    assert_eq!(env.event_names(number).await, actual);
}

async fn a_return_comes_inside_its_window(env: &TestEnv) {
    // The opening is a Saturday that is a workday; the next working day is Monday.
    let number = env.take_in(appeal()).await.number;
    let sent = env.dispatch(&number, LEAD).await.dispatch.expect("it was dispatched");
    assert_eq!(sent.return_due_time, Some(sent.dispatch_time + TimeDelta::days(2)));
    let window = sent.return_due_time.expect("a dispatch has a window");

    env.advance_to(window + TimeDelta::microseconds(1)).await;
    let late =
        refused(env.unit(LEAD).return_ticket(back(&number, NEXT)).await, ErrorReason::ReturnWindowClosed);
    assert!(late.metadata().contains_key("closed_at"), "{late:?}");

    let again = env.dispatch(&number, NEXT).await.dispatch.expect("it was dispatched");
    env.advance_to(again.return_due_time.expect("a dispatch has a window")).await;
    send_back(env, &number, NEXT).await;
}

async fn a_return_says_who_should_have_it(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let nobody = ReturnTicket::new(&number, ReturnReason::NotOurDuty, "三定方案第三条。");
    let error = refused(env.unit(LEAD).return_ticket(nobody).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "proposed_unit");
    let unknown =
        refused(env.unit(LEAD).return_ticket(back(&number, "dept-nowhere")).await, ErrorReason::UnitUnknown);
    assert_eq!(unknown.field_violations()[0].field, "proposed_unit");
    let incomplete = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(incomplete).await.expect("it needs no other unit");
}
