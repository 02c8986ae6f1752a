//! The two shapes of a call: one answer, or a stream of answers.

use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::rpc::Rpc;
use crate::transport::RequestSender;

/// How a request is sent and answered.
pub(crate) trait Shape<R: Rpc> {
    /// The answer.
    type Answer: Send;
    /// Whether the deadline covers the whole answer, so that the server is informed of it.
    const HAS_DEADLINE: bool;

    /// Sends the request once.
    fn send(
        grpc: Grpc<RequestSender>,
        request: Request<R>,
    ) -> impl Future<Output = Result<Self::Answer, Status>> + Send;
}

/// One answer.
pub(crate) struct Unary;

impl<R: Rpc> Shape<R> for Unary {
    type Answer = R::Response;
    const HAS_DEADLINE: bool = true;

    async fn send(mut grpc: Grpc<RequestSender>, request: Request<R>) -> Result<R::Response, Status> {
        let codec = ProstCodec::<R, R::Response>::default();
        let answer = grpc.unary(request, PathAndQuery::from_static(R::PATH), codec).await?;
        Ok(answer.into_inner())
    }
}

/// A stream of answers.
pub(crate) struct ServerStream;

impl<R: Rpc> Shape<R> for ServerStream {
    type Answer = Streaming<R::Response>;
    const HAS_DEADLINE: bool = false;

    async fn send(
        mut grpc: Grpc<RequestSender>,
        request: Request<R>,
    ) -> Result<Streaming<R::Response>, Status> {
        let codec = ProstCodec::<R, R::Response>::default();
        let answer = grpc.server_streaming(request, PathAndQuery::from_static(R::PATH), codec).await?;
        Ok(answer.into_inner())
    }
}
