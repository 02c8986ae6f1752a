//! `WatchSeats`.

use futures_util::stream;
use hotline_proto::v1 as pb;
use pb::watch_seats_response::Entry;
use tonic::Status;

use super::{SeatApi, encode};
use crate::access::Permit;
use crate::desk::seat::change_feed::Change;
use crate::desk::seat::watch_seats::{SeatEntry, SeatWatch};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::{ResponseStream, StreamHandler};
use crate::rpc::scalars::time;
use crate::rpc::status::{self, Language};

impl StreamHandler<SeatApi> for pb::WatchSeatsRequest {
    async fn open(
        &self,
        api: &SeatApi,
        permit: &Permit,
    ) -> Result<ResponseStream<pb::WatchSeatsResponse>, Fault> {
        let mut fields = Fields::default();
        if self.revision < 0 {
            fields.wrong("revision", "is not negative");
        }
        let revision = fields.finish(self.revision)?;
        let watch = api.seats.watch_seats(permit, revision).await?;
        let language = Language::of_call();
        // `None` after the refusal that ends the stream.
        let next = move |watch: Option<SeatWatch>| async move {
            let mut watch = watch?;
            Some(match watch.next().await {
                Ok(entry) => (Ok(response(&entry)), Some(watch)),
                Err(fault) => (Err::<_, Status>(status::in_language(language, fault)), None),
            })
        };
        Ok(Box::pin(stream::unfold(Some(watch), next)))
    }
}

fn response(entry: &SeatEntry) -> pb::WatchSeatsResponse {
    let what = match &entry.change {
        Some(Change::Seat(seat)) => Entry::Seat(encode::seat(seat)),
        Some(Change::Call(call)) => Entry::Call(encode::call(call)),
        None => Entry::Checkpoint(pb::SeatCheckpoint { now: Some(time(entry.now)) }),
    };
    pb::WatchSeatsResponse { revision: entry.revision, entry: Some(what) }
}
