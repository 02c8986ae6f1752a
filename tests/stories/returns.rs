//! Returns (退单): refused, accepted, redispatched, and the third one, which is an arbitration whose ruling is final.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, DispatchTicket, ErrorReason, ReturnReason, ReturnTicket, RuleOnReturn, Ruling, Ticket,
    TicketState,
};

use super::test_env::{LEAD, NEXT, TestEnv, appeal, refused};

on_every_store!(env:
    the_third_return_is_an_arbitration_and_its_ruling_is_final,
    a_return_after_its_window_is_refused,
    a_return_of_another_units_duty_names_the_unit,
);

fn return_to(number: &str, proposed: &str) -> ReturnTicket {
    ReturnTicket::new(number, ReturnReason::NotOurPlace, "注册地不在本区。")
        .proposed_unit(proposed.to_owned())
}

async fn return_elsewhere(env: &TestEnv, number: &str, unit: &str) -> Ticket {
    let elsewhere = if unit == LEAD { NEXT } else { LEAD };
    let returned = env.unit(unit).return_ticket(return_to(number, elsewhere)).await.expect("it is returned");
    assert_eq!(returned.state, TicketState::Returned);
    returned
}

async fn rule_on_return(env: &TestEnv, number: &str, ruling: Ruling) -> Ticket {
    let command = RuleOnReturn::new(number, ruling, "已核对注册地。");
    env.dispatcher().rule_on_return(command).await.expect("the dispatcher rules")
}

async fn the_third_return_is_an_arbitration_and_its_ruling_is_final(env: &TestEnv) {
    let created = env.take_in(appeal()).await;
    let number = created.number.as_str();
    env.dispatch(number, LEAD).await;
    let first_return = return_elsewhere(env, number, LEAD).await;
    assert!(!first_return.returns[0].arbitration);
    let dispatch_while_pending = env.dispatcher().dispatch_ticket(DispatchTicket::new(number, NEXT)).await;
    refused(dispatch_while_pending, ErrorReason::ReturnPending);
    assert_eq!(rule_on_return(env, number, Ruling::Refuse).await.state, TicketState::Dispatched);
    let second_ruling = RuleOnReturn::new(number, Ruling::Accept, "再次裁定。");
    refused(env.dispatcher().rule_on_return(second_ruling).await, ErrorReason::WrongState);

    // By the same unit, which sees its own returns.
    assert!(!return_elsewhere(env, number, LEAD).await.returns[1].arbitration);
    assert_eq!(rule_on_return(env, number, Ruling::Accept).await.state, TicketState::Returned);
    let redispatched = env.dispatch(number, NEXT).await;
    assert_eq!(redispatched.dispatch.map(|dispatch| dispatch.lead_unit), Some(NEXT.to_owned()));
    refused(env.unit(LEAD).get_ticket_with_caller(number).await, ErrorReason::TicketNotFound);
    refused(env.unit(LEAD).return_ticket(return_to(number, NEXT)).await, ErrorReason::TicketNotFound);

    let returned = return_elsewhere(env, number, NEXT).await.returns;
    assert!(
        returned.len() == 1 && returned[0].arbitration,
        "returns of another unit are not shown: {returned:?}"
    );
    let ruled = rule_on_return(env, number, Ruling::Refuse).await;
    let ruling = ruled.returns[2].ruling.clone().expect("the return was ruled on");
    assert_eq!((ruled.state, ruling.accepted, ruling.is_final), (TicketState::Dispatched, false, true));
    refused(env.unit(NEXT).return_ticket(return_to(number, LEAD)).await, ErrorReason::ReturnsExhausted);

    let accepted =
        env.unit(NEXT).accept_ticket(AcceptTicket::new(number)).await.expect("the unit accepts it now");
    assert_eq!(accepted.cycle.due_time, created.cycle.due_time, "returns do not extend the limit");
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

async fn a_return_after_its_window_is_refused(env: &TestEnv) {
    // The opening is a Saturday that is a workday; the next working day is Monday.
    let number = env.take_in(appeal()).await.number;
    let dispatch = env.dispatch(&number, LEAD).await.dispatch.expect("it was dispatched");
    assert_eq!(dispatch.return_due_time, Some(dispatch.dispatch_time + TimeDelta::days(2)));
    let window_end = dispatch.return_due_time.expect("a dispatch has a window");

    env.advance_to(window_end + TimeDelta::microseconds(1)).await;
    let error = refused(
        env.unit(LEAD).return_ticket(return_to(&number, NEXT)).await,
        ErrorReason::ReturnWindowClosed,
    );
    assert!(error.metadata().contains_key("closed_at"), "{error:?}");

    let second_dispatch = env.dispatch(&number, NEXT).await.dispatch.expect("it was dispatched");
    env.advance_to(second_dispatch.return_due_time.expect("a dispatch has a window")).await;
    return_elsewhere(env, &number, NEXT).await;
}

async fn a_return_of_another_units_duty_names_the_unit(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let without_unit = ReturnTicket::new(&number, ReturnReason::NotOurDuty, "三定方案第三条。");
    let error = refused(env.unit(LEAD).return_ticket(without_unit).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "proposed_unit");
    let unknown_unit = refused(
        env.unit(LEAD).return_ticket(return_to(&number, "dept-nowhere")).await,
        ErrorReason::UnitUnknown,
    );
    assert_eq!(unknown_unit.field_violations()[0].field, "proposed_unit");
    let incomplete = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(incomplete).await.expect("an incomplete ticket needs no proposed unit");
}
