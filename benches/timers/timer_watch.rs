//! Watches over its own connection until the last timer of an instant has fired.

use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_server::platform::Clock;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

use super::support::postgres;
use super::support::server::Server;
use super::support::wait;

/// The longest wait for all timers to fire.
const WAIT_MAX: Duration = Duration::from_mins(10);

/// A connection that reads the server's tables.
#[derive(Debug)]
pub(crate) struct Watch(DatabaseConnection);

impl Watch {
    /// Connects beside the server.
    pub(crate) async fn open(server: &Server) -> Self {
        let file = || format!("sqlite://{}?mode=ro", server.data_dir().join("hotline.sqlite").display());
        let url = server.database().map_or_else(file, postgres::as_superuser);
        Self(Database::connect(url).await.expect("the database can be read"))
    }

    async fn number(&self, sql: &str) -> Option<i64> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let row = self.0.query_one_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        row.map(|row| row.try_get_by_index(0).expect("a number"))
    }

    /// Waits until no timer that was due at an instant is left; returns when that was.
    pub(crate) async fn drained(&self, due_at: DateTime<Utc>) -> DateTime<Utc> {
        let wait = (due_at - Clock::Real.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        let left = format!(
            "SELECT ticket_number FROM ticket_timer WHERE claim_after <= {} LIMIT 1",
            due_at.timestamp_micros()
        );
        let drained =
            wait::find_within(WAIT_MAX, async || self.number(&left).await.is_none().then_some(())).await;
        assert!(drained.is_some(), "timers are left after {WAIT_MAX:?}");
        Clock::Real.now()
    }

    /// Waits until no notice is left without a digest; returns when that was.
    pub(crate) async fn gathered(&self) -> DateTime<Utc> {
        let left = "SELECT ticket_number FROM digest_ticket WHERE digest_sequence IS NULL LIMIT 1";
        let gathered =
            wait::find_within(WAIT_MAX, async || self.number(left).await.is_none().then_some(())).await;
        assert!(gathered.is_some(), "notices are left without a digest after {WAIT_MAX:?}");
        Clock::Real.now()
    }

    /// Checks that each ticket was urged once, and that no other rung fired.
    pub(crate) async fn check(&self, timers: u32) {
        let effects = self.number("SELECT COUNT(*) FROM rung_effect WHERE rung = 2").await;
        assert_eq!(effects, Some(i64::from(timers)), "rungs that fired");
        assert_eq!(self.number("SELECT COUNT(*) FROM rung_effect WHERE rung <> 2").await, Some(0));
    }
}
