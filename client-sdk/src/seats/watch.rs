//! A stream of seats and calls.

use std::fmt;
use std::time::Duration;

use hotline_proto::v1;
use hotline_proto::v1::watch_seats_response::Entry;
use tokio::time::timeout;
use tonic::Streaming;

use crate::call::Core;
use crate::convert::FromProto as _;
use crate::error::{Error, ErrorKind};
use crate::model::{Seat, SeatCall};

/// The longest silence of a working stream: the hotline promises a sign of life every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// An entry of a stream of seats.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeatItem {
    /// A seat that changed.
    Seat(Box<Seat>),
    /// A call that changed.
    Call(Box<SeatCall>),
    /// Everything up to the revision was given.
    Checkpoint,
}

/// A stream of seats and calls.
#[must_use = "nothing is read until the stream is asked for its next entry"]
pub struct SeatWatch {
    stream: Streaming<v1::WatchSeatsResponse>,
    endpoints: String,
    revision: i64,
}

impl fmt::Debug for SeatWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatWatch").field("revision", &self.revision).finish_non_exhaustive()
    }
}

impl SeatWatch {
    pub(super) async fn open(core: &Core, revision: i64) -> Result<Self, Error> {
        let stream = core.open_stream(v1::WatchSeatsRequest { revision }).await?;
        let endpoints: Vec<_> = core.transport.endpoints().collect();
        Ok(Self { stream, endpoints: endpoints.join(", "), revision })
    }

    /// The revision after which another stream goes on.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// Waits for the next entry.
    ///
    /// # Errors
    /// If the stream ended, or was silent for too long. Open another one after [`Self::revision`].
    pub async fn next(&mut self) -> Result<SeatItem, Error> {
        loop {
            let response = match timeout(SILENCE_MAX, self.stream.message()).await {
                Ok(Ok(Some(response))) => response,
                Ok(Ok(None)) => return Err(Error::passing(ErrorKind::AnswerLost, "the stream ended")),
                Ok(Err(status)) => return Err(Error::from_status(status, &self.endpoints)),
                Err(_) => {
                    return Err(Error::passing(ErrorKind::AnswerLost, "the stream was silent for too long"));
                }
            };
            let item = match response.entry {
                Some(Entry::Seat(seat)) => SeatItem::Seat(Box::new(
                    Seat::from_proto(seat, "WatchSeatsResponse.seat").map_err(Error::from_malformed)?,
                )),
                Some(Entry::Call(call)) => SeatItem::Call(Box::new(
                    SeatCall::from_proto(call, "WatchSeatsResponse.call").map_err(Error::from_malformed)?,
                )),
                Some(Entry::Checkpoint(_)) => SeatItem::Checkpoint,
                // An entry of a later version of the contract.
                None => continue,
            };
            self.revision = response.revision;
            return Ok(item);
        }
    }
}
