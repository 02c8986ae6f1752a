//! The front of a fake: it receives each call over HTTP/2, lets the faults happen, and passes the call on to the
//! server.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_client::{BoxedStream, Connecting, Connector};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{Either, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::{self as client, SendRequest};
use hyper::server::conn::http2 as server;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{DuplexStream, copy_bidirectional, duplex};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use crate::faults::{Fault, Faults};

/// The bytes that a stream holds before its writer waits.
const BUFFER_BYTES: usize = 256 * 1024;
/// Codes of gRPC.
const UNAVAILABLE: &str = "14";
const INTERNAL: &str = "13";

type Body = Either<Incoming, Empty<Bytes>>;

/// Connects clients to the server, through the faults. Clones are the same front.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    faults: Faults,
    /// The streams of the server; replaced if it is restarted.
    incoming: Arc<Mutex<Option<UnboundedSender<io::Result<DuplexStream>>>>>,
    /// Breaks every connection.
    breaking: Arc<Notify>,
    runtime: Handle,
}

/// Why a call is not answered.
#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer is lost")
    }
}

impl std::error::Error for Lost {}

impl Front {
    pub(crate) fn new(faults: Faults, runtime: Handle) -> Self {
        Self { faults, incoming: Arc::default(), breaking: Arc::default(), runtime }
    }

    /// The server from now on; `None` if there is none.
    pub(crate) fn set_server(&self, incoming: Option<UnboundedSender<io::Result<DuplexStream>>>) {
        *self.incoming.lock().unwrap_or_else(PoisonError::into_inner) = incoming;
    }

    /// Breaks every connection.
    pub(crate) fn break_connections(&self) {
        self.breaking.notify_waiters();
    }

    async fn open(&self) -> io::Result<BoxedStream> {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        if self.faults.is_down() {
            return Err(refused());
        }
        let incoming = self.incoming.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (near, far) = duplex(BUFFER_BYTES);
        incoming.ok_or_else(refused)?.send(Ok(far)).map_err(|_| refused())?;
        let mut builder = client::Builder::new(TokioExecutor::new());
        let handshake = builder.timer(TokioTimer::new()).handshake(TokioIo::new(near));
        let (sender, connection) = handshake.await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let (client_end, front_end) = duplex(BUFFER_BYTES);
        let (faults, breaking) = (self.faults.clone(), Arc::clone(&self.breaking));
        tokio::spawn(async move {
            let cut = Arc::new(Notify::new());
            let cutting = Arc::clone(&cut);
            let service = service_fn(move |request| {
                pass_on(request, sender.clone(), faults.clone(), Arc::clone(&cutting))
            });
            let mut builder = server::Builder::new(TokioExecutor::new());
            builder.timer(TokioTimer::new());
            tokio::select! {
                // Ends with the client's connection.
                _ = builder.serve_connection(TokioIo::new(front_end), service) => {}
                () = cut.notified() => {}
                () = breaking.notified() => {}
            }
        });
        Ok(Box::new(client_end))
    }
}

impl Front {
    /// Passes streams of a port of this machine on, until the fake ends.
    pub(crate) async fn listen(&self) -> io::Result<SocketAddr> {
        let front = self.clone();
        // On the front's own threads, so that it outlives the runtime of a test.
        let listening = self.runtime.spawn(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            tokio::spawn(async move {
                while let Ok((mut outer, _)) = listener.accept().await {
                    let front = front.clone();
                    tokio::spawn(async move {
                        if let Ok(mut inner) = front.open().await {
                            let _ = copy_bidirectional(&mut outer, &mut inner).await;
                        }
                    });
                }
            });
            Ok(address)
        });
        listening.await.map_err(io::Error::other)?
    }
}

impl Connector for Front {
    fn connect<'a>(&'a self, _host: &'a str, _port: u16) -> Connecting<'a> {
        // On the server's threads, which outlive the runtime of a test.
        let front = self.clone();
        let opening = self.runtime.spawn(async move { front.open().await });
        Box::pin(async move { opening.await.map_err(io::Error::other)? })
    }
}

async fn pass_on(
    request: Request<Incoming>,
    mut server: SendRequest<Incoming>,
    faults: Faults,
    cut: Arc<Notify>,
) -> Result<Response<Body>, Lost> {
    let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let fault = faults.of_call(&method);
    match fault {
        Some(Fault::Unavailable) => return Ok(refusal(UNAVAILABLE)),
        Some(Fault::Internal) => return Ok(refusal(INTERNAL)),
        Some(Fault::Stall) => never(&faults).await,
        Some(Fault::Delay(time)) => pause(time).await,
        _ => {}
    }
    let answer = server.send_request(request).await.map_err(|_| Lost)?;
    match fault {
        Some(Fault::LostAnswer) => Err(Lost),
        Some(Fault::HeldAnswer) => never(&faults).await,
        Some(Fault::CutConnection) => {
            cut.notify_one();
            Err(Lost)
        }
        _ => Ok(answer.map(Either::Left)),
    }
}

async fn never<T>(faults: &Faults) -> T {
    faults.note_unanswered();
    std::future::pending().await
}

async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

fn refusal(code: &'static str) -> Response<Body> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
    headers.insert("grpc-status", HeaderValue::from_static(code));
    headers.insert("grpc-message", HeaderValue::from_static("refused by the fake"));
    response
}
