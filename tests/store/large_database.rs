//! Databases of up to a million tickets, and what is measured in them. The suite makes small ones, and looks only at
//! the results; `HOTLINE_TEST_TICKETS` asks for a number of tickets.

use std::time::Duration;
use std::{env, fs};

use sea_orm::ConnectionTrait as _;

use super::fixture::{Database, Hotline};

/// The number of tickets in `HOTLINE_TEST_TICKETS`.
pub(super) fn asked_tickets() -> Option<u32> {
    let asked = env::var("HOTLINE_TEST_TICKETS").ok()?;
    Some(asked.parse().expect("HOTLINE_TEST_TICKETS is a number"))
}

/// Executes statements as the owner of the database, and lets PostgreSQL count its rows.
pub(super) async fn execute(
    hotline: &Hotline,
    database: &Database,
    statements: impl IntoIterator<Item = String>,
) {
    for sql in statements {
        match database {
            Database::Sqlite(_) => {
                let done = hotline.store.migrating().execute_unprepared(&sql).await;
                done.unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            Database::Postgres(_) => {
                database.psql(&sql);
            }
        }
    }
    if matches!(database, Database::Postgres(_)) {
        database.psql("VACUUM ANALYZE");
    }
}

/// The median in milliseconds.
pub(super) fn median_ms(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}

/// Begins to measure the most memory that this process has from now on.
pub(super) fn forget_most_memory() {
    fs::write("/proc/self/clear_refs", "5").expect("a process may forget its peak");
}

/// The most memory that this process had, in MiB.
pub(super) fn most_memory_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("the kernel says it");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    most.and_then(|most| most.trim().parse::<u64>().ok()).expect("a number") / 1_024
}
