//! Filters of `ListTickets`: by the source, by an assisting unit, by what changed, and by units that there are.

use chrono::TimeDelta;
use hotline_client::{
    Channel, DispatchTicket, ErrorReason, ListDigests, ListTickets, ReopenPurpose, ReopenTicket, Source,
    TicketOrder, TicketState, Tickets, WithdrawTicket,
};

use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, TestEnv, appeal, complaint, refused};
use super::undone_slips::bad_survey;

on_every_store!(env:
    a_ticket_is_found_by_its_source,
    a_unit_finds_what_its_own_systems_created_and_guesses_at_no_other,
    tickets_are_found_by_an_assisting_unit,
    what_changed_since_an_instant_is_found_in_pages,
    open_tickets_that_did_not_change_are_found_by_their_silence,
    tickets_in_a_later_cycle_are_found_until_they_are_done,
    a_filter_by_a_unit_that_nobody_has_put_is_refused,
);

fn of_call(reference: &str) -> Source {
    Source { system: "switch-3".into(), reference: reference.into() }
}

async fn numbers(tickets: &Tickets, which: ListTickets) -> Vec<String> {
    let all = tickets.list_tickets(which).take_up_to(100).await.expect("it lists");
    all.into_iter().map(|ticket| ticket.number).collect()
}

async fn by_source(tickets: &Tickets, source: Source) -> Vec<String> {
    numbers(tickets, ListTickets::default().source(source)).await
}

async fn call(env: &TestEnv, reference: &str) -> String {
    let create =
        appeal().channel(Channel::Telephone).source(of_call(reference)).call_start_time(env.now().await);
    env.client("telephony").tickets().create_ticket(create).await.expect("it is taken in").number
}

async fn a_ticket_is_found_by_its_source(env: &TestEnv) {
    let (first, second) = (call(env, "call-1").await, call(env, "call-2").await);
    for staff in ["agent", "dispatcher", "supervisor"] {
        let tickets = env.client(staff).tickets();
        assert_eq!(by_source(&tickets, of_call("call-1")).await, *std::slice::from_ref(&first), "{staff}");
        assert_eq!(by_source(&tickets, of_call("call-2")).await, *std::slice::from_ref(&second), "{staff}");
        assert_eq!(by_source(&tickets, of_call("call-3")).await, Vec::<String>::new(), "{staff}");
        let other = Source { system: "switch-4".into(), ..of_call("call-1") };
        assert_eq!(by_source(&tickets, other).await, Vec::<String>::new(), "{staff}");
    }
    let which = ListTickets::default().source(of_call("call-1"));
    let analyst = env.client("analyst").tickets().list_tickets(which).try_next().await;
    refused(analyst, ErrorReason::PartNotAllowed);
}

async fn a_unit_finds_what_its_own_systems_created_and_guesses_at_no_other(env: &TestEnv) {
    let own = appeal().channel(Channel::Partner).source(of_call("counter-7"));
    let own = env.unit(LEAD).create_ticket(own).await.expect("its own counter").number;
    let switch = call(env, "call-1").await;
    for number in [&own, &switch] {
        env.dispatch(number, LEAD).await;
    }
    let unit = env.unit(LEAD);
    assert_eq!(by_source(&unit, of_call("counter-7")).await, *std::slice::from_ref(&own));
    assert_eq!(by_source(&unit, of_call("call-1")).await, Vec::<String>::new(), "the hotline's own switch");
    assert_eq!(by_source(&env.agent(), of_call("counter-7")).await, [own]);
}

async fn tickets_are_found_by_an_assisting_unit(env: &TestEnv) {
    let (with, without) = (env.take_in(appeal()).await.number, env.take_in(appeal()).await.number);
    let dispatch = DispatchTicket::new(&with, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    env.dispatch(&without, ASSISTING).await;
    let assisted_by = |unit: &str| ListTickets::default().assist_unit(unit.to_owned());
    let agent = env.agent();
    assert_eq!(numbers(&agent, assisted_by(ASSISTING)).await, *std::slice::from_ref(&with));
    for other in [LEAD, INFORMED, NEXT] {
        assert_eq!(numbers(&agent, assisted_by(other)).await, Vec::<String>::new(), "{other}");
    }
    assert_eq!(numbers(&env.unit(ASSISTING), assisted_by(ASSISTING)).await, [with]);
    let other = env.unit(LEAD).list_tickets(assisted_by(ASSISTING)).try_next().await;
    let other = refused(other, ErrorReason::InvalidFields);
    assert_eq!(other.field_violations()[0].field, "filter.assist_unit");
}

async fn what_changed_since_an_instant_is_found_in_pages(env: &TestEnv) {
    let mut taken = Vec::new();
    for _ in 0..5 {
        taken.push(env.take_in(appeal()).await.number);
        env.advance(TimeDelta::minutes(1)).await;
    }
    let since = env.now().await;
    let changed = |since| ListTickets::default().update_start_time(since).page_size(1);
    let agent = env.agent();
    assert_eq!(numbers(&agent, changed(since)).await, Vec::<String>::new());
    env.dispatch(&taken[1], LEAD).await;
    let withdraw = WithdrawTicket::new(&taken[3], "已自行解决");
    agent.withdraw_ticket(withdraw).await.expect("it is withdrawn");
    assert_eq!(numbers(&agent, changed(since)).await, [taken[3].clone(), taken[1].clone()]);
    assert_eq!(numbers(&env.unit(LEAD), changed(since)).await, [taken[1].clone()]);
    env.advance(TimeDelta::days(8)).await;
    let urged = numbers(&agent, changed(since + TimeDelta::minutes(1))).await;
    assert_eq!(urged.len(), 4, "the ladder changed those that are open: {urged:?}");
}

async fn open_tickets_that_did_not_change_are_found_by_their_silence(env: &TestEnv) {
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(env.take_in(appeal()).await.number);
        env.advance(TimeDelta::minutes(1)).await;
    }
    let (agent, before) = (env.agent(), env.now().await);
    let withdraw = WithdrawTicket::new(&taken[2], "已自行解决");
    agent.withdraw_ticket(withdraw).await.expect("it is withdrawn");
    env.advance(TimeDelta::hours(1)).await;
    env.dispatch(&taken[0], LEAD).await;
    let silent = |before| ListTickets::default().update_end_time(before).page_size(1);
    let [first, second, _, last] = taken.clone().try_into().expect("four tickets");
    assert_eq!(numbers(&agent, silent(before)).await, [second.clone(), last.clone()]);
    let soon = env.now().await + TimeDelta::seconds(1);
    assert_eq!(numbers(&agent, silent(soon)).await, [second.clone(), last.clone(), first.clone()]);
    let of_unit = silent(soon).lead_unit(LEAD.to_owned());
    assert_eq!(numbers(&agent, of_unit).await, [first]);
    let planned = silent(soon).order(TicketOrder::SilentFirst).states([TicketState::Received]);
    assert_eq!(numbers(&agent, planned).await, [second, last]);
    let closed = silent(soon).states([TicketState::Withdrawn]);
    assert_eq!(numbers(&agent, closed).await, Vec::<String>::new(), "what is not open is not silent");

    let refusal = env.unit(LEAD).list_tickets(silent(soon)).try_next().await;
    let refusal = refused(refusal, ErrorReason::PartNotAllowed);
    assert_eq!(refusal.metadata().get("part").map(String::as_str), Some("update_end_time"));
    for (which, field) in [
        (silent(soon).order(TicketOrder::DueFirst), "order"),
        (silent(soon).order(TicketOrder::NewestFirst), "order"),
        (ListTickets::default().order(TicketOrder::SilentFirst), "filter.update_end_time"),
    ] {
        let refusal = refused(agent.list_tickets(which).try_next().await, ErrorReason::InvalidFields);
        assert_eq!(refusal.field_violations()[0].field, field);
    }
}

async fn tickets_in_a_later_cycle_are_found_until_they_are_done(env: &TestEnv) {
    let (agent, unit) = (env.agent(), env.unit(LEAD));
    let (again, other) = (env.appeal_in_handling().await.number, env.appeal_in_handling().await.number);
    for number in [&again, &other] {
        env.complete(number, LEAD).await;
        agent.submit_survey(bad_survey(number)).await.expect("the survey is taken");
    }
    let reopened = || ListTickets::default().reopened(true).page_size(1);
    assert_eq!(numbers(&agent, reopened()).await, Vec::<String>::new());
    let reopen = ReopenTicket::new(&again, ReopenPurpose::Rework, "企业来电称未解决");
    agent.reopen_ticket(reopen).await.expect("it is opened again");
    for order in [TicketOrder::NewestFirst, TicketOrder::DueFirst] {
        assert_eq!(numbers(&agent, reopened().order(order)).await, *std::slice::from_ref(&again));
        assert_eq!(numbers(&unit, reopened().order(order)).await, *std::slice::from_ref(&again));
    }
    assert_eq!(numbers(&env.unit(NEXT), reopened()).await, Vec::<String>::new());
    let done = reopened().states([TicketState::Closed]);
    assert_eq!(numbers(&agent, done).await, Vec::<String>::new());
    env.complete(&again, LEAD).await;
    assert_eq!(numbers(&agent, reopened()).await, Vec::<String>::new(), "it is done");
}

async fn a_filter_by_a_unit_that_nobody_has_put_is_refused(env: &TestEnv) {
    let _ = env.take_in(complaint()).await;
    let unknown = || Some("dept-nowhere".to_owned());
    let agent = env.agent();
    for (which, fields) in [
        (ListTickets::default().lead_unit(unknown()), vec!["filter.lead_unit"]),
        (ListTickets::default().assist_unit(unknown()), vec!["filter.assist_unit"]),
        (
            ListTickets::default().lead_unit(unknown()).assist_unit(unknown()),
            vec!["filter.lead_unit", "filter.assist_unit"],
        ),
    ] {
        let fault = refused(agent.list_tickets(which).try_next().await, ErrorReason::UnitUnknown);
        let named: Vec<_> = fault.field_violations().iter().map(|one| one.field.as_str()).collect();
        assert_eq!(named, fields);
    }
    let digests = ListDigests::default().unit(unknown());
    refused(env.supervisor().list_digests(digests).try_next().await, ErrorReason::UnitUnknown);
    let known = ListTickets::default().lead_unit(NEXT);
    assert_eq!(numbers(&agent, known).await, Vec::<String>::new(), "a unit that has none");
}
