//! More calls than the server accepts: they get a retry time, health still answers, and retries succeed.

use std::time::Duration;

use hotline_client::{HotlineClient, ListTickets};
use hotline_proto::v1 as pb;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::open_call::OpenCall;
use super::test_env::{OPENING, with_token};
use crate::support::server::{Options, Server, Store};

/// Longer than any race takes.
const WAIT_MAX: Duration = Duration::from_secs(25);

on_every_store!(store: a_call_over_the_limit_gets_a_retry_delay);

/// Takes the only call slot with an open call. Returns the call and the refusal of the next one.
async fn take_the_call_slot(channel: &Channel, token: &str) -> (OpenCall, Status) {
    let mut raw = pb::ticket_service_client::TicketServiceClient::new(channel.clone());
    loop {
        let open_call = OpenCall::begin(channel.clone(), token).await;
        // Both calls race for the one slot. If the list got it first, the open call is refused and begins again.
        while !open_call.is_over() {
            let list = raw.list_tickets(with_token(token, pb::ListTicketsRequest::default())).await;
            if let Err(refused) = list {
                return (open_call, refused);
            }
        }
    }
}

async fn a_call_over_the_limit_gets_a_retry_delay(store: Store) {
    let server =
        Server::start(store, Options::default().simulated_clock(OPENING).set("limits.calls_max", "1"));
    let token = server.token("agent");
    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
    let (open_call, refused) =
        tokio::time::timeout(WAIT_MAX, take_the_call_slot(&channel, &token)).await.expect("a refusal");
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("OVERLOADED"));
    assert!(
        details.retry_info().is_some_and(|info| info.retry_delay.is_some()),
        "the refusal has a retry delay"
    );
    let health = HealthClient::new(channel).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "health checks do not count against the limit: {health:?}");

    // The SDK waits for the retry delay and then finds the slot free.
    let agent = HotlineClient::builder().endpoint(server.endpoint()).token(token).connect().await;
    let agent_tickets = agent.expect("the server is there").tickets();
    let retrying =
        tokio::spawn(async move { agent_tickets.list_tickets(ListTickets::default()).try_next().await });
    let number = open_call.finish().await;
    let found = retrying.await.expect("the list ended").expect("it came through in the end");
    assert!(found.is_none_or(|ticket| ticket.number == number));
}
