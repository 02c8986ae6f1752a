//! An accepted connection, plain or TLS. Its preface must arrive in time, its reads are throttled, and it keeps its
//! slot of the connection limit until it is closed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use metrics::counter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use crate::net::PeerInfo;
use crate::net::connection_limit::ConnectionSlot;
use crate::net::goaway::GoawayObserver;
use crate::net::throttle::Throttle;
use crate::platform::metrics::CONNECTIONS_BROKEN;

/// The size of HTTP/2's preface; a request of HTTP/1 is longer. After the preface hyper's own time-outs apply. Before
/// it there are none, so a single byte would hold a connection for ever.
const PREFACE_BYTES: usize = 24;

/// The transport of a connection.
#[derive(Debug)]
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// An accepted connection, as hyper reads and writes it.
#[derive(Debug)]
pub struct AcceptedStream {
    socket: Socket,
    info: PeerInfo,
    /// Bytes of the preface that have arrived.
    preface_bytes: usize,
    /// Runs until the preface has arrived; it started when the connection was accepted.
    preface_timer: Option<Pin<Box<Sleep>>>,
    throttle: Throttle,
    goaway: GoawayObserver,
    slot: ConnectionSlot,
}

impl AcceptedStream {
    pub(super) fn new(
        socket: Socket,
        info: PeerInfo,
        preface_timer: Pin<Box<Sleep>>,
        bytes_per_second: u32,
        slot: ConnectionSlot,
    ) -> Self {
        Self {
            socket,
            info,
            preface_bytes: 0,
            preface_timer: Some(preface_timer),
            throttle: Throttle::new(bytes_per_second),
            goaway: GoawayObserver::new(),
            slot,
        }
    }

    /// An error if the listener has closed the connection. The task is woken then.
    fn check_ended(&self, cx: &Context<'_>) -> io::Result<()> {
        let is_ended = self.slot.connection().poll_ended(cx).is_ready();
        if is_ended { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Records since when the socket has accepted no bytes, because the connection of a peer that does not read is
    /// closed.
    fn note_write<T>(&self, outcome: &Poll<T>) {
        self.slot.connection().note_write(outcome.is_pending());
    }
}

impl Connected for AcceptedStream {
    type ConnectInfo = PeerInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.info.clone()
    }
}

impl Socket {
    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncRead for AcceptedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_ended(cx)?;
        ready!(self.throttle.poll_turn(cx));
        let before = buffer.filled().len();
        let read = self.socket.poll_read(cx, buffer);
        let received = buffer.filled().get(before..).unwrap_or_default();
        self.throttle.count(received);
        if self.preface_timer.is_some() {
            self.preface_bytes += received.len();
            if self.preface_bytes >= PREFACE_BYTES {
                self.preface_timer = None;
            }
        }
        if let Some(preface_timer) = &mut self.preface_timer
            && preface_timer.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for AcceptedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_ended(cx)?;
        let flushed = match &mut self.socket {
            Socket::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Socket::Tls(stream) => Pin::new(stream).poll_flush(cx),
        };
        self.note_write(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.socket {
            Socket::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Socket::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_ended(cx)?;
        let written = match &mut self.socket {
            Socket::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Socket::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        self.note_write(&written);
        let written = ready!(written);
        // The offence is recorded even if the peer is gone and the write failed.
        let mut left = *written.as_ref().unwrap_or(&usize::MAX);
        for slice in slices {
            let (bytes, _) = slice.split_at(left.min(slice.len()));
            left -= bytes.len();
            if self.goaway.observe(bytes) {
                counter!(CONNECTIONS_BROKEN).increment(1);
                // A call cannot be refused with a reason here. HTTP/2 refuses with GOAWAY and an error code.
                tracing::debug!(peer = ?self.info.address, "a connection was ended: it broke HTTP/2's rules or a limit");
                self.slot.record_offence();
            }
        }
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.socket {
            Socket::Plain(stream) => stream.is_write_vectored(),
            Socket::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
