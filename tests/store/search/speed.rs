//! How long a search of two words takes beside a page of a list, on a large database. The suite runs a short form,
//! which only looks at the results. `HOTLINE_TEST_TICKETS=1000000` sets the number of tickets, and then a search may
//! take at most three times as long as a list.

use std::time::Instant;

use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_server::TicketService as _;
use hotline_server::desk::attachment::Attachments;
use hotline_server::oversight::verify::VerifyOptions;
use hotline_server::rpc::{Services, TicketApi};
use tonic::Request;

use super::{both, indexer};
use crate::store::fixture::{Database, Hotline, appeal, staff};
use crate::store::large_database::{self, median_ms};
use crate::support::bulk_tickets::BulkTickets;

both! { a_search_takes_at_most_three_times_as_long_as_a_list }

const TICKETS: u32 = 3_000;
const CALLS: usize = 60;
/// Words of two characters, of which each ticket has [`DRAWS`]. So every twentieth ticket has a word.
const WORDS: u32 = 400;
const DRAWS: u32 = 20;
/// Tickets in a transaction of the indexer here, where no call waits beside it. A debug build takes so long for a
/// ticket that the database ends a longer transaction.
pub(super) const BATCH: usize = if cfg!(debug_assertions) { 256 } else { 8_192 };

pub(super) fn word(place: u32) -> String {
    let character = |at: u32| char::from_u32(0x4e00 + 7 * at).expect("a Chinese character");
    [character(2 * place), character(2 * place + 1)].iter().collect()
}

/// The content of the ticket with the place `i`, in SQL.
fn content() -> String {
    let vocabulary: String = (0..WORDS).map(word).collect();
    let draw = |number: u32| {
        let (factor, shift) = (2 * number + 1, 97 * number * number);
        let place = format!("(i * {factor} + i / {WORDS} * {} + {shift}) % {WORDS}", number + 3);
        format!("substr('{vocabulary}', CAST(1 + 2 * ({place}) AS INTEGER), 2)")
    };
    (0..DRAWS).map(draw).collect::<Vec<_>>().join(" || ")
}

pub(super) async fn fill(hotline: &Hotline, database: &Database, tickets: u32) {
    let model = hotline.create(appeal("营业执照")).await;
    let document = serde_json::to_string(&model).expect("a document");
    let document = document.replace(&model.number.as_i64().to_string(), "NUMBER");
    let begin = 1_577_808_000_000_000;
    let bulk = BulkTickets { tickets, open: 2_000, per_day: 500, year: 20, begin, document };
    let with_content = |sql: String| sql.replace("FALSE, '', ", &format!("FALSE, {}, ", content()));
    let statements = bulk.statements(hotline.store.is_sqlite()).into_iter().map(with_content);
    let entries = "INSERT INTO feed (position, ticket_number, sequence) \
                   SELECT 1000 + row_number() OVER (ORDER BY number), number, 1 FROM ticket"
        .to_owned();
    large_database::execute(hotline, database, statements.chain([entries])).await;
}

/// The services of a hotline.
pub(super) fn services(hotline: &Hotline) -> Services {
    Services::new(
        hotline.closed_loop.clone(),
        hotline.feed(),
        hotline.simulation.clone(),
        Attachments::narrow(std::env::temp_dir().join("hotline-no-attachments")),
        None,
        VerifyOptions::default(),
    )
}

fn by<T>(method: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(staff(method));
    request
}

async fn list(api: &TicketApi) -> usize {
    let list = pb::ListTicketsRequest::default();
    api.list_tickets(by("ListTickets", list)).await.expect("it lists").into_inner().tickets.len()
}

async fn search(api: &TicketApi, query: &str) -> usize {
    let search = pb::SearchTicketsRequest { query: query.to_owned(), ..Default::default() };
    let found = api.search_tickets(by("SearchTickets", search)).await;
    found.expect("it searches").into_inner().hits.len()
}

async fn a_search_takes_at_most_three_times_as_long_as_a_list(database: Database) {
    let asked = large_database::asked_tickets();
    let hotline = Hotline::open(&database).await;
    fill(&hotline, &database, asked.unwrap_or(TICKETS)).await;
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    let begun = Instant::now();
    indexer(&hotline, Some(BATCH)).index_all().await.expect("the database is there");
    let indexed_in = begun.elapsed().as_secs_f64();
    if let Database::Postgres(_) = database {
        database.psql("VACUUM ANALYZE");
    }
    let api = services(&hotline).tickets;
    let (mut lists, mut searches, mut found) = (Vec::new(), Vec::new(), 0);
    for call in 0..CALLS {
        let place = u32::try_from(call).expect("a small number");
        let query = format!("{} {}", word(place), word(place + 1));
        let begun = Instant::now();
        assert_eq!(list(&api).await, 50);
        lists.push(begun.elapsed());
        let begun = Instant::now();
        found += search(&api, &query).await;
        searches.push(begun.elapsed());
    }
    assert!(found > CALLS, "{CALLS} searches find {found} tickets");
    let (list_ms, search_ms) = (median_ms(lists), median_ms(searches));
    println!(
        "{{\"tickets\": {}, \"sqlite\": {}, \"list_ms\": {list_ms:.2}, \"search_ms\": {search_ms:.2}, \
         \"ratio\": {:.2}, \"indexed_in_s\": {indexed_in:.1}}}",
        asked.unwrap_or(TICKETS),
        hotline.store.is_sqlite(),
        search_ms / list_ms,
    );
    if asked.is_some() {
        assert!(search_ms <= 3.0 * list_ms, "a search takes {search_ms:.2} ms, and a list {list_ms:.2} ms");
    }
}
