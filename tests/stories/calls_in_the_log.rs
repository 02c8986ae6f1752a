//! What an operator reads of each call: method, principal, ticket, status code, time, and the trace of the caller.

use hotline_client::AcceptTicket;
use hotline_proto::v1 as pb;
use serde_json::Value;
use tonic::Code;

use super::test_env::{LEAD, OPENING, TestEnv, appeal};
use crate::support::server::{Options, Store};

on_every_store!(store:
    each_call_is_one_span,
    a_malformed_trace_context_is_ignored,
);

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

fn env(store: Store) -> TestEnv {
    let options = Options::default().simulated_clock(OPENING).set("log.format", "\"json\"");
    TestEnv::with(store, options.set("log.filter", "\"info,hotline_server::rpc::layer::observe=debug\""))
}

/// The spans of the ended calls of a method with this code, in the order of the log.
fn ended_calls(logged: &str, method: &str, code: &str) -> Vec<Value> {
    let lines = logged.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let spans =
        lines.filter(|line| line["fields"]["message"] == "call finished").map(|mut line| line["span"].take());
    spans.filter(|span| span["method"] == method && span["code"] == code).collect()
}

async fn each_call_is_one_span(store: Store) {
    let mut env = env(store);
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts");
    let mut request =
        env.by("agent", pb::GetTicketRequest { ticket_number: number.clone(), ..Default::default() });
    let traceparent = format!("00-{TRACE}-{PARENT}-01");
    request.metadata_mut().insert("traceparent", traceparent.parse().expect("a header"));
    env.raw().get_ticket(request).await.expect("the agent reads the ticket");
    // What is no ticket number is not logged.
    let invented = pb::GetTicketRequest { ticket_number: "13900001111".to_owned(), ..Default::default() };
    let refused = env.raw().get_ticket(env.by("agent", invented)).await.expect_err("it is no ticket number");
    assert_eq!(refused.code(), Code::InvalidArgument);
    env.server.terminate();
    let logged = env.server.output();

    // The answer names the ticket that is created.
    let created = &ended_calls(&logged, "hotline.v1.TicketService/CreateTicket", "OK")[..];
    let [created] = created else { panic!("{created:?}") };
    assert_eq!(created["ticket"], number.as_str());
    assert!(
        created["trace_id"].as_str().is_some_and(|id| id.len() == 32),
        "the client begins a trace: {created}"
    );
    assert!(created["principal"].as_str().is_some_and(|principal| !principal.is_empty()), "{created}");
    assert!(created["elapsed_ms"].as_f64().is_some_and(|elapsed_ms| elapsed_ms > 0.0), "{created}");

    let accepted = ended_calls(&logged, "hotline.v1.TicketService/AcceptTicket", "OK");
    assert_eq!(accepted.len(), 1);
    assert_eq!(accepted[0]["ticket"], number.as_str());
    assert_ne!(accepted[0]["principal"], created["principal"], "the unit called, and not the agent");

    let read = ended_calls(&logged, "hotline.v1.TicketService/GetTicket", "OK");
    assert_eq!(read.len(), 1);
    assert_eq!((&read[0]["trace_id"], &read[0]["parent_span_id"]), (&TRACE.into(), &PARENT.into()));

    let invalid = ended_calls(&logged, "hotline.v1.TicketService/GetTicket", "INVALID_ARGUMENT");
    assert_eq!(invalid.len(), 1);
    assert_eq!(invalid[0]["ticket"], Value::Null);
    assert!(!logged.contains("13900001111"), "a caller's text is in the log");
}

async fn a_malformed_trace_context_is_ignored(store: Store) {
    let mut env = env(store);
    let malformed = [
        "00-13922223333-x-01".to_owned(),
        format!("00-{TRACE}-{PARENT}-01-more"),
        format!("ff-{TRACE}-{PARENT}-01"),
        format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
    ];
    for traceparent in &malformed {
        let mut request = env.by("agent", pb::ListTicketsRequest::default());
        request.metadata_mut().insert("traceparent", traceparent.parse().expect("a header"));
        env.raw().list_tickets(request).await.expect("the call is served all the same");
    }
    env.server.terminate();
    let calls = ended_calls(&env.server.output(), "hotline.v1.TicketService/ListTickets", "OK");
    assert_eq!(calls.len(), malformed.len());
    for call in calls {
        assert_eq!((&call["trace_id"], &call["parent_span_id"]), (&Value::Null, &Value::Null));
    }
}
