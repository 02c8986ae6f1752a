//! The store suite: what must hold on SQLite and on PostgreSQL alike. The server's library is called in this process,
//! on a clock that stands still until a test advances it.
//!
//! [`both`] registers a test for both databases. Whatever a test does, `whole::check` says whether the tables still
//! tell one story.

mod aside;
mod bulk;
mod cancelled;
mod conflict_of_interest;
mod conflicts;
mod dice;
mod digest_races;
mod digests;
mod directory;
mod durability;
mod forged_readings;
mod forged_seals;
mod forgery;
mod frozen;
mod hotline;
mod migrations;
mod numbers;
mod outages;
mod policies;
mod probes;
mod races;
mod reconciler;
mod requests;
mod restores;
mod rules;
mod rungs;
mod sealing;
mod sight;
mod tampering;
mod two_worlds;
mod vault;
mod walk;
mod walls;
mod whole;

/// Registers tests for both databases: each is a function that takes a new, empty [`hotline::Database`].
macro_rules! both {
    ($($test:ident)+) => {$(
        mod $test {
            use crate::store::hotline::Database;

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

/// Registers tests for PostgreSQL alone.
macro_rules! postgres_only {
    ($($test:ident)+) => {$(
        mod $test {
            use crate::store::hotline::Database;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(database) = Database::postgres() {
                    super::$test(database).await;
                }
            }
        }
    )+};
}

use {both, postgres_only};
