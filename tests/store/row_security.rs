//! Row-level security in PostgreSQL: what a connection with the scope of a unit reads and writes, with queries that
//! forget every condition; and the rights of the serving role.

use std::collections::BTreeSet;
use std::sync::Arc;

use hotline_server::ledger;
use hotline_server::migration::append_only::APPEND_ONLY;
use hotline_server::migration::{self, serving_role};
use hotline_server::platform::{Fault, Store};
use hotline_server::ticket::{Relation, Ticket, TicketNumber, UnitCode};
use sea_orm::{ConnectionTrait as _, Database as Connection, Statement};

use super::fixture::{Database, Hotline, default_policy, dispatch, opening, staff, unit};
use super::random_commands::{RandomCommands, UNITS};
use super::tampering::audit_signer;
use super::{consistency, postgres_only};
use crate::support::postgres::{self, SERVING_ROLE};
use hotline_server::platform::Clock;

postgres_only! {
    every_table_has_row_security_or_is_listed_as_public
    no_policy_hides_rows_from_the_planner
    a_query_without_a_condition_reads_only_rows_of_the_unit
    a_unit_cannot_write_rows_of_other_units
    a_connection_without_a_unit_scope_reads_nothing
    a_serving_role_runs_the_loop_and_changes_no_append_only_row
    the_serving_role_waits_for_the_owner_to_migrate
}

const SEED: u64 = 77;
const STEPS: u32 = 320;
/// Connections of a store.
const CONNECTIONS: u32 = 6;

/// The numbers that a query returns on a connection with the scope of a unit.
async fn numbers(store: &Store, unit: &str, sql: &str) -> BTreeSet<i64> {
    let reading = store.read_conn(Some(unit)).await.expect("a confined connection");
    let statement = Statement::from_string(reading.get_database_backend(), sql);
    let rows = reading.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect()
}

/// Whether a unit may see a ticket, from the ticket and the tree alone.
async fn may_see(hotline: &Hotline, code: &UnitCode, ticket: &Ticket) -> Option<Relation> {
    let relation = ticket.relation_of(code)?;
    let is_accused = ledger::accused::accuses(hotline.store.reader(), ticket.number, code).await;
    (!is_accused.expect("the rows can be read")).then_some(relation)
}

/// Tables that every caller may read, or that hold nothing about tickets, callers or actions.
const FOR_EVERYBODY: [&str; 19] = [
    "access_revision",
    "article",
    "article_state",
    "article_version",
    "calendar_document",
    "catalogue_entry",
    "deployment",
    "number_block",
    "policy_document",
    "request_record",
    "rule_in_force",
    "rule_proposal",
    "seaql_migrations",
    "suggestion_model",
    "suggestion_training",
    "topic",
    "unit",
    "unit_duty",
    "vault_key",
];

async fn every_table_has_row_security_or_is_listed_as_public(database: Database) {
    let hotline = Hotline::open(&database).await;
    let without_row_security = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = \
                current_schema()::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname";
    let rows = hotline.rows(without_row_security).await;
    let without_row_security: Vec<String> =
        rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
    assert_eq!(without_row_security, FOR_EVERYBODY);
}

/// If the planner assumes that a policy hides most rows, it reads and sorts whole tables.
async fn no_policy_hides_rows_from_the_planner(database: Database) {
    const NOTES: f64 = 2_000.0;
    let hotline = Hotline::open(&database).await;
    let notes = format!(
        "INSERT INTO pending_head SELECT number, '', 1, '\\x00'::bytea FROM generate_series(1, {NOTES}) AS number"
    );
    hotline.store.migrating().execute_unprepared(&notes).await.expect("notes");
    hotline.store.migrating().execute_unprepared("ANALYZE pending_head").await.expect("statistics");
    let planned = hotline.rows("EXPLAIN SELECT * FROM pending_head").await;
    let planned: String = planned[0].try_get_by_index(0).expect("a plan");
    let (_, expected) = planned.split_once("rows=").expect("an estimate");
    let expected: f64 = expected.split(' ').next().and_then(|rows| rows.parse().ok()).expect("a number");
    assert!(expected > 0.4 * NOTES, "{planned}");
    // The other policies use the same text for the scope.
    let otherwise =
        "SELECT tablename::text FROM pg_policies WHERE policyname = 'unit_scope' AND qual NOT LIKE '%CASE%'";
    assert_eq!(hotline.rows(otherwise).await.len(), 0);
}

async fn a_query_without_a_condition_reads_only_rows_of_the_unit(database: Database) {
    let mut policy = default_policy();
    policy.ladder.remind_before_hours = 24;
    let hotline = Hotline::open_with(database.open().await, Clock::simulated(opening()), policy).await;
    let mut commands = RandomCommands::new(&hotline, SEED, &UNITS);
    for _ in 0..STEPS {
        commands.step().await;
    }
    audit_signer(&hotline).write_checkpoints().await.expect("it can be signed");
    commands.step().await;
    let (mut visible_count, mut identity_count) = (0, 0);
    for code in UNITS {
        let (mut visible, mut open, mut identities) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for number in &commands.numbers {
            let ticket = hotline.find(*number).await;
            let Some(relation) = may_see(&hotline, &unit(code), &ticket).await else { continue };
            visible.insert(number.as_i64());
            if ticket.state.is_open() {
                open.insert(number.as_i64());
            }
            if !ticket.is_confidential && relation != Relation::Inform {
                identities.insert(number.as_i64());
            }
        }
        visible_count += visible.len();
        identity_count += identities.len();
        let store = &hotline.store;
        for sql in [
            "SELECT number FROM ticket",
            "SELECT DISTINCT ticket_number FROM ticket_event",
            "SELECT ticket_number FROM ticket_unit",
            "SELECT number FROM ticket FOR UPDATE",
        ] {
            assert_eq!(numbers(store, code, sql).await, visible, "{sql}, as {code}");
        }
        assert_eq!(numbers(store, code, "SELECT number FROM ticket WHERE is_open").await, open);
        assert_eq!(
            numbers(store, code, "SELECT ticket_number FROM encrypted_identity").await,
            identities,
            "{code}"
        );
        let in_digests = numbers(store, code, "SELECT ticket_number FROM digest_ticket").await;
        assert!(in_digests.is_subset(&visible), "{in_digests:?} of {visible:?}");
        let digests_of_others = format!("SELECT 1::bigint FROM digest WHERE unit <> '{code}'");
        assert_eq!(numbers(store, code, &digests_of_others).await, BTreeSet::new());
        for table in ["identity_access", "reveal_approval", "ticket_timer", "rung_effect"] {
            let sql = format!("SELECT ticket_number FROM {table}");
            assert_eq!(numbers(store, code, &sql).await, BTreeSet::new(), "{sql}");
        }
        for table in
            ["pending_head", "audit_record", "checkpoint", "checkpoint_entry", "client", "client_credential"]
        {
            let sql = format!("SELECT 1::bigint FROM {table}");
            assert_eq!(numbers(store, code, &sql).await, BTreeSet::new(), "{sql}");
        }
    }
    // A run after which no unit has tickets would prove nothing.
    assert!(visible_count > 20 && identity_count > 5, "{visible_count} seen, {identity_count} named");
}

/// Runs a statement in a unit of work with the scope of a unit, which may write a ticket if one is named.
async fn run(
    hotline: &Hotline,
    code: &str,
    allowed_ticket: Option<TicketNumber>,
    sql: &str,
) -> Result<u64, Fault> {
    let input = Arc::new((code.to_owned(), sql.to_owned()));
    let run = hotline.store.work(&hotline.clock, move |work| {
        let input = Arc::clone(&input);
        Box::pin(async move {
            work.set_unit_scope(Some(&input.0)).await?;
            if let Some(number) = allowed_ticket {
                work.allow_tickets(&[number.as_i64()]).await?;
            }
            Ok(work.tx.execute_unprepared(&input.1).await?.rows_affected())
        })
    });
    run.await
}

async fn a_unit_cannot_write_rows_of_other_units(database: Database) {
    let hotline = Hotline::open(&database).await;
    let appeals = hotline.create_appeals(2).await;
    let (own_ticket, other_ticket) = (appeals[0].number, appeals[1].number);
    let (own_unit, other_unit) = ("district-chaoyang", "dept-tax");
    for (number, lead) in [(own_ticket, own_unit), (other_ticket, other_unit)] {
        let sent = hotline.change(staff("DispatchTicket"), number, dispatch(&unit(lead))).await;
        sent.expect("it can be dispatched");
    }
    let before = hotline.dump().await;
    let insert_event = |number: TicketNumber| {
        let columns = "ticket_number, sequence, occurred_at, principal, payload, hash";
        format!("INSERT INTO ticket_event ({columns}) VALUES ({}, 9, 0, 'x', '{{}}', '')", number.as_i64())
    };
    let update_ticket =
        |number: TicketNumber| format!("UPDATE ticket SET rung = rung WHERE number = {}", number.as_i64());
    let take_ticket = format!(
        "INSERT INTO ticket_unit (unit, ticket_number, relation, is_open, due_at) VALUES ('{own_unit}', {}, 1, true, 0)",
        other_ticket.as_i64()
    );
    let drop_accused = format!("DELETE FROM ticket_accused WHERE ticket_number = {}", other_ticket.as_i64());
    // Hidden rows cannot be changed, and visible ones only after they are allowed.
    assert_eq!(run(&hotline, own_unit, None, &update_ticket(other_ticket)).await, Ok(0));
    assert_eq!(run(&hotline, own_unit, Some(own_ticket), &update_ticket(other_ticket)).await, Ok(0));
    assert_eq!(run(&hotline, own_unit, Some(own_ticket), &drop_accused).await, Ok(0));
    for (allowed_ticket, sql) in [
        (None, update_ticket(own_ticket)),
        (None, insert_event(own_ticket)),
        (None, insert_event(other_ticket)),
        (Some(own_ticket), insert_event(other_ticket)),
        (Some(own_ticket), take_ticket),
    ] {
        let refused =
            run(&hotline, own_unit, allowed_ticket, &sql).await.expect_err("row-level security refuses it");
        assert!(refused.detail.contains("row-level security"), "{sql}: {}", refused.detail);
    }
    assert_eq!(run(&hotline, own_unit, Some(own_ticket), &update_ticket(own_ticket)).await, Ok(1));
    assert_eq!(hotline.dump().await, before);
    // The next borrower of the connection has full access again.
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket").await, 2);
}

async fn a_connection_without_a_unit_scope_reads_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    hotline.create_appeals(3).await;
    let Database::Postgres(url) = &database else { panic!("registered for PostgreSQL alone") };
    let without_scope = Connection::connect(url.as_str()).await.expect("the owner may connect");
    for table in ["ticket", "ticket_event", "ticket_timer", "encrypted_identity"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let statement = Statement::from_string(without_scope.get_database_backend(), sql);
        let row = without_scope.query_one_raw(statement).await.expect("it may ask").expect("a count");
        assert_eq!(row.try_get_by_index::<i64>(0), Ok(0), "{table}");
    }
    let refused = without_scope.execute_unprepared("INSERT INTO rung_effect VALUES (1, 1, 1, 1, 0)").await;
    assert!(refused.expect_err("row-level security refuses it").to_string().contains("row-level security"));
}

/// The database for the serving role, prepared by its owner.
pub(super) async fn served(database: &Database) -> Database {
    let Database::Postgres(url) = database else { panic!("registered for PostgreSQL alone") };
    let owner = database.open().await;
    migration::migrate(owner.migrating()).await.expect("the owner migrates");
    serving_role::grant(owner.migrating(), SERVING_ROLE).await.expect("the owner grants");
    let weak = serving_role::weaknesses(owner.migrating()).await.expect("the catalogue can be read");
    assert_eq!(weak.len(), 1 + APPEND_ONLY.len(), "what the owner could do: {weak:?}");
    owner.close().await;
    Database::Postgres(postgres::as_role(url, SERVING_ROLE))
}

async fn a_serving_role_runs_the_loop_and_changes_no_append_only_row(database: Database) {
    let serving = served(&database).await;
    let hotline = Hotline::open(&serving).await;
    let mut commands = RandomCommands::new(&hotline, SEED + 1, &UNITS);
    for _ in 0..STEPS {
        commands.step().await;
    }
    assert_eq!(consistency::check_all(&hotline).await, commands.numbers.len());
    let weak = serving_role::weaknesses(hotline.store.migrating()).await;
    assert_eq!(weak, Ok(Vec::new()));
    let db = hotline.store.migrating();
    for table in APPEND_ONLY {
        // Their columns differ, so the right to change any of them is checked.
        let may_change = format!("SELECT has_table_privilege('{table}', 'UPDATE')::int::bigint");
        assert_eq!(hotline.count(&may_change).await, 0, "{table}");
    }
    let changes =
        APPEND_ONLY.iter().flat_map(|table| [format!("DELETE FROM {table}"), format!("TRUNCATE {table}")]);
    let shapes = [
        "DELETE FROM ticket",
        "TRUNCATE ticket CASCADE",
        "DROP POLICY unit_scope ON ticket",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE ticket_event DISABLE TRIGGER ALL",
        "CREATE TABLE mine (x INTEGER)",
        "DELETE FROM seaql_migrations",
        "SET ROLE hotline_owner",
    ];
    for sql in changes.chain(shapes.map(str::to_owned)) {
        let refused = db.execute_unprepared(&sql).await.expect_err(&sql).to_string();
        assert!(
            refused.contains("permission denied") || refused.contains("must be owner"),
            "{sql}: {refused}"
        );
    }
    db.execute_unprepared("SET row_security = off").await.expect("anybody may ask for that");
    let refused = db.execute_unprepared("SELECT 1 FROM ticket").await;
    db.execute_unprepared("RESET row_security").await.expect("and take it back");
    if let Err(refused) = refused {
        assert!(refused.to_string().contains("row-level security"), "{refused}");
    }
}

async fn the_serving_role_waits_for_the_owner_to_migrate(database: Database) {
    let serving = served(&database).await;
    let store = serving.open().await;
    migration::ready(store.migrating()).await.expect("the shape is the newest");
    database.psql("DELETE FROM seaql_migrations WHERE version = 'm0001_foundation'");
    let missing = migration::ready(store.migrating()).await.expect_err("a step is missing").to_string();
    assert!(missing.contains("m0001_foundation") && missing.contains("hotline-server migrate"), "{missing}");
    let Database::Postgres(url) = &database else { panic!("registered for PostgreSQL alone") };
    let owner = Store::open_postgres(url, CONNECTIONS).await.expect("the owner may connect");
    for (role, words) in [("nobody_here", "no role"), ("Hotline; DROP", "lower-case")] {
        let refused =
            serving_role::grant(owner.migrating(), role).await.expect_err("no such role").to_string();
        assert!(refused.contains(words), "{refused}");
    }
}
