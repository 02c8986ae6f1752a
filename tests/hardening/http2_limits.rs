//! Frames that no client sends. Every limit of HTTP/2 is in the server's settings or closes the connection, and no
//! other connection is affected.

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use super::raw_http2::{self, Frame, RawHttp2};
use super::{assert_calm, server};
use crate::support::server::Server;

const PATH: &str = "/hotline.v1.TicketService/ListTickets";
/// A local address that good clients do not use.
const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

fn open(server: &Server) -> RawHttp2 {
    RawHttp2::open(server.address(), FROM).expect("it is let in")
}

/// Sends frames that `next` makes until the server closes the connection; returns how many were sent, if it did.
fn frames_until_goaway(
    peer: &mut RawHttp2,
    times: u32,
    mut next: impl FnMut(&mut RawHttp2) -> Vec<u8>,
) -> Option<u32> {
    for count in 0..times {
        let bytes = next(peer);
        if peer.send(&bytes).is_err() {
            return Some(count);
        }
    }
    // Sent frames may still be in transit. The answer to all of them is a GOAWAY frame, or that of this ping.
    if peer.send(&raw_http2::frame(raw_http2::PING, 0, 0, b"the last")).is_err() {
        return Some(times);
    }
    let is_end = |frame: &Frame| {
        frame.kind == raw_http2::GOAWAY || frame.kind == raw_http2::PING && frame.payload == *b"the last"
    };
    let end = peer.await_frame(is_end);
    end.is_none_or(|frame| frame.kind == raw_http2::GOAWAY).then_some(times)
}

fn check_good_client(server: &Server) {
    let mut peer = RawHttp2::open(server.address(), IpAddr::V4(Ipv4Addr::LOCALHOST)).expect("it is let in");
    let stream = peer.begin(&raw_http2::call(PATH, &server.token("agent")), 0).expect("it can speak");
    peer.send(&raw_http2::frame(raw_http2::DATA, raw_http2::END_STREAM, stream, &[0; 5]))
        .expect("it can speak");
    let answer = peer.await_frame(|frame| frame.kind == raw_http2::DATA && frame.stream == stream);
    assert!(answer.is_some(), "a good client is answered");
    assert_calm(server);
}

#[test]
fn m4_the_limit_of_streams_stands_in_the_settings_and_holds() {
    let server = server(&[]);
    let mut peer = open(&server);
    let settings =
        peer.await_frame(|frame| frame.kind == raw_http2::SETTINGS && frame.flags & raw_http2::ACK == 0);
    let settings = settings.expect("settings come first").payload;
    let values: Vec<(u16, u32)> = settings
        .chunks(6)
        .map(|one| {
            let value = [one[2], one[3], one[4], one[5]];
            (u16::from_be_bytes([one[0], one[1]]), u32::from_be_bytes(value))
        })
        .collect();
    assert!(values.contains(&(3, 128)), "SETTINGS_MAX_CONCURRENT_STREAMS: {values:?}");
    assert!(values.contains(&(6, 16 * 1024)), "SETTINGS_MAX_HEADER_LIST_SIZE: {values:?}");

    let block = raw_http2::call(PATH, &server.token("agent"));
    let streams: Vec<u32> = (0..129).map(|_| peer.begin(&block, 0).expect("it can speak")).collect();
    let refused = peer.await_frame(|frame| frame.kind == raw_http2::RST_STREAM).expect("one is too many");
    assert_eq!((refused.stream, refused.payload), (streams[128], vec![0, 0, 0, 7]), "REFUSED_STREAM");
    check_good_client(&server);
}

#[test]
fn m5_broken_streams_without_end_end_the_connection() {
    let server = server(&[]);
    let mut peer = open(&server);
    // No :path: the stream is broken, not the connection.
    let block = raw_http2::header(":method", "POST", false);
    let sent = frames_until_goaway(&mut peer, 6000, |peer| {
        let stream = peer.take_stream();
        raw_http2::frame(raw_http2::HEADERS, raw_http2::END_HEADERS, stream, &block)
    });
    assert!(sent.is_some(), "6,000 broken streams and no GOAWAY");
    check_good_client(&server);
}

#[test]
fn streams_that_are_opened_and_reset_end_the_connection() {
    let server = server(&[]);
    let mut peer = open(&server);
    let block = raw_http2::call(PATH, &server.token("agent"));
    let sent = frames_until_goaway(&mut peer, 20_000, |peer| {
        let stream = peer.take_stream();
        let opened = raw_http2::frame(raw_http2::HEADERS, raw_http2::END_HEADERS, stream, &block);
        [opened, raw_http2::frame(raw_http2::RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
    });
    assert!(sent.is_some(), "20,000 resets and no GOAWAY");
    check_good_client(&server);
}

#[test]
fn headers_that_never_end_end_the_connection() {
    let server = server(&[]);
    let mut peer = open(&server);
    let stream = peer.take_stream();
    peer.send(&raw_http2::frame(raw_http2::HEADERS, 0, stream, &raw_http2::call(PATH, "x")))
        .expect("it can speak");
    let piece = raw_http2::header("x-filler", &"a".repeat(8000), false);
    let sent = frames_until_goaway(&mut peer, 5000, |_| {
        raw_http2::frame(raw_http2::CONTINUATION, 0, stream, &piece)
    });
    assert!(sent.is_some(), "40 MB of headers and no GOAWAY");
    check_good_client(&server);
}

#[test]
fn a_small_block_that_unpacks_to_a_large_list_is_refused() {
    let server = server(&[]);
    let mut peer = open(&server);
    // One entry in the server's table, then ten thousand references to it of one byte each: 40 MB of headers.
    let mut block = raw_http2::call(PATH, &server.token("agent"));
    block.extend(raw_http2::header("x-filler", &"a".repeat(3900), true));
    block.extend([raw_http2::FIRST_KEPT; 10_000]);
    let stream = peer.begin(&block, 0).expect("it can speak");
    // With its message the call would be served, if its headers were allowed. The connection may be closed by now.
    let _ = peer.send(&raw_http2::frame(raw_http2::DATA, raw_http2::END_STREAM, stream, &[0; 5]));
    let answer = peer.await_frame(|frame| {
        frame.stream == stream && [raw_http2::HEADERS, raw_http2::RST_STREAM].contains(&frame.kind)
            || frame.kind == raw_http2::GOAWAY
    });
    // 431, a reset or the end of the connection, but not the call.
    let is_served = answer
        .is_some_and(|frame| frame.kind == raw_http2::HEADERS && frame.flags & raw_http2::END_STREAM == 0);
    assert!(!is_served, "the call was served");
    check_good_client(&server);
}

/// How long a new connection waits until it is served.
fn time_until_served(server: &Server) -> Duration {
    let begun = Instant::now();
    let settings = open(server).await_frame(|frame| frame.kind == raw_http2::SETTINGS);
    assert!(settings.is_some(), "it comes in, however late");
    begun.elapsed()
}

#[test]
fn a_peer_with_repeated_protocol_errors_is_delayed() {
    let server = server(&[("limits.broken_connections_per_minute_per_peer", "2")]);
    let mut standing = open(&server);
    standing.await_frame(|frame| frame.kind == raw_http2::SETTINGS).expect("nobody waits yet");
    for _ in 0..2 {
        let mut peer = open(&server);
        let stream = peer.take_stream();
        // A frame of data on a stream that was never opened.
        peer.send(&raw_http2::frame(raw_http2::DATA, 0, stream, &[0])).expect("it can speak");
        let goaway =
            peer.await_frame(|frame| frame.kind == raw_http2::GOAWAY).expect("the connection is over");
        assert_ne!(goaway.payload[4..8], [0; 4], "it is told for what");
    }
    // The last GOAWAY frame may arrive before it is counted.
    time_until_served(&server);
    for _ in 0..3 {
        assert!(time_until_served(&server) >= Duration::from_millis(900), "nobody waited");
    }
    standing.send(&raw_http2::frame(raw_http2::PING, 0, 0, b"standing")).expect("it can speak");
    let answer = standing.await_frame(|frame| frame.kind == raw_http2::PING);
    assert!(answer.is_some(), "a connection that stands goes on");
    check_good_client(&server);
}

#[test]
fn a_message_that_is_too_large_or_packed_is_refused() {
    let server = server(&[]);
    let mut peer = open(&server);
    let block = raw_http2::call("/hotline.v1.TicketService/CreateTicket", &server.token("agent"));
    // Four prefixes of a message: slightly too long, four gigabytes, compressed, and an unknown flag.
    for head in [[0, 0, 4, 0, 1], [0, 255, 255, 255, 255], [1, 0, 0, 0, 9], [7, 0, 0, 0, 9]] {
        let stream = peer.begin(&block, 0).expect("it can speak");
        peer.send(&raw_http2::frame(raw_http2::DATA, 0, stream, &head)).expect("it can speak");
        let answer = peer.await_frame(|frame| frame.stream == stream && frame.kind == raw_http2::HEADERS);
        let flags = answer.expect("it is answered before the message is there").flags;
        assert_eq!(
            flags & raw_http2::END_STREAM,
            raw_http2::END_STREAM,
            "the answer to {head:?} is a refusal"
        );
    }
    check_good_client(&server);
}

#[test]
fn pings_and_settings_without_end_hold_up_nobody() {
    let server = server(&[]);
    for (kind, payload) in [(raw_http2::PING, &[7; 8][..]), (raw_http2::SETTINGS, &[])] {
        // If a peer never reads, the server stops reading from it once the socket is full, so the write ends with an
        // error.
        let mut peer = open(&server);
        peer.stream.set_write_timeout(Some(Duration::from_millis(300))).expect("a time-out");
        let flood = raw_http2::frame(kind, 0, 0, payload).repeat(1000);
        let is_held = (0..20_000).any(|_| peer.send(&flood).is_err());
        assert!(is_held, "20 million frames of kind {kind} were read");
        check_good_client(&server);
    }
}
