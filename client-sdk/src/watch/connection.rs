//! One connection of a stream, which ends if it is silent for too long.

use std::time::Duration;

use hotline_proto::v1;
use tokio::time::timeout;
use tonic::Streaming;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic_prost::ProstCodec;

use super::WatchStart;
use crate::call::Core;
use crate::error::Error;
use crate::rpc::Rpc as _;

/// The longest silence of a working stream: the hotline promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// An open stream.
pub(super) struct Connection(Streaming<v1::WatchTicketsResponse>);

impl Connection {
    /// Opens a stream. It has no deadline, but its beginning has.
    pub(super) async fn open(core: &Core, start: &WatchStart) -> Result<Self, Error> {
        let opened = timeout(core.attempt_deadline, Self::send(core, start)).await;
        opened.unwrap_or_else(|_| Err(Error::out_of_time())).map(Self)
    }

    async fn send(core: &Core, start: &WatchStart) -> Result<Streaming<v1::WatchTicketsResponse>, Error> {
        let (cursor, snapshot) = match start {
            WatchStart::Now => (String::new(), false),
            WatchStart::After(cursor) => (cursor.as_str().to_owned(), false),
            WatchStart::Snapshot => (String::new(), true),
        };
        let mut request = tonic::Request::new(v1::WatchTicketsRequest { cursor, snapshot });
        if let Some(authorization) = &core.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request.metadata_mut().insert("accept-language", MetadataValue::from_static(core.language));
        let mut grpc = Grpc::new(core.channel.clone());
        grpc.ready().await.map_err(Error::from_transport)?;
        let path = PathAndQuery::from_static(v1::WatchTicketsRequest::PATH);
        let codec = ProstCodec::<v1::WatchTicketsRequest, v1::WatchTicketsResponse>::default();
        let answer = grpc.server_streaming(request, path, codec).await;
        answer.map(tonic::Response::into_inner).map_err(Error::from_status)
    }

    /// The next response.
    pub(super) async fn receive(&mut self) -> Result<v1::WatchTicketsResponse, Error> {
        match timeout(SILENCE_MAX, self.0.message()).await {
            Ok(Ok(Some(response))) => Ok(response),
            Ok(Ok(None)) => Err(Error::from_status(tonic::Status::unavailable("the stream ended"))),
            Ok(Err(status)) => Err(Error::from_status(status)),
            Err(_) => Err(Error::out_of_time()),
        }
    }
}
