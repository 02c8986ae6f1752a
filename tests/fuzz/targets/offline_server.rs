//! The services of the hotline without a network and without a database. The pool is closed, so that every request is
//! read and checked completely, and refused at its first query.

use std::cell::LazyCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::MethodRow;
use hotline_proto::v1::Role;
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
use hotline_server::access::{Authenticator, Caller, ClientCache, Credentials, Permit};
use hotline_server::closed_loop::ClosedLoop;
use hotline_server::deadline::RuleBook;
use hotline_server::desk::attachment::Attachments;
use hotline_server::feed::{Feed, StreamLimits};
use hotline_server::identity::vault::Vault;
use hotline_server::ledger::Ledger;
use hotline_server::migration;
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::oversight::{Recount, Runner, Simulation};
use hotline_server::platform::{Clock, Store};
use hotline_server::rpc::Services;
use hotline_server::rpc::layer::anonymous_calls::AnonymousCalls;
use hotline_server::rpc::layer::auth::AuthLayer;
use hotline_server::rpc::layer::deadline::DeadlineLayer;
use hotline_server::rpc::layer::error_details::ErrorDetailsLayer;
use hotline_server::rpc::layer::grpc_only::GrpcOnlyLayer;
use hotline_server::rpc::layer::load_shed::LoadShedLayer;
use hotline_server::ticket::UnitCode;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use hyper::body::{Bytes, Frame};
use tokio::runtime::Runtime;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tower::{Layer as _, Service, ServiceExt as _};

use super::temp_dir::TempDir;

/// The largest accepted request, the same as in the server.
const REQUEST_BYTES_MAX: usize = 256 * 1024;
/// The token of an agent, whose digest the server knows.
pub(crate) const TOKEN: &str = "fuzz-agent";
/// The SHA-256 of [`TOKEN`].
const TOKEN_SHA256: &str = "4f52b6d8f61d397a7df8ba86e12b988d4c5d30db4995e6ca72ca96cfe3c45571";

thread_local! {
    /// The server of this thread.
    pub(crate) static SERVER: LazyCell<OfflineServer> = const { LazyCell::new(OfflineServer::open) };
}

/// Every service, and its dependencies.
pub(crate) struct OfflineServer {
    runtime: Runtime,
    routes: Routes,
    authenticator: Arc<Authenticator>,
    /// The folder of the database of clients.
    _folder: TempDir,
}

/// A body in the chunks in which it arrives.
struct BodyChunks(VecDeque<Bytes>);

impl hyper::body::Body for BodyChunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// A clock that stands still, so that the answer to an input does not depend on the time.
fn clock() -> Clock {
    Clock::simulated("2019-10-12T02:00:00Z".parse().expect("an instant"))
}

/// The authenticator. It reads the clients at each call, so its database is open.
async fn authenticator(folder: &TempDir) -> Authenticator {
    let store = Store::open_sqlite(&folder.path().join("clients.sqlite")).await.expect("a new file");
    migration::migrate(store.migrating()).await.expect("a new file takes every step");
    let client_cache = ClientCache::open(store.clone());
    Authenticator { file: credentials(), client_cache, oidc: None, store, clock: clock() }
}

/// The closed loop on a closed database.
async fn closed_loop() -> ClosedLoop {
    let folder = TempDir::new("fuzz-desk");
    let store = Store::open_sqlite(&folder.path().join("closed.sqlite")).await.expect("a new file");
    store.close().await;
    let clock = clock();
    let vault = Vault::in_memory().expect("randomness");
    ClosedLoop::new(store, clock, Ledger::new(RuleBook::default(), vault))
}

fn routes(closed_loop: &ClosedLoop) -> Routes {
    let ClosedLoop { store, clock, ledger, .. } = closed_loop.clone();
    let limits =
        StreamLimits { all_max: 16, of_principal_max: 16, decision_age_max: StreamLimits::DECISION_AGE_MAX };
    let feed = Feed::new(store.clone(), clock.clone(), ledger.vault().clone(), limits);
    let simulation = Simulation::new(Runner { store, clock, ledger, recount: Recount::default() });
    let services = Services::new(
        closed_loop.clone(),
        feed,
        simulation,
        Attachments::narrow(std::env::temp_dir().join("hotline-fuzz-attachments")),
        None,
        VerifyOptions::default(),
    );
    Routes::new(TicketServiceServer::new(services.tickets).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(
            DirectoryServiceServer::new(services.directory).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(
            KnowledgeServiceServer::new(services.knowledge).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(
            AssessmentServiceServer::new(services.assessment).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(
            AnalysisServiceServer::new(services.analysis).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(AdminServiceServer::new(services.admin).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(CallServiceServer::new(services.calls).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(
            MessageServiceServer::new(services.messages).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .add_service(SeatServiceServer::new(services.seats).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(AuditServiceServer::new(services.audit).max_decoding_message_size(REQUEST_BYTES_MAX))
        .add_service(
            SimulationServiceServer::new(services.simulation).max_decoding_message_size(REQUEST_BYTES_MAX),
        )
        .prepare()
}

fn credentials() -> Credentials {
    let folder = TempDir::new("fuzz-tokens");
    let path = folder.path().join("credentials.toml");
    let text = format!(
        "[[credential]]\nprincipal = \"fuzz\"\nroles = [\"agent\"]\ntoken_sha256 = \"{TOKEN_SHA256}\"\n"
    );
    std::fs::write(&path, text).expect("it can be written");
    Credentials::read(&path).expect("it is sound")
}

impl OfflineServer {
    fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        let routes = routes(&runtime.block_on(closed_loop()));
        let folder = TempDir::new("fuzz-clients");
        let authenticator = Arc::new(runtime.block_on(authenticator(&folder)));
        Self { runtime, routes, authenticator, _folder: folder }
    }

    /// The answer to a message of an authenticated caller with a role.
    pub(crate) fn answer(&self, row: &'static MethodRow, role: Role, message: &[u8]) -> Status {
        let unit = (role == Role::Unit).then(|| UnitCode("district-chaoyang".to_owned()));
        let caller = Caller {
            principal: "fuzz".to_owned(),
            roles: vec![role],
            unit,
            via: None,
            credentials: Vec::new(),
        };
        let permit = Permit::grant(caller, row).expect("the role is one of the method's");
        let mut frame = vec![0];
        frame.extend_from_slice(&u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
        frame.extend_from_slice(message);
        let mut request = Request::post(row.path).header("content-type", "application/grpc");
        request.extensions_mut().expect("a sound request").insert(permit);
        let body = Body::new(BodyChunks(VecDeque::from([Bytes::from(frame)])));
        let request = request.body(body).expect("a sound request");
        self.status(ErrorDetailsLayer.layer(self.routes.clone()).oneshot(request))
    }

    /// The answer to an unauthenticated caller with any path, headers and chunks of a body, through every layer.
    pub(crate) fn exchange(
        &self,
        path: http::Uri,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Vec<Bytes>,
    ) -> Status {
        let auth = AuthLayer::new(Arc::clone(&self.authenticator), AnonymousCalls::new(8, 8), false);
        let deadline =
            DeadlineLayer { timeout: Duration::from_secs(20), upload_timeout: Duration::from_secs(20) };
        let called = deadline.layer(LoadShedLayer::new(8).layer(auth.layer(self.routes.clone())));
        let service = tonic_web::GrpcWebLayer::new().layer(ErrorDetailsLayer.layer(called));
        let service = GrpcOnlyLayer.layer(service);
        let mut request = Request::new(Body::new(BodyChunks(body.into())));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = path;
        *request.version_mut() = http::Version::HTTP_2;
        *request.headers_mut() = headers.into_iter().collect::<HeaderMap>();
        self.status(call_once(service, request))
    }

    fn status<E: std::fmt::Debug>(&self, call: impl Future<Output = Result<Response<Body>, E>>) -> Status {
        let response = self.runtime.block_on(call).expect("a service answers, whatever is asked");
        Status::from_header_map(response.headers()).unwrap_or_else(|| Status::ok(""))
    }
}

async fn call_once<S: Service<Request<Body>>>(
    service: S,
    request: Request<Body>,
) -> Result<S::Response, S::Error> {
    service.oneshot(request).await
}
