//! The attempts of one call: each waits for a connection and a token, and is sent once.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::Request;
use tonic::client::Grpc;
use tonic::metadata::MetadataValue;
use tracing::Instrument as _;
use uuid::Uuid;

use super::Core;
use super::shape::Shape;
use crate::credentials::Token;
use crate::error::{Code, Error, Outcome};
use crate::observe::ClientEvent;
use crate::rpc::Rpc;
use crate::token;
use crate::trace::TraceContext;
use crate::transport::{Connection, NoConnection};

/// The attempts of one call so far.
pub(super) struct Attempts<'a> {
    core: &'a Core,
    id: Option<Uuid>,
    pub(super) end: Instant,
    trace: TraceContext,
    /// Attempts that were sent.
    pub(super) made: u32,
    /// Whether the outcome of one of them is unknown.
    pub(super) is_one_lost: bool,
    /// Whether the last error came from no attempt, so that another one would not help.
    pub(super) is_over: bool,
    last: Option<Error>,
    has_new_credential: bool,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(core: &'a Core, id: Option<Uuid>, end: Instant, trace: TraceContext) -> Self {
        Self {
            core,
            id,
            end,
            trace,
            made: 0,
            is_one_lost: false,
            is_over: false,
            last: None,
            has_new_credential: false,
        }
    }

    /// Keeps what the failed attempt says about the outcome.
    pub(super) fn note_failure(&mut self, error: Error) {
        self.is_one_lost |= error.leaves_outcome_open();
        self.last = Some(error);
    }

    /// Waits for a connection and a token, and sends the request once. A request that could not be written to a
    /// connection is sent over another one, and is no attempt.
    pub(super) async fn next<R: Rpc, S: Shape<R>>(&mut self, request: R) -> Result<S::Answer, Error> {
        loop {
            self.is_over = true;
            let connection = self.connection(R::PATH).await?;
            let token = self.core.tokens.next(self.end).await?;
            self.is_over = false;
            let left = self.end.saturating_duration_since(Instant::now());
            let budget = left.min(self.core.attempt_deadline);
            let sent = self.send::<R, S>(&connection, request.clone(), token.as_ref(), budget).await;
            let error = match sent {
                Ok(answer) => return Ok(answer),
                Err(Outcome::NotSent) => {
                    connection.retire();
                    continue;
                }
                Err(Outcome::Failed(error)) => error,
            };
            let is_refused = error.code() == Code::Unauthenticated && !self.has_new_credential;
            if is_refused
                && (self.core.tokens.refused(token.as_ref())
                    || self.core.transport.has_new_certificate(&connection))
            {
                self.has_new_credential = true;
                continue;
            }
            return Err(error);
        }
    }

    async fn connection(&self, method: &'static str) -> Result<Connection, Error> {
        if let Some(connection) = self.core.transport.present() {
            return Ok(connection);
        }
        let observers = &self.core.observers;
        observers.notify(&ClientEvent::WaitStarted { method });
        let start = Instant::now();
        let connection = self.core.transport.connection(self.end).await;
        let (waited, is_connected) = (start.elapsed(), connection.is_ok());
        observers.notify(&ClientEvent::WaitEnded { method, waited, is_connected });
        connection.map_err(|cause| self.without_connection(&cause))
    }

    /// For a call that was sent before, the error is that of its last attempt, because its outcome counts.
    fn without_connection(&self, cause: &NoConnection) -> Error {
        let endpoints: Vec<_> = self.core.transport.endpoints().collect();
        let error = Error::no_connection(cause, &endpoints.join(", "));
        match &self.last {
            Some(last) => last.clone().and(error.message()),
            None => error,
        }
    }

    async fn send<R: Rpc, S: Shape<R>>(
        &mut self,
        connection: &Connection,
        message: R,
        token: Option<&Token>,
        budget: Duration,
    ) -> Result<S::Answer, Outcome> {
        let trace = self.trace.child();
        let mut request = self.request(message, token, trace).map_err(Outcome::Failed)?;
        if S::HAS_DEADLINE {
            request.set_timeout(budget);
        }
        let attempt = self.made + 1;
        let endpoint: &str = connection.endpoint();
        let (method, observers) = (R::PATH, &self.core.observers);
        let start = Instant::now();
        observers.notify(&ClientEvent::AttemptStarted { method, attempt, endpoint, request_id: self.id });
        let received = connection.received_bytes();
        let sent = S::send(Grpc::new(connection.sender()), request)
            .instrument(trace.attempt_span(attempt, endpoint));
        let outcome = match timeout(budget, sent).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(status)) => Err(Outcome::of(status, endpoint)),
            Err(_) => {
                if connection.received_bytes() == received {
                    // Not a byte came during the whole attempt: the peer may be gone.
                    connection.retire();
                }
                Err(Outcome::Failed(Error::out_of_time(connection.endpoint(), budget)))
            }
        };
        if matches!(outcome, Err(Outcome::NotSent)) {
            return outcome;
        }
        self.made = attempt;
        let error = match &outcome {
            Err(Outcome::Failed(error)) => Some(error),
            _ => None,
        };
        let elapsed = start.elapsed();
        observers.notify(&ClientEvent::AttemptEnded { method, attempt, endpoint, elapsed, error });
        outcome
    }

    fn request<R: Rpc>(
        &self,
        message: R,
        token: Option<&Token>,
        trace: TraceContext,
    ) -> Result<Request<R>, Error> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(token) = token {
            metadata.insert("authorization", token::authorization(token)?);
        }
        metadata.insert("accept-language", MetadataValue::from_static(self.core.language));
        if let Ok(traceparent) = trace.to_string().parse() {
            metadata.insert("traceparent", traceparent);
        }
        Ok(request)
    }
}
