//! The shape of the database and what it starts with: made once, however often and by however many servers at once.

use hotline_server::desk::directory::units::{self, Filter};
use hotline_server::desk::directory::{Unit, plant};
use hotline_server::migration::{self, Migrator};
use hotline_server::platform::{Clock, Store};
use sea_orm::ConnectionTrait as _;
use sea_orm_migration::MigratorTrait as _;

use super::hotline::{Database, Hotline, opening, unit};
use super::{both, postgres_only};

both! {
    migrating_and_planting_again_changes_nothing
    what_the_operator_changed_is_not_planted_again
    a_migration_that_breaks_off_leaves_nothing_behind
    planting_at_once_plants_once
}

postgres_only! {
    servers_that_start_at_once_migrate_once
    one_connection_is_enough_to_migrate
}

/// How many steps the shape of the database takes.
fn steps() -> i64 {
    i64::try_from(Migrator::migrations().len()).expect("a short list")
}

async fn all_units(store: &Store) -> Vec<Unit> {
    units::page(store.reader(), Filter::default(), None, 10_000).await.expect("the units can be listed")
}

async fn migrating_and_planting_again_changes_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let before = all_units(&hotline.store).await;
    assert!(!before.is_empty());
    for _ in 0..2 {
        migration::migrate(hotline.store.migrating()).await.expect("nothing is left to do");
        plant::plant(&hotline.store, &hotline.clock).await.expect("nothing is left to plant");
    }
    assert_eq!(all_units(&hotline.store).await, before);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seaql_migrations").await, steps());
}

async fn what_the_operator_changed_is_not_planted_again(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tax =
        units::find(hotline.store.reader(), &unit("dept-tax")).await.expect("readable").expect("planted");
    let changed = Unit { name: "operator's name".to_owned(), is_active: false, ..tax };
    let put = changed.clone();
    hotline
        .store
        .work(&hotline.clock, move |work| Box::pin(units::put(work, put.clone(), None)))
        .await
        .expect("the unit can be put");
    drop(hotline);

    let hotline = Hotline::open(&database).await;
    let found = units::find(hotline.store.reader(), &changed.code).await.expect("readable");
    assert_eq!(found, Some(Unit { version: 2, ..changed }));
}

async fn a_migration_that_breaks_off_leaves_nothing_behind(database: Database) {
    let store = database.open().await;
    // The last table of the first step is in the way.
    let db = store.migrating();
    db.execute_unprepared("CREATE TABLE catalogue_entry (x INTEGER)").await.expect("a table can be made");
    migration::migrate(db).await.expect_err("a table is in the way");
    db.execute_unprepared("DROP TABLE catalogue_entry").await.expect("the table can be dropped");

    // A step that had left half of its tables behind would now stumble over them.
    migration::migrate(db).await.expect("nothing is in the way any more");
    plant::plant(&store, &Clock::simulated(opening())).await.expect("the tables are there");
}

async fn planting_at_once_plants_once(database: Database) {
    let store = database.open().await;
    migration::migrate(store.migrating()).await.expect("the database can be migrated");
    let clock = Clock::simulated(opening());
    let at_once = || plant::plant(&store, &clock);
    let (one, two, three) = tokio::join!(at_once(), at_once(), at_once());
    assert_eq!([one, two, three], [Ok(()), Ok(()), Ok(())]);
    let planted = Hotline::open(&Database::sqlite()).await;
    assert_eq!(all_units(&store).await, all_units(&planted.store).await);
}

async fn servers_that_start_at_once_migrate_once(database: Database) {
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = database.open().await;
        starts.spawn(async move {
            migration::migrate(store.migrating()).await.expect("one migrates, the others wait");
            plant::plant(&store, &Clock::simulated(opening())).await.expect("one plants, the others wait");
        });
    }
    starts.join_all().await;
    let hotline = Hotline::open(&database).await;
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seaql_migrations").await, steps());
    hotline.create_appeals(1).await;
}

async fn one_connection_is_enough_to_migrate(database: Database) {
    let Database::Postgres(url) = &database else { panic!("registered for PostgreSQL alone") };
    let store = Store::open_postgres(url, 1).await.expect("the database can be opened");
    migration::migrate(store.migrating()).await.expect("the migration asks for no second connection");
}
