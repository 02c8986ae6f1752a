//! Network connections: the listener, connection limits, TLS, and what the server knows about each peer.
//!
//! A connection takes a slot of the connection limit (`connection_limit`), completes its TLS handshake in a task of its
//! own (`listener`, `tls`), and must send its HTTP/2 preface in time (`stream`). Its reads are throttled (`throttle`).
//! Then hyper serves it with the HTTP/2 limits that the router sets, and each of its calls carries a [`PeerInfo`]. If
//! the server ends a connection with a GOAWAY error (`goaway`), the peer is charged for it (`penalty`), and its next
//! connections are delayed. The listener also closes connections whose peer does not read (`connection`).

mod accepted_stream;
mod certificate_validity;
mod connection;
mod connection_limit;
mod frames;
mod goaway;
mod listener;
pub mod penalty;
mod throttle;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use accepted_stream::AcceptedStream;
pub use connection::{Connection, UnreadResponse};
pub use connection_limit::peer_of;
pub use listener::{incoming, listen};
pub use tls::Tls;

use crate::access::PeerCertificate;

/// The peer of a connection; every call on it has one in its extensions.
#[derive(Debug, Clone, Default)]
pub struct PeerInfo {
    /// Its address; behind a proxy, the address of the proxy.
    pub address: Option<SocketAddr>,
    /// Its verified client certificate, if it has sent one.
    pub certificate: Option<Arc<PeerCertificate>>,
    /// Whether the last call on this connection was authenticated.
    pub last_authentication: LastAuthentication,
    /// The connection itself; `None` in tests without a listener.
    pub connection: Option<Arc<Connection>>,
}

/// Whether the last call on a connection had a valid credential. All calls of the connection share it.
#[derive(Debug, Clone, Default)]
pub struct LastAuthentication(Arc<AtomicBool>);

impl LastAuthentication {
    /// Whether it was authenticated; false before the first call.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Records whether a call was authenticated.
    pub fn remember(&self, is_good: bool) {
        self.0.store(is_good, Ordering::Relaxed);
    }
}
