//! The entrance: nobody reaches a method of the hotline without a credential that is known, as new as the call itself,
//! and a role that the contract allows. What has no row in the contract (health, reflection) passes without a permit,
//! and so reaches no verb; but a token that it brings must be good there too.
//!
//! Reflection needs a credential unless the configuration opens it; open streams without a credential are bounded.
//!
//! A stream ends with `UNAUTHENTICATED` when what its caller was admitted by is revoked or over.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::MethodRow;
use hotline_proto::v1::ErrorReason;
use http::{HeaderMap, Request, Response, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;
use tower::{Layer, Service};

use super::admitted::{Admitted, Flow};
use super::anonymous::AnonymousCalls;
use super::call::REFLECTION;
use super::send_limit::holds::Holds;
use super::status;
use super::transport::{Connection, PeerInfo};
use crate::access::{Admission, Doorkeeper, PeerCertificate, Permit, permit};
use crate::platform::Fault;

/// How long health and reflection wait to know who asks; without an answer they speak to anybody.
const PASSING_TIMEOUT: Duration = Duration::from_secs(1);

/// When a caller of reflection may come back if too many streams of it are open.
const REFLECTION_RETRY_AFTER: Duration = Duration::from_secs(1);

/// Streams of reflection that may be open, whoever asks: each holds a few copies of a file of the contract.
const REFLECTION_STREAMS_MAX: usize = 16;

/// Puts the entrance in front of the services.
#[derive(Debug, Clone)]
pub struct EntranceLayer {
    doorkeeper: Arc<Doorkeeper>,
    anonymous: Arc<AnonymousCalls>,
    reflection: Arc<Semaphore>,
    reflection_needs_credential: bool,
}

impl EntranceLayer {
    /// The entrance with who lets callers in, the bounds on open calls without a credential, and whether reflection needs
    /// one.
    #[must_use]
    pub fn new(
        doorkeeper: Arc<Doorkeeper>,
        anonymous: AnonymousCalls,
        reflection_needs_credential: bool,
    ) -> Self {
        let reflection = Arc::new(Semaphore::new(REFLECTION_STREAMS_MAX));
        Self { doorkeeper, anonymous: Arc::new(anonymous), reflection, reflection_needs_credential }
    }
}

/// A service behind the entrance.
#[derive(Debug, Clone)]
pub struct Entrance<S> {
    inner: S,
    layer: EntranceLayer,
}

impl<S> Layer<S> for EntranceLayer {
    type Service = Entrance<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Entrance { inner, layer: self.clone() }
    }
}

/// What a call brings, apart from its body.
struct Brought {
    method: Option<&'static MethodRow>,
    certificate: Option<Arc<PeerCertificate>>,
    token: Result<Option<String>, Fault>,
}

impl Brought {
    fn of(request: &Request<Body>) -> Self {
        let peer = request.extensions().get::<PeerInfo>();
        Self {
            method: permit::method_of(request.uri().path()),
            certificate: peer.and_then(|peer| peer.certificate.clone()),
            token: bearer(request.headers()),
        }
    }

    /// Lets the call in.
    async fn admit(self, doorkeeper: &Doorkeeper) -> Result<(Option<Admission>, Option<Permit>), Fault> {
        let Some(method) = self.method else {
            return self.pass(doorkeeper).await.map(|admission| (admission, None));
        };
        let admission = doorkeeper.admit(self.certificate.as_deref(), self.token?.as_deref()).await?;
        let permit = Permit::grant(admission.caller.clone(), method)?;
        Ok((Some(admission), Some(permit)))
    }

    /// Lets it pass to what tells nothing secret. A probe behind mutual TLS may have a certificate that names nobody.
    async fn pass(self, doorkeeper: &Doorkeeper) -> Result<Option<Admission>, Fault> {
        let token = self.token.ok().flatten();
        if token.is_none() && self.certificate.is_none() {
            return Ok(None);
        }
        let admitted = doorkeeper.admit(self.certificate.as_deref(), token.as_deref());
        match tokio::time::timeout(PASSING_TIMEOUT, admitted).await {
            Ok(Ok(admission)) => Ok(Some(admission)),
            Ok(Err(fault)) if token.is_some() && fault.reason != ErrorReason::Unavailable => Err(fault),
            // Health says that the database is away also to those whom nobody can tell just now.
            _ => Ok(None),
        }
    }
}

/// The token of `authorization: Bearer …`, which stands there once.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let unreadable = || Fault::new(ErrorReason::Unauthenticated);
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unreadable());
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(unreadable)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Some(token.trim().to_owned())).ok_or_else(unreadable)
}

impl EntranceLayer {
    /// What a call keeps while it is open: the principal that it counts for, and its places among the bounded ones.
    fn hold(
        &self,
        path: &str,
        admission: Option<&Admission>,
        connection: Option<&Arc<Connection>>,
    ) -> Result<Holds, Fault> {
        let mut holds = Holds::default();
        match (admission, connection) {
            (Some(admission), _) => holds.name(&admission.caller.principal),
            (None, _) if path.starts_with(REFLECTION) && self.reflection_needs_credential => {
                return Err(Fault::new(ErrorReason::Unauthenticated));
            }
            (None, Some(connection)) => holds.until_ended(self.anonymous.begin(connection, path)?),
            (None, None) => {}
        }
        Ok(holds)
    }

    /// A place among the streams of reflection, taken before anything is looked up; none for other calls.
    fn reflect(&self, path: &str) -> Result<Option<OwnedSemaphorePermit>, Fault> {
        if !path.starts_with(REFLECTION) {
            return Ok(None);
        }
        let retry_after = Some(REFLECTION_RETRY_AFTER);
        let full = |_| Fault { retry_after, ..Fault::new(ErrorReason::Overloaded) };
        Arc::clone(&self.reflection).try_acquire_owned().map(Some).map_err(full)
    }
}

impl<S> Service<Request<Body>> for Entrance<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // The one that was polled is ready; its copy is not.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let layer = self.layer.clone();
        let reflection = match layer.reflect(request.uri().path()) {
            Ok(reflection) => reflection,
            Err(fault) => return Box::pin(async move { Ok(status::of(fault).into_http()) }),
        };
        let brought = Brought::of(&request);
        let connection = request.extensions().get::<PeerInfo>().and_then(|info| info.connection.clone());
        Box::pin(async move {
            let (admission, permit) = match brought.admit(&layer.doorkeeper).await {
                Ok(admitted) => admitted,
                Err(fault) => return Ok(status::of(fault).into_http()),
            };
            if let (Some(connection), Some(_)) = (&connection, &admission) {
                connection.mark_known();
            }
            let holds = layer.hold(request.uri().path(), admission.as_ref(), connection.as_ref());
            let mut holds = match holds {
                Ok(holds) => holds,
                Err(fault) => return Ok(status::of(fault).into_http()),
            };
            if let Some(reflection) = reflection {
                holds.until_ended(reflection);
            }
            if let Some(permit) = permit {
                request.extensions_mut().insert(permit);
            }
            let Some(admission) = admission else {
                let mut response = inner.call(request).await?;
                Holds::of(&mut response).join(holds);
                return Ok(response);
            };
            let (admission, doorkeeper) = (Arc::new(admission), layer.doorkeeper);
            // What a caller streams in ends as well: what the last words of one revoked would be is of no interest.
            let watched =
                |flow, body| Admitted::watch(flow, body, Arc::clone(&admission), Arc::clone(&doorkeeper));
            let mut response = inner.call(request.map(|body| watched(Flow::In, body))).await?;
            Holds::of(&mut response).join(holds);
            Ok(response.map(|body| watched(Flow::Out, body)))
        })
    }
}
