//! Callers without a credential: how many connections and streams they can hold, and who may use reflection.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

use super::raw_http2::{self, RawHttp2, WAIT_MAX};
use super::{assert_calm, server};
use crate::stories::metrics;
use crate::stories::test_env::with_token;
use crate::support::server::Server;
use crate::support::wait;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECT: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/// Local addresses that good clients do not use.
const FROM: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), IpAddr::V4(Ipv4Addr::new(127, 0, 0, 3))];
/// The address of health checks.
const PROBE_FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 4));
/// Connections without a successful call that were closed for another one.
const EVICTED: &str = "hotline_connections_evicted_total";
/// The grace for a first call here, in milliseconds.
const GRACE_MS: u64 = 1500;

fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy()
}

async fn list(channel: &Channel, token: &str) -> Result<(), Status> {
    let mut raw = TicketServiceClient::new(channel.clone());
    raw.list_tickets(with_token(token, pb::ListTicketsRequest::default())).await.map(drop)
}

/// Connects from an address and waits for the server's SETTINGS. Answers none if the server closes the connection
/// instead, because no slot is left.
fn connect(server: &Server, from: IpAddr) -> Option<RawHttp2> {
    let mut peer = RawHttp2::open(server.address(), from).ok()?;
    peer.await_frame(|frame| frame.kind == raw_http2::SETTINGS)?;
    Some(peer)
}

/// A connection that gets its slot at once.
fn unauthenticated_peer(server: &Server, from: IpAddr) -> RawHttp2 {
    connect(server, from).expect("a slot is free")
}

/// A connection that gets its slot when another peer has used up the grace for its first call.
async fn waiting_peer(server: &Server, from: IpAddr) -> RawHttp2 {
    let peer = wait::find_within(WAIT_MAX, async || connect(server, from)).await;
    peer.expect("an older connection without a call gives way")
}

/// Whether the server has ended a connection.
fn is_ended(peer: &mut RawHttp2) -> bool {
    peer.stream.set_nonblocking(true).expect("a socket");
    let mut buffer = [0; 1024];
    loop {
        match peer.stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthenticated_peers_that_never_call_lose_their_connections() {
    let grace = GRACE_MS.to_string();
    let server = server(&[
        ("limits.connections_max", "12"),
        ("limits.connections_per_peer_max", "6"),
        ("limits.first_call_grace_ms", &grace),
        ("metrics.listen", "\"127.0.0.1:0\""),
    ]);
    let token = server.token("agent");
    // The agent's address has more connections than any other, and still none of them is evicted.
    let agent_channels = [(); 5].map(|()| channel(&server));
    for connection in &agent_channels {
        list(connection, &token).await.expect("the agent has a slot");
    }
    // Strangers take all other slots. They send nothing, and their connections stay open.
    let mut strangers: Vec<RawHttp2> =
        (0..7).map(|number| unauthenticated_peer(&server, FROM[number % 2])).collect();
    // The agent's address has authenticated, so its next connection does not wait.
    let begun = Instant::now();
    let next_channel = channel(&server);
    list(&next_channel, &token).await.expect("a known address gets a place");
    assert!(begun.elapsed() < Duration::from_millis(GRACE_MS), "it waited for {:?}", begun.elapsed());
    assert_eq!(strangers.iter_mut().filter_map(|one| is_ended(one).then_some(())).count(), 1);
    // More strangers connect again and again. No connection of the agent is closed.
    for round in 0..3 {
        for number in 0..4 {
            strangers.push(waiting_peer(&server, FROM[number % 2]).await);
        }
        for connection in agent_channels.iter().chain([&next_channel]) {
            let listed = list(connection, &token).await;
            assert!(listed.is_ok(), "round {round}: {listed:?}");
        }
    }
    assert_eq!(
        metrics::value(&metrics::ask(&server, "GET", "/metrics").1, EVICTED),
        13,
        "only strangers were evicted"
    );
    let mut probe = waiting_peer(&server, PROBE_FROM).await;
    assert!(!is_refused(&mut probe, WATCH, &HealthCheckRequest::default()), "a probe is let in");
    assert_calm(&server);
}

/// Whether a call over a raw connection is refused at once.
fn is_refused(peer: &mut RawHttp2, path: &str, message: &impl prost::Message) -> bool {
    let stream = peer.begin(&raw_http2::anonymous_call(path), 0).expect("the peer can send");
    // Reflection expects more requests; health answers once its request stream has ended.
    let flags = if path == WATCH { raw_http2::END_STREAM } else { 0 };
    peer.send(&raw_http2::frame(raw_http2::DATA, flags, stream, &raw_http2::message(message)))
        .expect("the peer can send");
    let head = peer.await_frame(|frame| frame.kind == raw_http2::HEADERS && frame.stream == stream);
    head.expect("it is answered").flags & raw_http2::END_STREAM != 0
}

fn services() -> ServerReflectionRequest {
    ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..ServerReflectionRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_streams_of_unauthenticated_peers_are_bounded() {
    let server =
        server(&[("limits.anonymous_calls_max", "20"), ("limits.anonymous_calls_per_peer_max", "18")]);
    let watch = HealthCheckRequest::default();
    let mut first_peer = unauthenticated_peer(&server, FROM[0]);
    for number in 0..16 {
        assert!(!is_refused(&mut first_peer, WATCH, &watch), "stream {number} is open");
    }
    assert!(is_refused(&mut first_peer, WATCH, &watch), "a connection has no more");
    let mut second_peer = unauthenticated_peer(&server, FROM[0]);
    for _ in 0..2 {
        assert!(!is_refused(&mut second_peer, REFLECT, &services()));
    }
    assert!(is_refused(&mut second_peer, REFLECT, &services()), "an address has no more");
    let mut third_peer = unauthenticated_peer(&server, FROM[1]);
    for _ in 0..2 {
        assert!(!is_refused(&mut third_peer, WATCH, &watch));
    }
    assert!(is_refused(&mut third_peer, WATCH, &watch), "there are no more");
    let health = HealthClient::new(channel(&server)).check(watch.clone()).await;
    assert!(health.is_ok(), "a probe is answered: {health:?}");
    drop((first_peer, second_peer));
    wait::until("closed connections give their streams back", async || {
        !is_refused(&mut third_peer, WATCH, &watch)
    })
    .await;
}

/// Checks health on its own connection.
async fn check(server: &Server, token: Option<&str>) -> Result<ServingStatus, Status> {
    let request = match token {
        Some(token) => with_token(token, HealthCheckRequest::default()),
        None => Request::new(HealthCheckRequest::default()),
    };
    let answer = HealthClient::new(channel(server)).check(request).await?;
    Ok(answer.into_inner().status())
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_health_probes_do_not_affect_other_probes() {
    let server = server(&[
        ("limits.unsent_bytes_max", "131072"),
        ("limits.unsent_bytes_per_principal_max", "131072"),
        ("limits.unsent_bytes_per_connection_max", "65536"),
        // So that bytes are the limit that is reached.
        ("limits.anonymous_calls_per_peer_max", "1000"),
    ]);
    wait::until("the server begins to serve", async || {
        check(&server, None).await.expect("it is answered") == ServingStatus::Serving
    })
    .await;
    let probe = raw_http2::message(&HealthCheckRequest::default());
    let (mut unread_peers, mut waiting) = (Vec::new(), 0);
    for _ in 0..40 {
        let mut peer =
            RawHttp2::open_with_window(server.address(), FROM[0], 0).expect("the connection is accepted");
        for _ in 0..16 {
            let stream = peer.call(&raw_http2::anonymous_call(CHECK), &probe).expect("the peer can send");
            let head = peer.await_frame(|frame| frame.kind == raw_http2::HEADERS && frame.stream == stream);
            waiting += u32::from(head.expect("it is answered").flags & raw_http2::END_STREAM == 0);
        }
        unread_peers.push(peer);
    }
    assert!((1..640).contains(&waiting), "the bound is reached: {waiting} of 640 answers wait");
    for _ in 0..3 {
        let health = check(&server, None).await.expect("a probe from elsewhere is answered");
        assert_eq!(health, ServingStatus::Serving);
    }
    drop(unread_peers);
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_credential_at_health_counts_as_a_failed_authentication() {
    let server = server(&[("limits.failed_authentications_per_minute_per_peer", "3")]);
    for _ in 0..3 {
        let error = check(&server, Some("a guess")).await.expect_err("nobody knows it");
        assert_eq!(error.code(), Code::Unauthenticated, "{error:?}");
        check(&server, None).await.expect("a probe without a credential is no guess");
    }
    let error = check(&server, Some(&server.token("agent"))).await.expect_err("its address is held off");
    assert_eq!(error.code(), Code::ResourceExhausted, "{error:?}");
    check(&server, None).await.expect("a probe without a credential is answered");
}

async fn reflect(server: &Server, token: Option<&str>) -> Result<ServerReflectionResponse, Status> {
    let mut request = Request::new(tokio_stream::iter([services()]));
    if let Some(token) = token {
        let authorization = format!("Bearer {token}").parse().expect("a header");
        request.metadata_mut().insert("authorization", authorization);
    }
    let mut answers = ServerReflectionClient::new(channel(server)).server_reflection_info(request).await?;
    answers.get_mut().message().await.map(|answer| answer.expect("there is an answer"))
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_follows_the_configuration() {
    for (reflection, without_token, with_token) in [
        ("auto", None, None),
        ("open", None, None),
        ("credential", Some(Code::Unauthenticated), None),
        ("off", Some(Code::Unimplemented), Some(Code::Unimplemented)),
    ] {
        let server = server(&[("access.reflection", reflection)]);
        let outcome = reflect(&server, None).await;
        assert_eq!(outcome.as_ref().err().map(Status::code), without_token, "{reflection}: {outcome:?}");
        let outcome = reflect(&server, Some(&server.token("agent"))).await;
        assert_eq!(outcome.as_ref().err().map(Status::code), with_token, "{reflection}: {outcome:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_is_limited_for_authenticated_callers_too() {
    let server = server(&[]);
    let token = server.token("agent");
    let mut peer = unauthenticated_peer(&server, FROM[0]);
    let mut begin = || {
        let stream = peer.begin(&raw_http2::call(REFLECT, &token), 0).expect("the peer can send");
        peer.send(&raw_http2::frame(raw_http2::DATA, 0, stream, &raw_http2::message(&services())))
            .expect("the peer can send");
        let head = peer.await_frame(|frame| frame.kind == raw_http2::HEADERS && frame.stream == stream);
        head.expect("it is answered").flags & raw_http2::END_STREAM == 0
    };
    assert_eq!((0..20).filter(|_| begin()).count(), 16);
    assert_calm(&server);
}
