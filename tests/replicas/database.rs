//! The database of a run as this suite opens it through the library, and its witness: a trigger that records, by the
//! database's own clock, when each effect of a rung was written.
//!
//! The servers do not know the witness, and a rollback leaves no record.

use std::path::Path;

use chrono::DateTime;
use hotline_server::deadline::{Calendar, Policy, RuleBook};
use hotline_server::identity::vault::Vault;
use hotline_server::ledger::Ledger;
use hotline_server::platform::{Clock, Store, config};

use crate::observer::Observer;

/// Connections of this suite to PostgreSQL, beside those of the servers.
const CONNECTIONS: u32 = 6;

const WITNESS_TABLE: &str = "CREATE TABLE effect_witness (
    ticket_number BIGINT NOT NULL, cycle INTEGER NOT NULL, rung SMALLINT NOT NULL, seen_at BIGINT NOT NULL)";

/// PostgreSQL: the clock at the insert, in microseconds.
const WITNESS_POSTGRES: [&str; 2] = [
    "CREATE FUNCTION witness_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO effect_witness VALUES (NEW.ticket_number, NEW.cycle, NEW.rung,
            (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT);
        RETURN NEW; END $$",
    "CREATE TRIGGER witness AFTER INSERT ON rung_effect FOR EACH ROW EXECUTE FUNCTION witness_effect()",
];

/// SQLite runs inside the server, so this is the wall clock that the server sees. It has milliseconds; the last
/// microsecond of each is recorded, so that nothing seems earlier than it was.
const WITNESS_SQLITE: &str = "CREATE TRIGGER witness AFTER INSERT ON rung_effect BEGIN
    INSERT INTO effect_witness VALUES (NEW.ticket_number, NEW.cycle, NEW.rung,
        CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000 + 999); END";

/// A database that servers have prepared.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) store: Store,
    /// The library's ledger.
    pub(crate) ledger: Ledger,
    /// For the suite's own queries.
    pub(crate) observer: Observer,
}

/// The shipped policy, which the servers use.
pub(crate) fn shipped_policy() -> Policy {
    #[derive(serde::Deserialize)]
    struct Shipped {
        policy: Policy,
    }
    toml::from_str::<Shipped>(config::DEFAULT).expect("the shipped configuration can be read").policy
}

/// The shipped calendar, which the servers use.
pub(crate) fn shipped_calendar() -> Calendar {
    Calendar::shipped().expect("the calendar is sound")
}

impl Database {
    /// Opens PostgreSQL beside the servers.
    pub(crate) async fn postgres(url: &str) -> Self {
        Self::of(Store::open_postgres(url, CONNECTIONS).await.expect("the database can be opened")).await
    }

    /// Opens the file of a stopped server.
    pub(crate) async fn sqlite(file: &Path) -> Self {
        Self::of(Store::open_sqlite(file).await.expect("the file can be opened")).await
    }

    async fn of(store: Store) -> Self {
        // The rules are there already, so the clock dates nothing.
        let clock = Clock::simulated(DateTime::UNIX_EPOCH);
        let rules = RuleBook::open(&store, &clock, shipped_policy(), shipped_calendar()).await;
        let rules = rules.unwrap_or_else(|fault| panic!("no rules: {}", fault.detail));
        let observer = Observer::of(store.migrating().clone());
        Self { ledger: Ledger::new(rules, Vault::in_memory().expect("randomness")), observer, store }
    }

    /// From now on the database records when each effect is written.
    pub(crate) async fn install_witness(&self) {
        self.observer.execute(WITNESS_TABLE).await;
        let triggers = if self.observer.is_sqlite() { &[WITNESS_SQLITE][..] } else { &WITNESS_POSTGRES };
        for trigger in triggers {
            self.observer.execute(trigger).await;
        }
    }
}
