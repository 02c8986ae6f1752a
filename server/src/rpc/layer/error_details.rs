//! Gives every refusal a code, a reason of the contract and a log line.
//!
//! `rpc/status.rs` adds the reason to refusals of the hotline. tonic, tonic-web, health and reflection refuse without
//! one. This layer reads the `grpc-status` of each response, in headers or trailers, and adds the full status if the
//! reason is missing. It is inside gRPC-Web, which then carries the trailers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hotline_proto::v1::ErrorReason;
use hotline_proto::{REASONS, ReasonRow};
use http::{HeaderMap, HeaderName, Request, Response, header};
use hyper::body::{Bytes, Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

use crate::access::permit;
use crate::platform::Fault;
use crate::rpc::layer::observe::{CallOutcome, Ended};
use crate::rpc::layer::{HEALTH, REFLECTION};
use crate::rpc::status::{Language, reason_row};

/// The beginnings of tonic's and tonic-web's messages about a request that they can't decode. All of them have the code
/// `INTERNAL`.
const UNDECODABLE: [&str; 8] = [
    "failed to decode Protobuf message",
    "protocol error: received message with",
    "Unexpected EOF decoding stream",
    "Missing request message",
    "Error decompressing",
    "error reading a body",
    "h2 protocol error",
    "tonic-web: ",
];
/// The beginning of tonic's message about a message over the size limit.
const TOO_LARGE: &str = "Error, decoded message length too large";
/// How tonic begins what it says of a message that is above the limit once it is decompressed.
const TOO_LARGE_DECOMPRESSED: &str = "Error decompressing: size limit";
/// How tonic begins what it says of a message whose compression it does not know.
const COMPRESSED: &str = "Content is compressed with";
/// The header that lists the accepted encodings.
const ACCEPTED_ENCODINGS: HeaderName = HeaderName::from_static("grpc-accept-encoding");

/// The layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct ErrorDetailsLayer;

/// A service whose refusals all have a reason.
#[derive(Debug, Clone)]
pub struct ErrorDetails<S> {
    inner: S,
}

impl<S> Layer<S> for ErrorDetailsLayer {
    type Service = ErrorDetails<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ErrorDetails { inner }
    }
}

/// The call of a response, as far as its refusal needs it.
#[derive(Debug, Clone)]
struct Call {
    path: Arc<str>,
    language: Language,
    /// Where the end of the call is noted; none in tests without the outermost layer.
    outcome: Option<Arc<CallOutcome>>,
}

/// The reason for a status that has none.
fn reason_for(path: &str, code: Code, message: &str) -> ErrorReason {
    match code {
        Code::Unimplemented if message.starts_with(COMPRESSED) => ErrorReason::CompressionUnsupported,
        Code::Unimplemented => ErrorReason::MethodUnknown,
        Code::OutOfRange | Code::ResourceExhausted if message.starts_with(TOO_LARGE) => {
            ErrorReason::MessageTooLarge
        }
        Code::ResourceExhausted if message.starts_with(TOO_LARGE_DECOMPRESSED) => {
            ErrorReason::MessageTooLarge
        }
        Code::NotFound if path.starts_with(HEALTH) => ErrorReason::HealthServiceUnknown,
        Code::NotFound if path.starts_with(REFLECTION) => ErrorReason::SymbolUnknown,
        Code::InvalidArgument if path.starts_with(REFLECTION) => ErrorReason::MessageMalformed,
        _ if UNDECODABLE.iter().any(|begin| message.starts_with(begin)) => ErrorReason::MessageMalformed,
        // An unexpected refusal: the log has its message.
        _ => ErrorReason::Internal,
    }
}

impl Call {
    /// The detail for the log: the method, if it is in the contract, and the message, if it cannot hold data of the
    /// caller. Messages about unknown names can.
    fn detail(&self, status: &Status, reason: ErrorReason) -> String {
        let method = permit::method_of(&self.path).map_or("no method of the contract", |row| row.path);
        let is_harmless = matches!(reason, ErrorReason::MessageMalformed | ErrorReason::Internal);
        let said = if is_harmless { status.message() } else { "" };
        format!("{method}: {:?} {said}", status.code())
    }

    /// Notes how the call ended, for the span and the metrics.
    fn note(&self, code: Code, row: Option<&'static ReasonRow>) {
        if let Some(outcome) = &self.outcome {
            outcome.note(Ended { code, reason: row.map(|row| row.name) });
        }
    }

    /// Replaces a refusal without a reason, in headers or trailers, by a complete one.
    fn complete(&self, headers: &mut HeaderMap) {
        let Some(status) = Status::from_header_map(headers) else { return };
        if status.code() == Code::Ok {
            return self.note(status.code(), None);
        }
        if let Some(row) = reason_row(&status) {
            return self.note(status.code(), Some(row));
        }
        let reason = reason_for(&self.path, status.code(), status.message());
        let full =
            self.language.status_of(Fault { detail: self.detail(&status, reason), ..Fault::new(reason) });
        self.note(full.code(), REASONS.iter().find(|row| row.reason == reason));
        let encodings = headers.remove(ACCEPTED_ENCODINGS);
        for name in [Status::GRPC_STATUS, Status::GRPC_MESSAGE, Status::GRPC_STATUS_DETAILS] {
            headers.remove(name);
        }
        if let Err(unsendable) = full.add_header(headers) {
            tracing::error!(error = %unsendable, "encoding an error status failed; the caller gets no details");
        }
        if let Some(encodings) = encodings {
            headers.insert(ACCEPTED_ENCODINGS, encodings);
        }
    }
}

impl<S> Service<Request<Body>> for ErrorDetails<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let outcome = request.extensions().get::<Arc<CallOutcome>>().cloned();
        let call = Call { path: request.uri().path().into(), language: Language::of(accepted), outcome };
        let answered = self.inner.call(request);
        Box::pin(async move {
            let mut response = answered.await?;
            if response.headers().contains_key(Status::GRPC_STATUS) {
                call.complete(response.headers_mut());
                return Ok(response);
            }
            Ok(response.map(|body| Body::new(ErrorDetailsBody { body, call })))
        })
    }
}

/// A body whose trailers are completed.
struct ErrorDetailsBody {
    body: Body,
    call: Call,
}

impl hyper::body::Body for ErrorDetailsBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(trailers) = frame.as_mut().and_then(|frame| frame.as_mut().ok()?.trailers_mut()) {
            self.call.complete(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt as _;

    use super::*;

    #[test]
    fn what_others_refuse_has_the_reason_of_its_kind() {
        let ticket = "/hotline.v1.TicketService/GetTicket";
        let health = "/grpc.health.v1.Health/Check";
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        for (path, code, message, reason) in [
            (ticket, Code::Internal, "failed to decode Protobuf message: x", ErrorReason::MessageMalformed),
            (ticket, Code::Internal, "Missing request message.", ErrorReason::MessageMalformed),
            (ticket, Code::Internal, "tonic-web: Invalid byte 33", ErrorReason::MessageMalformed),
            (
                ticket,
                Code::OutOfRange,
                "Error, decoded message length too large: found 9",
                ErrorReason::MessageTooLarge,
            ),
            (ticket, Code::Unimplemented, "", ErrorReason::MethodUnknown),
            (
                ticket,
                Code::Unimplemented,
                "Content is compressed with `zstd`",
                ErrorReason::CompressionUnsupported,
            ),
            (
                ticket,
                Code::ResourceExhausted,
                "Error decompressing: size limit, of 9 bytes, exceeded",
                ErrorReason::MessageTooLarge,
            ),
            (ticket, Code::Internal, "Error decompressing: corrupt", ErrorReason::MessageMalformed),
            (ticket, Code::NotFound, "nobody has thought of it", ErrorReason::Internal),
            (ticket, Code::Internal, "nobody has thought of it", ErrorReason::Internal),
            (health, Code::NotFound, "service not registered", ErrorReason::HealthServiceUnknown),
            (reflection, Code::NotFound, "symbol 'x' not found", ErrorReason::SymbolUnknown),
            (reflection, Code::InvalidArgument, "invalid MessageRequest", ErrorReason::MessageMalformed),
        ] {
            assert_eq!(reason_for(path, code, message), reason, "{code:?} {message}");
        }
    }

    #[test]
    fn a_refusal_gets_its_reason_and_keeps_what_else_it_says() {
        let outcome = Some(Arc::default());
        let call = Call { path: "/x".into(), language: Language::Chinese, outcome };
        let mut headers = HeaderMap::new();
        Status::unimplemented("").add_header(&mut headers).expect("it can be written");
        headers.insert(ACCEPTED_ENCODINGS, header::HeaderValue::from_static("identity"));
        call.complete(&mut headers);
        let info = Status::from_header_map(&headers).expect("a status");
        let details = info.get_error_details();
        assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("METHOD_UNKNOWN"));
        assert_eq!(details.localized_message().map(|info| info.locale.as_str()), Some("zh-CN"));
        assert!(headers.contains_key(ACCEPTED_ENCODINGS));

        let before = headers.clone();
        call.complete(&mut headers);
        assert_eq!(headers, before, "one that has its reason stays");
        let mut good = HeaderMap::new();
        Status::ok("").add_header(&mut good).expect("it can be written");
        let before = good.clone();
        call.complete(&mut good);
        assert_eq!(good, before, "so does what is no refusal");
    }
}
