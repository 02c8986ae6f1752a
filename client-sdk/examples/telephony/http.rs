//! The HTTP adapter: each POST is one event. 200 says that the event is on disk. After any other answer, and after
//! none, the exchange sends the event again.

use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::event::CallEvent;
use crate::middleware::Middleware;

/// The longest event, in bytes.
const EVENT_BYTES_MAX: usize = 16 * 1024;
/// Connections at once.
const CONNECTIONS_MAX: usize = 256;
/// The longest wait for the headers of a request.
const HEADERS_MAX: Duration = Duration::from_secs(10);

/// Serves until the process ends.
pub(crate) async fn serve(listener: TcpListener, middleware: Arc<Middleware>) -> Result<(), Box<dyn Error>> {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&places).acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        let middleware = Arc::clone(&middleware);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&middleware, request));
            let mut server = http1::Builder::new();
            let connection = server.timer(TokioTimer::new()).header_read_timeout(HEADERS_MAX);
            if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection of the exchange ended: {error}");
            }
            drop(place);
        });
    }
}

async fn answer(
    middleware: &Middleware,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match take(middleware, request).await {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(refusal) => refusal,
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    Ok(response)
}

async fn take(middleware: &Middleware, request: Request<Incoming>) -> Result<(), (StatusCode, String)> {
    if request.method() != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, "events are posted\n".to_owned()));
    }
    let body = Limited::new(request.into_body(), EVENT_BYTES_MAX).collect().await;
    let body = body.map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))?.to_bytes();
    let form = std::str::from_utf8(&body).map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))?;
    let event = CallEvent::read(form).map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))?;
    // A full spool or disk: the exchange keeps the event, and sends it again.
    middleware.take(event).await.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")))
}
