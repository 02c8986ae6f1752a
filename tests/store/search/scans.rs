//! A search reads no whole table under the serving role, for staff and for a unit. PostgreSQL counts the scans.

use std::collections::BTreeMap;

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_server::TicketService as _;
use hotline_server::access::Permit;
use tonic::Request;

use super::speed::{BATCH, fill, services, word};
use super::{indexer, postgres_only};
use crate::store::fixture::{Database, Hotline, clerk, staff, unit};
use crate::store::row_security::served;
use crate::support::wait;

postgres_only! { a_search_under_the_serving_role_scans_no_table }

const TICKETS: u32 = 3_000;
/// Searches of each caller.
const CALLS: u32 = 20;
/// The tables that grow with the tickets, and that a search reads.
const TABLES: &str = "'ticket', 'search_posting', 'search_document'";

/// How often each table was read as a whole, and how often by an index.
fn scans(database: &Database) -> BTreeMap<String, [u64; 2]> {
    let sql = format!(
        "SELECT relname, seq_scan, COALESCE(idx_scan, 0) FROM pg_stat_user_tables WHERE relname IN ({TABLES})"
    );
    let lines = database.psql(&sql);
    let counts = lines.lines().map(|line| {
        let mut cells = line.split('|');
        let name = cells.next().expect("a name").to_owned();
        let mut count = || cells.next().and_then(|cell| cell.parse().ok()).expect("a count");
        (name, [count(), count()])
    });
    counts.collect()
}

/// Searches as staff and as a unit; answers how often each table was read as a whole.
async fn whole_reads(database: &Database, serving: &Database) -> BTreeMap<String, u64> {
    let hotline = Hotline::open(serving).await;
    let api = services(&hotline).tickets;
    let before = scans(database);
    for place in 0..CALLS {
        let query = format!("{} {}", word(place), word(place + 1));
        let of_unit = clerk("SearchTickets", &unit("unit-7"));
        for permit in [staff("SearchTickets"), of_unit] {
            api.search_tickets(by(permit, &query)).await.expect("it searches");
        }
    }
    drop(api);
    // A session reports its counts at its end.
    hotline.store.close().await;
    let has_counted = async || {
        let sum = |scans: &BTreeMap<String, [u64; 2]>| scans["search_posting"].iter().sum::<u64>();
        sum(&scans(database)) >= sum(&before) + 2 * u64::from(CALLS)
    };
    wait::until("the scans are counted", has_counted).await;
    scans(database)
        .into_iter()
        .map(|(table, [whole, _])| (table.clone(), whole - before[&table][0]))
        .collect()
}

fn by(permit: Permit, query: &str) -> Request<pb::SearchTicketsRequest> {
    let mut request =
        Request::new(pb::SearchTicketsRequest { query: query.to_owned(), ..Default::default() });
    request.extensions_mut().insert(permit);
    request
}

async fn a_search_under_the_serving_role_scans_no_table(database: Database) {
    let owner = Hotline::open(&database).await;
    fill(&owner, &database, TICKETS).await;
    owner.feed().sequencer().number_all().await.expect("the database is there");
    indexer(&owner, Some(BATCH)).index_all().await.expect("the database is there");
    owner.store.close().await;
    database.psql("VACUUM ANALYZE");
    let serving = served(&database).await;
    let read = whole_reads(&database, &serving).await;
    assert!(read.values().all(|count| *count < u64::from(CALLS)), "{read:?}");
    for index in ["indexscan", "indexonlyscan", "bitmapscan"] {
        database.psql(&format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_{index} = off', current_database()); END $$"
        ));
    }
    let read = whole_reads(&database, &serving).await;
    assert!(read.values().any(|count| *count >= u64::from(CALLS)), "without indexes it is seen: {read:?}");
}
