//! A complaint never reaches the accused unit or its sub-units: by no dispatch, merge, plan or intake. If a ticket
//! turns out to be about a unit that has it, it is recalled.

use hotline_client::{
    AcceptTicket, Category, Channel, ClassifyTicket, Complexity, DispatchTicket, ErrorReason, EventDetail,
    MergeTicket, PlanTicket, Responsibility, ReturnReason, ReturnTicket, RuleOnReturn, Ruling,
    SubmitFeedback, Ticket, TicketState, Uuid,
};

use super::test_env::{
    ACCUSED, ASSISTING, INFORMED, LEAD, NEXT, TestEnv, UNDER_ACCUSED, appeal, complaint, refused, reply,
    report,
};

on_every_store!(env:
    no_dispatch_reaches_the_accused,
    no_merge_reaches_the_accused,
    no_plan_names_the_accused,
    a_ticket_reclassified_as_a_complaint_is_recalled,
    a_ticket_recalled_during_a_return_can_be_dispatched_again,
    feedback_of_the_accused_unit_does_not_count,
    only_staff_read_who_is_accused,
    a_later_unit_reads_nothing_of_the_accused,
);

/// Nothing changed, and the accused unit sees nothing.
async fn assert_untouched(env: &TestEnv, before: &Ticket) {
    assert_eq!(env.ticket(&before.number).await, *before);
    for unit in [ACCUSED, UNDER_ACCUSED] {
        refused(env.unit(unit).get_ticket_with_caller(&before.number).await, ErrorReason::TicketNotFound);
    }
}

async fn no_dispatch_reaches_the_accused(env: &TestEnv) {
    let complaint_ticket = env.take_in(complaint()).await;
    let number = complaint_ticket.number.as_str();
    for unit in [ACCUSED, UNDER_ACCUSED] {
        let units = || vec![unit.to_owned()];
        for dispatch in [
            DispatchTicket::new(number, unit),
            DispatchTicket::new(number, LEAD).assist_units(units()),
            DispatchTicket::new(number, LEAD).inform_units(units()),
        ] {
            let outcome = env.dispatcher().dispatch_ticket(dispatch).await;
            refused(outcome, ErrorReason::ConflictOfInterest);
        }
    }
    assert_untouched(env, &complaint_ticket).await;

    // A complaint about a sub-unit may be dispatched to the unit above it.
    let about_subunit = complaint().accused_units([UNDER_ACCUSED]);
    let about_subunit = env.take_in(about_subunit).await.number;
    assert_eq!(env.dispatch(&about_subunit, ACCUSED).await.state, TicketState::Dispatched);

    let complaint_about_itself = complaint().channel(Channel::Partner);
    let complaint_about_itself = env.unit(UNDER_ACCUSED).create_ticket(complaint_about_itself).await;
    refused(complaint_about_itself, ErrorReason::ConflictOfInterest);
}

async fn no_merge_reaches_the_accused(env: &TestEnv) {
    let complaint_ticket = env.take_in(complaint()).await;
    for unit in [ACCUSED, UNDER_ACCUSED] {
        let units = || vec![unit.to_owned()];
        for (lead, assist_units, inform_units) in
            [(unit, vec![], vec![]), (LEAD, units(), vec![]), (LEAD, vec![], units())]
        {
            let target = env.take_in(appeal()).await.number;
            let dispatch =
                DispatchTicket::new(&target, lead).assist_units(assist_units).inform_units(inform_units);
            env.dispatcher()
                .dispatch_ticket(dispatch)
                .await
                .expect("an appeal may be dispatched to the accused unit");
            let outcome = env.agent().merge_ticket(MergeTicket::new(&complaint_ticket.number, &target)).await;
            refused(outcome, ErrorReason::ConflictOfInterest);
            assert_eq!(env.ticket(&target).await.repeats, Vec::<String>::new());
        }
    }
    assert_untouched(env, &complaint_ticket).await;
}

async fn no_plan_names_the_accused(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    let classify_as_appeal = ClassifyTicket::new(&number, Category::Appeal, Complexity::Complex)
        .responsibility(Responsibility::Overlapping);
    env.agent().classify_ticket(classify_as_appeal).await.expect("it was an appeal after all");
    let coordinator = env.client("coordinator").tickets();
    for (lead, assisting) in [(ACCUSED, LEAD), (LEAD, UNDER_ACCUSED)] {
        let plan = PlanTicket::new(&number, "分工如下。", lead).assist_units([assisting]);
        refused(coordinator.plan_ticket(plan).await, ErrorReason::ConflictOfInterest);
    }
}

/// A classification as a complaint about a unit.
fn complaint_about(number: &str, unit: &str) -> ClassifyTicket {
    ClassifyTicket::new(number, Category::ComplaintReport, Complexity::General)
        .accused_units([unit.to_owned()])
}

async fn a_ticket_reclassified_as_a_complaint_is_recalled(env: &TestEnv) {
    for (order, unit) in [LEAD, ASSISTING, INFORMED].into_iter().enumerate() {
        let number = env.take_in(appeal()).await.number;
        let dispatch = DispatchTicket::new(&number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
        env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
        if order > 0 {
            env.unit(LEAD)
                .accept_ticket(AcceptTicket::new(&number))
                .await
                .expect("the lead unit accepts the ticket");
        }
        let recalled = env
            .agent()
            .classify_ticket(complaint_about(&number, unit))
            .await
            .expect("the ticket is classified");
        assert_eq!((recalled.state, recalled.dispatch), (TicketState::Received, None));
        for former in [LEAD, ASSISTING, INFORMED] {
            refused(env.unit(former).get_ticket_with_caller(&number).await, ErrorReason::TicketNotFound);
        }
        let last_event = env.events(&number).await.pop().expect("the ticket has events");
        assert!(matches!(last_event.detail, EventDetail::TicketClassified(one) if one.recalled));
        let dispatch_to_accused = env.dispatcher().dispatch_ticket(DispatchTicket::new(&number, unit)).await;
        refused(dispatch_to_accused, ErrorReason::ConflictOfInterest);
        env.dispatch(&number, NEXT).await;
    }
}

async fn a_ticket_recalled_during_a_return_can_be_dispatched_again(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let return_ticket = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(return_ticket).await.expect("it is returned");
    let recalled =
        env.agent().classify_ticket(complaint_about(&number, LEAD)).await.expect("the ticket is classified");
    assert_eq!(recalled.state, TicketState::Received);
    assert!(recalled.returns.iter().all(|each| each.ruling.is_some()), "no return waits for a ruling");
    assert_eq!(env.dispatch(&number, NEXT).await.state, TicketState::Dispatched);
}

async fn feedback_of_the_accused_unit_does_not_count(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let caller_reply = || async { SubmitFeedback::new(&number).caller_reply(reply(env.now().await)) };
    env.unit(LEAD)
        .submit_feedback(caller_reply().await)
        .await
        .expect("the accused unit replies to the caller");
    env.agent().classify_ticket(complaint_about(&number, LEAD)).await.expect("the ticket is classified");
    env.dispatch(&number, NEXT).await;
    let next_unit = env.unit(NEXT);
    next_unit.accept_ticket(AcceptTicket::new(&number)).await.expect("the next unit accepts");
    let hotline_report = SubmitFeedback::new(&number).hotline_report(report());
    let after_report = next_unit.submit_feedback(hotline_report).await.expect("the next unit reports");
    assert_eq!(after_report.state, TicketState::Handling, "the reply of the accused completes nothing");
    let after_reply =
        next_unit.submit_feedback(caller_reply().await).await.expect("the next unit replies to the caller");
    assert_eq!(after_reply.state, TicketState::Completed);
}

/// A ticket whose lead turned out to be the accused unit. The next lead reads the intake and the events of its own
/// dispatch, and nothing about the earlier unit.
async fn a_later_unit_reads_nothing_of_the_accused(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let overlapping = ClassifyTicket::new(&number, Category::Appeal, Complexity::General)
        .responsibility(Responsibility::Overlapping);
    env.agent().classify_ticket(overlapping).await.expect("it goes to the coordinator");
    let plan_with_accused = PlanTicket::new(&number, "分工", ACCUSED).assist_units([ASSISTING]);
    env.client("coordinator").tickets().plan_ticket(plan_with_accused).await.expect("it is planned");
    let dispatch = DispatchTicket::new(&number, ACCUSED);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    let return_ticket = ReturnTicket::new(&number, ReturnReason::NotOurDuty, "三定方案").proposed_unit(NEXT);
    env.unit(ACCUSED).return_ticket(return_ticket).await.expect("it is returned");
    let ruling = RuleOnReturn::new(&number, Ruling::Refuse, "属本单位职责");
    env.dispatcher().rule_on_return(ruling).await.expect("the return is refused");
    let accept = AcceptTicket::new(&number).request_id(Uuid::from_u128(77));
    let accepted =
        env.unit(ACCUSED).accept_ticket(accept.clone()).await.expect("the accused unit accepts it");
    env.agent().classify_ticket(complaint_about(&number, ACCUSED)).await.expect("the ticket is classified");
    env.dispatch(&number, LEAD).await;

    let lead_unit = env.unit(LEAD);
    let view = lead_unit.get_ticket_with_caller(&number).await.expect("it is its own").ticket;
    let events = lead_unit.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let shown = format!("{view:?} {events:?}");
    for hidden_text in [ACCUSED, ASSISTING, NEXT, "三定方案", "属本单位职责", "recalled: true"] {
        assert!(!shown.contains(hidden_text), "{hidden_text} in {shown}");
    }
    let names: Vec<_> = events.iter().map(|event| (event.sequence, event.detail.name())).collect();
    assert_eq!(
        names,
        [(1, "TicketCreated"), (2, "TicketDispatched")],
        "the sequence that is shown has no gap"
    );
    assert_eq!(view.returns, []);
    // The same etag is shown for a ticket that no other unit ever had.
    let other_complaint = env.take_in(complaint()).await.number;
    env.dispatch(&other_complaint, LEAD).await;
    let other_complaint =
        lead_unit.get_ticket_with_caller(&other_complaint).await.expect("it is its own").ticket;
    assert_eq!(other_complaint.etag, view.etag, "an etag does not count what happened before");
    let with_stale_etag = AcceptTicket::new(&number).etag(accepted.etag.clone());
    refused(lead_unit.accept_ticket(with_stale_etag).await, ErrorReason::EtagStale);
    let with_current_etag = AcceptTicket::new(&number).etag(view.etag);
    lead_unit.accept_ticket(with_current_etag).await.expect("the etag of the visible ticket is current");
    // A repeat by the former lead gets the first answer and tells nothing new.
    assert_eq!(env.unit(ACCUSED).accept_ticket(accept).await.expect("a repeat"), accepted);
    refused(env.unit(ACCUSED).get_ticket_with_caller(&number).await, ErrorReason::TicketNotFound);
}

async fn only_staff_read_who_is_accused(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    env.dispatch(&number, LEAD).await;
    env.agent()
        .classify_ticket(complaint_about(&number, NEXT))
        .await
        .expect("the agent adds an accused unit");
    assert_eq!(env.ticket(&number).await.accused_units, [ACCUSED, NEXT]);
    let lead_unit = env.unit(LEAD);
    let view = lead_unit.get_ticket_with_caller(&number).await.expect("it is its own");
    let events = lead_unit.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let shown = format!("{view:?} {events:?}");
    assert!(!shown.contains(ACCUSED) && !shown.contains(NEXT), "{shown}");
}
