//! What every method of every service does: take the permit that the authentication layer granted, call the handler of
//! the request (decode, one use case, encode), and turn a fault into a status.

use std::pin::Pin;

use futures_util::Stream;
use hotline_proto::RpcRequest;
use tonic::{Request, Response, Status, Streaming};

use super::layer::observe;
use super::status;
use crate::access::Permit;
use crate::platform::Fault;

/// How a service answers a request. One implementation per request of the contract.
pub(super) trait Handler<Api>: RpcRequest {
    /// Decodes the request, runs its use case and encodes the outcome.
    fn handle(
        &self,
        api: &Api,
        permit: &Permit,
    ) -> impl Future<Output = Result<Self::Response, Fault>> + Send;
}

/// The responses of a call that answers with a stream.
pub(super) type ResponseStream<R> = Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>;

/// How a service answers a request with a stream.
pub(super) trait StreamHandler<Api>: RpcRequest {
    /// Decodes the request and opens the stream.
    fn open(
        &self,
        api: &Api,
        permit: &Permit,
    ) -> impl Future<Output = Result<ResponseStream<Self::Response>, Fault>> + Send;
}

/// How a service answers a request that comes as a stream of parts.
pub(super) trait UploadHandler<Api>: RpcRequest {
    /// Decodes the first part, reads the others, and encodes the outcome.
    fn receive(
        self,
        rest: Streaming<Self>,
        api: &Api,
        permit: &Permit,
    ) -> impl Future<Output = Result<Self::Response, Fault>> + Send;
}

/// The permit of a call.
fn permit_of<R>(request: &Request<R>) -> Result<Permit, Status> {
    let permit = request.extensions().get::<Permit>().cloned();
    permit.ok_or_else(|| status::of(Fault::internal("a method was called without a permit")))
}

/// Answers a call with a stream.
pub(super) async fn stream<Api: Sync, R: StreamHandler<Api>>(
    api: &Api,
    request: Request<R>,
) -> Result<Response<ResponseStream<R::Response>>, Status> {
    let permit = permit_of(&request)?;
    let opened = request.get_ref().open(api, &permit).await;
    opened.map(Response::new).map_err(status::of)
}

/// Answers a call whose request is a stream. One without any part is like one whose first part is empty.
pub(super) async fn upload<Api: Sync, R: UploadHandler<Api>>(
    api: &Api,
    request: Request<Streaming<R>>,
) -> Result<Response<R::Response>, Status> {
    let permit = permit_of(&request)?;
    let mut parts = request.into_inner();
    let first = parts.message().await?.unwrap_or_default();
    observe::record_ticket(first.named_ticket());
    first.receive(parts, api, &permit).await.map(Response::new).map_err(status::of)
}

/// Answers a call.
pub(super) async fn answer<Api: Sync, R: Handler<Api>>(
    api: &Api,
    request: Request<R>,
) -> Result<Response<R::Response>, Status> {
    let permit = permit_of(&request)?;
    let request = request.get_ref();
    observe::record_ticket(request.named_ticket());
    let response = request.handle(api, &permit).await.map_err(status::of)?;
    if request.named_ticket().is_none() {
        observe::record_ticket(R::answered_ticket(&response));
    }
    Ok(Response::new(response))
}

/// Implements a generated service trait: each method calls the handler of its request. It takes the methods that the
/// contract lists, for example `hotline_proto::ticket_service_methods!(serve for TicketApi)`.
macro_rules! serve {
    (
        $service:ident for $api:ident
        { $($method:ident($request:ident) -> $response:ident;)+ }
        { $($streaming:ident($asked:ident) -> $stream:ident of $item:ident;)* }
        { $($uploading:ident($part:ident) -> $received:ident;)* }
    ) => {
        #[tonic::async_trait]
        impl $service for $api {
            $(
                async fn $method(
                    &self,
                    request: tonic::Request<hotline_proto::v1::$request>,
                ) -> Result<tonic::Response<hotline_proto::v1::$response>, tonic::Status> {
                    crate::rpc::handler::answer(self, request).await
                }
            )+
            $(
                type $stream = crate::rpc::handler::ResponseStream<hotline_proto::v1::$item>;

                async fn $streaming(
                    &self,
                    request: tonic::Request<hotline_proto::v1::$asked>,
                ) -> Result<tonic::Response<Self::$stream>, tonic::Status> {
                    crate::rpc::handler::stream(self, request).await
                }
            )*
            $(
                async fn $uploading(
                    &self,
                    request: tonic::Request<tonic::Streaming<hotline_proto::v1::$part>>,
                ) -> Result<tonic::Response<hotline_proto::v1::$received>, tonic::Status> {
                    crate::rpc::handler::upload(self, request).await
                }
            )*
        }
    };
}
pub(super) use serve;
