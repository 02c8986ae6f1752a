//! Lists on a small and on a large database with the same open tickets and the same rare values, so that the answers
//! have the same size.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{Category, Contact, CreateTicket, ListTickets, Rung, TicketOrder, TicketState, Tickets};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tokio::time::Instant;

use super::figures::median;
use super::servers::{Target, UnitDesk};
use super::support::bulk_tickets::BulkTickets;
use super::support::postgres;
use super::support::server::{Server, Store};
use super::workload::{Desk, appeal, handling};

/// Tickets that are open in each database.
const OPEN: u32 = 5_000;
/// Tickets of a day, as in Beijing.
const PER_DAY: u32 = 3_000;
/// 2027-01-01 in Beijing, in microseconds since 1970: no timer is due while lists are measured.
const BEGIN: i64 = 1_798_732_800_000_000;
/// Tickets of a page.
const PAGE: u32 = 50;
/// Calls of each list in a round.
const CALLS: usize = 15;
/// Calls of each look-up in a round.
const LOOK_UPS: usize = 40;
/// The telephone number that is looked up, and its tickets.
const PHONE: &str = "13800138000";
const TICKETS_OF_PHONE: u32 = 5;

/// A filled database with its server.
#[derive(Debug)]
pub(crate) struct Filled {
    target: Target,
    unit: UnitDesk,
}

/// Runs SQL on the database of a server that rests, as its superuser.
async fn run_sql(server: &Server, statements: &[String]) {
    if let Some(database) = server.database() {
        let cluster = postgres::shared().expect("it is running");
        for sql in statements {
            tokio::task::block_in_place(|| cluster.psql(database, sql));
        }
        return;
    }
    let file = open_file(server).await;
    for sql in statements {
        file.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    file.close().await.expect("it can be closed");
}

async fn open_file(server: &Server) -> DatabaseConnection {
    let url = format!("sqlite://{}?mode=rw", server.data_dir().join("hotline.sqlite").display());
    Database::connect(url).await.expect("the file is there")
}

/// The document of a ticket, with a placeholder for its number.
async fn document_of(server: &Server, number: &str) -> String {
    let asked = format!("SELECT document FROM ticket WHERE number = {number}");
    let document = if let Some(database) = server.database() {
        postgres::shared().expect("it is running").psql(database, &asked)
    } else {
        let file = open_file(server).await;
        let statement = Statement::from_string(file.get_database_backend(), asked);
        let row = file.query_one_raw(statement).await.expect("it can be read").expect("the ticket is there");
        file.close().await.expect("it can be closed");
        row.try_get_by_index(0).expect("a text")
    };
    document.replace(number, "NUMBER")
}

impl Filled {
    /// Starts a server with so many tickets.
    pub(crate) async fn start(store: Store, tickets: u32) -> Self {
        let target = Target::start(store, &[]).await;
        let unit = target.make_units(&["unit-7".to_owned()]).await.remove(0);
        let desk =
            Desk { agent: target.agents().remove(0), dispatcher: target.with_role("dispatcher").remove(0) };
        for _ in 0..TICKETS_OF_PHONE {
            let contact = Some(Contact { name: "王女士".into(), phone: PHONE.into() });
            let create = CreateTicket { contact, ..appeal() };
            desk.agent.create_ticket(create).await.expect("a ticket");
        }
        let number = handling(&desk, &unit).await.expect("a ticket");
        let mut server = target.server;
        server.kill();
        let document = document_of(&server, &number).await;
        let bulk = BulkTickets { tickets, open: OPEN, per_day: PER_DAY, year: 27, begin: BEGIN, document };
        run_sql(&server, &bulk.statements(server.database().is_none())).await;
        if server.database().is_some() {
            run_sql(&server, &["VACUUM ANALYZE".to_owned(), "CHECKPOINT".to_owned()]).await;
        }
        server.restart();
        let target = Target::of(server).await;
        Self { target, unit }
    }
}

/// A list: its name, whether a unit asks for it, and what for.
fn lists() -> Vec<(String, bool, ListTickets)> {
    let all = ListTickets::default;
    let text = |value: &str| Some(value.to_owned());
    let day =
        |days: i64| DateTime::<Utc>::from_timestamp_micros(BEGIN).map(|begin| begin + TimeDelta::days(days));
    let open =
        vec![TicketState::Received, TicketState::Planning, TicketState::Dispatched, TicketState::Handling];
    let of_staff = [
        ("nothing", all()),
        ("received", ListTickets { states: vec![TicketState::Received], ..all() }),
        ("closed", ListTickets { states: vec![TicketState::Closed], ..all() }),
        ("several states", ListTickets { states: open, ..all() }),
        ("due", ListTickets { due_end_time: day(4_000), ..all() }),
        ("held", ListTickets { held: true, ..all() }),
        ("a day", ListTickets { intake_start_time: day(1), intake_end_time: day(2), ..all() }),
        ("category", ListTickets { category: Some(Category::Appeal), ..all() }),
        ("rare category", ListTickets { category: Some(Category::ComplaintReport), ..all() }),
        ("topic", ListTickets { topic: text("topic-7"), ..all() }),
        ("rare topic", ListTickets { topic: text("rare"), ..all() }),
        ("district", ListTickets { district: text("110105"), ..all() }),
        ("rare district", ListTickets { district: text("110119"), ..all() }),
        ("lead unit", ListTickets { lead_unit: text("unit-8"), ..all() }),
        ("manual supervision", ListTickets { rung_at_least: Some(Rung::Manual), ..all() }),
        (
            "topic and handling",
            ListTickets { topic: text("topic-7"), states: vec![TicketState::Handling], ..all() },
        ),
        ("district and due", ListTickets { district: text("110105"), due_end_time: day(4_000), ..all() }),
    ];
    let of_unit = [
        ("nothing", all()),
        ("handling", ListTickets { states: vec![TicketState::Handling], ..all() }),
        ("due", ListTickets { due_end_time: day(4_000), ..all() }),
    ];
    let staff = of_staff.into_iter().map(|(name, list)| (format!("staff: {name}"), false, list));
    let unit = of_unit.into_iter().map(|(name, list)| (format!("unit: {name}"), true, list));
    let in_order = |(name, is_unit, list): (String, bool, ListTickets)| {
        [TicketOrder::NewestFirst, TicketOrder::DueFirst].map(|order| {
            let list = ListTickets { order: Some(order), page_size: Some(PAGE), ..list.clone() };
            (format!("{name}, {order:?}"), is_unit, list)
        })
    };
    staff.chain(unit).flat_map(in_order).collect()
}

/// One page: how long it took, and how many tickets it has.
async fn page(tickets: &Tickets, list: &ListTickets) -> (Duration, usize) {
    let start = Instant::now();
    let found = tickets.list_tickets(list.clone()).take_up_to(PAGE as usize).await;
    (start.elapsed(), found.unwrap_or_else(|error| panic!("{list:?}: {error}")).len())
}

fn median_ms(times: &[Duration]) -> f64 {
    median(&times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect::<Vec<_>>()).unwrap_or(f64::NAN)
}

/// Measures each list on both databases in turn: name, and the milliseconds on the small and on the large one.
pub(crate) async fn compare(small: &Filled, large: &Filled) -> Vec<(String, f64, f64)> {
    let (small_agent, large_agent) = (small.target.agents().remove(0), large.target.agents().remove(0));
    let mut compared = Vec::new();
    for (name, is_unit, list) in lists() {
        let (small, large) =
            if is_unit { (&small.unit.tickets, &large.unit.tickets) } else { (&small_agent, &large_agent) };
        let (mut small_times, mut large_times) = (Vec::new(), Vec::new());
        for call in 0..=CALLS {
            let (small_time, small_size) = page(small, &list).await;
            let (large_time, large_size) = page(large, &list).await;
            // A unit has few tickets in the small database; staff get pages of one size.
            assert!(is_unit || small_size == large_size, "{name}: {small_size} and {large_size} tickets");
            // The first call makes plans and fills caches.
            if call > 0 {
                small_times.push(small_time);
                large_times.push(large_time);
            }
        }
        compared.push((name, median_ms(&small_times), median_ms(&large_times)));
    }
    compared
}

/// How long a look-up by telephone number takes, in milliseconds.
pub(crate) async fn look_up(filled: &Filled) -> f64 {
    let agent = filled.target.agents().remove(0);
    let list = ListTickets {
        contact_phone: Some(PHONE.to_owned()),
        page_size: Some(PAGE),
        ..ListTickets::default()
    };
    let mut times = Vec::new();
    for _ in 0..LOOK_UPS {
        let (time, found) = page(&agent, &list).await;
        assert_eq!(found, TICKETS_OF_PHONE as usize);
        times.push(time);
    }
    median_ms(&times)
}
