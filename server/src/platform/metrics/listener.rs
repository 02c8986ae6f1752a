//! Shows the metrics to a collector that asks for them: plain HTTP on a port of its own, a few connections at once, each
//! for one question and a bounded time. It answers `GET /metrics` and nothing else, and knows no callers.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Connections at once; further ones wait.
const CONNECTIONS_MAX: usize = 8;
/// How long a connection may take in all.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often observations are folded into their buckets, so that they do not pile up where nobody asks.
const FOLD_INTERVAL: Duration = Duration::from_secs(5);
/// The text format of Prometheus.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A listener for a collector.
#[derive(Debug)]
pub struct MetricsListener {
    socket: TcpListener,
    address: SocketAddr,
    handle: PrometheusHandle,
}

impl MetricsListener {
    /// Listens on an address and begins to count.
    ///
    /// # Errors
    /// Where the address can't be listened on, or a recorder is installed already.
    pub async fn bind(address: SocketAddr) -> Result<Self, String> {
        let refused = |error: std::io::Error| format!("can't listen on {address} for metrics: {error}");
        let socket = TcpListener::bind(address).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, address, handle: super::install_recorder()? })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is dropped.
    pub async fn serve(self) {
        tokio::select! {
            () = run_upkeep(&self.handle) => {}
            () = accept(&self.socket, &self.handle) => {}
        }
    }
}

async fn run_upkeep(handle: &PrometheusHandle) {
    loop {
        sleep(FOLD_INTERVAL).await;
        handle.run_upkeep();
    }
}

async fn accept(socket: &TcpListener, handle: &PrometheusHandle) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
        match socket.accept().await {
            Ok((stream, _)) => {
                let handle = handle.clone();
                tokio::spawn(async move {
                    // A peer that breaks off, or takes too long, needs no answer.
                    let _ = timeout(CONNECTION_TIMEOUT, serve_connection(stream, handle)).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection for metrics failed; retrying");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream, handle: PrometheusHandle) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let response = respond(&request, &handle);
        async move { Ok::<_, Infallible>(response) }
    });
    http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service).await
}

fn respond(request: &Request<Incoming>, handle: &PrometheusHandle) -> Response<String> {
    let mut response = Response::new(String::new());
    if request.uri().path() != "/metrics" {
        *response.status_mut() = StatusCode::NOT_FOUND;
    } else if request.method() != Method::GET {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    } else {
        response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(FORMAT));
        *response.body_mut() = handle.render();
    }
    response
}
