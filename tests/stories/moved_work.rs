//! Work moves: a signed ticket to another unit, all open work of a unit to its successor or to the desk. What the unit
//! that lost a ticket learns is the same for every reason.

use std::collections::BTreeMap;

use hotline_client::{
    AcceptTicket, CarryOverStep, CarryOverTicket, Category, ClassifyTicket, Complexity, DeactivateUnit,
    DispatchTicket, Error, ErrorReason, EventDetail, ListDigests, ListTickets, PutUnit, ReturnReason,
    ReturnTicket, RuleOnReturn, Ruling, SubmitFeedback, TicketState, Transfer, TransferTickets, Unit, Uuid,
};

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal, complaint, refused, reply, report};
use crate::support::wait;

on_every_store!(env:
    signed_work_moves_with_a_reason_and_its_limit_runs_on,
    a_supervisor_moves_signed_work_alone,
    requests_of_the_former_lead_are_void,
    a_unit_that_lost_a_ticket_learns_the_same_for_every_reason,
    open_work_moves_to_a_successor,
    the_work_of_an_abolished_unit_goes_to_the_desk,
    a_transfer_is_started_once_and_read_by_its_number,
    an_abolished_unit_can_be_complained_about_and_its_successor_sees_nothing,
);

/// A dispatch of signed work to another lead.
fn moved(number: &str, lead: &str) -> DispatchTicket {
    DispatchTicket::new(number, lead).reason("签收单位职责已划转")
}

/// A transfer that is done.
async fn done(env: &TestEnv, number: u32) -> Transfer {
    let supervisor = env.supervisor();
    wait::until("the transfer is done", async || {
        supervisor.get_transfer(number).await.expect("there is one").done_time.is_some()
    })
    .await;
    supervisor.get_transfer(number).await.expect("there is one")
}

async fn unit_of(env: &TestEnv, code: &str) -> Unit {
    env.client("administrator").directory().get_unit(code).await.expect("the unit is seeded")
}

async fn signed_work_moves_with_a_reason_and_its_limit_runs_on(env: &TestEnv) {
    let signed = env.appeal_in_handling().await;
    let number = signed.number.as_str();
    let half = SubmitFeedback::new(number).caller_reply(reply(env.now().await));
    env.unit(LEAD).submit_feedback(half).await.expect("one half");
    let without_reason = env.dispatcher().dispatch_ticket(DispatchTicket::new(number, NEXT)).await;
    let error = refused(without_reason, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "reason");

    let sent = env.supervisor().dispatch_ticket(moved(number, NEXT)).await.expect("it moves");
    assert_eq!((sent.state, sent.cycle.due_time), (TicketState::Dispatched, signed.cycle.due_time));
    assert_eq!((sent.cycle.number, sent.cycle.caller_reply), (1, None));
    refused(env.unit(LEAD).get_ticket_with_caller(number).await, ErrorReason::TicketNotFound);
    let events = env.unit(NEXT).list_ticket_events(number).take_up_to(10).await.expect("its events");
    let names: Vec<_> = events.iter().map(|event| (event.sequence, event.detail.name())).collect();
    assert_eq!(names, [(1, "TicketCreated"), (2, "TicketDispatched")]);
    let reasons = |events: &[hotline_client::TicketEvent]| -> Vec<Option<String>> {
        let dispatched = events.iter().filter_map(|event| match &event.detail {
            EventDetail::TicketDispatched(one) => Some(one.reason.clone()),
            _ => None,
        });
        dispatched.collect()
    };
    assert_eq!(reasons(&events), [None], "a unit does not read why");
    let all = env.events(number).await;
    assert_eq!(reasons(&all), [None, Some("签收单位职责已划转".into())]);
    assert!(all.iter().any(|event| event.detail.name() == "CallerReplied"), "the half stays in the events");

    // The new lead gives both halves.
    env.unit(NEXT).accept_ticket(AcceptTicket::new(number)).await.expect("it accepts");
    let other_half = SubmitFeedback::new(number).hotline_report(report());
    let reported = env.unit(NEXT).submit_feedback(other_half).await.expect("one half");
    assert_eq!(reported.state, TicketState::Handling);
    let half = SubmitFeedback::new(number).caller_reply(reply(env.now().await));
    let completed = env.unit(NEXT).submit_feedback(half).await.expect("the other half");
    assert_eq!(completed.state, TicketState::Completed);
    refused(env.dispatcher().dispatch_ticket(moved(number, LEAD)).await, ErrorReason::WrongState);
}

async fn a_supervisor_moves_signed_work_alone(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    refused(env.supervisor().dispatch_ticket(moved(&number, NEXT)).await, ErrorReason::PartNotAllowed);
    env.dispatch(&number, LEAD).await;
    refused(env.supervisor().dispatch_ticket(moved(&number, NEXT)).await, ErrorReason::PartNotAllowed);
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("it accepts");
    refused(env.agent().dispatch_ticket(moved(&number, NEXT)).await, ErrorReason::RoleNotAllowed);
    let coordinator = env.client("coordinator").tickets();
    let sent = coordinator.dispatch_ticket(moved(&number, NEXT)).await.expect("the coordinator moves it");
    assert_eq!(sent.state, TicketState::Dispatched);
}

async fn requests_of_the_former_lead_are_void(env: &TestEnv) {
    let signed = env.appeal_in_handling().await;
    let number = signed.number.as_str();
    let step = CarryOverStep::Ask {
        next_steps: "等待规划部门批复".into(),
        promised_time: signed.cycle.due_time + chrono::TimeDelta::days(20),
        inform_time: env.now().await,
    };
    env.unit(LEAD).carry_over_ticket(CarryOverTicket::new(number, step)).await.expect("it asks");
    let sent = env.dispatcher().dispatch_ticket(moved(number, NEXT)).await.expect("it moves");
    assert_eq!(sent.cycle.carry_over, None);
    env.unit(NEXT).accept_ticket(AcceptTicket::new(number)).await.expect("it accepts");
    let grant = CarryOverStep::Decide { granted: true, note: None };
    let decided = env.dispatcher().carry_over_ticket(CarryOverTicket::new(number, grant)).await;
    refused(decided, ErrorReason::NoCarryOverPending);
}

/// A refusal without the ticket number in it.
fn comparable(error: &Error, number: &str) -> (String, String, BTreeMap<String, String>) {
    let hidden = |text: &str| text.replace(number, "#");
    let metadata = error.metadata().iter().map(|(key, value)| (key.clone(), hidden(value)));
    let message = error.localized_message().map(|message| hidden(&message.message)).unwrap_or_default();
    (format!("{:?} {:?}", error.code(), error.reason()), message, metadata.collect())
}

async fn a_unit_that_lost_a_ticket_learns_the_same_for_every_reason(env: &TestEnv) {
    let mut numbers = Vec::new();
    for _ in 0..3 {
        numbers.push(env.appeal_in_handling().await.number);
    }
    let [redispatched, accused, transferred] = numbers.as_slice() else { panic!("three tickets") };
    env.dispatcher().dispatch_ticket(moved(redispatched, NEXT)).await.expect("it moves");
    let about_the_lead =
        ClassifyTicket::new(accused, Category::ComplaintReport, Complexity::General).accused_units([LEAD]);
    env.agent().classify_ticket(about_the_lead).await.expect("it is recalled");
    let returned = env.take_in(appeal()).await.number;
    env.dispatch(&returned, LEAD).await;
    let back = ReturnTicket::new(&returned, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(back).await.expect("it is returned");
    let accepted = RuleOnReturn::new(&returned, Ruling::Accept, "属实。");
    env.dispatcher().rule_on_return(accepted).await.expect("it is accepted");
    let transfer = TransferTickets::to_desk(LEAD, "机构调整");
    let transfer = env.supervisor().transfer_tickets(transfer).await.expect("it starts");
    done(env, transfer.number).await;

    let mut learned = Vec::new();
    for number in [redispatched, accused, transferred, &returned] {
        let read = refused(env.unit(LEAD).get_ticket_with_caller(number).await, ErrorReason::TicketNotFound);
        let accept = env.unit(LEAD).accept_ticket(AcceptTicket::new(number)).await;
        let accept = refused(accept, ErrorReason::TicketNotFound);
        let events = env.unit(LEAD).list_ticket_events(number).take_up_to(10).await;
        let events = refused(events, ErrorReason::TicketNotFound);
        learned.push([read, accept, events].map(|error| comparable(&error, number)));
    }
    assert!(learned.iter().all(|one| *one == learned[0]), "{learned:#?}");
    let listed = env.unit(LEAD).list_tickets(ListTickets::default()).take_up_to(10).await;
    assert_eq!(listed.expect("an empty list"), []);
    // Rungs that fire later are none of its business.
    env.advance(chrono::TimeDelta::days(30)).await;
    let digests = env.unit(LEAD).list_digests(ListDigests::default()).take_up_to(10).await;
    assert!(digests.expect("its digests").iter().all(|digest| digest.tickets.is_empty()));
}

async fn open_work_moves_to_a_successor(env: &TestEnv) {
    let signed = env.appeal_in_handling().await;
    let assisted = env.take_in(appeal()).await.number;
    let dispatch = DispatchTicket::new(&assisted, ASSISTING).assist_units([LEAD]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    let directory = env.client("administrator").directory();
    let ends = DeactivateUnit::in_favour_of(unit_of(env, LEAD).await, NEXT);
    let ended = directory.deactivate_unit(ends).await.expect("it has a successor");
    assert_eq!((ended.unit.active, ended.unit.successor.as_deref()), (false, Some(NEXT)));
    let transfer = done(env, ended.transfer_number).await;
    let counts = (transfer.total, transfer.moved, transfer.sent_to_desk, transfer.released, transfer.left);
    assert_eq!(counts, (2, 2, 0, 0, 0), "{transfer:?}");
    assert_eq!((transfer.from_unit.as_str(), transfer.to_unit.as_deref()), (LEAD, Some(NEXT)));

    let ticket = env.ticket(&signed.number).await;
    assert_eq!((ticket.state, ticket.cycle.due_time), (TicketState::Dispatched, signed.cycle.due_time));
    env.unit(NEXT).accept_ticket(AcceptTicket::new(&signed.number)).await.expect("the successor accepts it");
    let seen = env.unit(ASSISTING).get_ticket_with_caller(&assisted).await.expect("it leads").ticket;
    assert_eq!(seen.dispatch.map(|dispatch| dispatch.assist_units), Some(vec![NEXT.to_owned()]));
    let events = env.unit(ASSISTING).list_ticket_events(&assisted).take_up_to(10).await;
    let names: Vec<_> = events.expect("its events").iter().map(|event| event.detail.name()).collect();
    assert_eq!(names, ["TicketCreated", "TicketDispatched", "UnitReplaced"]);
    env.unit(NEXT).get_ticket_with_caller(&assisted).await.expect("the successor assists");
    refused(env.unit(LEAD).get_ticket_with_caller(&assisted).await, ErrorReason::TicketNotFound);
    refused(env.dispatcher().dispatch_ticket(moved(&assisted, LEAD)).await, ErrorReason::UnitUnknown);
}

async fn the_work_of_an_abolished_unit_goes_to_the_desk(env: &TestEnv) {
    let signed = env.appeal_in_handling().await.number;
    let returned = env.take_in(appeal()).await.number;
    env.dispatch(&returned, LEAD).await;
    let back = ReturnTicket::new(&returned, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(back).await.expect("it is returned");
    let directory = env.client("administrator").directory();
    let unit = Unit { active: false, ..unit_of(env, LEAD).await };
    let silent = directory.put_unit(PutUnit::new(unit.clone())).await;
    let error = refused(silent, ErrorReason::UnitHasOpenTickets);
    assert_eq!(error.metadata().get("open_tickets").map(String::as_str), Some("2"));
    assert!(unit_of(env, LEAD).await.active, "nothing has changed");

    let ended = directory.deactivate_unit(DeactivateUnit::to_desk(unit)).await.expect("to the desk");
    let transfer = done(env, ended.transfer_number).await;
    assert_eq!((transfer.sent_to_desk, transfer.left, transfer.to_unit), (2, 0, None));
    for number in [&signed, &returned] {
        let ticket = env.ticket(number).await;
        assert_eq!((ticket.state, ticket.dispatch), (TicketState::Received, None));
        let events = env.event_names(number).await;
        assert_eq!(events.last(), Some(&"TicketSentToDesk"), "{events:?}");
        assert_eq!(env.dispatch(number, NEXT).await.state, TicketState::Dispatched);
    }
}

async fn a_transfer_is_started_once_and_read_by_its_number(env: &TestEnv) {
    env.appeal_in_handling().await;
    let request_id = Some(Uuid::new_v4());
    let command = TransferTickets::to_unit(LEAD, NEXT, "职责划转").request_id(request_id);
    let first = env.supervisor().transfer_tickets(command.clone()).await.expect("it starts");
    assert_eq!(env.supervisor().transfer_tickets(command).await.expect("a repeat"), first);
    assert_eq!((first.number, first.total, first.left, first.done_time), (1, 1, 1, None));
    let read = done(env, first.number).await;
    assert_eq!((read.reason.as_deref(), read.moved, read.left), (Some("职责划转"), 1, 0));
    let administrator = env.client("administrator").tickets();
    assert_eq!(administrator.get_transfer(1).await.expect("administrators read it"), read);

    refused(env.supervisor().get_transfer(2).await, ErrorReason::TransferNotFound);
    for (command, field) in [
        (TransferTickets::to_unit(LEAD, LEAD, "职责划转"), "to_unit"),
        (TransferTickets::to_desk(LEAD, ""), "reason"),
        (TransferTickets::to_desk(LEAD, "请联系13800138000"), "reason"),
    ] {
        let error = refused(env.supervisor().transfer_tickets(command).await, ErrorReason::InvalidFields);
        assert_eq!(error.field_violations()[0].field, field, "{error:?}");
    }
    for command in [
        TransferTickets::to_unit(LEAD, "dept-nowhere", "职责划转"),
        TransferTickets::to_unit("dept-nowhere", LEAD, "职责划转"),
    ] {
        refused(env.supervisor().transfer_tickets(command).await, ErrorReason::UnitUnknown);
    }
    let by_dispatcher = env.dispatcher().transfer_tickets(TransferTickets::to_desk(LEAD, "职责划转")).await;
    refused(by_dispatcher, ErrorReason::RoleNotAllowed);
}

async fn an_abolished_unit_can_be_complained_about_and_its_successor_sees_nothing(env: &TestEnv) {
    let before = env.take_in(complaint()).await.number;
    env.dispatch(&before, NEXT).await;
    let directory = env.client("administrator").directory();
    let accused = unit_of(env, super::test_env::ACCUSED).await;
    let ends = DeactivateUnit::in_favour_of(accused, NEXT);
    directory.deactivate_unit(ends).await.expect("it has no open tickets");
    refused(env.unit(NEXT).get_ticket_with_caller(&before).await, ErrorReason::TicketNotFound);
    assert_eq!(env.ticket(&before).await.state, TicketState::Received, "it is recalled");
    let after = env.take_in(complaint()).await.number;
    for number in [&before, &after] {
        let sent = env.dispatcher().dispatch_ticket(DispatchTicket::new(number, NEXT)).await;
        refused(sent, ErrorReason::ConflictOfInterest);
        env.dispatch(number, LEAD).await;
    }
    // A transfer to the successor leaves the complaints at the desk.
    let transfer = env.supervisor().transfer_tickets(TransferTickets::to_unit(LEAD, NEXT, "职责划转")).await;
    let transfer = done(env, transfer.expect("it starts").number).await;
    assert_eq!((transfer.total, transfer.sent_to_desk, transfer.moved), (2, 2, 0));
}
