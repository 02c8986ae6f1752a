//! The store suite: tests that must pass on both SQLite and PostgreSQL. The server's library is called in this process,
//! on a clock that stands still until a test advances it.
//!
//! [`both`] registers a test for both databases. Whatever a test does, `consistency::check` checks that the tables are
//! still consistent.

mod assessment;
mod bulk_writes;
mod call_counts;
mod calls;
mod cancelled_calls;
mod clusters;
mod concurrent_digests;
mod concurrent_runners;
mod concurrent_signing;
mod concurrent_writes;
mod conflict_of_interest;
mod consistency;
mod damaged_rows;
mod database_hosts;
mod digests;
mod directory;
mod durability;
mod failing_timers;
mod feed;
mod feed_scopes;
mod feed_streams;
mod fixture;
mod frozen_server;
mod group_commits;
mod inactive_units;
mod ladder;
mod large_database;
mod list_plans;
mod lost_connections;
mod migrations;
mod noninterference;
mod random;
mod random_commands;
mod random_unit_reads;
mod reconciler;
mod request_records;
mod restores;
mod row_security;
mod rules;
mod rules_at_start;
mod search;
mod seat_history;
mod seat_timeouts;
mod seat_watch;
mod seats;
mod statement_counts;
mod suggestions;
mod tampering;
mod ticket_numbers;
mod ticket_policy;
mod unit_claims;
mod unit_transfers;
mod vault;
mod visibility_model;

/// Registers tests for both databases: each is a function that takes a new, empty [`fixture::Database`].
macro_rules! both {
    ($($test:ident)+) => {$(
        mod $test {
            use crate::store::fixture::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$test(Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = Database::postgres() {
                    super::$test(database).await;
                }
            }
        }
    )+};
}

/// Registers tests for PostgreSQL only.
macro_rules! postgres_only {
    ($($test:ident)+) => {$(
        mod $test {
            use crate::store::fixture::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = Database::postgres() {
                    super::$test(database).await;
                }
            }
        }
    )+};
}

/// Registers tests for SQLite only: what they show does not depend on the database.
macro_rules! sqlite_only {
    ($($test:ident)+) => {$(
        mod $test {
            use crate::store::fixture::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$test(Database::sqlite()).await;
            }
        }
    )+};
}

use {both, postgres_only, sqlite_only};
