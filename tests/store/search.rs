//! Search: the index finds what a scan of all texts finds, in the same order, whatever happened to the texts. A change
//! is found before it is indexed, and what may not be seen is not found.

mod model;
mod scans;
mod speed;

use std::collections::BTreeSet;

use hotline_server::access::Scope;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::closed_loop::redact_ticket::RedactTicket;
use hotline_server::feed::search::{self, IndexPass, Indexer, PageStart, SearchTerms, TicketSearch};
use hotline_server::ledger::list::TicketFilter;
use hotline_server::ticket::{Category, State, TicketNumber};
use sea_orm::ConnectionTrait as _;

use self::model::model_of;
use super::fixture::{Database, Hotline, appeal, as_complex, dispatch, staff, unit};
use super::random_commands::{RandomCommands, UNITS};
use super::{both, postgres_only};

both! {
    the_index_finds_what_a_scan_finds
    a_lost_posting_is_found
    a_change_is_found_before_it_is_indexed
    a_complaint_leaves_the_results_of_the_accused_unit_at_once
    pages_hold_each_ticket_once_while_others_are_added
    a_filter_passes_over_better_tickets
}
postgres_only! {
    servers_that_index_together_write_one_index
}

/// Words of the random histories and of the tickets below, with some that no ticket has.
const QUERIES: [&str; 12] = [
    "营业执照",
    "營業執照 變更",
    "税",
    "税务发票",
    "appeal",
    "APPEAL 1",
    "at length",
    "leng",
    "something else",
    "欧阳示例",
    "没有这个词",
    "２０号",
];

pub(super) fn indexer(hotline: &Hotline, tickets_max: Option<usize>) -> Indexer {
    Indexer { store: hotline.store.clone(), clock: hotline.clock.clone(), tickets_max }
}

/// Gives every event its position, and indexes it.
pub(super) async fn index_all(hotline: &Hotline) {
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    indexer(hotline, Some(7)).index_all().await.expect("the database is there");
}

/// What a reader finds, over pages of this size: the number and the rank of each ticket.
async fn found_in_pages(
    hotline: &Hotline,
    scope: &Scope,
    query: &str,
    filter: &TicketFilter,
    limit: usize,
) -> Vec<(TicketNumber, u32)> {
    let (mut all, mut after): (Vec<_>, Option<PageStart>) = (Vec::new(), None);
    loop {
        let terms = SearchTerms::of(query).expect("a query with terms");
        let search = TicketSearch { terms, filter: filter.clone(), after, limit };
        let page = search::find(&hotline.store, scope, &search).await.expect("it searches");
        let is_full = page.hits.len() == limit;
        after = page.hits.last().map(|hit| hit.place.clone()).filter(|_| is_full).or(page.goes_on);
        all.extend(page.hits.iter().map(|hit| (hit.ticket.number, hit.place.score)));
        if after.is_none() {
            return all;
        }
    }
}

async fn found(hotline: &Hotline, scope: &Scope, query: &str) -> Vec<(TicketNumber, u32)> {
    found_in_pages(hotline, scope, query, &TicketFilter::default(), 3).await
}

async fn numbers(hotline: &Hotline, scope: &Scope, query: &str) -> Vec<TicketNumber> {
    found(hotline, scope, query).await.into_iter().map(|(number, _)| number).collect()
}

async fn execute(hotline: &Hotline, sql: &str) {
    hotline.store.migrating().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn forget_index(hotline: &Hotline) {
    for table in ["search_posting", "search_document", "search_index"] {
        execute(hotline, &format!("DELETE FROM {table}")).await;
    }
}

fn scopes() -> Vec<Scope> {
    UNITS.iter().map(|code| Scope::Unit(unit(code))).chain([Scope::All]).collect()
}

/// What each reader finds by each query.
async fn everything(hotline: &Hotline) -> Vec<(Scope, &'static str, Vec<(TicketNumber, u32)>)> {
    let mut all = Vec::new();
    for scope in scopes() {
        for query in QUERIES {
            all.push((scope.clone(), query, found(hotline, &scope, query).await));
        }
    }
    all
}

/// A hotline with a random history, indexed step by step while it went on.
async fn indexed_history(database: &Database) -> Hotline {
    let hotline = Hotline::open(database).await;
    let mut commands = RandomCommands::new(&hotline, 23, &UNITS);
    for step in 0..220 {
        commands.step().await;
        if step % 20 == 0 {
            hotline.create(appeal(&format!("营业执照变更，税务发票第{step}号"))).await;
            index_all(&hotline).await;
        }
    }
    index_all(&hotline).await;
    hotline
}

async fn the_index_finds_what_a_scan_finds(database: Database) {
    let hotline = Box::pin(indexed_history(&database)).await;
    let by_steps = everything(&hotline).await;
    let some = by_steps.iter().filter(|(_, _, found)| !found.is_empty()).count();
    assert!(some > 12, "only {some} searches find something");
    for (scope, query, found) in &by_steps {
        let expected = model_of(&hotline, scope, query).await;
        let numbers: BTreeSet<_> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers.len(), found.len(), "{scope:?} finds a ticket twice by {query}");
        assert_eq!(numbers, expected, "{scope:?} searches {query}");
    }
    forget_index(&hotline).await;
    let scanned = everything(&hotline).await;
    for ((scope, query, indexed), (_, _, scanned)) in by_steps.iter().zip(&scanned) {
        if *scope == Scope::All {
            // Without an index every term weighs the same.
            let sorted = |found: &[(TicketNumber, u32)]| {
                found.iter().map(|(number, _)| *number).collect::<BTreeSet<_>>()
            };
            assert_eq!(sorted(indexed), sorted(scanned), "staff search {query}");
        } else {
            assert_eq!(indexed, scanned, "{scope:?} searches {query}");
        }
    }
    index_all(&hotline).await;
    assert_eq!(everything(&hotline).await, by_steps, "an index that is made at once");
}

/// Shows that the comparison with a scan finds an index that has lost a ticket.
async fn a_lost_posting_is_found(database: Database) {
    let hotline = Box::pin(indexed_history(&database)).await;
    let before = everything(&hotline).await;
    execute(&hotline, "DELETE FROM search_posting WHERE documents > 3").await;
    assert_ne!(everything(&hotline).await, before);
}

async fn a_change_is_found_before_it_is_indexed(database: Database) {
    let hotline = Hotline::open(&database).await;
    let ticket = hotline.create(appeal("社保补缴")).await;
    assert_eq!(numbers(&hotline, &Scope::All, "社保").await, [ticket.number]);
    index_all(&hotline).await;
    assert_eq!(numbers(&hotline, &Scope::All, "社保").await, [ticket.number]);
    let redact = RedactTicket {
        subject: Some("公积金".to_owned()),
        content: Some("公积金提取".to_owned()),
        note: String::new(),
        keeps_numbers: false,
    };
    hotline.change(staff("RedactTicket"), ticket.number, redact).await.expect("it is redacted");
    for _ in 0..2 {
        assert_eq!(numbers(&hotline, &Scope::All, "公积金").await, [ticket.number]);
        assert_eq!(numbers(&hotline, &Scope::All, "社保").await, [], "what was taken out is not found");
        index_all(&hotline).await;
    }
    let postings =
        hotline.count("SELECT CAST(COALESCE(SUM(documents), 0) AS BIGINT) FROM search_posting").await;
    forget_index(&hotline).await;
    index_all(&hotline).await;
    let rebuilt =
        hotline.count("SELECT CAST(COALESCE(SUM(documents), 0) AS BIGINT) FROM search_posting").await;
    assert_eq!(postings, rebuilt, "no posting of the earlier texts is left");
}

async fn a_complaint_leaves_the_results_of_the_accused_unit_at_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (lead, other) = (unit("dept-tax"), unit("district-haidian"));
    let seen = Scope::Unit(lead.clone());
    let ticket = hotline.create(appeal("窗口要求补交材料")).await;
    index_all(&hotline).await;
    assert_eq!(numbers(&hotline, &seen, "补交材料").await, [], "it has not been dispatched");
    hotline.change(staff("DispatchTicket"), ticket.number, dispatch(&lead)).await.expect("it is dispatched");
    assert_eq!(numbers(&hotline, &seen, "补交材料").await, [ticket.number]);
    index_all(&hotline).await;
    assert_eq!(numbers(&hotline, &seen, "补交材料").await, [ticket.number]);
    assert_eq!(numbers(&hotline, &Scope::Unit(other), "补交材料").await, []);
    let accuse = ClassifyTicket {
        category: Category::ComplaintReport,
        accused_units: vec![lead.clone()],
        ..as_complex()
    };
    hotline.change(staff("ClassifyTicket"), ticket.number, accuse).await.expect("it is classified");
    for _ in 0..2 {
        assert_eq!(numbers(&hotline, &seen, "补交材料").await, []);
        assert_eq!(numbers(&hotline, &Scope::All, "补交材料").await, [ticket.number]);
        index_all(&hotline).await;
    }
}

async fn pages_hold_each_ticket_once_while_others_are_added(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut first = BTreeSet::new();
    for place in 0..20 {
        let text = if place % 3 == 0 { "税务登记，税务登记" } else { "税务登记与其他" };
        first.insert(hotline.create(appeal(text)).await.number);
    }
    index_all(&hotline).await;
    let (mut seen, mut after): (Vec<TicketNumber>, Option<PageStart>) = (Vec::new(), None);
    loop {
        let terms = SearchTerms::of("税务登记").expect("terms");
        let search = TicketSearch { terms, filter: TicketFilter::default(), after, limit: 3 };
        let page = search::find(&hotline.store, &Scope::All, &search).await.expect("it searches");
        seen.extend(page.hits.iter().map(|hit| hit.ticket.number));
        after = page.hits.last().map(|hit| hit.place.clone());
        // Better and worse ones come, and the words become more frequent.
        hotline.create(appeal("税务登记，税务登记，税务登记")).await;
        hotline.create(appeal("税务登记与许多其他事项，请协助核实办理进度，至今没有答复")).await;
        index_all(&hotline).await;
        if page.hits.len() < 3 || seen.len() > 100 {
            break;
        }
    }
    let different: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!(different.len(), seen.len(), "a ticket is on two pages");
    assert!(first.is_subset(&different), "a ticket that was there before the first page is on none");
}

async fn a_filter_passes_over_better_tickets(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut wanted = Vec::new();
    for place in 0..12 {
        let ticket = hotline.create(appeal("食品经营许可")).await;
        if place % 5 == 0 {
            hotline
                .change(staff("DispatchTicket"), ticket.number, dispatch(&unit("dept-tax")))
                .await
                .expect("it is dispatched");
            wanted.push(ticket.number);
        }
    }
    wanted.reverse();
    for _ in 0..2 {
        for filter in [
            TicketFilter { states: vec![State::Dispatched], ..TicketFilter::default() },
            TicketFilter { lead_unit: Some("dept-tax".to_owned()), ..TicketFilter::default() },
        ] {
            let found = found_in_pages(&hotline, &Scope::All, "食品经营", &filter, 2).await;
            assert_eq!(found.into_iter().map(|(number, _)| number).collect::<Vec<_>>(), wanted, "{filter:?}");
        }
        index_all(&hotline).await;
    }
}

async fn servers_that_index_together_write_one_index(database: Database) {
    let hotline = Hotline::open(&database).await;
    for place in 0..60 {
        hotline.create(appeal(&format!("企业年报第{place}号"))).await;
    }
    hotline.feed().sequencer().number_all().await.expect("the database is there");
    let servers = (0..3).map(|_| {
        let indexer = indexer(&hotline, Some(2));
        tokio::spawn(async move {
            while indexer.pass().await.expect("the database is there") != IndexPass::UpToDate {
                tokio::task::yield_now().await;
            }
        })
    });
    for server in servers.collect::<Vec<_>>() {
        server.await.expect("it ends");
    }
    assert_eq!(hotline.count("SELECT documents FROM search_index").await, 60);
    let together = everything(&hotline).await;
    forget_index(&hotline).await;
    index_all(&hotline).await;
    assert_eq!(everything(&hotline).await, together);
}
