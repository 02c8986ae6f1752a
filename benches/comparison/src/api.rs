//! A gRPC server with one method, whatever path is called. It has no layer in front of it: no authentication, no
//! limits, no deadlines.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Poll};

use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, UnaryService};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// The only method of a server.
pub(crate) trait Method: Clone + Send + Sync + 'static {
    /// Its request.
    type Request: prost::Message + Default + 'static;
    /// Its response.
    type Response: prost::Message + Default + 'static;

    /// Answers a request.
    fn answer(&self, request: Self::Request) -> impl Future<Output = Result<Self::Response, Status>> + Send;
}

/// Serves a method on a free port of loopback, and prints the address.
///
/// # Errors
/// If it can't listen.
pub(crate) async fn serve<M: Method>(method: M) -> Result<(), String> {
    let incoming = TcpIncoming::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let incoming = incoming.map_err(|error| error.to_string())?.with_nodelay(Some(true));
    println!("listening on http://{}", incoming.local_addr().map_err(|error| error.to_string())?);
    Server::builder()
        .serve_with_incoming(TicketApi(method), incoming)
        .await
        .map_err(|error| error.to_string())
}

/// The service.
#[derive(Debug, Clone)]
struct TicketApi<M>(M);

impl<M: Method> Service<http::Request<Body>> for TicketApi<M> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<M::Response, M::Request>::default());
            Ok(grpc.unary(Unary(method), request).await)
        })
    }
}

/// The method as tonic calls it.
struct Unary<M>(M);

impl<M: Method> UnaryService<M::Request> for Unary<M> {
    type Response = M::Response;
    type Future = BoxFuture<Response<M::Response>, Status>;

    fn call(&mut self, request: Request<M::Request>) -> Self::Future {
        let method = self.0.clone();
        Box::pin(async move { method.answer(request.into_inner()).await.map(Response::new) })
    }
}
