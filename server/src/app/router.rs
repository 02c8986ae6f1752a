//! The gRPC server: the limits of HTTP/2, the layers in front of every service, and the services.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::FILE_DESCRIPTOR_SET;
use hotline_proto::v1::admin_service_server::AdminServiceServer;
use hotline_proto::v1::analysis_service_server::AnalysisServiceServer;
use hotline_proto::v1::assessment_service_server::AssessmentServiceServer;
use hotline_proto::v1::audit_service_server::AuditServiceServer;
use hotline_proto::v1::call_service_server::CallServiceServer;
use hotline_proto::v1::directory_service_server::DirectoryServiceServer;
use hotline_proto::v1::knowledge_service_server::KnowledgeServiceServer;
use hotline_proto::v1::message_service_server::MessageServiceServer;
use hotline_proto::v1::seat_service_server::SeatServiceServer;
use hotline_proto::v1::simulation_service_server::SimulationServiceServer;
use hotline_proto::v1::ticket_service_server::TicketServiceServer;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tonic::transport::server::Router;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_web::GrpcWebLayer;
use tower::layer::util::{Identity, Stack};
use tower::util::{Either, option_layer};
use tower_http::cors::CorsLayer;

use super::audit_log::accepted_keys;
use super::bounded_server::{PUBLIC_REQUEST_BYTES_MAX, bounded_server};
use super::failure::Failure;
use super::open::App;
use crate::access::Authenticator;
use crate::oversight::verify::VerifyOptions;
use crate::platform::config::Reflection;
use crate::rpc::Services;
use crate::rpc::layer::anonymous_calls::AnonymousCalls;
use crate::rpc::layer::auth::AuthLayer;
use crate::rpc::layer::auth_failure_limit::AuthFailureLimitLayer;
use crate::rpc::layer::cors;
use crate::rpc::layer::deadline::DeadlineLayer;
use crate::rpc::layer::error_details::ErrorDetailsLayer;
use crate::rpc::layer::grpc_only::GrpcOnlyLayer;
use crate::rpc::layer::load_shed::LoadShedLayer;
use crate::rpc::layer::observe::ObserveLayer;
use crate::rpc::layer::rate_limit::{PrincipalLimits, RateLimitLayer};
use crate::rpc::layer::send_limit::SendLimitLayer;
use crate::rpc::layer::send_limit::budget::SendBudget;

/// The largest request, in bytes: enough for the longest texts in Chinese.
const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// The layers in front of every service, from inside out.
type Layers = Stack<RateLimitLayer, Stack<AuthLayer, Stack<AuthFailureLimitLayer, Outer>>>;
type Outer = Stack<LoadShedLayer, Stack<DeadlineLayer, Stack<ErrorDetailsLayer, Stack<GrpcWebLayer, Inlet>>>>;
type Inlet = Stack<GrpcOnlyLayer, Stack<CorsOption, Stack<SendLimitLayer, Stack<ObserveLayer, Identity>>>>;
/// Cross-origin requests, where origins are configured.
type CorsOption = Either<CorsLayer, Identity>;

/// A service of the contract with its limit on requests. The limit holds for what a compressed request becomes, too.
macro_rules! bounded {
    ($service:expr) => {
        $service.accept_compressed(CompressionEncoding::Gzip).max_decoding_message_size(REQUEST_BYTES_MAX)
    };
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        // Lets generic tools read the details of a refusal.
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
}

impl App {
    /// Every service behind every layer, with all limits of HTTP/2 set.
    ///
    /// # Errors
    /// If a limit or a key of the configuration can't be used.
    pub(super) fn router(
        &self,
        authenticator: &Arc<Authenticator>,
        health: HealthServer<impl Health>,
    ) -> Result<Router<Layers>, Failure> {
        let verify_options = VerifyOptions {
            public_keys: accepted_keys(&self.config.audit_log.public_keys)?,
            ..VerifyOptions::default()
        };
        let simulation = self.simulation.clone();
        let services = Services::new(
            self.closed_loop(),
            self.feed.clone(),
            simulation,
            self.attachments.clone(),
            Some(Arc::clone(authenticator)),
            verify_options,
        );
        let suggestions = &self.config.suggestions;
        let knowledge = services.knowledge.hinting_from(suggestions.same_cause_open_min);
        let has_reflection = self.config.access.reflection != Reflection::Off;
        let router = self
            .server(authenticator)?
            .add_service(bounded!(TicketServiceServer::new(services.tickets)))
            .add_service(bounded!(DirectoryServiceServer::new(services.directory)))
            .add_service(bounded!(KnowledgeServiceServer::new(knowledge)))
            .add_service(bounded!(CallServiceServer::new(services.calls)))
            .add_service(bounded!(AssessmentServiceServer::new(services.assessment)))
            .add_service(bounded!(AnalysisServiceServer::new(services.analysis)))
            .add_service(bounded!(SeatServiceServer::new(services.seats)))
            .add_service(bounded!(MessageServiceServer::new(services.messages)))
            .add_service(bounded!(AdminServiceServer::new(services.admin)))
            .add_service(bounded!(AuditServiceServer::new(services.audit)))
            .add_service(bounded!(SimulationServiceServer::new(services.simulation)))
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

    /// The server with all limits of HTTP/2 and every layer, from outside in.
    fn server(&self, authenticator: &Arc<Authenticator>) -> Result<Server<Layers>, Failure> {
        let limits = &self.config.limits();
        let upload_timeout = Duration::from_secs(self.config.attachments.upload_timeout_seconds.into());
        let budget = Arc::new(SendBudget::new(limits));
        let anonymous = AnonymousCalls::new(limits.anonymous_calls_max, limits.anonymous_calls_per_peer_max);
        Ok(bounded_server(limits)
            .layer(ObserveLayer::new())
            .layer(SendLimitLayer { budget: Arc::clone(&budget) })
            .layer(option_layer(cors::layer(&self.config.access.allowed_origins)?))
            .layer(GrpcOnlyLayer)
            .layer(GrpcWebLayer::new())
            .layer(ErrorDetailsLayer)
            .layer(DeadlineLayer { timeout: Duration::from_millis(limits.call_timeout_ms), upload_timeout })
            .layer(LoadShedLayer::new(limits.calls_max as usize))
            .layer(AuthFailureLimitLayer::of(limits))
            .layer(AuthLayer::new(
                Arc::clone(authenticator),
                anonymous,
                self.config.reflection_needs_credential(),
            ))
            .layer(RateLimitLayer { limits: Arc::new(PrincipalLimits::of(limits)?), budget }))
    }
}
