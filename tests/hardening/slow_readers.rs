//! Peers that do not read their responses. Waiting responses are limited, count as calls in flight, and finally close
//! the connection. A slow link that is read steadily is not affected.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use prost_types::FieldMask;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::raw_http2::{self, PATIENCE, RawHttp2};
use super::{assert_calm, server};
use crate::stories::metrics;
use crate::stories::open_call::intake;
use crate::stories::test_env::with_token;
use crate::support::server::Server;

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
        peer.call(&raw_http2::call(LIST, token), &raw_http2::message(&page())).expect("it can speak");
    let is_head = |frame: &raw_http2::Frame| frame.kind == raw_http2::HEADERS && frame.stream == stream;
    let head = peer.await_frame(is_head).expect("it is answered");
    assert_eq!(head.flags & raw_http2::END_STREAM, 0, "it is not refused: {}", server.output());
    stream
}

/// How long it takes until the server closes a connection on which only frames without data are read.
fn ended_after(peer: &mut RawHttp2, mut each_second: impl FnMut(&mut RawHttp2)) -> Duration {
    peer.stream.set_read_timeout(Some(Duration::from_secs(1))).expect("a time-out");
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match peer.receive() {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                each_second(peer);
            }
            Err(_) => return begun.elapsed(),
        }
    }
    panic!("the server let it stay");
}

fn assert_refused(refused: &Status, reason: &str) {
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let details = refused.get_error_details();
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some(reason));
    assert!(details.retry_info().is_some_and(|info| info.retry_delay.is_some()), "it says when");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_read_is_a_call_under_way() {
    let server = server(&[("limits.calls_per_principal_max", "2")]);
    fill(&server, 1).await;
    let (agent, other) = (server.token("agent"), server.token("dispatcher"));
    let mut peer = RawHttp2::open_with_window(server.address(), FROM, 0).expect("it is let in");
    for _ in 0..2 {
        list_unread(&server, &mut peer, &agent);
    }
    let good = channel(&server);
    assert_refused(&list(&good, &agent).await.expect_err("it has two calls under way"), "RATE_LIMITED");
    list(&good, &other).await.expect("everybody has a share");
    peer.send(&raw_http2::window_update(1, raw_http2::WINDOW_MAX)).expect("it can speak");
    let end = peer.await_frame(|frame| frame.stream == 1 && frame.flags & raw_http2::END_STREAM != 0);
    assert!(end.is_some(), "it is read to its end");
    let is_allowed = async { while list(&good, &agent).await.is_err() {} };
    tokio::time::timeout(PATIENCE, is_allowed).await.expect("what is read is under way no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_one_principal_is_bounded_and_touches_nobody_else() {
    let server = server(&[
        ("limits.unsent_bytes_max", "900000"),
        ("limits.unsent_bytes_per_principal_max", "500000"),
        ("limits.unsent_bytes_per_connection_max", "300000"),
    ]);
    // A page of about 270 kB.
    fill(&server, 10).await;
    let (agent, other) = (server.token("agent"), server.token("dispatcher"));
    let open = || RawHttp2::open_with_window(server.address(), FROM, 0).expect("it is let in");
    let mut first = open();
    list_unread(&server, &mut first, &agent);
    let stream =
        first.call(&raw_http2::call(LIST, &agent), &raw_http2::message(&page())).expect("it can speak");
    let refused = first.await_frame(|frame| frame.kind == raw_http2::HEADERS && frame.stream == stream);
    let flags = refused.expect("it is answered").flags;
    assert_eq!(
        flags & raw_http2::END_STREAM,
        raw_http2::END_STREAM,
        "no more than one waits on a connection"
    );
    let good = channel(&server);
    assert_refused(&list(&good, &agent).await.expect_err("no second one fits"), "RATE_LIMITED");
    list(&good, &other).await.expect("the other has a share, and reads");
    let mut second = open();
    list_unread(&server, &mut second, &other);
    let third = server.token("supervisor");
    list(&good, &third).await.expect("there is room for a third");
    // A caller that reads normally gets every answer, even of the largest size.
    drop((first, second));
    for _ in 0..20 {
        let listed = list(&good, &third).await;
        assert!(listed.is_ok(), "{listed:?}");
    }
    let health = HealthClient::new(good).check(HealthCheckRequest::default()).await;
    assert!(health.is_ok(), "{health:?}");
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_is_closed_and_one_that_reads_goes_on() {
    let server = server(&[("limits.unread_timeout_ms", "2000"), ("metrics.listen", "\"127.0.0.1:0\"")]);
    fill(&server, 10).await;
    let token = server.token("agent");
    let good = channel(&server);
    list(&good, &token).await.expect("it is answered");
    for (name, window, grows) in [("no window", 0, 0), ("a window of 1", 1, 0), ("a byte a second", 1, 1)] {
        let mut peer = RawHttp2::open_with_window(server.address(), FROM, window).expect("it is let in");
        let stream = list_unread(&server, &mut peer, &token);
        let took = ended_after(&mut peer, |peer| {
            if grows > 0 {
                // The connection may be closed by now.
                let _ = peer.send(&raw_http2::window_update(stream, grows));
            }
        });
        assert!(took < Duration::from_secs(8), "{name}: ended after {took:?}");
    }
    let mut peer = RawHttp2::open_with_window(server.address(), FROM, 0).expect("it is let in");
    let watch = raw_http2::message(&HealthCheckRequest::default());
    peer.call(&raw_http2::anonymous_call(WATCH), &watch).expect("it can speak");
    let took = ended_after(&mut peer, |_| {});
    assert!(took < Duration::from_secs(8), "a stream: ended after {took:?}");
    server.wait_for_line("connections closed: peers do not read");
    list(&good, &token).await.expect("a connection that is read goes on");
    let begun = Instant::now();
    let page = loop {
        let (_, page) = metrics::ask(&server, "GET", "/metrics");
        if metrics::value(&page, "hotline_unsent_bytes") == 0 {
            break page;
        }
        assert!(begun.elapsed() < PATIENCE, "bytes of ended connections still count:\n{page}");
    };
    assert_eq!(metrics::value(&page, "hotline_slow_readers_ended_total"), 4);
    assert_eq!(metrics::value(&page, "hotline_connections_evicted_total"), 0);
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_not_read_is_ended() {
    let server = server(&[("limits.unread_timeout_ms", "1500")]);
    fill(&server, 100).await;
    let token = server.token("agent");
    let mut peer =
        RawHttp2::open_with_window(server.address(), FROM, raw_http2::WINDOW_MAX).expect("it is let in");
    let widened = raw_http2::window_update(0, raw_http2::WINDOW_MAX - 65_535);
    peer.send(&widened).expect("it can speak");
    let begun = Instant::now();
    let mut ended = None;
    while begun.elapsed() < PATIENCE && ended.is_none() {
        let asked = peer.call(&raw_http2::call(LIST, &token), &raw_http2::message(&page()));
        ended = asked.err().map(|_| begun.elapsed());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(ended.is_some(), "the server let it stay");
    server.wait_for_line("connections closed: peers do not read");
    list(&channel(&server), &token).await.expect("others go on");
    assert_calm(&server);
}

/// Copies bytes from one side to the other, at this many bytes a second.
fn pass_on(mut from: TcpStream, mut to: TcpStream, bytes_per_second: usize) {
    let mut buffer = vec![0; bytes_per_second / 20];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
        && to.write_all(&buffer[..read]).is_ok()
    {
        thread::sleep(Duration::from_secs(1) * u32::try_from(read).expect("few bytes") / 256_000);
    }
}

/// A link of 256 kB a second to the server; returns its address.
fn slow_link(server: &Server) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address").to_string();
    let server = server.address().to_owned();
    thread::spawn(move || {
        let (near, _) = listener.accept().expect("the client comes");
        let far = TcpStream::connect(server).expect("the server is there");
        let (near_again, far_again) =
            (near.try_clone().expect("a second handle"), far.try_clone().expect("a second handle"));
        thread::spawn(move || pass_on(near_again, far_again, 256_000));
        pass_on(far, near, 256_000);
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_link_that_is_read_gets_its_whole_page() {
    // The page takes much longer than the time-out, but it is read all the time.
    let server = server(&[("limits.unread_timeout_ms", "1500")]);
    fill(&server, 60).await;
    let endpoint = format!("http://{}", slow_link(&server));
    let slow = Endpoint::from_shared(endpoint).expect("an endpoint").connect_lazy();
    let begun = Instant::now();
    let (agent, dispatcher) = (server.token("agent"), server.token("dispatcher"));
    let (one, other) = tokio::join!(list(&slow, &agent), list(&slow, &dispatcher));
    for listed in [one, other] {
        let tickets = listed.expect("it is answered").tickets;
        assert_eq!(tickets.iter().filter(|ticket| ticket.content.chars().count() == LONG).count(), 60);
    }
    assert!(begun.elapsed() > Duration::from_secs(3), "the link was not slow: {:?}", begun.elapsed());
    assert!(!server.output().contains("slow readers"), "{}", server.output());
}
