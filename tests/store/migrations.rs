//! The schema of the database and its seed: made once, by any number of starts and servers at once.

use hotline_server::desk::directory::seed_database::seed_database;
use hotline_server::desk::directory::units::{self, UnitFilter};
use hotline_server::desk::directory::{Unit, put_unit};
use hotline_server::migration::{self, Migrator};
use hotline_server::platform::{Clock, Store};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use sea_orm_migration::MigratorTrait as _;

use super::fixture::{Database, Hotline, opening, unit};
use super::{both, postgres_only};

both! {
    migrating_and_seeding_again_changes_nothing
    seeding_keeps_the_changes_of_the_operator
    a_migration_that_breaks_off_leaves_nothing_behind
    concurrent_seeding_seeds_once
    a_database_of_a_development_build_is_refused_and_left_alone
}

postgres_only! {
    servers_that_start_together_migrate_once
    one_connection_is_enough_to_migrate
}

/// The number of steps of the schema.
fn steps() -> i64 {
    i64::try_from(Migrator::migrations().len()).expect("a short list")
}

async fn all_units(store: &Store) -> Vec<Unit> {
    units::page(store.reader(), UnitFilter::default(), None, 10_000).await.expect("the units can be listed")
}

async fn migrating_and_seeding_again_changes_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let before = all_units(&hotline.store).await;
    assert!(!before.is_empty());
    for _ in 0..2 {
        migration::migrate(hotline.store.migrating()).await.expect("nothing is left to do");
        seed_database(&hotline.store, &hotline.clock).await.expect("nothing is left to seed");
    }
    assert_eq!(all_units(&hotline.store).await, before);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seaql_migrations").await, steps());
}

async fn seeding_keeps_the_changes_of_the_operator(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tax =
        units::find(hotline.store.reader(), &unit("dept-tax")).await.expect("readable").expect("seeded");
    let changed = Unit { name: "operator's name".to_owned(), is_active: false, ..tax };
    let put = changed.clone();
    hotline
        .store
        .work(&hotline.clock, move |work| Box::pin(put_unit::put(work, put.clone(), None)))
        .await
        .expect("the unit can be put");
    drop(hotline);

    let hotline = Hotline::open(&database).await;
    let found = units::find(hotline.store.reader(), &changed.code).await.expect("readable");
    assert_eq!(found, Some(Unit { version: 2, ..changed }));
}

async fn a_migration_that_breaks_off_leaves_nothing_behind(database: Database) {
    let database = database.empty_one();
    let store = database.open().await;
    // The last table of the first step exists already.
    let db = store.migrating();
    db.execute_unprepared("CREATE TABLE catalogue_entry (x INTEGER)").await.expect("a table can be made");
    migration::migrate(db).await.expect_err("a table is in the way");
    db.execute_unprepared("DROP TABLE catalogue_entry").await.expect("the table can be dropped");

    // If a step had left half of its tables behind, this would fail.
    migration::migrate(db).await.expect("nothing is in the way any more");
    seed_database(&store, &Clock::simulated(opening())).await.expect("the tables are there");
}

async fn concurrent_seeding_seeds_once(database: Database) {
    let store = database.open().await;
    migration::migrate(store.migrating()).await.expect("the database can be migrated");
    let clock = Clock::simulated(opening());
    let seed = || seed_database(&store, &clock);
    let (first, second, third) = tokio::join!(seed(), seed(), seed());
    assert_eq!([first, second, third], [Ok(()), Ok(()), Ok(())]);
    let inserted = Hotline::open(&Database::sqlite()).await;
    assert_eq!(all_units(&store).await, all_units(&inserted.store).await);
}

/// The tables of a database, with the rows of one.
async fn contents(store: &Store) -> (Vec<String>, Vec<String>) {
    let db = store.reader();
    let backend = db.get_database_backend();
    let tables = match backend {
        DbBackend::Postgres => {
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = \
             current_schema()::regnamespace ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    let texts = async |sql: &str| -> Vec<String> {
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.expect("it can be read");
        rows.iter().map(|row| row.try_get_by_index(0).expect("a text")).collect()
    };
    (texts(tables).await, texts("SELECT version FROM seaql_migrations ORDER BY 1").await)
}

/// A development build before 0.1.0 applied steps that no release has, and its tables cannot be read.
async fn a_database_of_a_development_build_is_refused_and_left_alone(database: Database) {
    let database = database.empty_one();
    let store = database.open().await;
    let db = store.migrating();
    for sql in [
        "CREATE TABLE seaql_migrations (version VARCHAR(64) PRIMARY KEY, applied_at BIGINT NOT NULL)",
        "INSERT INTO seaql_migrations VALUES ('m0001_foundation', 0), ('m0004_vault', 0)",
        "CREATE TABLE sealed_identity (ticket_number BIGINT PRIMARY KEY)",
    ] {
        db.execute_unprepared(sql).await.expect("an empty database takes it");
    }
    let before = contents(&store).await;
    for refused in [migration::migrate(db).await, migration::ready(db).await] {
        let refused = refused.expect_err("it is no database of this build").to_string();
        assert!(refused.contains("made by a development build before 0.1.0"), "{refused}");
        assert!(refused.contains("m0004_vault") && refused.contains("start with an empty one"), "{refused}");
        assert!(!refused.contains("m0001_foundation"), "{refused}");
    }
    assert_eq!(contents(&store).await, before, "nothing was changed");
}

async fn servers_that_start_together_migrate_once(database: Database) {
    let database = database.empty_one();
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = database.open().await;
        starts.spawn(async move {
            migration::migrate(store.migrating()).await.expect("one migrates, the others wait");
            seed_database(&store, &Clock::simulated(opening())).await.expect("one seeds, the others wait");
        });
    }
    starts.join_all().await;
    let hotline = Hotline::open(&database).await;
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seaql_migrations").await, steps());
    hotline.create_appeals(1).await;
}

async fn one_connection_is_enough_to_migrate(database: Database) {
    let database = database.empty_one();
    let Database::Postgres(url) = &database else { panic!("registered for PostgreSQL alone") };
    let store = Store::open_postgres(url, 1).await.expect("the database can be opened");
    migration::migrate(store.migrating()).await.expect("the migration asks for no second connection");
}
