//! More calls than the server takes: they are told to come back, health keeps its lane, and who retries gets through.

use hotline_client::{HotlineClient, ListTickets};
use hotline_proto::v1 as pb;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::city::{OPENING, with_token};
use super::held_call::HeldCall;
use crate::support::server::{Options, Server, Store};

on_every_store!(store: a_call_too_many_is_told_when_to_come_back);

async fn a_call_too_many_is_told_when_to_come_back(store: Store) {
    let server =
        Server::start(store, Options::default().simulated_clock(OPENING).set("limits.calls_max", "1"));
    let token = server.token("agent");
    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
    let held = HeldCall::begin(channel.clone(), &token).await;

    let mut raw = pb::ticket_service_client::TicketServiceClient::new(channel.clone());
    let refused = raw.list_tickets(with_token(&token, pb::ListTicketsRequest::default())).await;
    let refused = refused.expect_err("the only place is taken");
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("OVERLOADED"));
    assert!(details.retry_info().is_some_and(|info| info.retry_delay.is_some()), "it says when");
    let health = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "health has a lane of its own: {health:?}");

    // The SDK waits as it is told, and finds the place free.
    let client = HotlineClient::builder().endpoint(server.endpoint()).token(token).connect().await;
    let tickets = client.expect("the server is there").tickets();
    let waiting = tokio::spawn(async move { tickets.list_tickets(ListTickets::default()).try_next().await });
    let number = held.finish().await;
    let found = waiting.await.expect("the list ended").expect("it came through in the end");
    assert!(found.is_none_or(|ticket| ticket.number == number));
}
