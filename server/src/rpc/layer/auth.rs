//! Authentication: a call reaches a method of the contract only with a credential that is valid at the time of the call
//! and a role that the contract allows. Methods outside the contract (health, reflection) need no permit, but a token
//! that is sent with them must be valid.
//!
//! Reflection needs a credential unless the configuration opens it. Open streams without a credential are limited. A
//! stream ends with `UNAUTHENTICATED` if the credential of its caller is revoked or expires.

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

use crate::access::{Authentication, Authenticator, PeerCertificate, Permit, permit};
use crate::net::{Connection, PeerInfo};
use crate::platform::Fault;
use crate::rpc::layer::REFLECTION;
use crate::rpc::layer::anonymous_calls::AnonymousCalls;
use crate::rpc::layer::observe;
use crate::rpc::layer::revocation::{Direction, RevocableBody};
use crate::rpc::layer::send_limit::guards::ResponseGuards;
use crate::rpc::status;

/// How long health and reflection wait for the authentication. After that they answer without it.
const PASSING_TIMEOUT: Duration = Duration::from_secs(1);

/// When a caller of reflection may retry if too many of its streams are open.
const REFLECTION_RETRY_AFTER: Duration = Duration::from_secs(1);

/// Open streams of reflection of all callers. Each holds a few copies of a file of the contract.
const REFLECTION_STREAMS_MAX: usize = 16;

/// The authentication layer.
#[derive(Debug, Clone)]
pub struct AuthLayer {
    authenticator: Arc<Authenticator>,
    anonymous: Arc<AnonymousCalls>,
    reflection: Arc<Semaphore>,
    reflection_needs_credential: bool,
}

impl AuthLayer {
    /// The layer with its authenticator, the limits on open calls without a credential, and whether reflection needs
    /// one.
    #[must_use]
    pub fn new(
        authenticator: Arc<Authenticator>,
        anonymous: AnonymousCalls,
        reflection_needs_credential: bool,
    ) -> Self {
        let reflection = Arc::new(Semaphore::new(REFLECTION_STREAMS_MAX));
        Self { authenticator, anonymous: Arc::new(anonymous), reflection, reflection_needs_credential }
    }
}

/// A service behind the authentication layer.
#[derive(Debug, Clone)]
pub struct Auth<S> {
    inner: S,
    layer: AuthLayer,
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Auth { inner, layer: self.clone() }
    }
}

/// The credentials of a call.
struct CallCredentials {
    method: Option<&'static MethodRow>,
    certificate: Option<Arc<PeerCertificate>>,
    token: Result<Option<String>, Fault>,
}

impl CallCredentials {
    fn of(request: &Request<Body>) -> Self {
        let peer = request.extensions().get::<PeerInfo>();
        Self {
            method: permit::method_of(request.uri().path()),
            certificate: peer.and_then(|peer| peer.certificate.clone()),
            token: bearer(request.headers()),
        }
    }

    /// Authenticates the call.
    async fn authenticate(
        self,
        authenticator: &Authenticator,
    ) -> Result<(Option<Authentication>, Option<Permit>), Fault> {
        let Some(method) = self.method else {
            return self.pass(authenticator).await.map(|authentication| (authentication, None));
        };
        let authentication =
            authenticator.authenticate(self.certificate.as_deref(), self.token?.as_deref()).await?;
        let permit = Permit::grant(authentication.caller.clone(), method)?.expiring(authentication.until());
        Ok((Some(authentication), Some(permit)))
    }

    /// Admits a call to a public service. A health check behind mutual TLS may have a certificate that belongs to no
    /// client.
    async fn pass(self, authenticator: &Authenticator) -> Result<Option<Authentication>, Fault> {
        let token = self.token.ok().flatten();
        if token.is_none() && self.certificate.is_none() {
            return Ok(None);
        }
        let authenticated = authenticator.authenticate(self.certificate.as_deref(), token.as_deref());
        match tokio::time::timeout(PASSING_TIMEOUT, authenticated).await {
            Ok(Ok(authentication)) => Ok(Some(authentication)),
            Ok(Err(fault)) if token.is_some() && fault.reason != ErrorReason::Unavailable => Err(fault),
            // Health reports a failed database even if the caller cannot be authenticated at the moment.
            _ => Ok(None),
        }
    }
}

/// The token of `authorization: Bearer …`. A proxy may add the header a second time, or join both to one value with a
/// comma; that does no harm as long as the token is the same.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let unreadable = || Fault::new(ErrorReason::Unauthenticated);
    let mut token = None;
    for value in headers.get_all(header::AUTHORIZATION) {
        // No token holds a comma (RFC 6750, section 2.1).
        for one in value.to_str().map_err(|_| unreadable())?.split(',') {
            let (scheme, given) = one.trim().split_once(' ').ok_or_else(unreadable)?;
            if !scheme.eq_ignore_ascii_case("bearer") {
                return Err(unreadable());
            }
            let given = given.trim();
            if token.is_some_and(|token| token != given) {
                return Err(Fault::new(ErrorReason::TokensDiffer));
            }
            token = Some(given);
        }
    }
    Ok(token.map(str::to_owned))
}

impl AuthLayer {
    /// What a call holds while it is open: its principal's slot, and its slots in the limits.
    fn guards_for(
        &self,
        path: &str,
        authentication: Option<&Authentication>,
        connection: Option<&Arc<Connection>>,
    ) -> Result<ResponseGuards, Fault> {
        let mut guards = ResponseGuards::default();
        match (authentication, connection) {
            (Some(authentication), _) => guards.name(&authentication.caller.principal),
            (None, _) if path.starts_with(REFLECTION) && self.reflection_needs_credential => {
                return Err(Fault::new(ErrorReason::Unauthenticated));
            }
            (None, Some(connection)) => guards.until_ended(self.anonymous.begin(connection, path)?),
            (None, None) => {}
        }
        Ok(guards)
    }

    /// A slot among the streams of reflection, taken before anything is looked up; `None` for other calls.
    fn reflect(&self, path: &str) -> Result<Option<OwnedSemaphorePermit>, Fault> {
        if !path.starts_with(REFLECTION) {
            return Ok(None);
        }
        let retry_after = Some(REFLECTION_RETRY_AFTER);
        let full = |_| Fault { retry_after, ..Fault::new(ErrorReason::Overloaded) };
        Arc::clone(&self.reflection).try_acquire_owned().map(Some).map_err(full)
    }
}

impl<S> Service<Request<Body>> for Auth<S>
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
        // The polled service is ready, its clone is not.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let layer = self.layer.clone();
        let reflection = match layer.reflect(request.uri().path()) {
            Ok(reflection) => reflection,
            Err(fault) => return Box::pin(async move { Ok(status::of(fault).into_http()) }),
        };
        let credentials = CallCredentials::of(&request);
        let connection = request.extensions().get::<PeerInfo>().and_then(|info| info.connection.clone());
        Box::pin(async move {
            let (authentication, permit) = match credentials.authenticate(&layer.authenticator).await {
                Ok(authenticated) => authenticated,
                Err(fault) => return Ok(status::of(fault).into_http()),
            };
            if let (Some(connection), Some(_)) = (&connection, &authentication) {
                connection.mark_authenticated();
            }
            if let Some(authentication) = &authentication {
                observe::record_principal(&authentication.caller.principal);
            }
            let guards = layer.guards_for(request.uri().path(), authentication.as_ref(), connection.as_ref());
            let mut guards = match guards {
                Ok(guards) => guards,
                Err(fault) => return Ok(status::of(fault).into_http()),
            };
            if let Some(reflection) = reflection {
                guards.until_ended(reflection);
            }
            if let Some(permit) = permit {
                request.extensions_mut().insert(permit);
            }
            let Some(authentication) = authentication else {
                let mut response = inner.call(request).await?;
                ResponseGuards::of(&mut response).join(guards);
                return Ok(response);
            };
            let (authentication, authenticator) = (Arc::new(authentication), layer.authenticator);
            // A request stream is ended too: nothing that a revoked caller still sends may be used.
            let watched = |direction, body| {
                RevocableBody::watch(direction, body, Arc::clone(&authentication), Arc::clone(&authenticator))
            };
            let mut response = inner.call(request.map(|body| watched(Direction::Inbound, body))).await?;
            ResponseGuards::of(&mut response).join(guards);
            Ok(response.map(|body| watched(Direction::Outbound, body)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_doubled_counts_once_and_two_tokens_are_named() {
        let (unauthenticated, differ) = (ErrorReason::Unauthenticated, ErrorReason::TokensDiffer);
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&["Bearer a"], Ok(Some("a"))),
            (&["bearer  a "], Ok(Some("a"))),
            (&["Bearer a", "Bearer a"], Ok(Some("a"))),
            (&["Bearer a", "bearer a", "Bearer a"], Ok(Some("a"))),
            (&["Bearer a, Bearer a"], Ok(Some("a"))),
            (&["Bearer a", "Bearer b"], Err(differ)),
            (&["Bearer a, Bearer b"], Err(differ)),
            (&["Bearer a", "Basic a"], Err(unauthenticated)),
            (&["Bearer a", ""], Err(unauthenticated)),
            (&["Basic a"], Err(unauthenticated)),
            (&["Bearer"], Err(unauthenticated)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, value.parse().expect("a header"));
            }
            let read = bearer(&headers).map_err(|fault| fault.reason);
            assert_eq!(read.as_ref().map(Option::as_deref).map_err(|reason| *reason), expected, "{values:?}");
        }
    }
}
