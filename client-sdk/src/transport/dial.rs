//! Makes one connection: stream, TLS, HTTP/2, and the first frame of the server. A peer that accepts a connection and
//! then says nothing is a fault here, and not a connection.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::byte_stream::{BoxedStream, Connector, Tcp};
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::fault::DialFault;
use super::tls::Trust;

/// A server's first frame begins with its length, and then this type: SETTINGS.
const SETTINGS_FRAME: u8 = 4;
/// How many of the first bytes are kept.
const FIRST_BYTES: usize = 4;

/// How connections are made.
#[derive(Clone)]
pub(crate) struct DialSettings {
    pub(crate) trust: Trust,
    /// `None` for TCP.
    pub(crate) connector: Option<Arc<dyn Connector>>,
    /// For all steps of one connection together.
    pub(crate) connect_timeout: Duration,
    pub(crate) keep_alive_interval: Duration,
    pub(crate) keep_alive_timeout: Duration,
    /// Whether a connection without calls is probed too.
    pub(crate) keep_alive_while_idle: bool,
}

type Source = Arc<dyn StdError + Send + Sync>;

/// A step that failed, why, and whether waiting cannot mend it.
struct Failed(&'static str, bool, Source);

impl DialSettings {
    /// Makes a connection within the time-out.
    pub(super) async fn connect(&self, endpoint: &Endpoint) -> Result<Connection, DialFault> {
        let made = timeout(self.connect_timeout, self.connect_in_steps(endpoint)).await;
        made.unwrap_or_else(|_| {
            let late = format!("nothing came within {:?}", self.connect_timeout);
            Err(Failed("connecting", false, Arc::new(io::Error::new(io::ErrorKind::TimedOut, late))))
        })
        .map_err(|Failed(step, is_permanent, source)| DialFault {
            endpoint: endpoint.shared_text(),
            step,
            is_permanent,
            source,
        })
    }

    async fn connect_in_steps(&self, endpoint: &Endpoint) -> Result<Connection, Failed> {
        let tcp = Tcp { address_timeout: self.connect_timeout / 2 };
        let connector: &dyn Connector = self.connector.as_deref().unwrap_or(&tcp);
        let stream = connector
            .connect(endpoint.host(), endpoint.port())
            .await
            .map_err(|error| Failed("connecting", false, Arc::new(error)))?;
        let (stream, version) =
            if endpoint.is_tls() { self.secure(endpoint, stream).await? } else { (stream, None) };

        let seen = Arc::new(Seen::default());
        let watched = TokioIo::new(WatchedStream { stream, seen: Arc::clone(&seen) });
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(self.keep_alive_interval)
            .keep_alive_timeout(self.keep_alive_timeout)
            .keep_alive_while_idle(self.keep_alive_while_idle)
            .handshake(watched)
            .await
            .map_err(|error| seen.failure().unwrap_or_else(|| Failed("HTTP/2", false, Arc::new(error))))?;
        // Ends with the connection. Its error reaches the calls over it, and the wait for the first frame.
        let watching = Arc::clone(&seen);
        tokio::spawn(async move {
            let source: Source = match connection.await {
                Ok(()) => Arc::new(io::Error::other("the connection was closed")),
                Err(error) => Arc::new(error),
            };
            watching.update(|start| start.ended = start.ended.take().or(Some((false, source))));
        });
        seen.first_frame().await?;
        Ok(Connection::new(
            sender,
            endpoint.origin(),
            endpoint.shared_text(),
            Arc::clone(&seen.bytes),
            version,
        ))
    }

    async fn secure(
        &self,
        endpoint: &Endpoint,
        stream: BoxedStream,
    ) -> Result<(BoxedStream, Option<u64>), Failed> {
        const STEP: &str = "the TLS handshake";
        // A file that is being replaced may be readable a moment later.
        let unusable = |error| Failed("loading the certificates", false, Arc::new(error) as Source);
        let loaded = self.trust.load().map_err(unusable)?;
        let name = self.trust.server_name(endpoint.host()).map_err(unusable)?;
        let stream = TlsConnector::from(loaded.config)
            .connect(name, stream)
            .await
            .map_err(|error| Failed(STEP, is_permanent(&error), Arc::new(error)))?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
            let source = io::Error::other("the server does not offer HTTP/2");
            return Err(Failed(STEP, true, Arc::new(source)));
        }
        Ok((Box::new(stream), self.trust.has_files().then_some(loaded.version)))
    }
}

/// Whether waiting cannot mend an error of TLS: one side does not trust the other, or does not speak TLS.
fn is_permanent(error: &io::Error) -> bool {
    use rustls::Error as Tls;
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Tls>()) else { return false };
    matches!(
        tls,
        Tls::InvalidCertificate(_)
            | Tls::InvalidMessage(_)
            | Tls::PeerIncompatible(_)
            | Tls::NoCertificatesPresented
            | Tls::UnsupportedNameType
            | Tls::NoApplicationProtocol
            | Tls::AlertReceived(_)
    )
}

/// What has arrived over a connection.
#[derive(Default)]
struct Seen {
    bytes: Arc<AtomicU64>,
    start: Mutex<Start>,
    changed: Notify,
}

#[derive(Default)]
struct Start {
    first: Vec<u8>,
    /// The end of the stream, or its error.
    ended: Option<(bool, Source)>,
}

impl Seen {
    fn update(&self, change: impl FnOnce(&mut Start)) {
        change(&mut self.start.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
    }

    fn failure(&self) -> Option<Failed> {
        let start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        let (is_permanent, source) = start.ended.as_ref()?;
        Some(Failed("the first exchange", *is_permanent, Arc::clone(source)))
    }

    /// Waits for the first frame of the server.
    async fn first_frame(&self) -> Result<(), Failed> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let first = self.start.lock().unwrap_or_else(PoisonError::into_inner).first.clone();
            match first.as_slice() {
                [_, _, _, SETTINGS_FRAME, ..] => return Ok(()),
                [0x15 | 0x16, 3, ..] => {
                    return Err(not_http2("the server speaks TLS: use an https endpoint"));
                }
                [_, _, _, _, ..] => return Err(not_http2("the server does not speak HTTP/2")),
                _ => {}
            }
            if let Some(failed) = self.failure() {
                return Err(failed);
            }
            changed.await;
        }
    }
}

fn not_http2(text: &str) -> Failed {
    Failed("HTTP/2", true, Arc::new(io::Error::other(text.to_owned())))
}

/// A stream whose first bytes, end and error are noted.
struct WatchedStream {
    stream: BoxedStream,
    seen: Arc<Seen>,
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if let Err(error) = read {
            let (kind, is_permanent) = (error.kind(), is_permanent(&error));
            let source: Source = Arc::new(error);
            self.seen.update(|start| start.ended = Some((is_permanent, Arc::clone(&source))));
            return Poll::Ready(Err(io::Error::new(kind, source)));
        }
        let new = &buffer.filled()[before..];
        if new.is_empty() {
            let end = io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection");
            self.seen.update(|start| start.ended = start.ended.take().or(Some((false, Arc::new(end)))));
        } else if self.seen.bytes.fetch_add(new.len() as u64, Ordering::Relaxed) < FIRST_BYTES as u64 {
            self.seen.update(|start| {
                let missing = FIRST_BYTES.saturating_sub(start.first.len());
                start.first.extend(new.iter().take(missing));
            });
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
