//! A unit follows what it took in at its own counter, whoever has it now.

use hotline_client::{
    Category, Channel, ClassifyTicket, Complexity, CreateTicket, DeclineReason, DeclineTicket, ErrorReason,
    OwnIntake, Source, TicketState,
};

use super::test_env::{ASSISTING, LEAD, NEXT, TestEnv, appeal, refused};

on_every_store!(env:
    a_unit_follows_what_it_took_in,
    the_state_of_a_complaint_is_withheld_from_every_unit,
    own_intakes_come_in_pages,
);

/// A request at the counter of a unit.
fn at_counter(reference: &str) -> CreateTicket {
    let source = Some(Source { system: "counter".into(), reference: reference.into() });
    appeal().channel(Channel::Partner).source(source)
}

async fn own(env: &TestEnv, unit: &str) -> Vec<OwnIntake> {
    env.unit(unit).list_own_intakes().take_up_to(1_000).await.expect("a unit lists what it took in")
}

async fn take_in(env: &TestEnv, unit: &str, request: CreateTicket) -> String {
    env.unit(unit).create_ticket(request).await.expect("its counter takes it in").number
}

async fn a_unit_follows_what_it_took_in(env: &TestEnv) {
    let first = take_in(env, NEXT, at_counter("1")).await;
    let second = take_in(env, NEXT, at_counter("2").source(None)).await;
    take_in(env, ASSISTING, at_counter("1")).await;
    env.take_in(appeal()).await;
    env.dispatch(&first, LEAD).await;
    let decline = DeclineTicket::new(&second, DeclineReason::Litigation, "人民法院");
    env.agent().decline_ticket(decline).await.expect("it is declined");

    let listed = own(env, NEXT).await;
    let seen: Vec<_> = listed.iter().map(|one| (one.ticket_number.as_str(), one.state)).collect();
    let expected =
        [(second.as_str(), Some(TicketState::Declined)), (first.as_str(), Some(TicketState::Dispatched))];
    assert_eq!(seen, expected, "the newest first, and nothing of anybody else");
    assert_eq!(listed[1].source, at_counter("1").source);
    assert_eq!((&listed[0].source, listed[0].state_withheld), (&None, false));
    assert_eq!(listed[0].intake_time, env.now().await);
    refused(env.unit(NEXT).get_ticket_with_caller(&first).await, ErrorReason::TicketNotFound);
    refused(env.agent().list_own_intakes().take_up_to(9).await, ErrorReason::RoleNotAllowed);
    assert_eq!(own(env, LEAD).await, [], "to have a ticket is not to have taken it in");
}

async fn the_state_of_a_complaint_is_withheld_from_every_unit(env: &TestEnv) {
    let complaint = |reference, accused: Option<&str>| {
        at_counter(reference)
            .category(Category::ComplaintReport)
            .accused_units(accused.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let accusing = take_in(env, NEXT, complaint("1", Some(LEAD))).await;
    let report = take_in(env, NEXT, complaint("2", None)).await;
    let turned = take_in(env, NEXT, at_counter("3")).await;
    let about_itself = take_in(env, NEXT, at_counter("4")).await;
    let classify = |number: &str, accused: &[&str]| {
        ClassifyTicket::new(number, Category::ComplaintReport, Complexity::General)
            .accused_units(accused.iter().map(|unit| (*unit).to_owned()).collect::<Vec<_>>())
    };
    for (number, accused) in [(&turned, &[][..]), (&about_itself, &[NEXT])] {
        env.agent().classify_ticket(classify(number, accused)).await.expect("it is a complaint");
    }
    let back = ClassifyTicket::new(&turned, Category::Appeal, Complexity::General);
    env.agent().classify_ticket(back).await.expect("it is an appeal again");
    for one in own(env, NEXT).await {
        assert_eq!((one.state, one.state_withheld), (None, true), "{one:?}");
    }
    let listed: Vec<_> = own(env, NEXT).await.into_iter().map(|one| one.ticket_number).collect();
    assert_eq!(listed, [about_itself, turned, report, accusing]);
}

async fn own_intakes_come_in_pages(env: &TestEnv) {
    let mut taken_in = Vec::new();
    for place in 0..53 {
        taken_in.push(take_in(env, NEXT, at_counter(&place.to_string())).await);
    }
    taken_in.reverse();
    let listed: Vec<_> = own(env, NEXT).await.into_iter().map(|one| one.ticket_number).collect();
    assert_eq!(listed, taken_in, "over pages of 50");
}
