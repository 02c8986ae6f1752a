//! Idempotency: a command happens once, however often and concurrently it is sent, and every repeat gets the same
//! answer.

use std::collections::HashSet;

use chrono::TimeDelta;
use hotline_client::{AcceptTicket, Channel, Error, ErrorReason, Source, Ticket, TicketState, Uuid};
use tokio::task::JoinSet;

use hotline_proto::v1 as pb;
use tonic_types::StatusExt as _;

use super::open_call::intake;
use super::test_env::{LEAD, TestEnv, appeal, refused};

on_every_store!(env:
    two_hundred_equal_creates_make_one_ticket,
    two_hundred_creates_of_one_call_make_one_ticket,
    a_repeat_is_answered_with_the_ticket_as_it_was,
    twenty_equal_accepts_make_one_event,
    of_twenty_different_accepts_one_succeeds,
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
    let agent = env.agent();
    let request = appeal().request_id(Uuid::new_v4());
    let calls = (0..200).map(|_| {
        let (agent, request) = (agent.clone(), request.clone());
        async move { agent.create_ticket(request).await }
    });
    let numbers_answered = numbers(all_at_once(calls).await);
    assert_eq!(numbers_answered.len(), 1, "{numbers_answered:?}");
    let all = env.all_tickets().await;
    assert_eq!(all.iter().map(|ticket| ticket.number.clone()).collect::<HashSet<_>>(), numbers_answered);
    assert_eq!(all.len(), 1);
}

async fn two_hundred_creates_of_one_call_make_one_ticket(env: &TestEnv) {
    let telephony = env.client("telephony").tickets();
    let request = appeal()
        .channel(Channel::Telephone)
        .source(Source { system: "switch-3".into(), reference: "call-20191012-0001".into() })
        .call_start_time(env.now().await - TimeDelta::minutes(3));
    let calls = (0..200).map(|_| {
        let (telephony, request) = (telephony.clone(), request.clone());
        async move { telephony.create_ticket(request).await }
    });
    let numbers_answered = numbers(all_at_once(calls).await);
    assert_eq!(numbers_answered.len(), 1, "{numbers_answered:?}");
    assert_eq!(env.all_tickets().await.len(), 1);
    for number in numbers_answered {
        assert_eq!(env.event_names(&number).await, ["TicketCreated"]);
    }
}

async fn a_repeat_is_answered_with_the_ticket_as_it_was(env: &TestEnv) {
    let create = appeal()
        .request_id(Uuid::new_v4())
        .source(Source { system: "web-1".into(), reference: "message-77".into() });
    let created = env.take_in(create.clone()).await;
    env.dispatch(&created.number, LEAD).await;
    let accept = AcceptTicket::new(&created.number).request_id(Uuid::new_v4());
    let accepted =
        env.unit(LEAD).accept_ticket(accept.clone()).await.expect("the lead unit accepts the ticket");
    env.advance(TimeDelta::hours(2)).await;
    env.complete(&created.number, LEAD).await;

    assert_eq!(env.take_in(create.clone()).await, created);
    assert_eq!(env.unit(LEAD).accept_ticket(accept).await.expect("a repeat is answered"), accepted);
    let by_source = create.clone().request_id(None);
    assert_eq!(env.take_in(by_source).await, created, "the source alone identifies the request");
    assert_eq!(env.ticket(&created.number).await.state, TicketState::Completed);

    let changed = create.subject("另一件事");
    refused(env.agent().create_ticket(changed.clone()).await, ErrorReason::RequestIdReused);
    let changed = changed.request_id(None);
    let error = refused(env.agent().create_ticket(changed).await, ErrorReason::SourceReused);
    assert_eq!(error.metadata()["differing_fields"], "subject");
    assert_eq!(error.metadata()["ticket_number"], created.number);
    assert_eq!(env.all_tickets().await.len(), 1);
}

async fn twenty_equal_accepts_make_one_event(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let lead_unit = env.unit(LEAD);
    let accept = AcceptTicket::new(&number).request_id(Uuid::new_v4());
    let calls = (0..20).map(|_| {
        let (lead_unit, accept) = (lead_unit.clone(), accept.clone());
        async move { lead_unit.accept_ticket(accept).await }
    });
    let outcomes = all_at_once(calls).await;
    let answers: Vec<_> =
        outcomes.into_iter().map(|outcome| outcome.expect("every call is answered")).collect();
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "every call gets the same answer");
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
}

async fn of_twenty_different_accepts_one_succeeds(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let lead_unit = env.unit(LEAD);
    let calls = (0..20).map(|_| {
        let (lead_unit, accept) = (lead_unit.clone(), AcceptTicket::new(&number));
        async move { lead_unit.accept_ticket(accept).await }
    });
    let (accepted, refusals): (Vec<_>, Vec<_>) =
        all_at_once(calls).await.into_iter().partition(Result::is_ok);
    assert_eq!((accepted.len(), refusals.len()), (1, 19));
    for outcome in refusals {
        refused(outcome, ErrorReason::WrongState);
    }
    assert_eq!(env.event_names(&number).await, ["TicketCreated", "TicketDispatched", "TicketAccepted"]);
}

async fn a_request_id_belongs_to_its_caller(env: &TestEnv) {
    let request = appeal().request_id(Uuid::new_v4());
    let number_of_agent = env.take_in(request.clone()).await.number;
    let partner_request = request.channel(Channel::Partner);
    let ticket_of_unit =
        env.unit(LEAD).create_ticket(partner_request).await.expect("another caller may use the same id");
    assert_ne!(number_of_agent, ticket_of_unit.number);
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
    let changed =
        pb::CreateTicketRequest {
            request_id: id.urn().to_string(), subject: "另一件事".into(), ..intake()
        };
    let status = raw.create_ticket(env.by("agent", changed)).await.expect_err("another request");
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone());
    assert_eq!(reason.as_deref(), Some("REQUEST_ID_REUSED"));
}
