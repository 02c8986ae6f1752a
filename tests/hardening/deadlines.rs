//! Deadlines: a call ends within its caller's time and the server's, with the reason, however slowly its message
//! arrives. A running call is not broken by the age of its connection.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use tonic::Code;
use tonic::transport::Endpoint;
use tonic_types::StatusExt as _;

use super::raw_http2::WAIT_MAX;
use super::{assert_calm, server};
use crate::stories::open_call::OpenCall;

/// Sends a call over HTTP/1 with a part of its message, and returns the whole answer. A gRPC client would enforce the
/// deadline itself.
fn call_with_half_a_message(address: &str, token: &str, headers: &str) -> String {
    let mut peer = TcpStream::connect(address).expect("the connection is accepted");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    let head = format!(
        "POST /hotline.v1.TicketService/CreateTicket HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n{headers}content-type: application/grpc-web+proto\r\n\
         content-length: 100\r\n\r\n"
    );
    peer.write_all(&[head.as_bytes(), &[0, 0, 0, 0, 95, 1, 2]].concat()).expect("the peer can send");
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).expect("the answer ends");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn m3_an_expired_deadline_is_answered_with_deadline_exceeded() {
    let server = server(&[]);
    let answer = call_with_half_a_message(server.address(), &server.token("agent"), "grpc-timeout: 300m\r\n");
    assert!(answer.contains("grpc-status: 4\r\n"), "{answer}");
    assert!(answer.contains("grpc-status-details-bin: "), "{answer}");
    assert_calm(&server);
}

#[test]
fn a_missing_message_is_awaited_no_longer_than_the_call_timeout() {
    let server = server(&[("limits.call_timeout_ms", "300")]);
    let answer = call_with_half_a_message(server.address(), &server.token("agent"), "");
    assert!(answer.contains("grpc-status: 4\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn m3_the_reason_arrives_over_http2() {
    let server = server(&[("limits.call_timeout_ms", "300")]);
    let channel = Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy();
    let open_call = OpenCall::begin(channel, &server.token("agent")).await;
    let refused = tokio::time::timeout(WAIT_MAX, open_call.refused()).await.expect("it ends in time");
    assert_eq!(refused.code(), Code::DeadlineExceeded, "{refused:?}");
    let reason = refused.get_error_details().error_info().map(|info| info.reason.clone());
    assert_eq!(reason.as_deref(), Some("DEADLINE_EXCEEDED"));
}

/// hyper's age limit closes connections and breaks calls in flight. A test of that would have to wait for the limit. So
/// this checks that the limit stays off.
#[test]
fn m8_no_connection_is_closed_because_of_its_age() {
    let server = include_str!("../../server/src/app/bounded_server.rs");
    assert!(server.contains("http2_keepalive_interval"), "the listener is set up elsewhere");
    let router = include_str!("../../server/src/app/router.rs");
    assert!(![server, router].iter().any(|source| source.contains("max_connection_age")));
}
