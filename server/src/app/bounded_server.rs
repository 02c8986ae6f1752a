//! A gRPC server with all limits of HTTP/2, and the one that answers while the database is away.

use std::time::Duration;

use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_web::GrpcWebLayer;
use tower::layer::util::{Identity, Stack};

use crate::platform::config::Limits;
use crate::rpc::layer::grpc_only::GrpcOnlyLayer;
use crate::rpc::layer::starting::StartingLayer;

/// The largest block of headers, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Invalid streams that a peer may send before its connection is closed. This is h2's own default, which tonic turns
/// off.
const BAD_STREAMS_MAX: usize = 1024;
/// Streams that a peer may reset before the server has accepted them; h2's own default.
const PENDING_RESETS_MAX: usize = 20;
/// The interval of HTTP/2 keep-alive pings, and the time-out of the answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));
/// The largest request of the services without authentication, in bytes: the name of a service or of a symbol.
pub(super) const PUBLIC_REQUEST_BYTES_MAX: usize = 4 * 1024;
/// The flow-control windows of a stream and of a connection, in bytes. A request of the largest size takes several
/// round trips; in return, little unread data is buffered.
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// A server with all limits of HTTP/2.
pub(super) fn bounded_server(limits: &Limits) -> Server {
    Server::builder()
        .accept_http1(true)
        .max_concurrent_streams(limits.streams_per_connection_max)
        .http2_max_local_error_reset_streams(Some(BAD_STREAMS_MAX))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .http2_keepalive_interval(Some(KEEP_ALIVE.0))
        .http2_keepalive_timeout(Some(KEEP_ALIVE.1))
}

/// What answers while the server waits for its database: health, with all limits of HTTP/2. Every other call is
/// refused as one to repeat.
pub(super) fn waiting(
    limits: &Limits,
    health: HealthServer<impl Health>,
) -> Router<Stack<StartingLayer, Stack<GrpcWebLayer, Stack<GrpcOnlyLayer, Identity>>>> {
    bounded_server(limits)
        .layer(GrpcOnlyLayer)
        .layer(GrpcWebLayer::new())
        .layer(StartingLayer)
        .add_service(health.max_decoding_message_size(PUBLIC_REQUEST_BYTES_MAX))
}
