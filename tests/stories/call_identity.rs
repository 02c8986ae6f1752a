//! Exchanges use their call ids again: a later call with the same id is another one, and gets another ticket. A repeat
//! of a call's ticket gets the first answer, hours later too.

use chrono::TimeDelta;
use hotline_client::{
    CallDetails, CallKey, Channel, CreateTicket, ErrorReason, ListCalls, ListTickets, ReportCall, Source,
    Ticket,
    chrono::{DateTime, Utc},
};

use super::test_env::{TestEnv, appeal, refused};

on_every_store!(env:
    a_recycled_id_makes_a_new_ticket,
    an_end_to_end_id_is_the_key_alone,
    the_policy_says_which_starts_are_of_one_call,
);

fn call(reference: &str, began: DateTime<Utc>) -> CreateTicket {
    appeal().channel(Channel::Telephone).source(Source::new("switch-3", reference)).call_start_time(began)
}

async fn take_in(env: &TestEnv, request: CreateTicket) -> Ticket {
    env.client("telephony").tickets().create_ticket(request).await.expect("the call's ticket is taken in")
}

async fn a_recycled_id_makes_a_new_ticket(env: &TestEnv) {
    let began = env.now().await - TimeDelta::minutes(2);
    let first = take_in(env, call("4711", began)).await;
    // A clock of another part of the exchange differs by some seconds, and the answer was lost for five hours.
    env.advance(TimeDelta::hours(5)).await;
    for seconds in [-40, 0, 3] {
        let again = take_in(env, call("4711", began + TimeDelta::seconds(seconds))).await;
        assert_eq!(again, first, "{seconds} s");
    }
    let second = take_in(env, call("4711", began + TimeDelta::hours(4))).await;
    assert_ne!(second.number, first.number, "the id was used again");
    assert_eq!(take_in(env, call("4711", began + TimeDelta::hours(4))).await.number, second.number);
    assert_ne!(second.call_id, first.call_id);
    // Both are found by what the exchange calls them.
    let of_source = ListTickets::default().source(Source::new("switch-3", "4711"));
    let found = env.agent().list_tickets(of_source).take_up_to(10).await.expect("an agent reads tickets");
    assert_eq!(found.len(), 2);
    // The exchange reports the second call only now.
    let key = CallKey::reference("switch-3", "4711", began + TimeDelta::hours(4));
    let part = ReportCall::new(key, began + TimeDelta::hours(4), CallDetails::default());
    let id = env.client("telephony").calls().report_call(part).await.expect("the part is taken");
    assert_eq!(Some(id), second.call_id);
    // Another request for the same call is refused, and to its maker alone with the reason.
    let other = call("4711", began).subject("另一件事");
    let error =
        refused(env.client("telephony").tickets().create_ticket(other).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata()["differing_fields"], "subject");
    let error = refused(env.agent().create_ticket(call("4711", began)).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata().get("ticket_number"), None);
}

async fn an_end_to_end_id_is_the_key_alone(env: &TestEnv) {
    let began = env.now().await - TimeDelta::minutes(2);
    let with_id = |reference: &str, began| call(reference, began).call_end_to_end_id("ucid-1");
    let first = take_in(env, with_id("leg-1", began)).await;
    env.advance(TimeDelta::hours(3)).await;
    let transferred = take_in(env, with_id("leg-2", began + TimeDelta::hours(2))).await;
    assert_eq!(transferred.number, first.number, "a transfer keeps the id");
    let without = take_in(env, call("leg-1", began)).await;
    assert_ne!(without.number, first.number, "an exchange gives the id always or never");

    let calls = env.client("telephony").calls();
    let key = CallKey::end_to_end("switch-3", "ucid-1");
    let part =
        ReportCall::new(CallKey { reference: Some("leg-1".into()), ..key }, began, CallDetails::default());
    let id = calls.report_call(part).await.expect("the part is taken");
    assert_eq!(Some(&id), first.call_id.as_ref());
    for exchange_id in ["ucid-1", "leg-1"] {
        let which = ListCalls::default().exchange_id(exchange_id.to_owned());
        let found =
            env.client("agent").calls().list_calls(which).take_up_to(10).await.expect("it reads calls");
        assert_eq!(found.iter().map(|call| &call.id).collect::<Vec<_>>(), [&id], "{exchange_id}");
    }
    let not_a_call = with_id("leg-1", began).channel(Channel::Web);
    refused(env.agent().create_ticket(not_a_call).await, ErrorReason::InvalidFields);
}

async fn the_policy_says_which_starts_are_of_one_call(env: &TestEnv) {
    let policy = env.client("administrator").admin().get_policy(hotline_client::Which::Now).await;
    let intake = policy.expect("everybody reads the policy").policy.intake;
    assert_eq!(intake.same_call_within_minutes, 60);
    let began = env.now().await - TimeDelta::hours(2);
    let first = take_in(env, call("1", began)).await;
    let near = take_in(env, call("1", began + TimeDelta::seconds(3_599))).await;
    let far = take_in(env, call("1", began + TimeDelta::hours(1))).await;
    assert_eq!(near.number, first.number);
    assert_ne!(far.number, first.number);
}
