//! The feed of the hotline as server-sent events: a page gets the numbers of changed tickets, and reads its
//! list again.
//!
//! An event carries the number of the ticket and no content. The stream ends when the hotline refuses the credential,
//! and the script then goes to the sign-in.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use hotline_client::{ErrorReason, TicketWatch, WatchItem, WatchStart, WatchTickets};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

use super::page::READERS;
use super::visit::Visit;

/// The most streams at once.
const STREAMS_MAX: usize = 2000;
/// The events that may wait for a slow browser. A browser that is slower loses its stream and comes again.
const WAITING_MAX: usize = 64;

static STREAMS: AtomicUsize = AtomicUsize::new(0);

/// Counts a stream for as long as it lives.
struct Counted;

impl Counted {
    fn new() -> Option<Self> {
        let counted = STREAMS.fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
            (count < STREAMS_MAX).then_some(count + 1)
        });
        counted.is_ok().then_some(Self)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        STREAMS.fetch_sub(1, Ordering::AcqRel);
    }
}

/// `GET /feed`.
pub(crate) async fn get(visit: Visit) -> Response {
    if !visit.session.has_any(&READERS) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some(counted) = Counted::new() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let (sender, receiver) = channel(WAITING_MAX);
    let watch = visit.client.tickets().watch_tickets(WatchTickets::new(WatchStart::Now));
    tokio::spawn(async move {
        let _counted = counted;
        follow(&visit, watch, &sender).await;
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::default()).into_response()
}

/// Passes entries on until the browser is gone or the hotline ends the stream.
async fn follow(visit: &Visit, mut watch: TicketWatch, sender: &Sender<Result<Event, Infallible>>) {
    loop {
        let entry = tokio::select! {
            entry = watch.next() => entry,
            () = sender.closed() => return,
        };
        let event = match entry {
            Ok(WatchItem::Event(event)) => Event::default().event("ticket").data(&event.ticket_number),
            Ok(WatchItem::Left { ticket_number }) => Event::default().event("ticket").data(ticket_number),
            Ok(WatchItem::Digest(_)) => Event::default().event("digest").data(""),
            Ok(_) => continue,
            Err(error) if error.reason() == Some(ErrorReason::Unauthenticated) => {
                visit.app.sessions.end(&visit.session);
                let _ = sender.try_send(Ok(Event::default().event("ended").data("")));
                return;
            }
            Err(_) => return,
        };
        if sender.try_send(Ok(event)).is_err() {
            return;
        }
    }
}
