//! The scope of a stream: what the one reader of a server passes on by its filter in memory is what a stream reads from
//! the database with the filter in SQL, for every unit, after every random history.
//!
//! The suite makes a short run. `HOTLINE_TEST_HISTORIES=10000` makes a long one, and `HOTLINE_TEST_SEED` sets another
//! seed.

use std::env;

use hotline_server::access::Permit;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::reinstate_ticket::ReinstateTicket;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::desk::directory::put_unit;
use hotline_server::feed::{Delivery, Feed, Item, Start, Watch};
use hotline_server::platform::Clock;
use hotline_server::ticket::{Category, TicketNumber, UnitCode};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::conflict_of_interest::unit_tree;
use super::digests::dispatch_appeals;
use super::fixture::{Database, Hotline, as_complex, clerk, default_policy, opening, staff, unit};
use super::random_commands::{RandomCommands, UNITS};

both! {
    the_filter_in_memory_equals_the_filter_in_sql
    a_ticket_that_accuses_a_unit_vanishes_from_what_waits_for_it
    a_ticket_that_was_hidden_already_does_not_leave_its_unit
    a_change_of_the_unit_tree_takes_a_complaint_from_its_unit
}

const SEED: u64 = 90_210;
/// Histories of the suite.
const HISTORIES: u64 = 60;
/// Steps of one history.
const STEPS: u32 = 12;
/// Units, each with the one that may take over from it. The chain has an end.
const SUCCESSIONS: [(&str, &str); 3] = [
    ("dept-tax", "district-haidian"),
    ("district-haidian", "dept-public-security"),
    ("dept-exit-entry", "district-chaoyang"),
];
/// How many rows of tickets with units there are that a successor hides: those of units that took over from an accused
/// unit, directly.
const HIDDEN_BY_SUCCESSION: &str = "SELECT COUNT(*) FROM ticket_unit AS theirs \
     JOIN ticket_accused AS named ON named.ticket_number = theirs.ticket_number \
     JOIN unit ON unit.code = named.unit WHERE unit.successor = theirs.unit";
/// Histories that share a database, so that their tickets reach all states.
const HISTORIES_OF_DATABASE: u64 = 60;

fn number_from_env(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Every reader: staff, each unit, and a unit that the tree is changed for.
fn readers() -> Vec<Permit> {
    let units = UNITS.iter().chain(&["dept-traffic-management"]);
    let clerks = units.map(|code| clerk("WatchTickets", &unit(code)));
    [staff("WatchTickets")].into_iter().chain(clerks).collect()
}

async fn read(watch: &mut Watch) -> Vec<Item> {
    let mut found = Vec::new();
    while let Some(delivered) = watch.next_ready().await.expect("the stream is open") {
        if !matches!(delivered.item, Item::Checkpoint(_)) {
            found.push(delivered.item);
        }
    }
    found
}

async fn pass_on(feed: &Feed) {
    feed.sequencer().number_all().await.expect("the database is there");
    while feed.pass_on().await.expect("the database is there") {}
}

/// What the histories of a run have shown.
#[derive(Debug, Default)]
struct Seen {
    events: usize,
    departures: usize,
    digests: usize,
    hidden_by_succession: i64,
}

impl Seen {
    fn note(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Entry(Delivery::Event { .. }) => self.events += 1,
                Item::Entry(Delivery::Left(_)) => self.departures += 1,
                Item::Entry(Delivery::Digest { .. }) => self.digests += 1,
                _ => {}
            }
        }
    }
}

/// Runs one history and compares both filters for every reader.
async fn compare(feed: &Feed, commands: &mut RandomCommands<'_>, hotline: &Hotline, seen: &mut Seen) {
    let mut streams = Vec::new();
    for permit in readers() {
        let mut live = feed.watch(&permit, Start::Now).await.expect("it opens");
        assert_eq!(read(&mut live).await, [], "everything before was read");
        streams.push((permit, live.cursor().expect("a cursor"), live));
    }
    for _ in 0..STEPS {
        commands.step().await;
    }
    if commands.random.percent(20) {
        // The tree changes without a command, so that no event says so.
        let parent = if commands.random.percent(50) { "'dept-public-security'" } else { "NULL" };
        let code = if commands.random.percent(50) { "dept-tax" } else { "dept-exit-entry" };
        change_tree(hotline, &format!("UPDATE unit SET parent = {parent} WHERE code = '{code}'")).await;
    }
    if commands.random.percent(30) {
        let (code, successor) = *commands.random.pick(&SUCCESSIONS);
        let successor = if commands.random.percent(70) { format!("'{successor}'") } else { "NULL".into() };
        change_tree(hotline, &format!("UPDATE unit SET successor = {successor} WHERE code = '{code}'")).await;
    }
    pass_on(feed).await;
    for (permit, cursor, mut live) in streams {
        let in_memory = read(&mut live).await;
        let mut again = feed.watch(&permit, Start::After(cursor)).await.expect("the cursor is sound");
        let in_sql = read(&mut again).await;
        assert_eq!(in_memory, in_sql, "{:?}", permit.unit());
        if permit.unit().is_some() {
            seen.note(&in_memory);
        }
    }
    seen.hidden_by_succession += hotline.count(HIDDEN_BY_SUCCESSION).await;
}

async fn change_tree(hotline: &Hotline, sql: &str) {
    hotline.store.migrating().execute_unprepared(sql).await.expect("the tree can be changed");
}

async fn the_filter_in_memory_equals_the_filter_in_sql(database: Database) {
    let histories = number_from_env("HOTLINE_TEST_HISTORIES", HISTORIES);
    let seed = number_from_env("HOTLINE_TEST_SEED", SEED);
    println!("seed {seed}");
    let mut coverage = Seen::default();
    let is_sqlite = matches!(database, Database::Sqlite(_));
    let mut database = Some(database);
    for part in 0..histories.div_ceil(HISTORIES_OF_DATABASE) {
        let another =
            || if is_sqlite { Database::sqlite() } else { Database::postgres().expect("it is running") };
        let current = database.take().unwrap_or_else(another);
        let mut policy = default_policy();
        policy.ladder.remind_before_hours = 24;
        let hotline = Hotline::open_with(current.open().await, Clock::simulated(opening()), policy).await;
        let mut commands = RandomCommands::new(&hotline, seed + part, &UNITS);
        let feed = hotline.feed();
        for _ in 0..HISTORIES_OF_DATABASE.min(histories - part * HISTORIES_OF_DATABASE) {
            Box::pin(compare(&feed, &mut commands, &hotline, &mut coverage)).await;
        }
        hotline.store.close().await;
    }
    println!("{histories} histories from seed {seed}: {coverage:?}");
    // A run that shows little proves little.
    assert!(coverage.events > 0 && coverage.departures > 0 && coverage.digests > 0, "{coverage:?}");
    assert!(coverage.hidden_by_succession > 0, "{coverage:?}");
}

async fn a_ticket_that_accuses_a_unit_vanishes_from_what_waits_for_it(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let lead = unit(UNITS[2]);
    let mut live = feed.watch(&clerk("WatchTickets", &lead), Start::Now).await.expect("it opens");
    assert_eq!(read(&mut live).await, []);
    let number = dispatch_appeals(&hotline, &lead, 1).await[0].number;
    // The dispatch waits in memory for the unit, which does not read.
    pass_on(&feed).await;
    let classify = ClassifyTicket {
        category: Category::ComplaintReport,
        accused_units: vec![lead.clone()],
        ..as_complex()
    };
    hotline.change(staff("ClassifyTicket"), number, classify).await.expect("it is recalled");
    pass_on(&feed).await;
    assert_eq!(read(&mut live).await, [Item::Entry(Delivery::Left(number))]);
}

/// A complaint about one unit that another one leads.
async fn complaint(hotline: &Hotline, about: &UnitCode, lead: &UnitCode) -> TicketNumber {
    let number = dispatch_appeals(hotline, lead, 1).await[0].number;
    let accused_units = vec![about.clone()];
    let classify = ClassifyTicket { category: Category::ComplaintReport, accused_units, ..as_complex() };
    hotline.change(staff("ClassifyTicket"), number, classify).await.expect("its lead may keep it");
    number
}

/// Puts a unit under another one as an administrator does; answers how many tickets were recalled.
async fn move_unit(hotline: &Hotline, code: &UnitCode, parent: &UnitCode) -> usize {
    let (moved, closed_loop) = (unit_tree::unit(code, Some(parent.clone())), hotline.closed_loop.clone());
    let recalled = hotline.store.work(&hotline.clock, move |work| {
        let (moved, closed_loop) = (moved.clone(), closed_loop.clone());
        Box::pin(async move {
            put_unit::put(work, moved, None).await?;
            Box::pin(closed_loop.recall_conflicts(work, &staff("DispatchTicket"))).await
        })
    });
    recalled.await.expect("it can be put")
}

async fn a_ticket_that_was_hidden_already_does_not_leave_its_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let (accused, lead) = (unit("dept-public-security"), unit("dept-tax"));
    let number = complaint(&hotline, &accused, &lead).await;
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), number, withdraw).await.expect("it is withdrawn");
    // The ticket is over, so nothing recalls it. From here on its lead must not learn anything about it.
    assert_eq!(move_unit(&hotline, &lead, &accused).await, 0);
    let mut streams = Vec::new();
    for code in [&lead, &accused] {
        let mut live = feed.watch(&clerk("WatchTickets", code), Start::Now).await.expect("it opens");
        assert_eq!(read(&mut live).await, []);
        streams.push((code, live.cursor().expect("a cursor"), live));
    }
    let reinstate = ReinstateTicket { note: String::new() };
    hotline.change(staff("ReinstateTicket"), number, reinstate).await.expect("it is taken back");
    assert!(hotline.find(number).await.dispatch.is_none(), "no unit has it");
    pass_on(&feed).await;
    for (code, cursor, mut live) in streams {
        assert_eq!(read(&mut live).await, [], "{code}");
        let again = Start::After(cursor);
        let mut again = feed.watch(&clerk("WatchTickets", code), again).await.expect("the cursor is sound");
        assert_eq!(read(&mut again).await, [], "{code}");
    }
}

async fn a_change_of_the_unit_tree_takes_a_complaint_from_its_unit(database: Database) {
    let hotline = Hotline::open(&database).await;
    let feed = hotline.feed();
    let (accused, lead) = (unit("dept-public-security"), unit("dept-tax"));
    let number = complaint(&hotline, &accused, &lead).await;
    pass_on(&feed).await;
    let mut live = feed.watch(&clerk("WatchTickets", &lead), Start::Now).await.expect("it opens");
    assert_eq!(read(&mut live).await, []);
    assert_eq!(move_unit(&hotline, &lead, &accused).await, 1);
    pass_on(&feed).await;
    assert_eq!(read(&mut live).await, [Item::Entry(Delivery::Left(number))], "the number alone");
}
