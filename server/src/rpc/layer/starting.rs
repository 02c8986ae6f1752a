//! Refuses every call but health checks while the server waits for its database.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures_util::future::Either;
use http::{Request, Response, header};
use tonic::body::Body;
use tower::{Layer, Service};

use super::HEALTH;
use crate::platform::Fault;
use crate::rpc::status::Language;

/// The layer.
#[derive(Debug, Clone, Copy, Default)]
pub struct StartingLayer;

/// A service of which only health answers.
#[derive(Debug, Clone)]
pub struct Starting<S> {
    inner: S,
}

impl<S> Layer<S> for StartingLayer {
    type Service = Starting<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Starting { inner }
    }
}

impl<S> Service<Request<Body>> for Starting<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<Response<Body>, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.uri().path().starts_with(HEALTH) {
            return Either::Left(self.inner.call(request));
        }
        let language = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let fault = Fault::unavailable("the server waits for its database");
        Either::Right(ready(Ok(Language::of(language).status_of(fault).into_http())))
    }
}
