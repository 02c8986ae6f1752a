//! One connection of a stream, which ends if it is silent for too long.

use std::time::Duration;

use hotline_proto::v1;
use tokio::time::{Instant, timeout_at};
use tonic::Streaming;

use super::WatchStart;
use crate::call::Core;
use crate::error::{Error, ErrorKind};

/// The longest silence of a working stream: the hotline promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// A reader that comes back late has so much time to receive what has arrived meanwhile.
const GRACE: Duration = Duration::from_secs(2);

/// An open stream.
pub(super) struct Connection {
    stream: Streaming<v1::WatchTicketsResponse>,
    /// The addresses of the hotline, for errors.
    endpoints: String,
    opened: Instant,
    silence: Silence,
}

/// How long nothing has been received.
struct Silence {
    /// When the last response was received, or the stream opened.
    since: Instant,
    /// When the caller asked for the next response for the first time.
    asked: Option<Instant>,
}

impl Silence {
    fn from_now() -> Self {
        Self { since: Instant::now(), asked: None }
    }

    /// When it becomes too long. To ask again does not begin it again.
    fn end(&mut self) -> Instant {
        let asked = *self.asked.get_or_insert_with(Instant::now);
        (self.since + SILENCE_MAX).max(asked + GRACE)
    }
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
        let (opened, silence) = (Instant::now(), Silence::from_now());
        Ok(Self { stream, endpoints: endpoints.join(", "), opened, silence })
    }

    /// How long it has been open.
    pub(super) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// The next response.
    pub(super) async fn receive(&mut self) -> Result<v1::WatchTicketsResponse, Error> {
        match timeout_at(self.silence.end(), self.stream.message()).await {
            Ok(Ok(Some(response))) => {
                self.silence = Silence::from_now();
                Ok(response)
            }
            Ok(Ok(None)) => Err(Error::passing(ErrorKind::AnswerLost, "the stream ended")),
            Ok(Err(status)) => Err(Error::from_status(status, &self.endpoints)),
            Err(_) => Err(Error::passing(ErrorKind::AnswerLost, "the stream was silent for too long")),
        }
    }
}
