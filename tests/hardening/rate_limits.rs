//! Rate limits: what one principal may use, what failed authentications cost, and who is not affected.

use std::time::Duration;

use hotline_client::{ErrorReason, HotlineClient, ListTickets};
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::raw_http2::WAIT_MAX;
use super::server;
use crate::stories::open_call::OpenCall;
use crate::stories::test_env::with_token;
use crate::support::server::Server;

fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy()
}

async fn list(channel: &Channel, token: &str) -> Result<(), Status> {
    let mut raw = TicketServiceClient::new(channel.clone());
    raw.list_tickets(with_token(token, pb::ListTicketsRequest::default())).await.map(drop)
}

/// The retry time in a rate-limit refusal.
fn retry_delay(refused: &Status) -> Duration {
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("RATE_LIMITED"));
    details.retry_info().and_then(|info| info.retry_delay).expect("the refusal has a retry delay")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_over_its_rate_gets_a_retry_delay_and_others_do_not() {
    let server =
        server(&[("limits.calls_per_second_per_principal", "1"), ("limits.burst_per_principal", "3")]);
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let channel = channel(&server);
    for _ in 0..3 {
        list(&channel, &agent).await.expect("the burst");
    }
    let refused = list(&channel, &agent).await.expect_err("the burst is over");
    assert!(retry_delay(&refused) <= Duration::from_secs(1));
    list(&channel, &dispatcher).await.expect("another principal has its own rate");
    for _ in 0..10 {
        let health = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
        assert!(health.is_ok(), "health checks do not count against a rate: {health:?}");
    }
    // The SDK waits for the retry time.
    let client = HotlineClient::builder().endpoint(server.endpoint()).token(agent).connect().await;
    let listed = client.expect("the server is there").tickets().list_tickets(ListTickets::default());
    let mut listed = listed;
    assert!(listed.try_next().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_caller_cannot_take_every_call_slot_with_slow_calls() {
    let server = server(&[("limits.calls_per_principal_max", "2"), ("limits.calls_max", "4")]);
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let channel = channel(&server);
    let mut open_calls =
        [OpenCall::begin(channel.clone(), &agent).await, OpenCall::begin(channel.clone(), &agent).await];
    let refusing = async {
        loop {
            // A call takes its slot after authentication, so the one below may have come before a held one, which was
            // refused then.
            for call in open_calls.iter_mut().filter(|call| call.is_over()) {
                *call = OpenCall::begin(channel.clone(), &agent).await;
            }
            if let Err(refused) = list(&channel, &agent).await {
                return refused;
            }
        }
    };
    let refused = tokio::time::timeout(WAIT_MAX, refusing).await.expect("it is refused");
    retry_delay(&refused);
    list(&channel, &dispatcher).await.expect("other principals have call slots left");
    for call in open_calls {
        call.finish().await;
    }
    list(&channel, &agent).await.expect("the open calls have ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_authentications_are_limited_and_known_callers_are_served() {
    let server = server(&[("limits.failed_authentications_per_minute_per_peer", "5")]);
    let token = server.token("agent");
    let (agent_channel, guessing_channel, new_channel) =
        (channel(&server), channel(&server), channel(&server));
    list(&agent_channel, &token).await.expect("the agent authenticates");
    for number in 0..5 {
        let refused = list(&guessing_channel, &format!("guess {number}")).await.expect_err("nobody's token");
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
    }
    let wait = retry_delay(&list(&guessing_channel, "one more").await.expect_err("the address is delayed"));
    assert!(wait <= Duration::from_secs(12), "a minute for five: {wait:?}");
    // The right token is refused too, so that further guesses tell nothing.
    retry_delay(&list(&guessing_channel, &token).await.expect_err("the address is delayed"));
    retry_delay(&list(&new_channel, &token).await.expect_err("a new connection from the address is delayed"));
    list(&agent_channel, &token).await.expect("an authenticated connection is served");
    let health = HealthClient::new(new_channel).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "health checks are not delayed: {health:?}");
    // An authenticated connection that guesses is no longer treated as known.
    let refused = list(&agent_channel, "a guess").await.expect_err("nobody's token");
    assert_eq!(refused.code(), Code::Unauthenticated);
    retry_delay(&list(&agent_channel, &token).await.expect_err("the address is delayed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_failed_authentications_delay_no_other_caller() {
    let limit = ("limits.failed_authentications_per_minute_per_peer", "1");
    let server = server(&[limit, ("tls.terminated_by_proxy", "true")]);
    for number in 0..5 {
        let refused = list(&channel(&server), &format!("guess {number}")).await.expect_err("nobody's token");
        assert_eq!(refused.code(), Code::Unauthenticated, "{refused:?}");
    }
    list(&channel(&server), &server.token("agent")).await.expect("it is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_certificate_counts_as_no_failed_authentication() {
    use super::tls_certificates::{TlsFiles, mutual_server, register_client};

    let files = TlsFiles::new();
    let server = mutual_server(&files, &[("limits.failed_authentications_per_minute_per_peer", "2")]);
    register_client(&files, &server).await;
    let list_once = async |builder: hotline_client::Builder| {
        let client = builder.deadline(Duration::from_secs(5)).connect_lazy().expect("it can be built");
        client.tickets().list_tickets(ListTickets::default()).try_next().await.map(drop)
    };
    let guess = || HotlineClient::builder().endpoint(server.endpoint()).token("a guess");
    let guess = || guess().certificate_authority(files.server_authority());
    for _ in 0..2 {
        let refused = list_once(guess()).await.expect_err("nobody's token");
        assert_eq!(refused.reason(), Some(ErrorReason::Unauthenticated), "{refused:?}");
    }
    let refused = list_once(guess()).await.expect_err("the address is delayed");
    assert_eq!(refused.reason(), Some(ErrorReason::RateLimited), "{refused:?}");
    let certificate = files.client();
    for _ in 0..5 {
        let with_certificate = guess()
            .token(server.token("agent"))
            .client_certificate(&certificate.certificate, &certificate.key);
        list_once(with_certificate).await.expect("its certificate says who it is");
    }
}
