//! The feed: every event and every digest has one position, the positions are dense, and none is given behind a reader.
//! A cursor of a history that is gone, is answered with a gap.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::feed::{Delivered, Delivery, Feed, Item, Start, StreamLimits, Watch};
use hotline_server::ticket::{Event, TicketNumber};
use sea_orm::ConnectionTrait as _;

use super::digests::{LEADS, dispatch_appeals};
use super::fixture::{Database, Hotline, clerk, dispatch, staff, unit};
use super::random_commands::{RandomCommands, UNITS};
use super::{both, postgres_only};

both! {
    every_event_and_digest_has_one_position
    a_stream_goes_on_after_its_cursor
    a_ticket_that_is_sent_elsewhere_leaves_the_stream_of_its_unit
    a_history_that_is_gone_is_a_gap
    a_principal_has_only_so_many_streams
    a_stream_that_falls_behind_is_closed_and_goes_on
}
postgres_only! {
    no_position_is_given_behind_a_reader
    the_injected_positions_by_id_lose_events
}

/// The entries of the feed by position: ticket or unit, and sequence.
async fn entries(hotline: &Hotline) -> Vec<(i64, String, i64)> {
    let sql = "SELECT position, COALESCE(unit, CAST(ticket_number AS VARCHAR(64))), sequence FROM feed \
               ORDER BY position";
    let rows = hotline.rows(sql).await;
    let read = |row: &sea_orm::QueryResult| {
        let cell = "a column of the feed";
        (
            row.try_get_by_index(0).expect(cell),
            row.try_get_by_index(1).expect(cell),
            row.try_get_by_index(2).expect(cell),
        )
    };
    rows.iter().map(read).collect()
}

async fn number_all(feed: &Feed) {
    feed.sequencer().number_all().await.expect("the database is there");
}

async fn every_event_and_digest_has_one_position(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut commands = RandomCommands::new(&hotline, 77, &UNITS);
    for _ in 0..150 {
        commands.step().await;
    }
    dispatch_appeals(&hotline, &unit(LEADS[0]), 3).await;
    hotline.advance(TimeDelta::days(9)).await;
    number_all(&hotline.feed()).await;
    let entries = entries(&hotline).await;
    let positions: Vec<i64> = entries.iter().map(|(position, ..)| *position).collect();
    assert!(positions.iter().copied().eq(1..=i64::try_from(entries.len()).expect("few")), "{positions:?}");
    let all = "SELECT (SELECT COUNT(*) FROM ticket_event) + (SELECT COUNT(*) FROM digest)";
    assert_eq!(hotline.count(all).await, i64::try_from(entries.len()).expect("few"));
    assert!(hotline.count("SELECT COUNT(*) FROM feed WHERE unit IS NOT NULL").await > 0, "digests");
    check_order(&entries);
}

/// Each ticket's events, and each unit's digests, are in their order and without a gap.
fn check_order(entries: &[(i64, String, i64)]) {
    let mut last = HashMap::new();
    for (position, of, sequence) in entries {
        let before = last.insert(of, *sequence).unwrap_or(0);
        assert_eq!(*sequence, before + 1, "{of} at position {position}");
    }
}

/// Reads what is there, without checkpoints.
pub(super) async fn read(watch: &mut Watch) -> Vec<Delivered> {
    let mut found = Vec::new();
    while let Some(delivered) = watch.next_ready().await.expect("the stream is open") {
        if !matches!(delivered.item, Item::Checkpoint(_)) {
            found.push(delivered);
        }
    }
    found
}

/// Numbers what waits and passes it to the streams.
pub(super) async fn pass_on(feed: &Feed) {
    number_all(feed).await;
    while feed.pass_on().await.expect("the database is there") {}
}

fn events(found: &[Delivered]) -> Vec<(TicketNumber, u32)> {
    let event = |delivered: &Delivered| match &delivered.item {
        Item::Entry(Delivery::Event { recorded, sequence, .. }) => Some((recorded.ticket, *sequence)),
        _ => None,
    };
    found.iter().filter_map(event).collect()
}

async fn a_stream_goes_on_after_its_cursor(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let mut live = feed.watch(&staff("WatchTickets"), Start::Now).await.expect("it opens");
    assert_eq!(read(&mut live).await, []);
    let tickets = dispatch_appeals(&hotline, &unit(LEADS[0]), 3).await;
    hotline.advance(TimeDelta::days(8)).await;
    pass_on(&feed).await;
    let all = read(&mut live).await;
    let created: Vec<_> = events(&all).into_iter().filter(|(_, sequence)| *sequence == 1).collect();
    assert_eq!(created, tickets.iter().map(|ticket| (ticket.number, 1)).collect::<Vec<_>>());
    assert!(matches!(all.last().expect("some").item, Item::Entry(Delivery::Digest { .. })), "{all:?}");
    // Another server goes on after every cursor, and gives exactly the rest.
    let other = hotline.feed();
    for (place, delivered) in all.iter().enumerate() {
        let start = Start::After(delivered.cursor.clone());
        let mut rest = other.watch(&staff("WatchTickets"), start).await.expect("the cursor is sound");
        let rest = read(&mut rest).await;
        assert_eq!(
            rest.iter().map(|one| &one.item).collect::<Vec<_>>(),
            all[place + 1..].iter().map(|one| &one.item).collect::<Vec<_>>()
        );
    }
}

async fn a_ticket_that_is_sent_elsewhere_leaves_the_stream_of_its_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let [first, second] = [unit(LEADS[0]), unit(LEADS[1])];
    let mut streams = Vec::new();
    for unit in [&first, &second] {
        streams.push(feed.watch(&clerk("WatchTickets", unit), Start::Now).await.expect("it opens"));
    }
    let number = dispatch_appeals(&hotline, &first, 1).await[0].number;
    hotline.change(staff("DispatchTicket"), number, dispatch(&second)).await.expect("it is sent elsewhere");
    hotline.change(clerk("AcceptTicket", &second), number, AcceptTicket).await.expect("it is accepted");
    pass_on(&feed).await;
    let of_first: Vec<_> = read(&mut streams[0]).await.into_iter().map(|one| one.item).collect();
    assert_eq!(of_first, [Item::Entry(Delivery::Left(number))], "the number alone");
    let of_second = read(&mut streams[1]).await;
    assert_eq!(events(&of_second), [(number, 2), (number, 3)]);
    let names: Vec<_> = of_second
        .iter()
        .map(|one| match &one.item {
            Item::Entry(Delivery::Event { recorded, .. }) => recorded.event.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(
        matches!(&names[..], [Event::TicketDispatched { .. }, Event::TicketAccepted { .. }]),
        "{names:?}"
    );
}

/// Runs statements that no server may run, as the owner of the tables.
pub(super) async fn tamper(hotline: &Hotline, sql: &str) {
    let db = hotline.store.migrating();
    let (off, on) = if hotline.store.is_sqlite() {
        ("DROP TRIGGER feed_no_delete", "SELECT 1")
    } else {
        ("ALTER TABLE feed DISABLE TRIGGER USER", "ALTER TABLE feed ENABLE TRIGGER USER")
    };
    for statement in [off, sql, on] {
        db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

async fn refusal(feed: &Feed, cursor: &str) -> (ErrorReason, Option<String>) {
    let refused = feed.watch(&staff("WatchTickets"), Start::After(cursor.to_owned())).await;
    let fault = refused.expect_err("it is refused");
    (fault.reason, fault.metadata.get("oldest_cursor").cloned())
}

async fn a_history_that_is_gone_is_a_gap(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let mut live = feed.watch(&staff("WatchTickets"), Start::Now).await.expect("it opens");
    hotline.create_appeals(12).await;
    pass_on(&feed).await;
    let cursors: Vec<_> = read(&mut live).await.into_iter().map(|one| one.cursor).collect();
    assert_eq!(cursors.len(), 12, "each intake is one event: {cursors:?}");
    // The last entries are gone, as in a database that was put back by hand; then the first ones, as in an archive.
    tamper(&hotline, "DELETE FROM feed WHERE position > 10").await;
    feed.pass_on().await.expect("the database is there");
    assert_eq!(live.next().await.expect_err("its history is gone").reason, ErrorReason::Unavailable);
    let (reason, oldest) = refusal(&feed, &cursors[11]).await;
    assert_eq!(reason, ErrorReason::FeedGap);
    let start = Start::After(oldest.expect("it says where history begins"));
    let mut whole = feed.watch(&staff("WatchTickets"), start).await.expect("that cursor is sound");
    assert_eq!(read(&mut whole).await.len(), 10);
    if hotline.store.is_sqlite() {
        hotline
            .store
            .migrating()
            .execute_unprepared("DELETE FROM feed WHERE position <= 4")
            .await
            .expect("gone");
    } else {
        tamper(&hotline, "DELETE FROM feed WHERE position <= 4").await;
    }
    assert_eq!(refusal(&feed, &cursors[2]).await.0, ErrorReason::FeedGap);
    let start = Start::After(cursors[3].clone());
    let mut rest = feed.watch(&staff("WatchTickets"), start).await.expect("everything after it is there");
    assert_eq!(read(&mut rest).await.len(), 6);
    for cursor in ["", "x", &format!("Z{}", &cursors[3][1..]), &cursors[3][1..]] {
        assert_eq!(refusal(&feed, cursor).await.0, ErrorReason::CursorInvalid, "{cursor}");
    }
}

async fn a_principal_has_only_so_many_streams(database: Database) {
    let hotline = Hotline::open(&database).await;
    let decision_age_max = StreamLimits::DECISION_AGE_MAX;
    let feed = hotline.feed_with(StreamLimits { all_max: 3, of_principal_max: 2, decision_age_max });
    let open = async || feed.watch(&staff("WatchTickets"), Start::Now).await.map_err(|fault| fault.reason);
    let (first, _second) = (open().await.expect("one"), open().await.expect("two"));
    assert_eq!(open().await.map(drop), Err(ErrorReason::RateLimited));
    drop(first);
    open().await.expect("its slot is free again");
}

async fn a_stream_that_falls_behind_is_closed_and_goes_on(database: Database) {
    /// Batches that a server keeps, and one more.
    const BATCHES: u32 = 129;
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let mut slow = feed.watch(&staff("WatchTickets"), Start::Now).await.expect("it opens");
    assert_eq!(read(&mut slow).await, []);
    let cursor = slow.cursor().expect("a cursor");
    for _ in 0..BATCHES {
        hotline.create_appeals(1).await;
        pass_on(&feed).await;
    }
    let fault = loop {
        match slow.next().await {
            // On a slow machine the stream was silent for too long.
            Ok(Delivered { item: Item::Checkpoint(_), .. }) => {}
            other => break other.expect_err("it has missed a batch"),
        }
    };
    assert_eq!(fault.reason, ErrorReason::ReaderTooSlow);
    assert!(fault.retry_after.is_some());
    let mut again = feed.watch(&staff("WatchTickets"), Start::After(cursor)).await.expect("it goes on");
    assert_eq!(read(&mut again).await.len(), BATCHES as usize);
}

/// Writes tickets from several tasks while a stream is read; returns what the stream gave.
async fn read_while_written(hotline: &Hotline, feed: &Feed) -> Vec<Delivered> {
    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let hotline = hotline.clone();
            tokio::spawn(async move { hotline.create_appeals(40).await })
        })
        .collect();
    let sequencers: Vec<_> = (0..2)
        .map(|_| {
            let (sequencer, is_over) = (feed.sequencer(), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    sequencer.pass().await.expect("the database is there");
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut watch = feed.watch(&staff("WatchTickets"), Start::Now).await.expect("it opens");
    let mut found = Vec::new();
    let mut writing = tokio::task::JoinSet::new();
    writing.spawn(async move {
        for writer in writers {
            writer.await.expect("it writes");
        }
    });
    while writing.try_join_next().is_none() {
        while feed.pass_on().await.expect("the database is there") {}
        found.extend(read(&mut watch).await);
    }
    is_over.store(true, Ordering::Relaxed);
    for sequencer in sequencers {
        sequencer.await.expect("it numbers");
    }
    pass_on(feed).await;
    found.extend(read(&mut watch).await);
    found
}

async fn no_position_is_given_behind_a_reader(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let found = read_while_written(&hotline, &feed).await;
    let mut events = events(&found);
    assert_eq!(events.len(), 8 * 40, "each event once");
    events.sort_unstable();
    events.dedup();
    assert_eq!(events.len(), 8 * 40, "no event twice");
    check_order(&entries(&hotline).await);
}

/// What would happen without the sequencer: a row gets its place before its commit. The bug is injected into the
/// database, whose queue then writes the feed itself.
async fn the_injected_positions_by_id_lose_events(database: Database) {
    let hotline = Hotline::open(&database).await;
    let db = hotline.store.migrating();
    for statement in [
        "CREATE SEQUENCE by_id",
        "CREATE OR REPLACE FUNCTION feed_events() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             INSERT INTO feed (position, ticket_number, sequence)
             SELECT nextval('by_id'), added.ticket_number, added.sequence FROM added;
             RETURN NULL;
         END $$",
    ] {
        db.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let feed = hotline.feed();
    for _ in 0..20 {
        let found = read_while_written(&hotline, &feed).await;
        if events(&found).len() < 8 * 40 {
            return;
        }
    }
    panic!("a cursor by id lost nothing in 20 runs");
}
