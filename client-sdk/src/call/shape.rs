//! The shapes of a call: one answer, a stream of answers, or a stream of parts with one answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use hotline_proto::v1::{UploadAttachmentRequest, UploadAttachmentResponse};
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

/// The largest chunk of an upload, in bytes.
const CHUNK_BYTES_MAX: usize = 64 * 1024;

/// A file in parts, and one answer.
pub(crate) struct Upload;

impl Shape<UploadAttachmentRequest> for Upload {
    type Answer = UploadAttachmentResponse;
    const HAS_DEADLINE: bool = true;

    async fn send(
        mut grpc: Grpc<RequestSender>,
        request: Request<UploadAttachmentRequest>,
    ) -> Result<UploadAttachmentResponse, Status> {
        let codec = ProstCodec::<UploadAttachmentRequest, UploadAttachmentResponse>::default();
        let path = PathAndQuery::from_static(<UploadAttachmentRequest as Rpc>::PATH);
        let answer = grpc.client_streaming(request.map(Parts::of), path, codec).await?;
        Ok(answer.into_inner())
    }
}

/// The parts of an upload: the first has the fields, the others the chunks.
struct Parts {
    first: Option<UploadAttachmentRequest>,
    bytes: Vec<u8>,
    sent: usize,
}

impl Parts {
    fn of(mut request: UploadAttachmentRequest) -> Self {
        let bytes = std::mem::take(&mut request.chunk);
        Self { first: Some(request), bytes, sent: 0 }
    }
}

impl Stream for Parts {
    type Item = UploadAttachmentRequest;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(first));
        }
        let end = self.bytes.len().min(self.sent + CHUNK_BYTES_MAX);
        let chunk = self.bytes.get(self.sent..end).unwrap_or_default().to_vec();
        self.sent = end;
        Poll::Ready((!chunk.is_empty()).then(|| UploadAttachmentRequest { chunk, ..Default::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_sent_in_parts_in_their_order() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(2 * CHUNK_BYTES_MAX + 1).collect();
        let request = UploadAttachmentRequest { chunk: bytes.clone(), ..Default::default() };
        let mut parts = Parts::of(request);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut sent = Vec::new();
        while let Poll::Ready(Some(part)) = Pin::new(&mut parts).poll_next(&mut context) {
            sent.push(part.chunk);
        }
        assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [0, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX, 1]);
        assert_eq!(sent.concat(), bytes);
    }
}
