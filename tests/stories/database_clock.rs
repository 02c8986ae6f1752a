//! The clock of servers that share a database is the database's: tickets have its instants. If it jumps, the servers
//! follow it, whatever the machine's clock shows.
//!
//! Only on PostgreSQL, with its clock set wrong: a function of the same name comes before the real one in the search
//! path of the database.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::Rung;

use super::test_env::{TestEnv, appeal};
use crate::support::postgres;
use crate::support::server::{Options, Store};
use crate::support::wait;

/// How late the first instants of a server may be: the slowest answer that it accepts.
const LATE_MAX: TimeDelta = TimeDelta::seconds(1);

const SET_APART: &str = "
    CREATE SCHEMA other_time;
    CREATE TABLE other_time.shift (ahead interval NOT NULL);
    INSERT INTO other_time.shift VALUES ('0');
    CREATE FUNCTION other_time.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM other_time.shift';
    GRANT USAGE ON SCHEMA other_time TO PUBLIC;
    GRANT SELECT ON other_time.shift TO PUBLIC;";

/// A database whose clock can be set.
struct ShiftedClock<'c>(&'c TestEnv);

impl ShiftedClock<'_> {
    fn psql(&self, sql: &str) -> String {
        let database = self.0.server.database().expect("PostgreSQL has an address");
        tokio::task::block_in_place(|| postgres::shared().expect("it is running").psql(database, sql))
    }

    /// Puts another clock before the real one, for every connection from now on.
    fn install_clock(&self) {
        self.psql(SET_APART);
        let name = self.psql("SELECT current_database()");
        self.psql(&format!("ALTER DATABASE {name} SET search_path = public, other_time, pg_catalog"));
    }

    /// Sets the clock this far ahead of the machine's.
    fn set_ahead(&self, interval: &str) {
        self.psql(&format!("UPDATE other_time.shift SET ahead = '{interval}'"));
    }

    fn now(&self) -> DateTime<Utc> {
        let micros = self.psql("SELECT FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint");
        let micros = micros.parse().expect("an instant is a number");
        DateTime::from_timestamp_micros(micros).expect("an instant")
    }

    /// Takes a request in; its instant is not later than the database's clock, and hardly earlier.
    async fn create_ticket(&self) -> (String, DateTime<Utc>) {
        let earliest = self.now();
        let ticket = self.0.take_in(appeal()).await;
        let latest = self.now();
        let update_time = ticket.update_time;
        assert!(
            earliest - LATE_MAX <= update_time && update_time <= latest,
            "{update_time} is not between {earliest} and {latest}"
        );
        (ticket.number, update_time)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_follows_the_database_clock() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut env = TestEnv::with(Store::Postgres, Options::default());
    ShiftedClock(&env).install_clock();
    ShiftedClock(&env).set_ahead("-400 days");
    env.server.restart();
    env.server.wait_for_line("clock skew to the database");
    let (number, _) = ShiftedClock(&env).create_ticket().await;
    assert_eq!(env.rung(&number).await, Rung::None);

    // The database's clock jumps over the limit, and the rung fires although the machine's clock did not jump.
    ShiftedClock(&env).set_ahead("-392 days");
    env.server.wait_for_line("rungs fired");
    assert_eq!(env.rung(&number).await, Rung::Supervised);
    let last_event = env.events(&number).await.pop().expect("the ticket has events");
    assert!(last_event.event_time <= ShiftedClock(&env).now(), "{last_event:?}");
    let (_, last_update) = ShiftedClock(&env).create_ticket().await;

    // The server also follows a clock that is set back.
    ShiftedClock(&env).set_ahead("-393 days");
    wait::until("the server follows the database's clock back", async || {
        env.take_in(appeal()).await.update_time <= last_update - TimeDelta::hours(23)
    })
    .await;
    ShiftedClock(&env).create_ticket().await;
}
