//! Peers that do not read their responses. Waiting responses are limited, count as calls in flight, and finally close
//! the connection. A slow link that is read steadily is not affected.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use prost_types::FieldMask;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::raw_http2::{self, RawHttp2, WAIT_MAX};
use super::{assert_calm, server, slow_link};
use crate::stories::metrics;
use crate::stories::open_call::intake;
use crate::stories::test_env::with_token;
use crate::support::server::Server;
use crate::support::wait;

const LIST: &str = "/hotline.v1.TicketService/ListTickets";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
/// A local address that good clients do not use.
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
/// Characters of a long text, of three bytes each.
const LONG: usize = 9_000;

fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy()
}

/// A request for a full page.
fn page() -> pb::ListTicketsRequest {
    let read_mask = Some(FieldMask { paths: vec!["content".to_owned()] });
    pb::ListTicketsRequest { page_size: 200, read_mask, ..pb::ListTicketsRequest::default() }
}

/// Stores this many tickets with long texts.
async fn fill(server: &Server, tickets: usize) {
    let mut raw = TicketServiceClient::new(channel(server));
    for _ in 0..tickets {
        let request = pb::CreateTicketRequest { content: "道".repeat(LONG), ..intake() };
        raw.create_ticket(with_token(&server.token("agent"), request)).await.expect("it is stored");
    }
}

async fn list(channel: &Channel, token: &str) -> Result<pb::ListTicketsResponse, Status> {
    let mut raw = TicketServiceClient::new(channel.clone()).max_decoding_message_size(8 * 1024 * 1024);
    raw.list_tickets(with_token(token, page())).await.map(tonic::Response::into_inner)
}

/// Lists over a raw connection without reading, and waits until the answer has begun.
fn list_unread(server: &Server, peer: &mut RawHttp2, token: &str) -> u32 {
    let stream =
        peer.call(&raw_http2::call(LIST, token), &raw_http2::message(&page())).expect("the peer can send");
    let is_head = |frame: &raw_http2::Frame| frame.kind == raw_http2::HEADERS && frame.stream == stream;
    let head = peer.await_frame(is_head).expect("it is answered");
    assert_eq!(head.flags & raw_http2::END_STREAM, 0, "it is not refused: {}", server.output());
    stream
}

/// How long it takes until the server closes a connection on which only frames without data are read.
fn ended_after(peer: &mut RawHttp2, mut each_second: impl FnMut(&mut RawHttp2)) -> Duration {
    peer.stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a time-out");
    let begun = Instant::now();
    while begun.elapsed() < WAIT_MAX {
        match peer.receive() {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                each_second(peer);
            }
            Err(_) => return begun.elapsed(),
        }
    }
    panic!("the server did not close the connection");
}

fn assert_refused(refused: &Status, reason: &str) {
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some(reason));
    assert!(
        details.retry_info().is_some_and(|info| info.retry_delay.is_some()),
        "the refusal has a retry delay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unread_answer_counts_as_a_call_in_flight() {
    let server = server(&[("limits.calls_per_principal_max", "2")]);
    fill(&server, 1).await;
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let mut slow_reader =
        RawHttp2::open_with_window(server.address(), FROM, 0).expect("the connection is accepted");
    for _ in 0..2 {
        list_unread(&server, &mut slow_reader, &agent);
    }
    let other_channel = channel(&server);
    assert_refused(
        &list(&other_channel, &agent).await.expect_err("the agent has two calls in flight"),
        "RATE_LIMITED",
    );
    list(&other_channel, &dispatcher).await.expect("another principal has its own limit");
    slow_reader.send(&raw_http2::window_update(1, raw_http2::WINDOW_MAX)).expect("the peer can send");
    let end = slow_reader.await_frame(|frame| frame.stream == 1 && frame.flags & raw_http2::END_STREAM != 0);
    assert!(end.is_some(), "the answer is read to its end");
    let is_allowed = async { while list(&other_channel, &agent).await.is_err() {} };
    tokio::time::timeout(WAIT_MAX, is_allowed).await.expect("a call that was read is no longer in flight");
}

#[tokio::test(flavor = "multi_thread")]
async fn unsent_bytes_are_limited_for_each_principal() {
    let server = server(&[
        ("limits.unsent_bytes_max", "900000"),
        ("limits.unsent_bytes_per_principal_max", "500000"),
        ("limits.unsent_bytes_per_connection_max", "300000"),
    ]);
    // A page of about 270 kB.
    fill(&server, 10).await;
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let open_slow_reader =
        || RawHttp2::open_with_window(server.address(), FROM, 0).expect("the connection is accepted");
    let mut slow_agent = open_slow_reader();
    list_unread(&server, &mut slow_agent, &agent);
    let stream = slow_agent
        .call(&raw_http2::call(LIST, &agent), &raw_http2::message(&page()))
        .expect("the peer can send");
    let refused = slow_agent.await_frame(|frame| frame.kind == raw_http2::HEADERS && frame.stream == stream);
    let flags = refused.expect("it is answered").flags;
    assert_eq!(
        flags & raw_http2::END_STREAM,
        raw_http2::END_STREAM,
        "one answer uses up the limit of a connection"
    );
    let reading_channel = channel(&server);
    assert_refused(
        &list(&reading_channel, &agent).await.expect_err("the limit of the agent is used up"),
        "RATE_LIMITED",
    );
    list(&reading_channel, &dispatcher).await.expect("the dispatcher has its own limit");
    let mut slow_dispatcher = open_slow_reader();
    list_unread(&server, &mut slow_dispatcher, &dispatcher);
    let supervisor = server.token("supervisor");
    list(&reading_channel, &supervisor).await.expect("the supervisor has its own limit");
    // A client that reads is answered every time, even with pages of the largest size.
    drop((slow_agent, slow_dispatcher));
    for _ in 0..20 {
        let listed = list(&reading_channel, &supervisor).await;
        assert!(listed.is_ok(), "{listed:?}");
    }
    let health = HealthClient::new(reading_channel).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "{health:?}");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_is_disconnected_and_one_that_reads_is_not() {
    let server = server(&[("limits.unread_timeout_ms", "2000"), ("metrics.listen", "\"127.0.0.1:0\"")]);
    fill(&server, 10).await;
    let token = server.token("agent");
    let reading_channel = channel(&server);
    list(&reading_channel, &token).await.expect("it is answered");
    for (name, window, window_update) in
        [("no window", 0, 0), ("a window of 1", 1, 0), ("a byte a second", 1, 1)]
    {
        let mut peer =
            RawHttp2::open_with_window(server.address(), FROM, window).expect("the connection is accepted");
        let stream = list_unread(&server, &mut peer, &token);
        let took = ended_after(&mut peer, |peer| {
            if window_update > 0 {
                // The connection may be closed by now.
                let _ = peer.send(&raw_http2::window_update(stream, window_update));
            }
        });
        assert!(took < Duration::from_secs(8), "{name}: ended after {took:?}");
    }
    let mut peer = RawHttp2::open_with_window(server.address(), FROM, 0).expect("the connection is accepted");
    let watch = raw_http2::message(&HealthCheckRequest::default());
    peer.call(&raw_http2::anonymous_call(WATCH), &watch).expect("the peer can send");
    let took = ended_after(&mut peer, |_| {});
    assert!(took < Duration::from_secs(8), "a stream: ended after {took:?}");
    server.wait_for_line("connections closed: peers do not read responses");
    list(&reading_channel, &token).await.expect("a connection that is read goes on");
    let page = wait::find_within(WAIT_MAX, async || {
        let (_, page) = metrics::ask(&server, "GET", "/metrics");
        (metrics::value(&page, "hotline_unsent_bytes") == 0).then_some(page)
    });
    let page = page.await.expect("the bytes of closed connections no longer count");
    assert_eq!(metrics::value(&page, "hotline_slow_readers_ended_total"), 4);
    assert_eq!(metrics::value(&page, "hotline_connections_evicted_total"), 0);
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_not_read_is_closed() {
    let server = server(&[("limits.unread_timeout_ms", "1500")]);
    fill(&server, 100).await;
    let token = server.token("agent");
    let mut peer = RawHttp2::open_with_window(server.address(), FROM, raw_http2::WINDOW_MAX)
        .expect("the connection is accepted");
    let widened = raw_http2::window_update(0, raw_http2::WINDOW_MAX - 65_535);
    peer.send(&widened).expect("the peer can send");
    wait::until("the server closes the connection", async || {
        peer.call(&raw_http2::call(LIST, &token), &raw_http2::message(&page())).is_err()
    })
    .await;
    server.wait_for_line("connections closed: peers do not read responses");
    list(&channel(&server), &token).await.expect("others go on");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_link_that_is_read_gets_the_whole_page() {
    // The page takes much longer than the time-out, but it is read all the time.
    let server = server(&[("limits.unread_timeout_ms", "1500")]);
    fill(&server, 60).await;
    let endpoint = format!("http://{}", slow_link::open(&server));
    let slow_channel = Endpoint::from_shared(endpoint).expect("an endpoint").connect_lazy();
    let begun = Instant::now();
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let (agent_page, dispatcher_page) =
        tokio::join!(list(&slow_channel, &agent), list(&slow_channel, &dispatcher));
    for listed in [agent_page, dispatcher_page] {
        let tickets = listed.expect("it is answered").tickets;
        assert_eq!(tickets.iter().filter(|ticket| ticket.content.chars().count() == LONG).count(), 60);
    }
    assert!(begun.elapsed() > Duration::from_secs(3), "the link was not slow: {:?}", begun.elapsed());
    assert!(!server.output().contains("slow readers"), "{}", server.output());
}
