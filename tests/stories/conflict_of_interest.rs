//! A complaint never reaches the accused unit or its sub-units: by no dispatch, merge, plan or intake. If a ticket
//! turns out to be about a unit that has it, it is recalled.

use hotline_client::{
    AcceptTicket, Category, Channel, ClassifyTicket, Complexity, CreateTicket, DispatchTicket, ErrorReason,
    EventDetail, MergeTicket, PlanTicket, Responsibility, ReturnReason, ReturnTicket, RuleOnReturn, Ruling,
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
    what_turns_out_to_be_a_complaint_is_taken_away,
    what_is_taken_away_in_a_return_can_be_dispatched_again,
    what_the_accused_has_put_on_it_does_not_count,
    only_staff_read_who_is_accused,
    a_later_unit_reads_nothing_of_the_accused,
);

/// Nothing changed, and the accused unit sees nothing.
async fn assert_untouched(env: &TestEnv, before: &Ticket) {
    assert_eq!(env.ticket(&before.number).await, *before);
    for unit in [ACCUSED, UNDER_ACCUSED] {
        refused(env.unit(unit).get_ticket(&before.number).await, ErrorReason::TicketNotFound);
    }
}

async fn no_dispatch_reaches_the_accused(env: &TestEnv) {
    let taken = env.take_in(complaint()).await;
    let number = taken.number.as_str();
    for unit in [ACCUSED, UNDER_ACCUSED] {
        let list = || vec![unit.to_owned()];
        for dispatch in [
            DispatchTicket::new(number, unit),
            DispatchTicket { assist_units: list(), ..DispatchTicket::new(number, LEAD) },
            DispatchTicket { inform_units: list(), ..DispatchTicket::new(number, LEAD) },
        ] {
            let outcome = env.dispatcher().dispatch_ticket(dispatch).await;
            refused(outcome, ErrorReason::ConflictOfInterest);
        }
    }
    assert_untouched(env, &taken).await;

    // A complaint about a sub-unit may go to the unit above it.
    let below = CreateTicket { accused_units: vec![UNDER_ACCUSED.into()], ..complaint() };
    let below = env.take_in(below).await.number;
    assert_eq!(env.dispatch(&below, ACCUSED).await.state, TicketState::Dispatched);

    let own = CreateTicket { channel: Channel::Partner, ..complaint() };
    let own = env.unit(UNDER_ACCUSED).create_ticket(own).await;
    refused(own, ErrorReason::ConflictOfInterest);
}

async fn no_merge_reaches_the_accused(env: &TestEnv) {
    let repeat = env.take_in(complaint()).await;
    for unit in [ACCUSED, UNDER_ACCUSED] {
        let list = || vec![unit.to_owned()];
        for (lead, assist_units, inform_units) in
            [(unit, vec![], vec![]), (LEAD, list(), vec![]), (LEAD, vec![], list())]
        {
            let open = env.take_in(appeal()).await.number;
            let dispatch = DispatchTicket { assist_units, inform_units, ..DispatchTicket::new(&open, lead) };
            env.dispatcher().dispatch_ticket(dispatch).await.expect("an appeal may go there");
            let outcome = env.agent().merge_ticket(MergeTicket::new(&repeat.number, &open)).await;
            refused(outcome, ErrorReason::ConflictOfInterest);
            assert_eq!(env.ticket(&open).await.repeats, Vec::<String>::new());
        }
    }
    assert_untouched(env, &repeat).await;
}

async fn no_plan_names_the_accused(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    let appeal = ClassifyTicket {
        responsibility: Some(Responsibility::Overlapping),
        ..ClassifyTicket::new(&number, Category::Appeal, Complexity::Complex)
    };
    env.agent().classify_ticket(appeal).await.expect("it was an appeal after all");
    let coordinator = env.client("coordinator").tickets();
    for (lead, assisting) in [(ACCUSED, LEAD), (LEAD, UNDER_ACCUSED)] {
        let plan = PlanTicket {
            assist_units: vec![assisting.into()],
            ..PlanTicket::new(&number, "分工如下。", lead)
        };
        refused(coordinator.plan_ticket(plan).await, ErrorReason::ConflictOfInterest);
    }
}

/// A classification as a complaint about a unit.
fn about(number: &str, unit: &str) -> ClassifyTicket {
    ClassifyTicket {
        accused_units: vec![unit.to_owned()],
        ..ClassifyTicket::new(number, Category::ComplaintReport, Complexity::General)
    }
}

async fn what_turns_out_to_be_a_complaint_is_taken_away(env: &TestEnv) {
    for (place, unit) in [LEAD, ASSISTING, INFORMED].into_iter().enumerate() {
        let number = env.take_in(appeal()).await.number;
        let dispatch = DispatchTicket {
            assist_units: vec![ASSISTING.into()],
            inform_units: vec![INFORMED.into()],
            ..DispatchTicket::new(&number, LEAD)
        };
        env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
        if place > 0 {
            env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs");
        }
        let recalled = env.agent().classify_ticket(about(&number, unit)).await.expect("it is classified");
        assert_eq!((recalled.state, recalled.dispatch), (TicketState::Received, None));
        for former in [LEAD, ASSISTING, INFORMED] {
            refused(env.unit(former).get_ticket(&number).await, ErrorReason::TicketNotFound);
        }
        let last = env.events(&number).await.pop().expect("it has events");
        assert!(matches!(last.detail, EventDetail::TicketClassified(one) if one.recalled));
        let again = env.dispatcher().dispatch_ticket(DispatchTicket::new(&number, unit)).await;
        refused(again, ErrorReason::ConflictOfInterest);
        env.dispatch(&number, NEXT).await;
    }
}

async fn what_is_taken_away_in_a_return_can_be_dispatched_again(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let back = ReturnTicket::new(&number, ReturnReason::Incomplete, "受理规范第五条。");
    env.unit(LEAD).return_ticket(back).await.expect("it is returned");
    let recalled = env.agent().classify_ticket(about(&number, LEAD)).await.expect("it is classified");
    assert_eq!(recalled.state, TicketState::Received);
    assert!(recalled.returns.iter().all(|one| one.ruling.is_some()), "nobody waits for a ruling any more");
    assert_eq!(env.dispatch(&number, NEXT).await.state, TicketState::Dispatched);
}

async fn what_the_accused_has_put_on_it_does_not_count(env: &TestEnv) {
    let number = env.appeal_in_handling().await.number;
    let half = || async {
        SubmitFeedback { caller_reply: Some(reply(env.now().await)), ..SubmitFeedback::new(&number) }
    };
    env.unit(LEAD).submit_feedback(half().await).await.expect("the accused has replied");
    env.agent().classify_ticket(about(&number, LEAD)).await.expect("it is classified");
    env.dispatch(&number, NEXT).await;
    let next = env.unit(NEXT);
    next.accept_ticket(AcceptTicket::new(&number)).await.expect("the next unit signs");
    let rest = SubmitFeedback { hotline_report: Some(report()), ..SubmitFeedback::new(&number) };
    let open = next.submit_feedback(rest).await.expect("the next unit reports");
    assert_eq!(open.state, TicketState::Handling, "the reply of the accused completes nothing");
    let whole = next.submit_feedback(half().await).await.expect("and replies itself");
    assert_eq!(whole.state, TicketState::Completed);
}

/// A ticket whose lead turned out to be the accused unit. The next lead reads the intake and the events of its own
/// dispatch, and nothing about the earlier unit.
async fn a_later_unit_reads_nothing_of_the_accused(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let overlapping = ClassifyTicket {
        responsibility: Some(Responsibility::Overlapping),
        ..ClassifyTicket::new(&number, Category::Appeal, Complexity::General)
    };
    env.agent().classify_ticket(overlapping).await.expect("it goes to the coordinator");
    let plan =
        PlanTicket { assist_units: vec![ASSISTING.into()], ..PlanTicket::new(&number, "分工", ACCUSED) };
    env.client("coordinator").tickets().plan_ticket(plan).await.expect("it is planned");
    let dispatch = DispatchTicket::new(&number, ACCUSED);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    let back = ReturnTicket {
        proposed_unit: Some(NEXT.into()),
        ..ReturnTicket::new(&number, ReturnReason::NotOurDuty, "三定方案")
    };
    env.unit(ACCUSED).return_ticket(back).await.expect("it is returned");
    let ruling = RuleOnReturn::new(&number, Ruling::Refuse, "属本单位职责");
    env.dispatcher().rule_on_return(ruling).await.expect("the return is refused");
    let accept = AcceptTicket { request_id: Some(Uuid::from_u128(77)), ..AcceptTicket::new(&number) };
    let signed = env.unit(ACCUSED).accept_ticket(accept.clone()).await.expect("it is signed for");
    env.agent().classify_ticket(about(&number, ACCUSED)).await.expect("it is classified");
    env.dispatch(&number, LEAD).await;

    let lead = env.unit(LEAD);
    let view = lead.get_ticket(&number).await.expect("it is its own").ticket;
    let events = lead.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let actual = format!("{view:?} {events:?}");
    for secret in [ACCUSED, ASSISTING, NEXT, "三定方案", "属本单位职责", "recalled: true"] {
        assert!(!actual.contains(secret), "{secret} in {actual}");
    }
    let names: Vec<_> = events.iter().map(|event| (event.sequence, event.detail.name())).collect();
    assert_eq!(names, [(1, "TicketCreated"), (2, "TicketDispatched")], "without a gap");
    assert_eq!(view.returns, []);
    // The same holds for a ticket that no other unit ever had.
    let other = env.take_in(complaint()).await.number;
    env.dispatch(&other, LEAD).await;
    let other = lead.get_ticket(&other).await.expect("it is its own").ticket;
    assert_eq!(other.etag, view.etag, "an etag does not count what happened before");
    let stale = AcceptTicket { etag: Some(signed.etag.clone()), ..AcceptTicket::new(&number) };
    refused(lead.accept_ticket(stale).await, ErrorReason::EtagStale);
    let fresh = AcceptTicket { etag: Some(view.etag), ..AcceptTicket::new(&number) };
    lead.accept_ticket(fresh).await.expect("what it has read is the present");
    // A repeat shows the former lead nothing new either: it is the first answer.
    assert_eq!(env.unit(ACCUSED).accept_ticket(accept).await.expect("a repeat"), signed);
    refused(env.unit(ACCUSED).get_ticket(&number).await, ErrorReason::TicketNotFound);
}

async fn only_staff_read_who_is_accused(env: &TestEnv) {
    let number = env.take_in(complaint()).await.number;
    env.dispatch(&number, LEAD).await;
    env.agent().classify_ticket(about(&number, NEXT)).await.expect("another one is accused too");
    assert_eq!(env.ticket(&number).await.accused_units, [ACCUSED, NEXT]);
    let lead = env.unit(LEAD);
    let view = lead.get_ticket(&number).await.expect("it is its own");
    let events = lead.list_ticket_events(&number).take_up_to(10).await.expect("it reads the events");
    let actual = format!("{view:?} {events:?}");
    assert!(!actual.contains(ACCUSED) && !actual.contains(NEXT), "{actual}");
}
