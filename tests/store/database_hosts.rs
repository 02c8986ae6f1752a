//! Several hosts of one database: the one that takes writes is found among hosts that do not answer.

use hotline_server::platform::Store;
use hotline_server::platform::config::DatabaseReaders;
use hotline_server::platform::store::StoreFault;
use sea_orm::ConnectionTrait as _;

use super::fixture::Database;
use super::postgres_only;

postgres_only! {
    the_host_that_takes_writes_is_found
    a_database_whose_hosts_are_all_away_can_be_waited_for
    a_read_only_database_is_opened_to_read_it_alone
    lists_are_answered_by_the_primary_until_a_standby_keeps_up
}

/// A port on which nothing listens.
const NOBODY: &str = "127.0.0.1:1";
const CONNECTIONS: u32 = 2;

/// The URL of a database with a dead host before its own.
fn behind_a_dead_host(database: &Database) -> String {
    let Database::Postgres(url) = database else { panic!("only PostgreSQL has hosts") };
    url.replace("@127.0.0.1", &format!("@{NOBODY},127.0.0.1"))
}

async fn the_host_that_takes_writes_is_found(database: Database) {
    let url = behind_a_dead_host(&database);
    let store = Store::open_postgres(&url, CONNECTIONS).await.expect("the second host takes writes");
    store.reader().execute_unprepared("CREATE TABLE here (x int)").await.expect("it takes writes");
    store.close().await;
}

async fn a_database_whose_hosts_are_all_away_can_be_waited_for(database: Database) {
    let Database::Postgres(url) = &database else { panic!("only PostgreSQL has hosts") };
    let away = format!("postgres://hotline@{NOBODY},{NOBODY}/hotline");
    let fault = Store::open_postgres(&away, CONNECTIONS).await.expect_err("nobody listens");
    assert!(matches!(&fault, StoreFault::Unavailable(why) if why.matches(NOBODY).count() == 2), "{fault}");
    // A host that refuses the server will refuse it later, too.
    let refused = format!("{url}_that_is_not_there");
    let fault = Store::open_postgres(&refused, CONNECTIONS).await.expect_err("there is no such database");
    assert!(matches!(&fault, StoreFault::Open(why) if why.contains("does not exist")), "{fault}");
}

async fn a_read_only_database_is_opened_to_read_it_alone(database: Database) {
    let Database::Postgres(url) = &database else { panic!("only PostgreSQL has hosts") };
    let name = url.rsplit('/').next().expect("a URL ends with the database");
    database.psql(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    let fault = Store::open_postgres(url, CONNECTIONS).await.expect_err("it takes no writes");
    assert!(matches!(&fault, StoreFault::Unavailable(why) if why.contains("read-only")), "{fault}");
    let store = Store::read_postgres(url, CONNECTIONS).await.expect("it can be read");
    store.reader().execute_unprepared("SELECT 1").await.expect("it answers");
    store.close().await;
}

async fn lists_are_answered_by_the_primary_until_a_standby_keeps_up(database: Database) {
    let url = behind_a_dead_host(&database);
    let opened = Store::open_postgres_with(&url, CONNECTIONS, DatabaseReaders::Standby).await;
    let store = opened.expect("the second host takes writes");
    store.lists().execute_unprepared("CREATE TABLE here (x int)").await.expect("it is the primary");
    store.close().await;
}
