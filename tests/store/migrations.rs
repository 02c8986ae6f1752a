//! The shape of the database and what it starts with: made once, however often and by however many servers at once.

use hotline_server::desk::directory::units::{self, Filter};
use hotline_server::desk::directory::{Unit, plant};
use hotline_server::migration::{self, Migrator};
use hotline_server::platform::{Clock, Store};
use sea_orm::ConnectionTrait as _;
use sea_orm_migration::MigratorTrait as _;

use super::fixture::{Database, Hotline, dispatch, opening, staff, unit};
use super::{both, consistency, postgres_only};

both! {
    migrating_and_seeding_again_changes_nothing
    what_the_operator_changed_is_not_seeded_again
    a_migration_that_breaks_off_leaves_nothing_behind
    concurrent_seeding_seeds_once
    tickets_of_an_older_release_learn_their_present_dispatch
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

async fn migrating_and_seeding_again_changes_nothing(database: Database) {
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

async fn what_the_operator_changed_is_not_seeded_again(database: Database) {
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

async fn concurrent_seeding_seeds_once(database: Database) {
    let store = database.open().await;
    migration::migrate(store.migrating()).await.expect("the database can be migrated");
    let clock = Clock::simulated(opening());
    let at_once = || plant::plant(&store, &clock);
    let (one, two, three) = tokio::join!(at_once(), at_once(), at_once());
    assert_eq!([one, two, three], [Ok(()), Ok(()), Ok(())]);
    let planted = Hotline::open(&Database::sqlite()).await;
    assert_eq!(all_units(&store).await, all_units(&planted.store).await);
}

/// An older release did not write which event the present dispatch was.
async fn tickets_of_an_older_release_learn_their_present_dispatch(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    let (once, twice, never) = (tickets[0].number, tickets[1].number, tickets[2].number);
    for (number, lead) in [(once, "dept-tax"), (twice, "dept-tax"), (twice, "district-chaoyang")] {
        let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(lead))).await;
        sent.expect("it is dispatched");
    }
    let written = [hotline.find(once).await, hotline.find(twice).await, hotline.find(never).await];
    assert_eq!(written.each_ref().map(|ticket| ticket.dispatched_version), [Some(2), Some(3), None]);

    for row in hotline.rows("SELECT number, document FROM ticket").await {
        let number: i64 = row.try_get_by_index(0).expect("a number");
        let document: String = row.try_get_by_index(1).expect("a document");
        let mut document: serde_json::Value = serde_json::from_str(&document).expect("JSON");
        document.as_object_mut().expect("an object").remove("dispatched_version");
        let older = document.to_string().replace('\'', "''");
        let sql = format!("UPDATE ticket SET document = '{older}' WHERE number = {number}");
        hotline.store.migrating().execute_unprepared(&sql).await.expect("the row can be changed");
    }
    assert_eq!(hotline.find(twice).await.dispatched_version, None, "as an older release left it");
    let undo = "DELETE FROM seaql_migrations WHERE version = 'm0014_present_dispatch'";
    hotline.store.migrating().execute_unprepared(undo).await.expect("the step can be forgotten");
    migration::migrate(hotline.store.migrating()).await.expect("the step is taken");
    for ticket in written {
        assert_eq!(hotline.find(ticket.number).await, ticket);
    }
    assert_eq!(consistency::check_all(&hotline).await, 3, "the rows are the fold of their events again");
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
