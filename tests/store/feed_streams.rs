//! Streams whose readers are slow, and feeds with damaged entries: what a caller gets is decided when it is sent, a
//! reader that does not read holds nothing that others need, and one entry that can't be read stops nobody else.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::access::{Caller, Permit, permit};
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::dispatch_ticket::DispatchTicket;
use hotline_server::feed::{Delivered, Delivery, Feed, Item, Start, StreamLimits, Watch};
use hotline_server::ticket::{Category, TicketNumber};
use sea_orm::ConnectionTrait as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::both;
use super::digests::{LEADS, dispatch_appeals};
use super::feed::{pass_on, read};
use super::fixture::{Database, Hotline, as_complex, clerk, dispatch, staff, unit};
use crate::support::wait::{self, WAIT_MAX};

both! {
    what_a_unit_gets_is_decided_when_it_is_sent
    what_has_waited_for_too_long_is_read_again
    a_snapshot_that_has_waited_for_too_long_is_read_again
    a_reader_that_does_not_read_holds_nothing
    long_texts_come_in_small_pages
    an_event_that_cannot_be_read_is_a_gap_for_its_readers_alone
    a_digest_that_cannot_be_read_is_a_gap_for_its_unit
}

const LEAD: &str = "dept-tax";
const ACCUSED: &str = "dept-public-security";

/// Makes the lead a part of the accused unit, without an event that says so.
const LEAD_UNDER_ACCUSED: &str = "UPDATE unit SET parent = 'dept-public-security' WHERE code = 'dept-tax'";

async fn run(hotline: &Hotline, sql: &str) {
    let done = hotline.store.migrating().execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn items(found: Vec<Delivered>) -> Vec<Item> {
    found.into_iter().map(|one| one.item).collect()
}

async fn from_now(feed: &Feed, permit: &Permit) -> Watch {
    let mut live = feed.watch(permit, Start::Now).await.expect("it opens");
    assert_eq!(read(&mut live).await, []);
    live
}

async fn after(feed: &Feed, permit: &Permit, cursor: &str) -> Watch {
    feed.watch(permit, Start::After(cursor.to_owned())).await.expect("the cursor is sound")
}

/// The number of the ticket whose event this is.
fn ticket_of(item: &Item) -> TicketNumber {
    match item {
        Item::Entry(Delivery::Event { recorded, .. }) => recorded.ticket,
        other => panic!("{other:?}"),
    }
}

fn about(accused: &str) -> ClassifyTicket {
    let accused_units = vec![unit(accused)];
    ClassifyTicket { category: Category::ComplaintReport, accused_units, ..as_complex() }
}

/// Two complaints about one unit that another one leads.
async fn complaints(hotline: &Hotline) -> [TicketNumber; 2] {
    let tickets = dispatch_appeals(hotline, &unit(LEAD), 2).await;
    for ticket in &tickets {
        let classified = hotline.change(staff("ClassifyTicket"), ticket.number, about(ACCUSED)).await;
        classified.expect("the lead may keep it");
    }
    [tickets[0].number, tickets[1].number]
}

async fn what_a_unit_gets_is_decided_when_it_is_sent(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let mut live = from_now(&feed, &clerk("WatchTickets", &unit(LEAD))).await;
    let tickets = dispatch_appeals(&hotline, &unit(LEAD), 2).await;
    pass_on(&feed).await;
    // The stream has received both dispatches, and gives the first one.
    let first = live.next().await.expect("it is open");
    assert_eq!(ticket_of(&first.item), tickets[0].number);
    let second = tickets[1].number;
    hotline.change(staff("ClassifyTicket"), second, about(LEAD)).await.expect("it is recalled");
    pass_on(&feed).await;
    assert_eq!(items(read(&mut live).await), [Item::Entry(Delivery::Left(second))], "the number alone");
}

/// A feed whose decisions are good for a moment.
fn forgetful_feed(hotline: &Hotline) -> (Feed, Duration) {
    let decision_age_max = Duration::from_millis(200);
    (hotline.feed_with(StreamLimits { all_max: 9, of_principal_max: 9, decision_age_max }), decision_age_max)
}

async fn wait_longer_than(age: Duration) {
    let begun = Instant::now();
    wait::until("what waits is too old", async || begun.elapsed() > age).await;
}

async fn what_has_waited_for_too_long_is_read_again(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (feed, age) = forgetful_feed(&hotline);
    let mut live = from_now(&feed, &clerk("WatchTickets", &unit(LEAD))).await;
    let mut of_staff = from_now(&feed, &staff("WatchTickets")).await;
    let [first, _] = complaints(&hotline).await;
    pass_on(&feed).await;
    assert_eq!(ticket_of(&live.next().await.expect("it is open").item), first);
    let begun = of_staff.next().await.expect("it is open");
    run(&hotline, LEAD_UNDER_ACCUSED).await;
    wait_longer_than(age).await;
    assert_eq!(read(&mut live).await, [], "no event said so, and the unit may see nothing of them any more");
    // To read again repeats and misses nothing.
    let rest = items(read(&mut of_staff).await);
    let mut again = after(&feed, &staff("WatchTickets"), &begun.cursor).await;
    assert_eq!(rest, items(read(&mut again).await));
    assert_eq!(rest.len(), 5, "two intakes, two dispatches and two classifications, but for the first");
}

async fn a_snapshot_that_has_waited_for_too_long_is_read_again(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (feed, age) = forgetful_feed(&hotline);
    let [first, second] = complaints(&hotline).await;
    let mut of_lead =
        feed.watch(&clerk("WatchTickets", &unit(LEAD)), Start::Snapshot).await.expect("it opens");
    let mut of_staff = feed.watch(&staff("WatchTickets"), Start::Snapshot).await.expect("it opens");
    let number = |delivered: Delivered| match delivered.item {
        Item::Open(open) => open.ticket.number,
        other => panic!("{other:?}"),
    };
    for watch in [&mut of_lead, &mut of_staff] {
        assert_eq!(number(watch.next().await.expect("it is open")), second, "the newest first");
    }
    run(&hotline, LEAD_UNDER_ACCUSED).await;
    wait_longer_than(age).await;
    assert_eq!(of_lead.next().await.expect("it is open").item, Item::SnapshotEnd(1));
    assert_eq!(number(of_staff.next().await.expect("it is open")), first);
    assert_eq!(of_staff.next().await.expect("it is open").item, Item::SnapshotEnd(2));
}

async fn a_reader_that_does_not_read_holds_nothing(database: Database) {
    /// More than there are connections, and turns to read.
    const READERS: usize = 12;
    /// As many as the pool has.
    const CONNECTIONS: usize = 6;
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let begin = from_now(&feed, &staff("WatchTickets")).await.cursor().expect("a cursor");
    dispatch_appeals(&hotline, &unit(LEAD), 100).await;
    pass_on(&feed).await;
    let mut unread = Vec::new();
    for place in 0..READERS {
        let permit = if place % 2 == 0 { staff("WatchTickets") } else { clerk("WatchTickets", &unit(LEAD)) };
        let start = if place % 3 == 0 { Start::Snapshot } else { Start::After(begin.clone()) };
        let mut watch = feed.watch(&permit, start).await.expect("it opens");
        let mut next = Box::pin(async move { (watch.next().await.is_ok(), watch) });
        // HTTP/2 asks a stream once for what comes next, and not again before the peer has a window.
        let polled = poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await;
        unread.push((polled, next));
    }
    let others = async {
        let mut whole = after(&feed, &staff("WatchTickets"), &begin).await;
        assert_eq!(read(&mut whole).await.len(), 200);
        let mut taking = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let store = hotline.store.clone();
            taking.spawn(async move { store.read_conn(Some(LEAD)).await.expect("a connection is free") });
        }
        // All at once, until the last one is taken.
        assert_eq!(taking.join_all().await.len(), CONNECTIONS);
    };
    timeout(WAIT_MAX, others).await.expect("readers that do not read hold what others need");
    // They have missed nothing by it.
    for (polled, next) in unread {
        let (is_given, mut watch) = match polled {
            Poll::Ready(given) => given,
            Poll::Pending => next.await,
        };
        assert!(is_given);
        assert!(read(&mut watch).await.len() >= 99);
    }
}

async fn long_texts_come_in_small_pages(database: Database) {
    /// Each fills a page of a stream, and half a batch of all streams.
    const CHARACTERS: usize = 10_000;
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let permits = [staff("WatchTickets"), clerk("WatchTickets", &unit(LEAD))];
    let mut streams = Vec::new();
    for permit in &permits {
        let live = from_now(&feed, permit).await;
        streams.push((permit, live.cursor().expect("a cursor"), live));
    }
    for ticket in hotline.create_appeals(12).await {
        let note = "道".repeat(CHARACTERS);
        let sent = DispatchTicket { note, ..dispatch(&unit(LEAD)) };
        hotline.change(staff("DispatchTicket"), ticket.number, sent).await.expect("it is dispatched");
    }
    pass_on(&feed).await;
    for (permit, begin, mut live) in streams {
        let in_batches = items(read(&mut live).await);
        let in_pages = items(read(&mut after(&feed, permit, &begin).await).await);
        assert_eq!(in_batches.len(), if permit.unit().is_some() { 12 } else { 24 });
        assert_eq!(in_batches, in_pages);
    }
}

/// The items of a stream, the reason that ended it, and the cursor behind the gap if it was one.
async fn read_to_its_end(watch: &mut Watch) -> (Vec<Item>, Option<(ErrorReason, String)>) {
    let mut found = Vec::new();
    loop {
        match watch.next_ready().await {
            Ok(None) => return (found, None),
            Ok(Some(Delivered { item: Item::Checkpoint(_), .. })) => {}
            Ok(Some(delivered)) => found.push(delivered.item),
            Err(fault) => {
                let oldest = fault.metadata.get("oldest_cursor").cloned().unwrap_or_default();
                return (found, Some((fault.reason, oldest)));
            }
        }
    }
}

/// Reads to the gap and on behind it; returns what comes before it and what comes after it.
async fn read_around_the_gap(feed: &Feed, permit: &Permit, watch: &mut Watch) -> [Vec<Item>; 2] {
    let (before, end) = read_to_its_end(watch).await;
    let (reason, oldest) = end.expect("there is a gap");
    assert_eq!(reason, ErrorReason::FeedGap);
    let mut rest = after(feed, permit, &oldest).await;
    let (behind, end) = read_to_its_end(&mut rest).await;
    assert_eq!(end, None, "it is behind the entry");
    [before, behind]
}

/// Damages a row that no server may change.
pub(super) async fn damage(hotline: &Hotline, table: &str, sql: &str) {
    let is_sqlite = hotline.store.is_sqlite();
    let trigger = if is_sqlite {
        format!("DROP TRIGGER {table}_no_update")
    } else {
        format!("DROP TRIGGER {table}_append_only ON {table}")
    };
    run(hotline, &trigger).await;
    run(hotline, sql).await;
}

async fn an_event_that_cannot_be_read_is_a_gap_for_its_readers_alone(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let [of_staff, of_lead] = [staff("WatchTickets"), clerk("WatchTickets", &unit(LEAD))];
    let of_other = clerk("WatchTickets", &unit(LEADS[0]));
    let mut streams = Vec::new();
    for permit in [&of_staff, &of_lead, &of_other] {
        let live = from_now(&feed, permit).await;
        streams.push((permit, live.cursor().expect("a cursor"), live));
    }
    let tickets = dispatch_appeals(&hotline, &unit(LEAD), 3).await;
    dispatch_appeals(&hotline, &unit(LEADS[0]), 1).await;
    let broken = tickets[1].number.as_i64();
    let sql =
        format!("UPDATE ticket_event SET payload = '{{' WHERE ticket_number = {broken} AND sequence = 2");
    damage(&hotline, "ticket_event", &sql).await;
    pass_on(&feed).await;
    for (permit, begin, mut live) in streams {
        let mut behind = after(&feed, permit, &begin).await;
        for watch in [&mut live, &mut behind] {
            let counts = if permit.unit() == of_other.unit() {
                let (found, end) = read_to_its_end(watch).await;
                assert_eq!(end, None, "the entry is none of its business");
                [found.len(), 0]
            } else {
                read_around_the_gap(&feed, permit, watch).await.map(|found| found.len())
            };
            // Three intakes and a dispatch come before it, and a dispatch, an intake and a dispatch after it.
            let expected = match permit.unit() {
                None => [4, 3],
                Some(_) => [1, usize::from(permit.unit() == of_lead.unit())],
            };
            assert_eq!(counts, expected, "{:?}", permit.unit());
        }
    }
}

async fn a_digest_that_cannot_be_read_is_a_gap_for_its_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let (lead, other) = (unit(LEADS[0]), unit(LEADS[1]));
    let begin = from_now(&feed, &staff("WatchTickets")).await.cursor().expect("a cursor");
    for of in [&lead, &other] {
        dispatch_appeals(&hotline, of, 1).await;
    }
    hotline.advance(TimeDelta::days(9)).await;
    run(&hotline, &format!("UPDATE digest SET rung = 99 WHERE unit = '{lead}'")).await;
    pass_on(&feed).await;
    let agent = {
        let method = permit::method_of("/hotline.v1.TicketService/WatchTickets").expect("a method");
        let caller = Caller { principal: "agent".to_owned(), roles: vec![Role::Agent], ..Caller::default() };
        Permit::grant(caller, method).expect("agents watch")
    };
    for (permit, is_gap, sees_digests) in [
        (staff("WatchTickets"), true, None),
        (clerk("WatchTickets", &lead), true, Some(false)),
        (clerk("WatchTickets", &other), false, Some(true)),
        (agent, false, Some(false)),
    ] {
        let (found, end) = read_to_its_end(&mut after(&feed, &permit, &begin).await).await;
        let reason = end.map(|(reason, _)| reason);
        assert_eq!(reason, is_gap.then_some(ErrorReason::FeedGap), "{}", permit.principal());
        let has_digest = found.iter().any(|item| matches!(item, Item::Entry(Delivery::Digest { .. })));
        assert_eq!(has_digest, sees_digests.unwrap_or(has_digest), "{}", permit.principal());
    }
}
