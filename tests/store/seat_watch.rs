//! Streams of seats: a stream begins with what is there, gets each change of any server, and goes on after a revision
//! without missing one. A stream that nobody reads is closed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Moment};

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::access::Permit;
use hotline_server::desk::seat::change_feed::Change;
use hotline_server::desk::seat::watch_seats::{SeatEntry, SeatWatch};
use hotline_server::desk::seat::{SeatCallState, SeatStatus, Seats};

use super::both;
use super::fixture::{Database, Hotline};
use super::seats::{code_of, grant, new_call, offer, put_seat, ready, seats, sign_in};

both! {
    a_stream_begins_with_what_is_there_and_goes_on
    a_stream_that_is_not_read_is_closed
    changes_of_another_server_arrive_soon
}

fn supervisor() -> Permit {
    grant("SeatService", "WatchSeats", Role::Supervisor, "supervisor")
}

async fn watch(seats: &Seats, revision: i64) -> SeatWatch {
    seats.watch_seats(&supervisor(), revision).await.expect("a stream is opened")
}

/// What a reader knows: the status of seats and the state of calls, with the last revision.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Known {
    seats: BTreeMap<String, SeatStatus>,
    calls: BTreeMap<String, SeatCallState>,
    revision: i64,
}

impl Known {
    /// Takes an entry over; returns whether it is a checkpoint.
    fn take(&mut self, entry: SeatEntry) -> bool {
        assert!(entry.revision >= self.revision, "revisions do not fall");
        self.revision = entry.revision;
        match entry.change {
            Some(Change::Seat(seat)) => drop(self.seats.insert(seat.setup.code, seat.status)),
            Some(Change::Call(call)) => drop(self.calls.insert(call.id.0, call.state)),
            None => return true,
        }
        false
    }

    async fn read_to_checkpoint(&mut self, stream: &mut SeatWatch) {
        while !self.take(stream.next().await.expect("an entry")) {}
    }
}

async fn a_stream_begins_with_what_is_there_and_goes_on(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    for place in 0..3 {
        put_seat(&seats, &code_of(place), false).await;
    }
    sign_in(&seats, "seat-00").await.expect("the seat is free");
    let mut stream = watch(&seats, 0).await;
    let mut known = Known::default();
    known.read_to_checkpoint(&mut stream).await;
    assert_eq!(known.seats.len(), 3);
    assert_eq!(known.seats["seat-00"], SeatStatus::Break);
    let middle = known.clone();

    ready(&seats, "seat-00").await.expect("it is signed in");
    let call = new_call(&hotline, "1").await;
    offer(&seats, &call).await.expect("a seat is ready");
    while known.calls.get(&call.0) != Some(&SeatCallState::Offered)
        || known.seats["seat-00"] != SeatStatus::Offered
    {
        known.take(stream.next().await.expect("an entry"));
    }
    // Another reader goes on where the first one stood in the middle.
    let mut later = watch(&seats, middle.revision).await;
    let mut again = middle;
    again.read_to_checkpoint(&mut later).await;
    assert_eq!((&again.seats, &again.calls), (&known.seats, &known.calls));
    let nothing = seats.watch_seats(&supervisor(), i64::MAX).await.expect_err("nobody has had it");
    assert_eq!(nothing.reason, ErrorReason::InvalidFields);
}

async fn a_stream_that_is_not_read_is_closed(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    put_seat(&seats, "seat-00", false).await;
    let mut slow = watch(&seats, 0).await;
    let mut quick = watch(&seats, 0).await;
    let (mut known, mut of_slow) = (Known::default(), Known::default());
    of_slow.read_to_checkpoint(&mut slow).await;
    known.read_to_checkpoint(&mut quick).await;
    for _ in 0..140 {
        put_seat(&seats, "seat-00", false).await;
        // Each change is a batch of its own for the one who reads.
        known.take(quick.next().await.expect("an entry"));
    }
    let closed = slow.next().await.expect_err("it was not read");
    assert_eq!(closed.reason, ErrorReason::ReaderTooSlow);
    let mut resumed = watch(&seats, of_slow.revision).await;
    of_slow.read_to_checkpoint(&mut resumed).await;
    assert_eq!(of_slow.seats, known.seats);
}

async fn changes_of_another_server_arrive_soon(database: Database) {
    let hotline = Hotline::open(&database).await;
    let other = match &database {
        Database::Sqlite(_) => hotline.clone(),
        Database::Postgres(_) => Hotline::open(&database).await,
    };
    let (here, there) = (seats(&hotline), seats(&other));
    put_seat(&here, "seat-00", false).await;
    let mut stream = watch(&here, 0).await;
    let mut known = Known::default();
    known.read_to_checkpoint(&mut stream).await;
    let (mut commits, mut delays) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        let begun = Moment::now();
        put_seat(&there, "seat-00", false).await;
        commits.push(begun.elapsed());
        known.take(stream.next().await.expect("an entry"));
        delays.push(begun.elapsed().checked_sub(commits[commits.len() - 1]).unwrap());
    }
    for times in [&mut commits, &mut delays] {
        times.sort_unstable();
    }
    let p99 = |times: &[Duration]| times[times.len() * 99 / 100];
    let (commit, delay) = (p99(&commits), p99(&delays));
    assert!(delay <= commit * 20, "a change takes {delay:?}, and a commit {commit:?}");
}
