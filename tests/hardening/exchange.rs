//! One exchange over HTTP/2 with any headers and bytes.

use hotline_proto::ERROR_DOMAIN;
use http::{HeaderMap, Request, StatusCode};
use hyper::body::{Body as _, Bytes, Frame};
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use tower::{Service as _, ServiceExt as _};

use super::raw_http2::WAIT_MAX;
use crate::support::server::Server;

pub(super) const CREATE: &str = "/hotline.v1.TicketService/CreateTicket";
pub(super) const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
pub(super) const HEALTH: &str = "/grpc.health.v1.Health/Check";
/// Logs each refusal.
pub(super) const LOGGED: (&str, &str) = ("log.filter", "\"info,hotline_server::rpc::status=debug\"");
/// The beginning of the log line of one refusal.
pub(super) const EACH: &str = "call refused reason=";

/// The answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) http: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) trailers: HeaderMap,
}

impl Answer {
    pub(super) fn status(&self) -> Option<Status> {
        Status::from_header_map(&self.headers).or_else(|| Status::from_header_map(&self.trailers))
    }

    pub(super) fn reason(&self) -> Option<String> {
        let details = self.status()?.get_error_details();
        details.error_info().filter(|info| info.domain == ERROR_DOMAIN).map(|info| info.reason.clone())
    }

    pub(super) fn code(&self) -> Option<Code> {
        self.status().map(|status| status.code())
    }

    /// The fault of the answer, if any.
    pub(super) fn fault(&self) -> Option<String> {
        let Some(status) = self.status() else { return Some(format!("no grpc-status: {self:?}")) };
        let is_server_error = matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss);
        match (status.code(), self.reason()) {
            (Code::Ok, _) => None,
            (_, None) => Some(format!("no reason: {status:?}")),
            (_, Some(_)) if is_server_error => Some(format!("the caller's fault as detail: {status:?}")),
            _ => None,
        }
    }
}

/// A body of one piece.
struct SingleChunk(Option<Bytes>);

impl hyper::body::Body for SingleChunk {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }
}

pub(super) fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("an endpoint").connect_lazy()
}

pub(super) fn post(path: &str, token: &str, body: Vec<u8>) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::new(SingleChunk(Some(body.into()))))
        .expect("a request")
}

/// Sends a request as it is, over HTTP/2.
pub(super) async fn exchange(channel: &mut Channel, request: Request<Body>) -> Answer {
    let call = async {
        let response = channel.ready().await.expect("it is there").call(request).await.expect("an answer");
        let (parts, mut body) = response.into_parts();
        let mut trailers = HeaderMap::new();
        while let Some(frame) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut body).poll_frame(cx)).await
        {
            if let Ok(map) = frame.expect("the answer comes through").into_trailers() {
                trailers = map;
            }
        }
        Answer { http: parts.status, headers: parts.headers, trailers }
    };
    tokio::time::timeout(WAIT_MAX, call).await.expect("it is answered in time")
}

/// A message with its gRPC prefix: a flag and a length.
pub(super) fn framed(flag: u8, length: usize, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [&[flag][..], &length, message].concat()
}
