//! Peers that send nothing: before the preface, within TLS, and while the server shuts down. `stories::lifecycle` tests
//! it without TLS; these tests use TLS.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use hotline_client::{HotlineClient, ListTickets};

use super::raw_http2::WAIT_MAX;
use super::tls_certificates::{TlsFiles, secure_server};
use super::{assert_calm, server};

/// The beginning of a TLS record with a handshake of 512 bytes.
const HALF_A_HELLO: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];

/// Whether the server closes a connection after these bytes, in time.
fn is_disconnected(address: &str, sent: &[u8]) -> bool {
    let mut peer = TcpStream::connect(address).expect("the connection is accepted");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    peer.write_all(sent).expect("the peer can send");
    match peer.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn m6_a_peer_that_is_silent_within_tls_is_disconnected() {
    let files = TlsFiles::new();
    let server = secure_server(&files, &[("limits.preface_timeout_ms", "300")]);
    for sent in [&[][..], &HALF_A_HELLO[..1], HALF_A_HELLO] {
        assert!(is_disconnected(server.address(), sent), "{sent:?}");
    }
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn m6_a_slow_handshake_does_not_delay_other_peers() {
    let files = TlsFiles::new();
    let server = secure_server(&files, &[("limits.preface_timeout_ms", "600000")]);
    let slow_peers: Vec<_> = (0..50)
        .map(|_| {
            let mut peer = TcpStream::connect(server.address()).expect("the connection is accepted");
            peer.write_all(HALF_A_HELLO).expect("the peer can send");
            peer
        })
        .collect();
    let client = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    let client = client.certificate_authority(files.server_authority()).deadline(WAIT_MAX);
    let agent = client.connect().await.expect("the connection is accepted").tickets();
    let listed = agent.list_tickets(ListTickets::default()).try_next().await;
    assert!(listed.is_ok(), "{listed:?}");
    drop(slow_peers);
}

#[test]
fn m7_peers_that_are_silent_within_tls_do_not_delay_the_shutdown() {
    let files = TlsFiles::new();
    let keys = [
        ("limits.preface_timeout_ms", "600000"),
        ("shutdown.pre_drain_ms", "50"),
        ("shutdown.drain_ms", "600000"),
    ];
    let mut server = secure_server(&files, &keys);
    let silent_peers: Vec<_> = [&[][..], HALF_A_HELLO]
        .map(|sent| {
            let mut peer = TcpStream::connect(server.address()).expect("the connection is accepted");
            peer.write_all(sent).expect("the peer can send");
            peer
        })
        .into();
    let start = Instant::now();
    assert_eq!(server.terminate().code(), Some(0));
    // A handshake ends with the listener, and not with the drain.
    assert!(start.elapsed() < WAIT_MAX, "it took {:?}", start.elapsed());
    drop(silent_peers);
}

/// The connections of one peer are limited, and those of another are not affected.
#[test]
fn connections_per_peer_are_limited() {
    let server = server(&[("limits.connections_per_peer_max", "8"), ("limits.preface_timeout_ms", "600000")]);
    let addresses = [2, 3].map(|ninth| std::net::IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, ninth)));
    let mut open_connections: Vec<_> = (0..9)
        .map(|_| super::raw_http2::connect(server.address(), addresses[0]).expect("the machine lets it in"))
        .collect();
    let mut ninth = open_connections.pop().expect("there are nine");
    let read = ninth.read(&mut [0; 1]);
    assert!(matches!(&read, Ok(0)) || read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    let mut other_peer =
        super::raw_http2::RawHttp2::open(server.address(), addresses[1]).expect("the connection is accepted");
    assert!(other_peer.await_frame(|frame| frame.kind == super::raw_http2::SETTINGS).is_some());
    drop(open_connections);
}
