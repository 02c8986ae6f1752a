//! A stream of seats and calls. It outlives connections and servers: it reconnects, goes on after the last revision
//! that it has given, and misses nothing.

use std::fmt;
use std::time::Duration;

use hotline_proto::v1;
use hotline_proto::v1::watch_seats_response::Entry;
use tokio::time::{Instant, timeout};
use tonic::Streaming;

use crate::call::Core;
use crate::convert::FromProto as _;
use crate::error::{Error, ErrorKind};
use crate::model::{Seat, SeatCall};
use crate::transport::StreamPlace;
use crate::watch::recovery::Recovery;

/// The longest silence of a working stream: the hotline promises a sign of life every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// An entry of a stream of seats.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeatItem {
    /// A seat that changed. After a new connection, the last state may come again.
    Seat(Box<Seat>),
    /// A call that changed. After a new connection, the last state may come again.
    Call(Box<SeatCall>),
    /// Everything up to the revision was given.
    Checkpoint,
}

/// A stream of seats and calls. It ends only with an error that a new connection would not change.
#[must_use = "nothing is read until the stream is asked for its next entry"]
pub struct SeatWatch {
    core: Core,
    _place: StreamPlace,
    connection: Option<Connection>,
    revision: i64,
    recovery: Recovery,
}

/// An open stream.
struct Connection {
    stream: Streaming<v1::WatchSeatsResponse>,
    /// The addresses of the hotline, for errors.
    endpoints: String,
    opened: Instant,
}

impl fmt::Debug for SeatWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatWatch").field("revision", &self.revision).finish_non_exhaustive()
    }
}

impl Connection {
    async fn open(core: &Core, revision: i64) -> Result<Self, Error> {
        let stream = core.open_stream(v1::WatchSeatsRequest { revision }).await?;
        let endpoints: Vec<_> = core.transport.endpoints().collect();
        Ok(Self { stream, endpoints: endpoints.join(", "), opened: Instant::now() })
    }

    async fn receive(&mut self) -> Result<v1::WatchSeatsResponse, Error> {
        match timeout(SILENCE_MAX, self.stream.message()).await {
            Ok(Ok(Some(response))) => Ok(response),
            Ok(Ok(None)) => Err(Error::passing(ErrorKind::AnswerLost, "the stream ended")),
            Ok(Err(status)) => Err(Error::from_status(status, &self.endpoints)),
            Err(_) => Err(Error::passing(ErrorKind::AnswerLost, "the stream was silent for too long")),
        }
    }
}

impl SeatWatch {
    pub(super) async fn open(core: &Core, revision: i64) -> Result<Self, Error> {
        let (core, place) = core.for_open_stream();
        let connection = Some(Connection::open(&core, revision).await?);
        Ok(Self { core, _place: place, connection, revision, recovery: Recovery::default() })
    }

    /// The revision after which another stream goes on.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// Waits for the next entry. The call may be dropped at any time and made again.
    ///
    /// # Errors
    /// If the caller may not read the stream. Failures of the network and of servers are no errors: the stream
    /// reconnects until it succeeds.
    pub async fn next(&mut self) -> Result<SeatItem, Error> {
        loop {
            let received = match &mut self.connection {
                Some(connection) => connection.receive().await,
                None => match Connection::open(&self.core, self.revision).await {
                    Ok(connection) => {
                        self.connection = Some(connection);
                        continue;
                    }
                    Err(error) => Err(error),
                },
            };
            match received {
                Ok(response) => {
                    if let Some(item) = item_of(response.entry)? {
                        self.revision = response.revision;
                        return Ok(item);
                    }
                }
                Err(error) => {
                    let lived = self.connection.take().map(|ended| ended.opened.elapsed());
                    self.recovery.pause(error, lived).await?;
                }
            }
        }
    }
}

/// An entry of the contract as an item; `None` for a kind that this version of the library does not know.
fn item_of(entry: Option<Entry>) -> Result<Option<SeatItem>, Error> {
    Ok(Some(match entry {
        Some(Entry::Seat(seat)) => {
            let seat = Seat::from_proto(seat, "WatchSeatsResponse.seat").map_err(Error::from_malformed)?;
            SeatItem::Seat(Box::new(seat))
        }
        Some(Entry::Call(call)) => {
            let call =
                SeatCall::from_proto(call, "WatchSeatsResponse.call").map_err(Error::from_malformed)?;
            SeatItem::Call(Box::new(call))
        }
        Some(Entry::Checkpoint(_)) => SeatItem::Checkpoint,
        None => return Ok(None),
    }))
}
