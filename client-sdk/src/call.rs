//! How every call is made: all methods share one path, with the wait for a connection, the token, the deadline and the
//! retries.
//!
//! Each attempt sends its time limit to the server (`grpc-timeout`) and is given up here when it is over. So a call
//! returns within the client's deadline, whatever the network does. A command keeps its request id over all attempts.

mod attempt;
mod shape;

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::{RpcRequest, v1::UploadAttachmentRequest};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;
use uuid::Uuid;

use attempt::Attempts;
use shape::{ServerStream, Shape, Unary, Upload};

use crate::convert::FromProto;
use crate::error::Error;
use crate::observe::{ClientEvent, Observers};
use crate::options::CallOptions;
use crate::retry::{self, Budget, RetryPolicy};
use crate::rpc::Rpc;
use crate::token::Tokens;
use crate::trace::TraceContext;
use crate::transport::{StreamConnections, StreamPlace, Transport};

/// A connection and its settings. Clones share the connection and the retry budget.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub(crate) transport: Transport,
    pub(crate) streams: StreamConnections,
    pub(crate) tokens: Tokens,
    pub(crate) language: &'static str,
    /// The deadline of a call with all its waits and attempts.
    pub(crate) deadline: Duration,
    /// The deadline of one attempt.
    pub(crate) attempt_deadline: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Arc<Budget>,
    pub(crate) observers: Observers,
    /// The trace that calls belong to; `None` if each begins one.
    pub(crate) trace: Option<TraceContext>,
}

/// A command of the contract: it carries a request id and returns what it has changed.
pub(crate) trait Command: Sized {
    /// Its request message.
    type Request: Rpc;
    /// What it has changed.
    type Changed: FromProto<<Self::Request as RpcRequest>::Response>;

    /// The caller's own request id.
    fn request_id(&self) -> Option<Uuid>;
    /// The message with this request id.
    fn into_request(self, request_id: String) -> Self::Request;
}

impl Core {
    /// Runs a call that changes nothing.
    pub(crate) async fn query<R: Rpc, T: FromProto<R::Response>>(&self, request: R) -> Result<T, Error> {
        let response = self.call::<R, Unary>(request, None).await?;
        T::from_proto(response, R::PATH).map_err(Error::from_malformed)
    }

    /// Runs a change, with the caller's request id or a new one.
    pub(crate) async fn command<C: Command>(&self, command: C) -> Result<C::Changed, Error> {
        let id = command.request_id().unwrap_or_else(Uuid::new_v4);
        self.send_command(command.into_request(id.to_string()), id).await
    }

    /// Runs a change whose message is made already.
    pub(crate) async fn send_command<R: Rpc, T: FromProto<R::Response>>(
        &self,
        request: R,
        id: Uuid,
    ) -> Result<T, Error> {
        let response = self.call::<R, Unary>(request, Some(id)).await?;
        // The change was made, only the answer is unknown to this library. Read the changed object again.
        FromProto::from_proto(response, R::PATH)
            .map_err(|malformed| Error::from_malformed(malformed).with_call(1, Some(id), true))
    }

    /// The same over a connection that has room for a stream that stays open, as long as the place is kept.
    pub(crate) fn for_open_stream(&self) -> (Self, StreamPlace) {
        let place = self.streams.place();
        (Self { transport: place.transport().clone(), ..self.clone() }, place)
    }

    /// Opens a stream of answers. It is opened like any call; the deadline ends with the first answer's headers.
    pub(crate) async fn open_stream<R: Rpc>(
        &self,
        request: R,
    ) -> Result<tonic::Streaming<R::Response>, Error> {
        self.call::<R, ServerStream>(request, None).await
    }

    /// Sends a file in parts. A repeat sends it from the start.
    pub(crate) async fn upload<T: FromProto<<UploadAttachmentRequest as RpcRequest>::Response>>(
        &self,
        request: UploadAttachmentRequest,
        id: Uuid,
    ) -> Result<T, Error> {
        let response = self.call::<UploadAttachmentRequest, Upload>(request, Some(id)).await?;
        FromProto::from_proto(response, <UploadAttachmentRequest as Rpc>::PATH)
            .map_err(|malformed| Error::from_malformed(malformed).with_call(1, Some(id), true))
    }

    /// The same with a deadline that is not shorter, which a single attempt may use.
    pub(crate) fn with_deadline_of_at_least(&self, deadline: Duration) -> Self {
        let deadline = self.deadline.max(deadline);
        Self { deadline, attempt_deadline: deadline, ..self.clone() }
    }

    /// The same, but a single attempt may use the whole deadline.
    pub(crate) fn with_whole_deadline_per_attempt(&self) -> Self {
        Self { attempt_deadline: self.deadline, ..self.clone() }
    }

    /// The same with other settings.
    pub(crate) fn with_options(&self, options: &CallOptions) -> Self {
        Self {
            deadline: options.deadline.unwrap_or(self.deadline),
            attempt_deadline: options.attempt_deadline.unwrap_or(self.attempt_deadline),
            retry: options.retry.unwrap_or(self.retry),
            trace: options.trace.or(self.trace),
            ..self.clone()
        }
    }

    async fn call<R: Rpc, S: Shape<R>>(&self, request: R, id: Option<Uuid>) -> Result<S::Answer, Error> {
        let trace = self.trace.unwrap_or_default();
        let span = trace.call_span(R::PATH, id);
        self.call_in_trace::<R, S>(request, id, trace).instrument(span).await
    }

    async fn call_in_trace<R: Rpc, S: Shape<R>>(
        &self,
        request: R,
        id: Option<Uuid>,
        trace: TraceContext,
    ) -> Result<S::Answer, Error> {
        let class = R::retry_class();
        let mut attempts = Attempts::new(self, id, Instant::now() + self.deadline, trace);
        self.budget.deposit_for_call();
        loop {
            let error = match attempts.next::<R, S>(request.clone()).await {
                Ok(answer) => {
                    self.budget.deposit_for_answer();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let unknown = retry::is_outcome_unknown(class, &error, attempts.is_one_lost);
            let made = attempts.made;
            let left = attempts.end.saturating_duration_since(Instant::now());
            let give_up = |error: Error| error.with_call(made, id, unknown);
            let wait = self.retry.wait(class, &error, made, left, retry::chance());
            let Some(wait) = wait.filter(|_| !attempts.is_over) else { return Err(give_up(error)) };
            attempts.note_failure(error.clone());
            self.observers.notify(&ClientEvent::RetryScheduled { method: R::PATH, attempts: made, wait });
            sleep(wait).await;
            if !self.budget.take_until(attempts.end).await {
                return Err(give_up(error.and("the retry budget of this client was used up")));
            }
        }
    }
}
