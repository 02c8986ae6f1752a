//! A connection that was let in, in the clear or behind TLS: it must begin to speak HTTP in time, it keeps its place for
//! as long as it is open, and it lets others have their turn.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use metrics::counter;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::PeerInfo;
use super::farewell::Farewell;
use super::pace::Pace;
use super::places::Place;
use crate::platform::metrics::CONNECTIONS_BROKEN;

/// The bytes of HTTP/2's preface; a request of HTTP/1 has more. Behind them hyper's own time-outs watch the peer, before
/// them none does, so that one byte would hold a connection for ever.
const PREFACE_BYTES: usize = 24;

/// What bytes go over.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// An accepted connection that must begin to speak in time.
#[derive(Debug)]
pub struct Peer {
    wire: Wire,
    info: PeerInfo,
    /// Bytes of the preface that have come.
    heard: usize,
    /// Runs until the preface has come; it began when the connection was accepted.
    silence: Option<Pin<Box<Sleep>>>,
    pace: Pace,
    farewell: Farewell,
    place: Place,
}

impl Peer {
    pub(super) fn new(
        wire: Wire,
        info: PeerInfo,
        silence: Pin<Box<Sleep>>,
        bytes_per_second: u32,
        place: Place,
    ) -> Self {
        Self {
            wire,
            info,
            heard: 0,
            silence: Some(silence),
            pace: Pace::new(bytes_per_second),
            farewell: Farewell::new(),
            place,
        }
    }

    /// An error if the listener has ended the connection. The task is woken when it does.
    fn check_ended(&self, cx: &Context<'_>) -> io::Result<()> {
        let is_ended = self.place.connection().poll_ended(cx).is_ready();
        if is_ended { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Remembers since when the socket has taken nothing: a peer that does not read is ended.
    fn note_write<T>(&self, outcome: &Poll<T>) {
        self.place.connection().note_write(outcome.is_pending());
    }
}

impl Connected for Peer {
    type ConnectInfo = PeerInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.info.clone()
    }
}

impl Wire {
    fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_ended(cx)?;
        ready!(self.pace.poll_turn(cx));
        let before = buffer.filled().len();
        let read = self.wire.poll_read(cx, buffer);
        let came = buffer.filled().get(before..).unwrap_or_default();
        self.pace.count(came);
        if self.silence.is_some() {
            self.heard += came.len();
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
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[io::IoSlice::new(bytes)])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check_ended(cx)?;
        let flushed = match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_flush(cx),
        };
        self.note_write(&flushed);
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Wire::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_ended(cx)?;
        let written = match &mut self.wire {
            Wire::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Wire::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        self.note_write(&written);
        let written = ready!(written);
        // A peer that has gone away hears nothing, and is blamed all the same.
        let mut left = *written.as_ref().unwrap_or(&usize::MAX);
        for slice in slices {
            let (said, _) = slice.split_at(left.min(slice.len()));
            left -= said.len();
            if self.farewell.hear(said) {
                counter!(CONNECTIONS_BROKEN).increment(1);
                // There is no call to refuse with a reason: GOAWAY, with its error, is HTTP/2's refusal.
                tracing::debug!(peer = ?self.info.address, "a connection was ended: it broke HTTP/2's rules or a limit");
                self.place.blame();
            }
        }
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.wire {
            Wire::Plain(stream) => stream.is_write_vectored(),
            Wire::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
