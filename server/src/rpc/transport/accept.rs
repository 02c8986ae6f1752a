//! Accepts connections within their limits. A TLS handshake runs in a task of its own, so that one who is slow at it, or
//! silent, holds up nobody behind him; it shares its time with the preface, and its place counts like any other.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::Stream;

use super::peer::{Peer, Wire};
use super::places::{Places, peer_of};
use super::{PeerInfo, Tls};
use crate::access::PeerCertificate;
use crate::platform::config::Limits;

/// The pause after a failed accept: the machine is out of descriptors, and asking again at once would not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a connection waits for its place where the peer's were ended too often for what was done on them.
const WAIT: Duration = Duration::from_secs(1);
/// Connections that wait at a time, in all and of a peer, which so has no more than four heard in a second. One costs a
/// descriptor and what the machine keeps of unread bytes; above this they are closed at once.
const WAITING_MAX: usize = 64;
const WAITING_OF_PEER_MAX: usize = 4;

/// What the kernel keeps for a connection whose peer does not read, in bytes; left to itself, Linux keeps up to 4 MiB, which
/// no bound of ours sees. Enough for 2.5 MB a second at a round trip of 100 ms.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// How often the listener looks for peers that do not read.
const STALL_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Where connections come in. When it is dropped, the listener is closed and what is on its way in ends where it stands.
#[derive(Debug)]
struct Door {
    listener: TcpListener,
    places: Places,
    preface_timeout: Duration,
    bytes_per_second: u32,
    tls: Option<Arc<Tls>>,
    handshakes: JoinSet<Option<Peer>>,
    /// Connections that are not heard yet.
    waiting: JoinSet<(TcpStream, SocketAddr)>,
    waiting_by_peer: HashMap<IpAddr, usize>,
    stall_check: Interval,
}

impl Door {
    /// The next connection that may begin to speak.
    async fn next(&mut self) -> Peer {
        loop {
            tokio::select! {
                _ = self.stall_check.tick() => self.places.end_stalled(),
                Some(ended) = self.handshakes.join_next() => {
                    match ended {
                        Ok(Some(peer)) => return peer,
                        Ok(None) => {}
                        Err(error) => tracing::error!(%error, "a TLS handshake panicked"),
                    }
                }
                Some(waited) = self.waiting.join_next() => {
                    if let Ok((stream, address)) = waited
                        && let Some(peer) = self.end_wait(stream, address)
                    {
                        return peer;
                    }
                }
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, address)) if self.places.must_wait(address.ip()) => {
                        self.have_wait(stream, address);
                    }
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

    fn have_wait(&mut self, stream: TcpStream, address: SocketAddr) {
        let peer = peer_of(address.ip());
        let of_peer = self.waiting_by_peer.get(&peer).copied().unwrap_or(0);
        if self.waiting.len() < WAITING_MAX && of_peer < WAITING_OF_PEER_MAX {
            self.waiting_by_peer.insert(peer, of_peer + 1);
            self.waiting.spawn(async move {
                sleep(WAIT).await;
                (stream, address)
            });
        }
    }

    fn end_wait(&mut self, stream: TcpStream, address: SocketAddr) -> Option<Peer> {
        let peer = peer_of(address.ip());
        match self.waiting_by_peer.get_mut(&peer) {
            Some(of_peer) if *of_peer > 1 => *of_peer -= 1,
            _ => drop(self.waiting_by_peer.remove(&peer)),
        }
        self.let_in(stream, address)
    }

    /// Gives a connection its place; behind TLS it begins its handshake instead of being ready.
    fn let_in(&mut self, stream: TcpStream, address: SocketAddr) -> Option<Peer> {
        // Above a limit the connection is closed at once, which a client takes as "try again".
        let place = self.places.take(address.ip())?;
        // A connection that can't be tuned is about to break by itself.
        let _ = stream.set_nodelay(true);
        let mut silence = Box::pin(sleep(self.preface_timeout));
        let Some(tls) = &self.tls else {
            let connection = Some(Arc::clone(place.connection()));
            let info = PeerInfo { address: Some(address), connection, ..PeerInfo::default() };
            return Some(Peer::new(Wire::Plain(stream), info, silence, self.bytes_per_second, place));
        };
        let (config, bytes_per_second) = (tls.current(), self.bytes_per_second);
        self.handshakes.spawn(async move {
            let connection = Arc::clone(place.connection());
            let (stream, certificate) = tokio::select! {
                shaken = shake_hands(config, stream) => shaken?,
                () = poll_fn(|cx| connection.poll_ended(cx)) => return None,
                () = &mut silence => {
                    tracing::debug!("a handshake took too long");
                    return None;
                }
            };
            let connection = Some(connection);
            let info = PeerInfo { address: Some(address), certificate, connection, ..PeerInfo::default() };
            Some(Peer::new(Wire::Tls(Box::new(stream)), info, silence, bytes_per_second, place))
        });
        None
    }
}

/// The handshake, and the verified certificate of the peer; none where it fails.
async fn shake_hands(
    config: Arc<ServerConfig>,
    stream: TcpStream,
) -> Option<(TlsStream<TcpStream>, Option<Arc<PeerCertificate>>)> {
    let shaken = TlsAcceptor::from(config).accept(stream).await;
    let stream = shaken.inspect_err(|error| tracing::debug!(%error, "a handshake failed")).ok()?;
    let certificate = match stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        // One that was verified and can't be read is a fault of ours; without it nobody would know whom to refuse.
        Some(shown) => Some(Arc::new(PeerCertificate::read(shown)?)),
        None => None,
    };
    Some((stream, certificate))
}

/// Listens on an address. Its connections inherit the size of their send buffer.
///
/// # Errors
/// Why the address can't be listened on.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that is started again finds connections of the last one that are not quite over.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The connections that a listener accepts within its limits.
pub fn peers(
    listener: TcpListener,
    limits: &Limits,
    tls: Option<Arc<Tls>>,
) -> impl Stream<Item = io::Result<Peer>> + use<> {
    let mut stall_check = interval(STALL_CHECK_INTERVAL);
    stall_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let door = Door {
        listener,
        places: Places::new(limits),
        preface_timeout: Duration::from_millis(limits.preface_timeout_ms),
        bytes_per_second: limits.bytes_per_second_per_connection,
        tls,
        handshakes: JoinSet::new(),
        waiting: JoinSet::new(),
        waiting_by_peer: HashMap::new(),
        stall_check,
    };
    futures_util::stream::unfold(door, |mut door| async move { Some((Ok(door.next().await), door)) })
}
