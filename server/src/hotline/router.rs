//! What serves a call: the limits of HTTP/2, the layers in front of every service, and the services.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::FILE_DESCRIPTOR_SET;
use hotline_proto::v1::admin_service_server::AdminServiceServer;
use hotline_proto::v1::audit_service_server::AuditServiceServer;
use hotline_proto::v1::directory_service_server::DirectoryServiceServer;
use hotline_proto::v1::simulation_service_server::SimulationServiceServer;
use hotline_proto::v1::ticket_service_server::TicketServiceServer;
use tokio::sync::Semaphore;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::pb::health_server::{Health, HealthServer};
use tower::layer::util::{Identity, Stack};

use super::{Failure, Hotline, accepted_keys};
use crate::access::Doorkeeper;
use crate::ledger::verify::Accepted;
use crate::oversight::Simulation;
use crate::platform::config::Reflection;
use crate::rpc::Services;
use crate::rpc::anonymous::AnonymousCalls;
use crate::rpc::call::CallLayer;
use crate::rpc::entrance::EntranceLayer;
use crate::rpc::guesses::GuessLayer;
use crate::rpc::protocol::ProtocolLayer;
use crate::rpc::rate::{RateLayer, Shares};
use crate::rpc::refusals::RefusalLayer;
use crate::rpc::send_limit::SendLimitLayer;
use crate::rpc::send_limit::budget::SendBudget;

/// The largest request, in bytes: the longest texts in Chinese, with room to spare.
const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// The largest block of headers, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Broken streams that a peer may cause before its connection is ended; h2's own default, which tonic turns off.
const BAD_STREAMS_MAX: usize = 1024;
/// Streams that a peer may reset before they were looked at; h2's own default.
const PENDING_RESETS_MAX: usize = 20;
/// How often a silent connection is asked whether anybody is there, and how long for an answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(10));
/// The largest request of the services that anybody may call, in bytes: the name of a service or of a symbol.
const PUBLIC_REQUEST_BYTES_MAX: usize = 4 * 1024;
/// What a peer may send ahead on one stream and on one connection, in bytes. A request of the largest size takes several
/// round trips; what nobody has read yet stays small.
const STREAM_WINDOW_BYTES: u32 = 64 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 256 * 1024;

/// The layers in front of every service, from inside out.
type Layers = Stack<RateLayer, Stack<EntranceLayer, Stack<GuessLayer, Outer>>>;
type Outer = Stack<CallLayer, Stack<RefusalLayer, Stack<tonic_web::GrpcWebLayer, Inlet>>>;
type Inlet = Stack<ProtocolLayer, Stack<SendLimitLayer, Identity>>;

impl Hotline {
    /// Every service behind every layer, with each limit of HTTP/2 set.
    ///
    /// # Errors
    /// Where a limit or a key of the configuration can't be used.
    pub(super) fn router(
        &self,
        doorkeeper: &Arc<Doorkeeper>,
        health: HealthServer<impl Health>,
    ) -> Result<Router<Layers>, Failure> {
        let limits = &self.config.limits();
        let accepted =
            Accepted { keys: accepted_keys(&self.config.timeline.public_keys)?, ..Accepted::default() };
        let simulation = Simulation::new(self.runner.clone());
        let services =
            Services::new(self.closed_loop.clone(), simulation, Some(Arc::clone(doorkeeper)), accepted);
        let Services { tickets, directory, admin, audit, simulation } = services;
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                // So that generic tools can read the details of a refusal.
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        };
        let budget = Arc::new(SendBudget::new(limits));
        let anonymous = AnonymousCalls::new(limits.anonymous_calls_max, limits.anonymous_calls_per_peer_max);
        let has_reflection = self.config.access.reflection != Reflection::Off;
        let router = Server::builder()
            .accept_http1(true)
            .max_concurrent_streams(limits.streams_per_connection_max)
            .http2_max_local_error_reset_streams(Some(BAD_STREAMS_MAX))
            .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .http2_keepalive_interval(Some(KEEP_ALIVE.0))
            .http2_keepalive_timeout(Some(KEEP_ALIVE.1))
            .layer(SendLimitLayer { budget: Arc::clone(&budget) })
            .layer(ProtocolLayer)
            .layer(tonic_web::GrpcWebLayer::new())
            .layer(RefusalLayer)
            .layer(CallLayer {
                places: Arc::new(Semaphore::new(limits.calls_max as usize)),
                timeout: Duration::from_millis(limits.call_timeout_ms),
            })
            .layer(GuessLayer::of(limits))
            .layer(EntranceLayer::new(
                Arc::clone(doorkeeper),
                anonymous,
                self.config.reflection_needs_credential(),
            ))
            .layer(RateLayer { shares: Arc::new(Shares::of(limits)?), budget })
            .add_service(TicketServiceServer::new(tickets).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(DirectoryServiceServer::new(directory).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(AdminServiceServer::new(admin).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(AuditServiceServer::new(audit).max_decoding_message_size(REQUEST_BYTES_MAX))
            .add_service(
                SimulationServiceServer::new(simulation).max_decoding_message_size(REQUEST_BYTES_MAX),
            )
            .add_optional_service(
                has_reflection
                    .then(|| reflection().build_v1())
                    .transpose()?
                    .map(|service| service.max_decoding_message_size(PUBLIC_REQUEST_BYTES_MAX)),
            )
            .add_optional_service(
                has_reflection
                    .then(|| reflection().build_v1alpha())
                    .transpose()?
                    .map(|service| service.max_decoding_message_size(PUBLIC_REQUEST_BYTES_MAX)),
            )
            .add_service(health.max_decoding_message_size(PUBLIC_REQUEST_BYTES_MAX));
        Ok(router)
    }
}
