//! The clock of servers that share a database is the database's: tickets have its instants. If it jumps, the servers
//! follow it, whatever the machine's clock shows.
//!
//! Only on PostgreSQL, with its clock set wrong: a function of the same name comes before the real one in the search
//! path of the database.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::Rung;

use super::test_env::{TestEnv, appeal};
use crate::support::postgres;
use crate::support::server::{Options, Store};

/// Longer than a server takes to notice the jump.
const PATIENCE: Duration = Duration::from_secs(25);
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
    fn set_apart(&self) {
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
    async fn take_in(&self) -> (String, DateTime<Utc>) {
        let before = self.now();
        let ticket = self.0.take_in(appeal()).await;
        let after = self.now();
        let at = ticket.update_time;
        assert!(before - LATE_MAX <= at && at <= after, "{at} is not between {before} and {after}");
        (ticket.number, at)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_s_clock_is_everybody_s() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut env = TestEnv::with(Store::Postgres, Options::default());
    ShiftedClock(&env).set_apart();
    ShiftedClock(&env).set_ahead("-400 days");
    env.server.restart();
    env.server.wait_for_line("clock skew to the database");
    let (number, _) = ShiftedClock(&env).take_in().await;
    assert_eq!(env.rung(&number).await, Rung::None);

    // The database's clock jumps over the limit, and the rung fires although the machine's clock did not jump.
    ShiftedClock(&env).set_ahead("-392 days");
    env.server.wait_for_line("rungs fired");
    assert_eq!(env.rung(&number).await, Rung::Supervised);
    let fired = env.events(&number).await.pop().expect("it has events");
    assert!(fired.event_time <= ShiftedClock(&env).now(), "{fired:?}");
    let (_, at) = ShiftedClock(&env).take_in().await;

    // It is put back, which is followed too.
    ShiftedClock(&env).set_ahead("-393 days");
    let begun = Instant::now();
    while env.take_in(appeal()).await.update_time > at - TimeDelta::hours(23) {
        assert!(begun.elapsed() < PATIENCE, "the server does not follow the clock back");
    }
    ShiftedClock(&env).take_in().await;
}
