//! What every method of every service does: take the permit that the authentication layer granted, call the handler of
//! the request (decode, one use case, encode), and turn a fault into a status.

use hotline_proto::RpcRequest;
use tonic::{Request, Response, Status};

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

/// Answers a call.
pub(super) async fn answer<Api: Sync, R: Handler<Api>>(
    api: &Api,
    request: Request<R>,
) -> Result<Response<R::Response>, Status> {
    let permit = request.extensions().get::<Permit>().cloned();
    let permit = permit.ok_or_else(|| status::of(Fault::internal("a method was called without a permit")))?;
    request.get_ref().handle(api, &permit).await.map(Response::new).map_err(status::of)
}

/// Implements a generated service trait: each method calls the handler of its request. It takes the methods that the
/// contract lists, for example `hotline_proto::ticket_service_methods!(serve for TicketApi)`.
macro_rules! serve {
    ($service:ident for $api:ident { $($method:ident($request:ident) -> $response:ident;)+ }) => {
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
        }
    };
}
pub(super) use serve;
