//! Serves only gRPC and gRPC-Web: the method is POST, the content type one of theirs, and plain gRPC comes over HTTP/2.
//!
//! Anything else is answered as the gRPC protocol says, with HTTP status 405 or 415, and with a `grpc-status` and a
//! reason. OPTIONS is answered with the allowed methods and no origin; a browser on another origin is answered by the
//! layer in front (`cors`).

use std::pin::Pin;
use std::task::{Context, Poll};

use hotline_proto::v1::ErrorReason;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use tonic::body::Body;
use tower::{Layer, Service};

use crate::platform::Fault;
use crate::rpc::status::Language;

/// The allowed methods.
const ALLOWED: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
/// The content types of plain gRPC.
const GRPC: [&str; 2] = ["application/grpc", "application/grpc+proto"];
/// The content types of gRPC-Web, as tonic-web accepts them.
const GRPC_WEB: [&str; 4] = [
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
];

/// The layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrpcOnlyLayer;

/// A service that only gRPC requests reach.
#[derive(Debug, Clone)]
pub struct GrpcOnly<S> {
    inner: S,
}

impl<S> Layer<S> for GrpcOnlyLayer {
    type Service = GrpcOnly<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GrpcOnly { inner }
    }
}

/// The media type of a request in lower case, without parameters; `None` unless there is exactly one.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

/// The kind of a request.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// gRPC, or gRPC-Web under this name.
    Served(Option<&'static str>),
    /// A request for the allowed methods.
    Options,
    /// A refused request, and why.
    Refused(StatusCode, &'static str),
}

fn kind_of(method: &Method, version: Version, headers: &HeaderMap) -> Kind {
    if method == Method::OPTIONS {
        return Kind::Options;
    }
    if method != Method::POST {
        return Kind::Refused(StatusCode::METHOD_NOT_ALLOWED, "the HTTP method is not POST");
    }
    let media_type = media_type(headers).unwrap_or_default();
    if let Some(web) = GRPC_WEB.into_iter().find(|web| *web == media_type) {
        return Kind::Served(Some(web));
    }
    if !GRPC.contains(&media_type.as_str()) {
        return Kind::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not one of gRPC");
    }
    if version != Version::HTTP_2 {
        return Kind::Refused(StatusCode::BAD_REQUEST, "plain gRPC over HTTP/1");
    }
    Kind::Served(None)
}

fn refusal(code: StatusCode, why: &str, headers: &HeaderMap) -> Response<Body> {
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let fault = Fault { detail: why.to_owned(), ..Fault::new(ErrorReason::NotGrpc) };
    let mut response = Language::of(language).status_of(fault).into_http();
    *response.status_mut() = code;
    if code == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, ALLOWED);
    }
    response
}

fn options() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, ALLOWED);
    response
}

impl<S> Service<Request<Body>> for GrpcOnly<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match kind_of(request.method(), request.version(), request.headers()) {
            Kind::Served(web) => {
                if let Some(web) = web {
                    // tonic-web recognises gRPC-Web only by the bare name, and takes a content type with parameters for
                    // plain gRPC.
                    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(web));
                }
                Box::pin(self.inner.call(request))
            }
            Kind::Options => Box::pin(std::future::ready(Ok(options()))),
            Kind::Refused(code, why) => {
                Box::pin(std::future::ready(Ok(refusal(code, why, request.headers()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_grpc_is_served() {
        let not_post = Kind::Refused(StatusCode::METHOD_NOT_ALLOWED, "the HTTP method is not POST");
        let other_type =
            Kind::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type is not one of gRPC");
        let over_http_1 = Kind::Refused(StatusCode::BAD_REQUEST, "plain gRPC over HTTP/1");
        let (post, h2, h1) = (Method::POST, Version::HTTP_2, Version::HTTP_11);
        for (method, version, types, kind) in [
            (&post, h2, &["application/grpc"][..], &Kind::Served(None)),
            (&post, h2, &["application/grpc+proto"], &Kind::Served(None)),
            (&post, h2, &["Application/GRPC; charset=utf-8"], &Kind::Served(None)),
            (&post, h1, &["application/grpc-web+proto"], &Kind::Served(Some("application/grpc-web+proto"))),
            (
                &post,
                h2,
                &["application/grpc-web-text; x=y"],
                &Kind::Served(Some("application/grpc-web-text")),
            ),
            (&post, h1, &["application/grpc"], &over_http_1),
            (&post, h2, &["application/grpc+json"], &other_type),
            (&post, h2, &["application/grpcx"], &other_type),
            (&post, h2, &["text/html"], &other_type),
            (&post, h2, &[""], &other_type),
            (&post, h2, &[], &other_type),
            (&post, h2, &["application/grpc", "application/grpc"], &other_type),
            (&Method::GET, h2, &["application/grpc"], &not_post),
            (&Method::PUT, h1, &["application/grpc-web"], &not_post),
            (&Method::OPTIONS, h1, &[], &Kind::Options),
        ] {
            let name = header::CONTENT_TYPE;
            let headers = types.iter().map(|one| (name.clone(), HeaderValue::from_static(one))).collect();
            assert_eq!(kind_of(method, version, &headers), *kind, "{method} {version:?} {types:?}");
        }
    }
}
