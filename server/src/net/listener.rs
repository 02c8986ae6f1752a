//! Accepts connections within their limits. Each TLS handshake runs in a task of its own, so that a slow or silent peer
//! delays no other. The handshake shares its time limit with the preface, and it takes a slot of the connection limit.

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

use crate::access::PeerCertificate;
use crate::net::accepted_stream::{AcceptedStream, Socket};
use crate::net::connection_limit::{ConnectionLimit, peer_of};
use crate::net::{PeerInfo, Tls};
use crate::platform::config::Limits;

/// The pause after a failed accept. The machine has no free descriptors, and an immediate retry would not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long a new connection of a peer with a used-up penalty budget is delayed.
const PENALTY_DELAY: Duration = Duration::from_secs(1);
/// Delayed connections, in all and for one peer. Each costs a descriptor and the kernel's buffer of unread bytes.
/// Further ones are closed at once.
const DELAYED_MAX: usize = 64;
const DELAYED_PER_PEER_MAX: usize = 4;

/// The kernel's send buffer of a connection, in bytes. By default Linux buffers up to 4 MiB, which the server's limits
/// do not count. This size allows 2.5 MB a second at a round trip of 100 ms.
const SEND_BUFFER_BYTES: u32 = 256 * 1024;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;
/// The interval between two checks for peers that do not read.
const STALL_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// Accepts connections. Dropping it closes the socket and aborts handshakes in progress.
#[derive(Debug)]
struct Listener {
    socket: TcpListener,
    limit: ConnectionLimit,
    preface_timeout: Duration,
    bytes_per_second: u32,
    tls: Option<Arc<Tls>>,
    handshakes: JoinSet<Option<AcceptedStream>>,
    /// Accepted connections that are not read yet.
    delayed: JoinSet<(TcpStream, SocketAddr)>,
    delayed_by_peer: HashMap<IpAddr, usize>,
    stall_check: Interval,
}

impl Listener {
    /// The next connection that may be served.
    async fn next(&mut self) -> AcceptedStream {
        loop {
            tokio::select! {
                _ = self.stall_check.tick() => self.limit.end_stalled(),
                Some(ended) = self.handshakes.join_next() => {
                    match ended {
                        Ok(Some(peer)) => return peer,
                        Ok(None) => {}
                        Err(error) => tracing::error!(%error, "a TLS handshake panicked"),
                    }
                }
                Some(delayed) = self.delayed.join_next() => {
                    if let Ok((stream, address)) = delayed
                        && let Some(peer) = self.end_delay(stream, address)
                    {
                        return peer;
                    }
                }
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, address)) if self.limit.is_delayed(address.ip()) => {
                        self.delay(stream, address);
                    }
                    Ok((stream, address)) => {
                        if let Some(peer) = self.admit(stream, address) {
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

    fn delay(&mut self, stream: TcpStream, address: SocketAddr) {
        let peer = peer_of(address.ip());
        let of_peer = self.delayed_by_peer.get(&peer).copied().unwrap_or(0);
        if self.delayed.len() < DELAYED_MAX && of_peer < DELAYED_PER_PEER_MAX {
            self.delayed_by_peer.insert(peer, of_peer + 1);
            self.delayed.spawn(async move {
                sleep(PENALTY_DELAY).await;
                (stream, address)
            });
        }
    }

    fn end_delay(&mut self, stream: TcpStream, address: SocketAddr) -> Option<AcceptedStream> {
        let peer = peer_of(address.ip());
        match self.delayed_by_peer.get_mut(&peer) {
            Some(of_peer) if *of_peer > 1 => *of_peer -= 1,
            _ => drop(self.delayed_by_peer.remove(&peer)),
        }
        self.admit(stream, address)
    }

    /// Takes a slot for a connection. With TLS it starts the handshake, and the connection is returned after it.
    fn admit(&mut self, stream: TcpStream, address: SocketAddr) -> Option<AcceptedStream> {
        // Over a limit the connection is closed at once; clients retry then.
        let slot = self.limit.take(address.ip())?;
        // If this fails, the connection is about to break anyway.
        let _ = stream.set_nodelay(true);
        let mut preface_timer = Box::pin(sleep(self.preface_timeout));
        let Some(tls) = &self.tls else {
            let connection = Some(Arc::clone(slot.connection()));
            let info = PeerInfo { address: Some(address), connection, ..PeerInfo::default() };
            return Some(AcceptedStream::new(
                Socket::Plain(stream),
                info,
                preface_timer,
                self.bytes_per_second,
                slot,
            ));
        };
        let (config, bytes_per_second) = (tls.current(), self.bytes_per_second);
        self.handshakes.spawn(async move {
            let connection = Arc::clone(slot.connection());
            let (stream, certificate) = tokio::select! {
                accepted = handshake(config, stream) => accepted?,
                () = poll_fn(|cx| connection.poll_ended(cx)) => return None,
                () = &mut preface_timer => {
                    tracing::debug!("a handshake took too long");
                    return None;
                }
            };
            let connection = Some(connection);
            let info = PeerInfo { address: Some(address), certificate, connection, ..PeerInfo::default() };
            Some(AcceptedStream::new(
                Socket::Tls(Box::new(stream)),
                info,
                preface_timer,
                bytes_per_second,
                slot,
            ))
        });
        None
    }
}

/// The handshake, and the verified certificate of the peer; `None` if it fails.
async fn handshake(
    config: Arc<ServerConfig>,
    stream: TcpStream,
) -> Option<(TlsStream<TcpStream>, Option<Arc<PeerCertificate>>)> {
    let accepted = TlsAcceptor::from(config).accept(stream).await;
    let stream = accepted.inspect_err(|error| tracing::debug!(%error, "a handshake failed")).ok()?;
    let certificate = match stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        // A verified certificate that cannot be parsed ends the connection, because it cannot be mapped to a client.
        Some(shown) => Some(Arc::new(PeerCertificate::read(shown)?)),
        None => None,
    };
    Some((stream, certificate))
}

/// Listens on an address. Its connections inherit the size of the send buffer.
///
/// # Errors
/// Why the address can't be listened on.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // After a restart, connections of the last process may still be in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// The connections that a listener accepts within its limits.
pub fn incoming(
    listener: TcpListener,
    limits: &Limits,
    tls: Option<Arc<Tls>>,
) -> impl Stream<Item = io::Result<AcceptedStream>> + use<> {
    let mut stall_check = interval(STALL_CHECK_INTERVAL);
    stall_check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener {
        socket: listener,
        limit: ConnectionLimit::new(limits),
        preface_timeout: Duration::from_millis(limits.preface_timeout_ms),
        bytes_per_second: limits.bytes_per_second_per_connection,
        tls,
        handshakes: JoinSet::new(),
        delayed: JoinSet::new(),
        delayed_by_peer: HashMap::new(),
        stall_check,
    };
    futures_util::stream::unfold(listener, |mut listener| async move {
        Some((Ok(listener.next().await), listener))
    })
}
