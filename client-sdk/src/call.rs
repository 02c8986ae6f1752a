//! How every call is made: all methods share one path, with the token, the deadline and the retries.
//!
//! Each attempt sends its time limit to the server (`grpc-timeout`) and is given up here when it is over. So a call
//! returns within the client's deadline, whatever the network does. A command keeps its request id over all attempts.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::RpcRequest;
use tokio::time::{Instant, sleep, timeout};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic_prost::ProstCodec;
use uuid::Uuid;

use crate::convert::FromProto;
use crate::error::Error;
use crate::retry::{self, Bucket};
use crate::rpc::Rpc;

/// A connection and its settings. Clones share the connection and the retries.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub(crate) channel: Channel,
    pub(crate) authorization: Option<MetadataValue<Ascii>>,
    pub(crate) language: &'static str,
    /// The deadline of a call with all its retries.
    pub(crate) deadline: Duration,
    /// The deadline of one attempt.
    pub(crate) attempt_deadline: Duration,
    pub(crate) retries: Arc<Bucket>,
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
        let response = self.call(request, None).await?;
        T::from_proto(response, R::PATH).map_err(Error::from_malformed)
    }

    /// Runs a change, with the caller's request id or a new one.
    pub(crate) async fn command<C: Command>(&self, command: C) -> Result<C::Changed, Error> {
        let id = command.request_id().unwrap_or_else(Uuid::new_v4);
        let response = self.call(command.into_request(id.to_string()), Some(id)).await?;
        // The change was made, only the answer is unknown to this library. Read the changed object again.
        FromProto::from_proto(response, C::Request::PATH)
            .map_err(|malformed| Error::from_malformed(malformed).with_call(1, Some(id), true))
    }

    /// The same, but a single attempt may use the whole deadline.
    pub(crate) fn unhurried(&self) -> Self {
        Self { attempt_deadline: self.deadline, ..self.clone() }
    }

    async fn call<R: Rpc>(&self, request: R, id: Option<Uuid>) -> Result<R::Response, Error> {
        let class = R::retry_class();
        let end = Instant::now() + self.deadline;
        let mut lost = false;
        let mut made = 0;
        self.retries.earn();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            made += 1;
            let error = match self.attempt(request.clone(), left.min(self.attempt_deadline)).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let unknown = retry::is_outcome_unknown(class, &error, lost);
            let left = end.saturating_duration_since(Instant::now());
            let wait =
                retry::wait(class, &error, made, left, retry::chance()).filter(|_| self.retries.take());
            let Some(wait) = wait else { return Err(error.with_call(made, id, unknown)) };
            lost |= error.leaves_outcome_open();
            sleep(wait).await;
        }
    }

    async fn attempt<R: Rpc>(&self, message: R, budget: Duration) -> Result<R::Response, Error> {
        timeout(budget, self.send(message, budget)).await.unwrap_or_else(|_| Err(Error::out_of_time()))
    }

    async fn send<R: Rpc>(&self, message: R, budget: Duration) -> Result<R::Response, Error> {
        let mut request = tonic::Request::new(message);
        request.set_timeout(budget);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request.metadata_mut().insert("accept-language", MetadataValue::from_static(self.language));

        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(Error::from_transport)?;
        let path = PathAndQuery::from_static(R::PATH);
        let codec = ProstCodec::<R, R::Response>::default();
        let answer = grpc.unary(request, path, codec).await;
        answer.map(tonic::Response::into_inner).map_err(Error::from_status)
    }
}
