//! `WatchTickets`.

use futures_util::stream;
use hotline_proto::v1 as pb;
use pb::watch_tickets_response::Entry;
use tonic::Status;

use crate::access::Permit;
use crate::closed_loop::queries::watch_tickets::WatchTickets;
use crate::feed::{Delivered, Delivery, Item, Start, Watch};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::{ResponseStream, StreamHandler};
use crate::rpc::scalars::{count, time};
use crate::rpc::status::{self, Language};
use crate::rpc::ticket::queries::list_digests;
use crate::rpc::ticket::{TicketApi, encode, events};

impl StreamHandler<TicketApi> for pb::WatchTicketsRequest {
    async fn open(
        &self,
        api: &TicketApi,
        permit: &Permit,
    ) -> Result<ResponseStream<pb::WatchTicketsResponse>, Fault> {
        let start = start_of(self)?;
        let watch = api.queries.watch_tickets(permit, WatchTickets { start }).await?;
        let language = Language::of_call();
        // `None` after the refusal that ends the stream.
        let next = move |watch: Option<Watch>| async move {
            let mut watch = watch?;
            Some(match watch.next().await {
                Ok(delivered) => (Ok(response(delivered)), Some(watch)),
                Err(fault) => (Err::<_, Status>(status::in_language(language, fault)), None),
            })
        };
        Ok(Box::pin(stream::unfold(Some(watch), next)))
    }
}

/// Where the stream begins.
fn start_of(request: &pb::WatchTicketsRequest) -> Result<Start, Fault> {
    let mut fields = Fields::default();
    if request.snapshot && !request.cursor.is_empty() {
        fields.wrong("snapshot", "does not go with a cursor");
    }
    let start = if request.snapshot {
        Start::Snapshot
    } else if request.cursor.is_empty() {
        Start::Now
    } else {
        Start::After(request.cursor.clone())
    };
    fields.finish(start)
}

fn response(delivered: Delivered) -> pb::WatchTicketsResponse {
    let Delivered { cursor, item } = delivered;
    let entry = match item {
        Item::Entry(Delivery::Event { recorded, sequence, view }) => {
            Entry::Event(Box::new(events::event(&recorded, sequence, &view)))
        }
        Item::Entry(Delivery::Left(number)) => {
            Entry::Left(pb::TicketLeft { ticket_number: number.to_string() })
        }
        Item::Entry(Delivery::Digest { digest, tickets }) => {
            Entry::Digest(list_digests::encode(&digest, &tickets))
        }
        Item::Checkpoint(now) => Entry::Checkpoint(pb::FeedCheckpoint { now: Some(time(now)) }),
        Item::Open(open) => Entry::SnapshotTicket(Box::new(pb::SnapshotTicket {
            ticket: Some(encode::ticket(&open.ticket, &open.view)),
            sequence: count(open.sequence),
        })),
        Item::SnapshotEnd(tickets) => {
            Entry::SnapshotEnd(pb::SnapshotEnd { ticket_count: i64::try_from(tickets).unwrap_or(i64::MAX) })
        }
    };
    pb::WatchTicketsResponse { cursor, entry: Some(entry) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_begins_now_after_a_cursor_or_with_a_snapshot() {
        for (cursor, snapshot, start) in [
            ("", false, Some(Start::Now)),
            ("AQ", false, Some(Start::After("AQ".to_owned()))),
            ("", true, Some(Start::Snapshot)),
            ("AQ", true, None),
        ] {
            let request = pb::WatchTicketsRequest { cursor: cursor.to_owned(), snapshot };
            assert_eq!(start_of(&request).ok(), start, "{request:?}");
        }
    }
}
