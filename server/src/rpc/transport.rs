//! The listener: every limit of HTTP/2 is set by name, a peer that connects and says nothing is cut off, and a stop is
//! bounded however peers behave.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};
use tokio_stream::Stream;
use tonic::transport::server::{Connected, TcpConnectInfo};

use crate::platform::config::Limits;

/// The pause after a failed accept: the machine is out of descriptors, and asking again at once would not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The bytes of HTTP/2's preface; a request of HTTP/1 has more. Behind them hyper's own time-outs watch the peer, before
/// them none does, so that one byte would hold a connection for ever.
const PREFACE_BYTES: usize = 24;

/// Connections that are open, in all and by peer.
#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// A place among the open connections; given back when it is dropped.
#[derive(Debug)]
struct Place {
    open: Arc<Mutex<Open>>,
    peer: IpAddr,
}

impl Place {
    fn take(open: &Arc<Mutex<Open>>, peer: IpAddr, limits: &Limits) -> Option<Self> {
        let mut counts = open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = counts.by_peer.get(&peer).copied().unwrap_or(0);
        if counts.all >= limits.connections_max || of_peer >= limits.connections_per_peer_max {
            return None;
        }
        counts.all += 1;
        counts.by_peer.insert(peer, of_peer + 1);
        Some(Self { open: Arc::clone(open), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        let left = counts.by_peer.get(&self.peer).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.by_peer.remove(&self.peer);
        } else {
            counts.by_peer.insert(self.peer, left);
        }
    }
}

/// An accepted connection that must begin to speak in time.
#[derive(Debug)]
pub struct Peer {
    stream: TcpStream,
    /// Bytes of the preface that have come.
    heard: usize,
    /// Runs until the preface has come.
    silence: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

impl Connected for Peer {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.silence.is_some() {
            self.heard += buffer.filled().len().saturating_sub(before);
            if self.heard >= PREFACE_BYTES {
                self.silence = None;
            }
        }
        if let Some(silence) = &mut self.silence
            && silence.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Peer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The connections that a listener accepts within its limits.
pub fn peers(listener: TcpListener, limits: Limits) -> impl Stream<Item = io::Result<Peer>> {
    let open = Arc::new(Mutex::new(Open::default()));
    futures_util::stream::unfold((listener, open), move |(listener, open)| async move {
        loop {
            match listener.accept().await {
                Ok((stream, address)) => {
                    // Above a limit the connection is closed at once, which a client takes as "try again".
                    let Some(place) = Place::take(&open, address.ip(), &limits) else { continue };
                    // A connection that can't be tuned is about to break by itself.
                    let _ = stream.set_nodelay(true);
                    let silence = sleep(Duration::from_millis(limits.preface_timeout_ms));
                    let peer = Peer { stream, heard: 0, silence: Some(Box::pin(silence)), _place: place };
                    return Some((Ok(peer), (listener, open)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}
