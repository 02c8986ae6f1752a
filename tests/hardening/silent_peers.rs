//! Peers that send nothing: before the preface, within TLS, and while the server shuts down. `stories::lifecycle` tests
//! it without TLS; these tests use TLS.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

use hotline_client::{HotlineClient, ListTickets};

use super::raw_http2::PATIENCE;
use super::tls_certificates::{TlsFiles, secure_server};
use super::{assert_calm, server};

/// The beginning of a TLS record with a handshake of 512 bytes.
const HALF_A_HELLO: &[u8] = &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3];

/// Whether the server closes a connection after these bytes, in time.
fn is_cut_off(address: &str, said: &[u8]) -> bool {
    let mut peer = TcpStream::connect(address).expect("it is let in");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket takes a time-out");
    peer.write_all(said).expect("it can speak");
    match peer.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn m6_a_peer_that_is_silent_within_tls_is_cut_off() {
    let files = TlsFiles::new();
    let server = secure_server(&files, &[("limits.preface_timeout_ms", "300")]);
    for said in [&[][..], &HALF_A_HELLO[..1], HALF_A_HELLO] {
        assert!(is_cut_off(server.address(), said), "{said:?}");
    }
    assert_calm(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn m6_a_slow_handshake_holds_up_nobody_behind_it() {
    let files = TlsFiles::new();
    let server = secure_server(&files, &[("limits.preface_timeout_ms", "600000")]);
    let slow: Vec<_> = (0..50)
        .map(|_| {
            let mut peer = TcpStream::connect(server.address()).expect("it is let in");
            peer.write_all(HALF_A_HELLO).expect("it can speak");
            peer
        })
        .collect();
    let client = HotlineClient::builder().endpoint(server.endpoint()).token(server.token("agent"));
    let client = client.certificate_authority(files.server_authority()).deadline(PATIENCE);
    let tickets = client.connect().await.expect("it is let in").tickets();
    let listed = tickets.list_tickets(ListTickets::default()).try_next().await;
    assert!(listed.is_ok(), "{listed:?}");
    drop(slow);
}

#[test]
fn m7_peers_that_are_silent_within_tls_keep_nobody_from_ending() {
    let files = TlsFiles::new();
    let keys = [
        ("limits.preface_timeout_ms", "600000"),
        ("shutdown.pre_drain_ms", "50"),
        ("shutdown.drain_ms", "600000"),
    ];
    let mut server = secure_server(&files, &keys);
    let silent: Vec<_> = [&[][..], HALF_A_HELLO]
        .map(|said| {
            let mut peer = TcpStream::connect(server.address()).expect("it is let in");
            peer.write_all(said).expect("it can speak");
            peer
        })
        .into();
    let start = Instant::now();
    assert_eq!(server.terminate().code(), Some(0));
    // A handshake ends with the listener, and not with the drain.
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    drop(silent);
}

/// The connections of one peer are limited, and those of another are not affected.
#[test]
fn a_peer_has_no_more_connections_than_are_his() {
    let server = server(&[("limits.connections_per_peer_max", "8"), ("limits.preface_timeout_ms", "600000")]);
    let from = [2, 3].map(|last| std::net::IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, last)));
    let mut first: Vec<_> = (0..9)
        .map(|_| super::raw_http2::connect(server.address(), from[0]).expect("the machine lets it in"))
        .collect();
    let mut last = first.pop().expect("there are nine");
    let read = last.read(&mut [0; 1]);
    assert!(matches!(&read, Ok(0)) || read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
    let mut other = super::raw_http2::RawHttp2::open(server.address(), from[1]).expect("it is let in");
    assert!(other.await_frame(|frame| frame.kind == super::raw_http2::SETTINGS).is_some());
    drop(first);
}
