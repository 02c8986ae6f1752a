//! Streams that break: which errors open them again, with which credential, and which errors end them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hotline_client::{
    Code, Error, HotlineClient, Token, TokenFuture, TokenProvider, WatchCursor, WatchItem, WatchStart,
    WatchTickets,
};
use hotline_proto::v1;
use hotline_proto::v1::watch_tickets_response::Entry;
use tokio::time::{Instant, timeout};
use tonic::Status;

use crate::refusal;
use crate::scripted_streams::{ScriptedStreams, Step, checkpoint, give};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than any wait of these tests.
const VERY_LONG: Duration = Duration::from_hours(1);

fn expired() -> Status {
    refusal(tonic::Code::Unauthenticated, "UNAUTHENTICATED")
}

async fn next(watch: &mut hotline_client::TicketWatch) -> Result<WatchItem, Error> {
    timeout(VERY_LONG, watch.next()).await.expect("it ends or gives something")
}

fn watch(client: &HotlineClient, start: WatchStart) -> hotline_client::TicketWatch {
    client.tickets().watch_tickets(WatchTickets::new(start))
}

/// Gives the next token when one is refused.
#[derive(Default)]
struct Renewed(AtomicU32);

impl TokenProvider for Renewed {
    fn token(&self) -> TokenFuture<'_> {
        let token = Token::from(format!("token-{}", self.0.load(Ordering::SeqCst)));
        Box::pin(std::future::ready(Ok(token)))
    }

    fn refused(&self, token: &Token) -> bool {
        token.reveal() == format!("token-{}", self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_token_expires_goes_on_with_a_new_one() {
    let (streams, builder) = ScriptedStreams::start(|place, opening| match place {
        0 => Ok(vec![checkpoint("c-1"), Step::Wait(10 * SECOND), Step::End(expired())]),
        _ if opening.authorization == "Bearer token-0" => Err(expired()),
        _ => Ok(vec![checkpoint("c-2")]),
    });
    let client = builder.token_provider(Renewed::default()).connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Now);
    for cursor in ["c-1", "c-2"] {
        next(&mut watch).await.expect("a new token opens the stream again");
        assert_eq!(watch.cursor(), Some(&WatchCursor::new(cursor)));
    }
    let openings = streams.openings();
    let last = openings.last().unwrap();
    assert_eq!((openings.len(), last.cursor.as_str()), (3, "c-1"), "it goes on after the last entry");
    assert_eq!(last.authorization, "Bearer token-1");
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_if_its_credential_is_refused_when_it_opens() {
    let (streams, builder) = ScriptedStreams::start(|place, _| match place {
        0 => Ok(vec![checkpoint("c-1"), Step::Wait(10 * SECOND), Step::End(expired())]),
        _ => Err(expired()),
    });
    let client = builder.connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Now);
    next(&mut watch).await.expect("the token is good");
    assert_eq!(next(&mut watch).await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(streams.openings().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn silence_is_measured_from_the_last_entry_however_often_the_next_is_asked_for() {
    let (streams, builder) = ScriptedStreams::start(|_, _| Ok(vec![checkpoint("c-1")]));
    let client = builder.connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Now);
    next(&mut watch).await.expect("a checkpoint");
    let start = Instant::now();
    // As a select does that has other work every few seconds.
    while streams.openings().len() < 2 {
        assert!(start.elapsed() < 60 * SECOND, "a silent stream is never left");
        let _ = timeout(3 * SECOND, watch.next()).await;
    }
    assert!(start.elapsed() >= 20 * SECOND, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_late_gets_what_has_arrived_meanwhile() {
    let steps = || vec![checkpoint("c-1"), Step::Wait(SECOND), checkpoint("c-2")];
    let (streams, builder) = ScriptedStreams::start(move |_, _| Ok(steps()));
    let client = builder.connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Now);
    next(&mut watch).await.expect("a checkpoint");
    tokio::time::sleep(60 * SECOND).await;
    next(&mut watch).await.expect("the next one");
    assert_eq!((watch.cursor(), streams.openings().len()), (Some(&WatchCursor::new("c-2")), 1));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_nobody_explains_is_not_retried_for_ever() {
    let (streams, builder) = ScriptedStreams::start(|_, _| Err(Status::internal("no such route")));
    let client = builder.connect().await.unwrap();
    let error = next(&mut watch(&client, WatchStart::Now)).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(streams.openings().len(), 21);
}

#[tokio::test(start_paused = true)]
async fn a_hotline_that_is_away_is_waited_for_without_a_limit() {
    let (streams, builder) = ScriptedStreams::start(|place, _| {
        if place < 500 { Err(Status::unavailable("away")) } else { Ok(vec![checkpoint("c-1")]) }
    });
    let client = builder.connect().await.unwrap();
    next(&mut watch(&client, WatchStart::Now)).await.expect("it is back");
    assert_eq!(streams.openings().len(), 501);
}

#[tokio::test(start_paused = true)]
async fn streams_that_break_soon_are_opened_with_growing_pauses_although_they_give_something() {
    let (streams, builder) = ScriptedStreams::start(|place, _| {
        Ok(vec![checkpoint(&format!("c-{place}")), Step::End(Status::unavailable("overloaded"))])
    });
    let client = builder.connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Now);
    let start = Instant::now();
    while start.elapsed() < 100 * SECOND {
        next(&mut watch).await.expect("each stream gives a checkpoint");
    }
    assert!(streams.openings().len() < 100, "{} streams in 100 s", streams.openings().len());
}

const UPDATED: i64 = 1_570_845_600;

const fn at(seconds: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds, nanos: 0 }
}

/// An open ticket of the snapshot, whose last event has the sequence 3.
fn open(cursor: &str) -> Step {
    let cycle = v1::Cycle {
        number: 1,
        start_time: Some(at(UPDATED)),
        due_time: Some(at(UPDATED)),
        ..Default::default()
    };
    let ticket = v1::Ticket {
        number: "1910120000012".into(),
        intake_time: Some(at(UPDATED)),
        update_time: Some(at(UPDATED)),
        cycle: Some(cycle),
        ..Default::default()
    };
    give(cursor, Entry::SnapshotTicket(Box::new(v1::SnapshotTicket { ticket: Some(ticket), sequence: 3 })))
}

fn event(cursor: &str, sequence: i32) -> Step {
    let event = v1::TicketEvent {
        ticket_number: "1910120000012".into(),
        sequence,
        event_time: Some(at(UPDATED)),
        actor: "system".into(),
        ..Default::default()
    };
    give(cursor, Entry::Event(Box::new(event)))
}

fn left(cursor: &str) -> Step {
    give(cursor, Entry::Left(v1::TicketLeft { ticket_number: "1910120000012".into() }))
}

fn snapshot(cursor: &str) -> Vec<Step> {
    vec![open(cursor), give(cursor, Entry::SnapshotEnd(v1::SnapshotEnd { ticket_count: 1 }))]
}

/// The sequences of the events up to the next checkpoint.
async fn sequences(watch: &mut hotline_client::TicketWatch) -> Vec<u32> {
    let mut sequences = Vec::new();
    loop {
        match next(watch).await.unwrap() {
            WatchItem::Event(event) => sequences.push(event.sequence),
            WatchItem::Checkpoint => return sequences,
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_hides_what_it_contains_and_nothing_of_a_ticket_that_has_left() {
    let (_streams, builder) = ScriptedStreams::start(|_, _| {
        let follows = [
            event("c-1", 2),
            event("c-2", 3),
            left("c-3"),
            event("c-4", 1),
            event("c-5", 2),
            checkpoint("c-6"),
        ];
        Ok([snapshot("c-0"), follows.into()].concat())
    });
    let client = builder.connect().await.unwrap();
    assert_eq!(sequences(&mut watch(&client, WatchStart::Snapshot)).await, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_goes_on_elsewhere_hides_nothing() {
    let (streams, builder) = ScriptedStreams::start(|place, _| match place {
        0 => Ok([snapshot("c-0"), vec![checkpoint("c-1")]].concat()),
        _ => Ok(vec![event("b-1", 2), event("b-2", 3), checkpoint("b-3")]),
    });
    let client = builder.connect().await.unwrap();
    let mut watch = watch(&client, WatchStart::Snapshot);
    assert!(sequences(&mut watch).await.is_empty());
    watch.go_on_after(WatchCursor::new("b-0"));
    assert_eq!(sequences(&mut watch).await, [2, 3]);
    let openings = streams.openings();
    assert!(openings[0].is_snapshot && openings[1].cursor == "b-0");
}
