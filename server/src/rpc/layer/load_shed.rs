//! Refuses calls over the number that may be in flight at once, so that the others keep their speed.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::platform::Fault;
use crate::rpc::layer::send_limit::guards::ResponseGuards;
use crate::rpc::layer::{HEALTH, REFLECTION};
use crate::rpc::status;

/// When the caller of a shed call may retry.
const SHED_RETRY_AFTER: Duration = Duration::from_millis(500);
/// Paths that are not counted here: the authentication layer bounds them.
const EXEMPT_PATHS: [&str; 2] = [HEALTH, REFLECTION];

/// Bounds the number of calls in flight.
#[derive(Debug, Clone)]
pub struct LoadShedLayer {
    in_flight: Arc<Semaphore>,
}

impl LoadShedLayer {
    /// A layer with this limit of calls in flight.
    #[must_use]
    pub fn new(calls_max: usize) -> Self {
        Self { in_flight: Arc::new(Semaphore::new(calls_max)) }
    }
}

/// A service that refuses calls over a limit with `OVERLOADED`.
#[derive(Debug, Clone)]
pub struct LoadShed<S> {
    inner: S,
    in_flight: Arc<Semaphore>,
}

impl<S> Layer<S> for LoadShedLayer {
    type Service = LoadShed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LoadShed { inner, in_flight: Arc::clone(&self.in_flight) }
    }
}

fn overloaded() -> Fault {
    Fault { retry_after: Some(SHED_RETRY_AFTER), ..Fault::new(ErrorReason::Overloaded) }
}

impl<S, ResBody> Service<Request<Body>> for LoadShed<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    ResBody: Default + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if EXEMPT_PATHS.iter().any(|exempt| request.uri().path().starts_with(exempt)) {
            return Box::pin(self.inner.call(request));
        }
        let Ok(slot) = Arc::clone(&self.in_flight).try_acquire_owned() else {
            return Box::pin(async move { Ok(status::of(overloaded()).into_http()) });
        };
        let call = self.inner.call(request);
        Box::pin(async move {
            let mut response = call.await?;
            // The call is in flight until its response is sent.
            ResponseGuards::of(&mut response).until_sent(slot);
            Ok(response)
        })
    }
}
