//! Idempotency: a command happens once, however often and concurrently it is sent, and every repeat gets the same
//! answer.

use std::collections::HashSet;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Channel, CreateTicket, Error, ErrorReason, Source, Ticket, TicketState, Uuid,
};
use tokio::task::JoinSet;

use hotline_proto::v1 as pb;
use tonic_types::StatusExt as _;

use super::open_call::intake;
use super::test_env::{LEAD, TestEnv, appeal, refused};

on_every_store!(env:
    two_hundred_equal_creates_make_one_ticket,
    two_hundred_creates_of_one_call_make_one_ticket,
    a_repeat_is_answered_with_the_ticket_as_it_was,
    twenty_equal_accepts_are_one,
    twenty_different_accepts_are_one_too,
    a_request_id_belongs_to_its_caller,
    a_request_id_is_the_same_in_every_spelling,
);

/// Runs calls concurrently and waits for all.
async fn all_at_once<F>(calls: impl IntoIterator<Item = F>) -> Vec<Result<Ticket, Error>>
where
    F: Future<Output = Result<Ticket, Error>> + Send + 'static,
{
    calls.into_iter().collect::<JoinSet<_>>().join_all().await
}

fn numbers(outcomes: Vec<Result<Ticket, Error>>) -> HashSet<String> {
    outcomes.into_iter().map(|outcome| outcome.expect("every call is answered").number).collect()
}

async fn two_hundred_equal_creates_make_one_ticket(env: &TestEnv) {
    let tickets = env.agent();
    let request = CreateTicket { request_id: Some(Uuid::new_v4()), ..appeal() };
    let calls = (0..200).map(|_| {
        let (tickets, request) = (tickets.clone(), request.clone());
        async move { tickets.create_ticket(request).await }
    });
    let answered = numbers(all_at_once(calls).await);
    assert_eq!(answered.len(), 1, "{answered:?}");
    let all = env.all_tickets().await;
    assert_eq!(all.iter().map(|ticket| ticket.number.clone()).collect::<HashSet<_>>(), answered);
    assert_eq!(all.len(), 1);
}

async fn two_hundred_creates_of_one_call_make_one_ticket(env: &TestEnv) {
    let tickets = env.client("telephony").tickets();
    let request = CreateTicket {
        channel: Channel::Telephone,
        source: Some(Source { system: "switch-3".into(), reference: "call-20191012-0001".into() }),
        call_start_time: Some(env.now().await - TimeDelta::minutes(3)),
        ..appeal()
    };
    let calls = (0..200).map(|_| {
        let (tickets, request) = (tickets.clone(), request.clone());
        async move { tickets.create_ticket(request).await }
    });
    let answered = numbers(all_at_once(calls).await);
    assert_eq!(answered.len(), 1, "{answered:?}");
    assert_eq!(env.all_tickets().await.len(), 1);
    for number in answered {
        assert_eq!(env.event_names(&number).await, ["TicketCreated"]);
    }
}

async fn a_repeat_is_answered_with_the_ticket_as_it_was(env: &TestEnv) {
    let create = CreateTicket {
        request_id: Some(Uuid::new_v4()),
        source: Some(Source { system: "web-1".into(), reference: "message-77".into() }),
        ..appeal()
    };
    let first = env.take_in(create.clone()).await;
    env.dispatch(&first.number, LEAD).await;
    let accept = AcceptTicket { request_id: Some(Uuid::new_v4()), ..AcceptTicket::new(&first.number) };
    let signed = env.unit(LEAD).accept_ticket(accept.clone()).await.expect("the lead signs");
    env.advance(TimeDelta::hours(2)).await;
    env.complete(&first.number, LEAD).await;

    assert_eq!(env.take_in(create.clone()).await, first);
    assert_eq!(env.unit(LEAD).accept_ticket(accept).await.expect("it has signed"), signed);
    let by_source = CreateTicket { request_id: None, ..create.clone() };
    assert_eq!(env.take_in(by_source).await, first, "the source alone finds it too");
    assert_eq!(env.ticket(&first.number).await.state, TicketState::Completed);

    let other = CreateTicket { subject: "另一件事".into(), ..create };
    refused(env.agent().create_ticket(other.clone()).await, ErrorReason::RequestIdReused);
    let other = CreateTicket { request_id: None, ..other };
    let reused = refused(env.agent().create_ticket(other).await, ErrorReason::SourceReused);
    assert_eq!(reused.metadata()["differing_fields"], "subject");
    assert_eq!(reused.metadata()["ticket_number"], first.number);
    assert_eq!(env.all_tickets().await.len(), 1);
}

async fn twenty_equal_accepts_are_one(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let lead = env.unit(LEAD);
    let accept = AcceptTicket { request_id: Some(Uuid::new_v4()), ..AcceptTicket::new(&number) };
    let calls = (0..20).map(|_| {
        let (lead, accept) = (lead.clone(), accept.clone());
        async move { lead.accept_ticket(accept).await }
    });
    let outcomes = all_at_once(calls).await;
    let answers: Vec<_> =
        outcomes.into_iter().map(|outcome| outcome.expect("every call is answered")).collect();
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "everybody is given the same answer");
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
}

async fn twenty_different_accepts_are_one_too(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let lead = env.unit(LEAD);
    let calls = (0..20).map(|_| {
        let (lead, accept) = (lead.clone(), AcceptTicket::new(&number));
        async move { lead.accept_ticket(accept).await }
    });
    let (signed, late): (Vec<_>, Vec<_>) = all_at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((signed.len(), late.len()), (1, 19));
    for outcome in late {
        refused(outcome, ErrorReason::WrongState);
    }
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
}

async fn a_request_id_belongs_to_its_caller(env: &TestEnv) {
    let request = CreateTicket { request_id: Some(Uuid::new_v4()), ..appeal() };
    let own = env.take_in(request.clone()).await.number;
    let partner = CreateTicket { channel: Channel::Partner, ..request };
    let theirs = env.unit(LEAD).create_ticket(partner).await.expect("another caller may use the same id");
    assert_ne!(own, theirs.number);
}

async fn a_request_id_is_the_same_in_every_spelling(env: &TestEnv) {
    let id = Uuid::new_v4();
    let mut raw = env.raw();
    let mut numbers = HashSet::new();
    for spelling in [
        id.hyphenated().to_string(),
        id.hyphenated().to_string().to_uppercase(),
        id.simple().to_string(),
        id.braced().to_string(),
        id.urn().to_string(),
    ] {
        let request = pb::CreateTicketRequest { request_id: spelling.clone(), ..intake() };
        let answer = raw.create_ticket(env.by("agent", request)).await;
        let answer = answer.unwrap_or_else(|status| panic!("{spelling}: {status:?}")).into_inner();
        numbers.insert(answer.ticket.expect("an answer has a ticket").number);
    }
    assert_eq!(numbers.len(), 1, "{numbers:?}");
    let other =
        pb::CreateTicketRequest {
            request_id: id.urn().to_string(), subject: "另一件事".into(), ..intake()
        };
    let status = raw.create_ticket(env.by("agent", other)).await.expect_err("another request");
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
    assert_eq!(reason.as_deref(), Some("REQUEST_ID_REUSED"));
}
