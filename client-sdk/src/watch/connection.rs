//! One connection of a stream, which ends if it is silent for too long.

use std::time::Duration;

use hotline_proto::v1;
use tokio::time::timeout;
use tonic::Streaming;

use super::WatchStart;
use crate::call::Core;
use crate::error::{Error, ErrorKind};

/// The longest silence of a working stream: the hotline promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// An open stream.
pub(super) struct Connection {
    stream: Streaming<v1::WatchTicketsResponse>,
    /// The addresses of the hotline, for errors.
    endpoints: String,
}

impl Connection {
    /// Opens a stream. It has no deadline, but its beginning has.
    pub(super) async fn open(core: &Core, start: &WatchStart) -> Result<Self, Error> {
        let (cursor, snapshot) = match start {
            WatchStart::Now => (String::new(), false),
            WatchStart::After(cursor) => (cursor.as_str().to_owned(), false),
            WatchStart::Snapshot => (String::new(), true),
        };
        let stream = core.open_stream(v1::WatchTicketsRequest { cursor, snapshot }).await?;
        let endpoints: Vec<_> = core.transport.endpoints().collect();
        Ok(Self { stream, endpoints: endpoints.join(", ") })
    }

    /// The next response.
    pub(super) async fn receive(&mut self) -> Result<v1::WatchTicketsResponse, Error> {
        match timeout(SILENCE_MAX, self.stream.message()).await {
            Ok(Ok(Some(response))) => Ok(response),
            Ok(Ok(None)) => Err(Error::passing(ErrorKind::AnswerLost, "the stream ended")),
            Ok(Err(status)) => Err(Error::from_status(status, &self.endpoints)),
            Err(_) => Err(Error::passing(ErrorKind::AnswerLost, "the stream was silent for too long")),
        }
    }
}
