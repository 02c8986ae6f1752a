//! The listener, and what it knows of its peers. Every limit of HTTP/2 is set by name, TLS is ended here, a peer that
//! connects and says nothing is cut off, and a stop is bounded however peers behave.
//!
//! A connection takes a place (`places`), shakes hands where there is TLS (`tls`) in a task of its own (`accept`),
//! and must send its preface in time (`peer`), at its share's pace (`pace`). Then it is hyper's, with the limits that
//! `hotline.rs` names, and each of its calls carries a [`PeerInfo`]. Where it is ended for breaking HTTP/2's rules
//! or limits, its peer is blamed (`farewell`), and waits for the next one if that comes often. The listener ends a
//! connection whose peer does not read, and one without a successful call when places run short (`connection`, `places`).

mod accept;
mod connection;
mod farewell;
mod frames;
mod pace;
mod peer;
mod places;
mod tls;
mod validity;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub use accept::{listen, peers};
pub use connection::{Connection, Following};
pub use peer::Peer;
pub use places::peer_of;
pub use tls::Tls;

use crate::access::PeerCertificate;

/// Who is at the other end of a connection; every call on it has one among its extensions.
#[derive(Debug, Clone, Default)]
pub struct PeerInfo {
    /// Its address: that of the proxy, where one stands between.
    pub address: Option<SocketAddr>,
    /// The certificate that it has shown, verified; none where it has shown none.
    pub certificate: Option<Arc<PeerCertificate>>,
    /// How its last call came through the entrance.
    pub standing: Standing,
    /// The connection itself; none in tests without a listener.
    pub connection: Option<Arc<Connection>>,
}

/// Whether the last call on a connection came with a credential that is known. All calls of the connection share it.
#[derive(Debug, Clone, Default)]
pub struct Standing(Arc<AtomicBool>);

impl Standing {
    /// Whether it did; at the beginning it has not.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Remembers how a call came through.
    pub fn remember(&self, is_good: bool) {
        self.0.store(is_good, Ordering::Relaxed);
    }
}
