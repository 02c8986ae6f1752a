//! The plans of lists: each filter, in each order, for staff and for units, on a large database. No plan reads a
//! whole table or sorts more than a page, and none passes over more rows than the case says. So a list costs the same
//! whatever the table holds.
//!
//! On PostgreSQL each statement is planned twice: with its values, and as the generic plan that a prepared statement
//! gets. `HOTLINE_TEST_TICKETS` sets the number of tickets, 100,000 if it is not set.

mod cases;
mod fill;
mod postgres_plan;
mod sqlite_plan;

use std::env;

use hotline_server::access::Scope;
use hotline_server::identity::LookUp;
use hotline_server::ledger::list::{self, ListQuery};
use hotline_server::ledger::{own_intakes, provisional};
use hotline_server::ticket::CallerIdentity;
use hotline_server::ticket::codes::PhoneReading;
use sea_orm::{ConnectionTrait as _, Statement};

use self::cases::Case;
use super::both;
use super::fixture::{Database, Hotline, appeal, unit};

both! {
    no_list_reads_or_sorts_more_than_its_page
    a_missing_index_is_found
    the_ticket_table_has_12_indexes_besides_those_of_calls
}

const TICKETS: u32 = 100_000;
/// Tickets of the smaller database in which indexes are dropped.
const FEWER_TICKETS: u32 = 20_000;
/// The telephone number of the caller that is looked up.
const PHONE: &str = "13800138000";

/// The indexes that lists depend on.
const INDEXES: [&str; 14] = [
    "ticket_category_newest",
    "ticket_category_due",
    "ticket_district_newest",
    "ticket_district_due",
    "ticket_topic_newest",
    "ticket_topic_due",
    "ticket_rung_newest",
    "ticket_rung_due",
    "ticket_lead_newest",
    "ticket_queue",
    "ticket_updated",
    "ticket_unit_due",
    "ticket_unit_open_due",
    "encrypted_identity_phone",
];

fn tickets() -> u32 {
    env::var("HOTLINE_TEST_TICKETS").map_or(TICKETS, |asked| asked.parse().expect("a number of tickets"))
}

/// A hotline with so many tickets, three of them from one caller, and the look-up of that caller.
async fn filled(database: &Database, tickets: u32) -> (Hotline, LookUp) {
    let hotline = Hotline::open(database).await;
    for number in 0..3 {
        let mut create = appeal(&format!("appeal {number}"));
        create.identity =
            CallerIdentity { contact_phone: Some(PHONE.to_owned()), ..CallerIdentity::default() };
        hotline.create(create).await;
    }
    fill::fill(&hotline, database, tickets).await;
    let keys = PhoneReading::sought(PHONE);
    let caller = LookUp::of(hotline.ledger.vault(), None, Some(&keys)).await.expect("the vault has keys");
    (hotline, caller)
}

/// What is wrong with the plans of a case, one sentence each.
async fn faults_of(hotline: &Hotline, plans: &Plans, case: &Case) -> Vec<String> {
    let statement = statement_of(hotline, &case.scope, &case.query).await;
    let found = plans.faults(hotline, &statement, case).await;
    found.into_iter().map(|fault| format!("{}: {fault}", case.name)).collect()
}

async fn statement_of(hotline: &Hotline, scope: &Scope, query: &ListQuery) -> Statement {
    let statement = list::statement(hotline.store.reader(), scope, query).await;
    statement.expect("the tree of units can be read").expect("some ticket can meet the filter")
}

/// Who shows plans.
enum Plans {
    Sqlite,
    Postgres(postgres_plan::Session),
}

impl Plans {
    async fn open(database: &Database) -> Self {
        match database {
            Database::Sqlite(_) => Self::Sqlite,
            Database::Postgres(url) => Self::Postgres(postgres_plan::Session::open(url).await),
        }
    }

    async fn faults(&self, hotline: &Hotline, statement: &Statement, case: &Case) -> Vec<String> {
        match self {
            Self::Sqlite => sqlite_plan::faults(hotline.store.reader(), statement, case).await,
            Self::Postgres(session) => session.faults(statement, case).await,
        }
    }
}

async fn no_list_reads_or_sorts_more_than_its_page(database: Database) {
    let (hotline, caller) = filled(&database, tickets()).await;
    let plans = Plans::open(&database).await;
    let mut faults = Vec::new();
    let cases = cases::all(&caller, tickets());
    for case in &cases {
        faults.extend(faults_of(&hotline, &plans, case).await);
    }
    for (case, before) in cases::own_intakes() {
        let backend = hotline.store.reader().get_database_backend();
        let statement = own_intakes::statement(backend, &unit("unit-2"), before, case.query.limit);
        let found = plans.faults(&hotline, &statement, &case).await;
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    let number = "SELECT number FROM ticket WHERE queue = 3 ORDER BY number LIMIT 1 OFFSET 100";
    let later = provisional::Cursor { queue: 3, number: hotline.count(number).await };
    for after in [provisional::Cursor::default(), later] {
        let case = cases::provisional(after.number);
        let backend = hotline.store.reader().get_database_backend();
        let statement = provisional::statement(backend, after, case.query.limit);
        let found = plans.faults(&hotline, &statement, &case).await;
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}", case.name)));
    }
    assert!(cases.len() > 250, "{} cases", cases.len());
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

async fn a_missing_index_is_found(database: Database) {
    let (hotline, caller) = filled(&database, FEWER_TICKETS).await;
    let plans = Plans::open(&database).await;
    let cases = cases::all(&caller, FEWER_TICKETS);
    let db = hotline.store.migrating();
    for index in INDEXES {
        let made = hotline.definition_of(index).await;
        db.execute_unprepared(&format!("DROP INDEX {index}")).await.expect("it was there");
        let mut is_found = false;
        for case in &cases {
            is_found = !faults_of(&hotline, &plans, case).await.is_empty();
            if is_found {
                break;
            }
        }
        assert!(is_found, "no list misses {index}");
        db.execute_unprepared(&made).await.expect("it can be made again");
    }
    for case in &cases {
        assert_eq!(faults_of(&hotline, &plans, case).await, Vec::<String>::new());
    }
}

async fn the_ticket_table_has_12_indexes_besides_those_of_calls(database: Database) {
    // A ticket that came by telephone is found by its call. No other ticket writes to these two.
    const OF_CALLS: &str = "('ticket_source_call', 'ticket_call')";
    let hotline = Hotline::open(&database).await;
    let counted = match database {
        // The primary key of SQLite is the table itself.
        Database::Sqlite(_) => {
            format!("SELECT count(*) FROM pragma_index_list('ticket') WHERE name NOT IN {OF_CALLS}")
        }
        Database::Postgres(_) => format!(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'ticket' AND indexname <> 'ticket_pkey' \
             AND indexname NOT IN {OF_CALLS}"
        ),
    };
    assert_eq!(hotline.count(&counted).await, 12);
}

impl Hotline {
    /// The statement that makes an index.
    async fn definition_of(&self, index: &str) -> String {
        let asked = if self.store.is_sqlite() {
            format!("SELECT sql FROM sqlite_master WHERE name = '{index}'")
        } else {
            format!("SELECT indexdef FROM pg_indexes WHERE indexname = '{index}'")
        };
        self.rows(&asked).await[0].try_get_by_index(0).expect("a statement")
    }
}
