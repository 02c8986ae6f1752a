//! Durability of acknowledged tickets: a database that would lose them is not served, and every connection has the
//! necessary settings.

use hotline_server::platform::Store;
use hotline_server::platform::store::StoreFault;
use sea_orm::sqlx;

use super::fixture::Database;
use super::postgres_only;

postgres_only! { a_nondurable_database_is_refused statement_and_lock_timeouts_are_set }

async fn a_nondurable_database_is_refused(database: Database) {
    let Database::Postgres(url) = &database else { panic!("registered for PostgreSQL alone") };
    let name = url.rsplit('/').next().expect("a URL has a path");
    for value in ["off", "local", "on"] {
        database.psql(&format!("ALTER DATABASE {name} SET synchronous_commit = {value}"));
        match Store::open_postgres(url, 2).await {
            Ok(_) => assert_ne!(value, "off", "a database that forgets was opened"),
            Err(StoreFault::NotDurable(setting)) => {
                assert_eq!(value, "off");
                assert!(setting.contains("synchronous_commit"), "{setting}");
                assert!(setting.contains("off"), "{setting}");
            }
            Err(other) => panic!("synchronous_commit = {value}: {other}"),
        }
    }
}

async fn statement_and_lock_timeouts_are_set(database: Database) {
    let store = database.open().await;
    let reader = store.reader().current();
    let pool = reader.get_postgres_connection_pool();
    for (setting, expected) in
        [("statement_timeout", "10s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "4s")]
    {
        let query = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
        let value: String = query.fetch_one(pool).await.expect("a setting can be read");
        assert_eq!(value, expected, "{setting}");
    }
}

#[tokio::test]
async fn one_server_opens_a_file_at_a_time() {
    let database = Database::sqlite();
    let Database::Sqlite(home) = &database else { panic!("made as SQLite") };
    let path = Database::file(home);
    let first = Store::open_sqlite(&path).await.expect("nobody serves the file");
    match Store::open_sqlite(&path).await {
        Err(StoreFault::Served(served)) => assert_eq!(served, path),
        other => panic!("the file was opened twice: {other:?}"),
    }
    drop(first);
    Store::open_sqlite(&path).await.expect("the first server is gone");
}

#[tokio::test]
async fn a_file_may_lie_in_a_folder_of_any_name() {
    let database = Database::sqlite();
    let Database::Sqlite(home) = &database else { panic!("made as SQLite") };
    let folder = home.path().join("数据 100%?a=1&b#c");
    std::fs::create_dir(&folder).expect("the file system takes the name");
    let path = folder.join("hotline.sqlite");
    let store = Store::open_sqlite(&path).await.expect("it can be opened");
    sqlx::query("CREATE TABLE here (x)")
        .execute(store.migrating().get_sqlite_connection_pool())
        .await
        .expect("it can be written");
    store.close().await;
    assert!(std::fs::metadata(&path).expect("the file is there").len() > 0);
}

#[tokio::test]
async fn every_connection_to_the_file_is_durable() {
    let database = Database::sqlite();
    let store = database.open().await;
    for (db, connections) in [(store.migrating().clone(), 1), (store.reader().current(), 4)] {
        let pool = db.get_sqlite_connection_pool();
        // Held together, so that each one is different.
        let mut connections_held = Vec::new();
        for _ in 0..connections {
            connections_held.push(pool.acquire().await.expect("the pool has as many"));
        }
        for connection in &mut connections_held {
            let mut pragma = async |name: &'static str| -> String {
                let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
                let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql));
                query.fetch_one(&mut **connection).await.expect("a pragma can be read")
            };
            let journal_mode = pragma("journal_mode").await;
            let found = [journal_mode, pragma("synchronous").await, pragma("foreign_keys").await];
            // 2 is FULL.
            assert_eq!(found, ["wal", "2", "1"]);
        }
        assert!(pool.try_acquire().is_none(), "the pool has more connections than were looked at");
    }
}

/// Read from the library's build options, because no connection shows whether it takes an unnecessary lock.
#[tokio::test]
async fn sqlite_is_built_without_global_locks() {
    let database = Database::sqlite();
    let store = database.open().await;
    let reader = store.reader().current();
    let pool = reader.get_sqlite_connection_pool();
    let built = sqlx::query_scalar("PRAGMA compile_options");
    let built: Vec<String> = built.fetch_all(pool).await.expect("options can be read");
    for option in ["DEFAULT_MEMSTATUS=0", "ENABLE_QPSG"] {
        assert!(built.iter().any(|have| have == option), "{option} is missing in {built:?}");
    }
    assert!(!built.iter().any(|have| have == "ENABLE_MEMORY_MANAGEMENT"), "{built:?}");
}
