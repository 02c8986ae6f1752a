//! Returns (退单): refused, accepted, redispatched, and the third one, which is an arbitration whose ruling is final.

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, DispatchTicket, ErrorReason, ReturnReason, ReturnTicket, RuleOnReturn, Ruling, Ticket,
    TicketState,
};

use super::test_env::{City, LEAD, NEXT, appeal, refused};

on_every_store!(city:
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

async fn send_back(city: &City, number: &str, unit: &str) -> Ticket {
    let elsewhere = if unit == LEAD { NEXT } else { LEAD };
    let returned = city.unit(unit).return_ticket(back(number, elsewhere)).await.expect("it is returned");
    assert_eq!(returned.state, TicketState::Returned);
    returned
}

async fn rule(city: &City, number: &str, ruling: Ruling) -> Ticket {
    let command = RuleOnReturn::new(number, ruling, "已核对注册地。");
    city.dispatcher().rule_on_return(command).await.expect("the dispatcher rules")
}

async fn the_third_return_is_an_arbitration_and_its_ruling_is_final(city: &City) {
    let taken = city.take_in(appeal()).await;
    let number = taken.number.as_str();
    city.dispatch(number, LEAD).await;
    let first = send_back(city, number, LEAD).await;
    assert!(!first.returns[0].arbitration);
    let sent = city.dispatcher().dispatch_ticket(DispatchTicket::new(number, NEXT)).await;
    refused(sent, ErrorReason::ReturnPending);
    assert_eq!(rule(city, number, Ruling::Refuse).await.state, TicketState::Dispatched);
    let twice = RuleOnReturn::new(number, Ruling::Accept, "再次裁定。");
    refused(city.dispatcher().rule_on_return(twice).await, ErrorReason::WrongState);

    // By the same unit, which reads its own returns.
    assert!(!send_back(city, number, LEAD).await.returns[1].arbitration);
    assert_eq!(rule(city, number, Ruling::Accept).await.state, TicketState::Returned);
    let gone = city.dispatch(number, NEXT).await;
    assert_eq!(gone.dispatch.map(|dispatch| dispatch.lead_unit), Some(NEXT.to_owned()));
    refused(city.unit(LEAD).get_ticket(number).await, ErrorReason::TicketNotFound);
    refused(city.unit(LEAD).return_ticket(back(number, NEXT)).await, ErrorReason::TicketNotFound);

    let returned = send_back(city, number, NEXT).await.returns;
    assert!(
        returned.len() == 1 && returned[0].arbitration,
        "the other unit's are not its to read: {returned:?}"
    );
    let ruled = rule(city, number, Ruling::Refuse).await;
    let ruling = ruled.returns[2].ruling.clone().expect("it was ruled on");
    assert_eq!((ruled.state, ruling.accepted, ruling.is_final), (TicketState::Dispatched, false, true));
    refused(city.unit(NEXT).return_ticket(back(number, LEAD)).await, ErrorReason::ReturnsExhausted);

    let signed = city.unit(NEXT).accept_ticket(AcceptTicket::new(number)).await.expect("it signs now");
    assert_eq!(signed.cycle.due_time, taken.cycle.due_time, "the clock keeps running");
    let told = [
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
    assert_eq!(city.story_of(number).await, told);
}

async fn a_return_comes_inside_its_window(city: &City) {
    // The opening is a Saturday that is worked; the next working day is Monday.
    let number = city.take_in(appeal()).await.number;
    let sent = city.dispatch(&number, LEAD).await.dispatch.expect("it was dispatched");
    assert_eq!(sent.return_due_time, Some(sent.dispatch_time + TimeDelta::days(2)));
    let window = sent.return_due_time.expect("a dispatch has a window");

    city.advance_to(window + TimeDelta::microseconds(1)).await;
    let late =
        refused(city.unit(LEAD).return_ticket(back(&number, NEXT)).await, ErrorReason::ReturnWindowClosed);
    assert!(late.metadata().contains_key("closed_at"), "{late:?}");

    let again = city.dispatch(&number, NEXT).await.dispatch.expect("it was dispatched");
    city.advance_to(again.return_due_time.expect("a dispatch has a window")).await;
    send_back(city, &number, NEXT).await;
}

async fn a_return_says_who_should_have_it(city: &City) {
    let number = city.take_in(appeal()).await.number;
    city.dispatch(&number, LEAD).await;
    let nobody = ReturnTicket::new(&number, ReturnReason::NotOurDuty, "三定方案第三条。");
    let error = refused(city.unit(LEAD).return_ticket(nobody).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "proposed_unit");
    let unknown =
        refused(city.unit(LEAD).return_ticket(back(&number, "dept-nowhere")).await, ErrorReason::UnitUnknown);
    assert_eq!(unknown.field_violations()[0].field, "proposed_unit");
    let incomplete = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条。");
    city.unit(LEAD).return_ticket(incomplete).await.expect("it needs no other unit");
}
