//! Accepts connections within their limits. A TLS handshake runs in a task of its own, so that one who is slow at it, or
//! silent, holds up nobody behind him; it shares its time with the preface, and its place counts like any other.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;

use super::peer::{Peer, Wire};
use super::places::Places;
use super::{PeerInfo, Tls};
use crate::access::PeerCertificate;
use crate::platform::config::Limits;

/// The pause after a failed accept: the machine is out of descriptors, and asking again at once would not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where connections come in. When it is dropped, the listener is closed and handshakes end where they stand.
#[derive(Debug)]
struct Door {
    listener: TcpListener,
    places: Places,
    preface_timeout: Duration,
    bytes_per_second: u32,
    tls: Option<Arc<Tls>>,
    handshakes: JoinSet<Option<Peer>>,
}

impl Door {
    /// The next connection that may begin to speak.
    async fn next(&mut self) -> Peer {
        loop {
            tokio::select! {
                Some(ended) = self.handshakes.join_next() => {
                    if let Ok(Some(peer)) = ended {
                        return peer;
                    }
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, address)) => {
                        if let Some(peer) = self.let_in(stream, address) {
                            return peer;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        }
    }

    /// Gives a connection its place; behind TLS it begins its handshake instead of being ready.
    fn let_in(&mut self, stream: TcpStream, address: SocketAddr) -> Option<Peer> {
        // Above a limit the connection is closed at once, which a client takes as "try again".
        let place = self.places.take(address.ip())?;
        // A connection that can't be tuned is about to break by itself.
        let _ = stream.set_nodelay(true);
        let mut silence = Box::pin(sleep(self.preface_timeout));
        let Some(tls) = &self.tls else {
            let info = PeerInfo { address: Some(address), ..PeerInfo::default() };
            return Some(Peer::new(Wire::Plain(stream), info, silence, self.bytes_per_second, place));
        };
        let (config, bytes_per_second) = (tls.current(), self.bytes_per_second);
        self.handshakes.spawn(async move {
            let (stream, info) = tokio::select! {
                shaken = shake_hands(config, stream, address) => shaken?,
                () = &mut silence => {
                    tracing::debug!("a handshake took too long");
                    return None;
                }
            };
            Some(Peer::new(Wire::Tls(Box::new(stream)), info, silence, bytes_per_second, place))
        });
        None
    }
}

/// The handshake, and who is at the other end; none where it fails.
async fn shake_hands(
    config: Arc<ServerConfig>,
    stream: TcpStream,
    address: SocketAddr,
) -> Option<(TlsStream<TcpStream>, PeerInfo)> {
    let shaken = TlsAcceptor::from(config).accept(stream).await;
    let stream = shaken.inspect_err(|error| tracing::debug!(%error, "a handshake failed")).ok()?;
    let certificate = match stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        // One that was verified and can't be read is a fault of ours; without it nobody would know whom to refuse.
        Some(shown) => Some(Arc::new(PeerCertificate::read(shown)?)),
        None => None,
    };
    Some((stream, PeerInfo { address: Some(address), certificate, ..PeerInfo::default() }))
}

/// The connections that a listener accepts within its limits.
pub fn peers(
    listener: TcpListener,
    limits: &Limits,
    tls: Option<Arc<Tls>>,
) -> impl Stream<Item = io::Result<Peer>> + use<> {
    let door = Door {
        listener,
        places: Places::new(limits),
        preface_timeout: Duration::from_millis(limits.preface_timeout_ms),
        bytes_per_second: limits.bytes_per_second_per_connection,
        tls,
        handshakes: JoinSet::new(),
    };
    futures_util::stream::unfold(door, |mut door| async move { Some((Ok(door.next().await), door)) })
}
