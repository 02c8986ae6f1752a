//! Serves the metrics to a collector: plain HTTP on its own port, for a few connections at once. Each connection gets
//! one answer within a time limit. Only `GET /metrics` is answered, and callers are not authenticated.

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

/// Concurrent connections; further ones wait.
const CONNECTIONS_MAX: usize = 8;
/// The time limit of a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The interval at which observations are folded into their buckets, so that they do not accumulate without a
/// collector.
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
    /// Listens on an address and installs the recorder.
    ///
    /// # Errors
    /// If the address can't be listened on, or a recorder is installed already.
    pub async fn bind(address: SocketAddr) -> Result<Self, String> {
        let refused = |error: std::io::Error| format!("can't listen on {address} for metrics: {error}");
        let socket = TcpListener::bind(address).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, address, handle: super::install_recorder()? })
    }

    /// Its address.
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
                    // A peer that disconnects, or takes too long, needs no answer.
                    let _ = timeout(CONNECTION_TIMEOUT, serve_connection(stream, handle)).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
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
