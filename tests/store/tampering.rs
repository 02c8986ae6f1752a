//! Tampering: somebody who can write to the database changes the past, and the verification finds it and says where.
//! Each change is random from a seed, made as an owner of the tables could make it, found, and undone. The suite tries
//! a few hundred; `HOTLINE_TEST_TAMPERINGS=10000` tries that many.

mod access_log_edits;
mod checkpoint_edits;
mod event_edits;
mod tamperer;
mod ticket_edits;

use std::fmt::Write as _;
use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::audit_log::write_checkpoint::write_checkpoint;
use hotline_server::audit_log::{SigningKey, records};
use hotline_server::identity::access_log::{AccessReason, Occasion};
use hotline_server::identity::disclose;
use hotline_server::oversight::AuditLogSigner;
use hotline_server::oversight::verify::{Finding, FindingPlace, VerifyOptions, VerifyReport, verify_all};
use hotline_server::platform::hashing::{HashSuite, Link};
use hotline_server::ticket::{Actor, TicketNumber};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use serde_json::json;

use self::tamperer::{TamperedPlace, Tamperer};
use super::fixture::{Database, Hotline, as_complex, dispatch, staff, unit};
use super::random::Random;
use super::{both, bulk_writes};

both! { every_tampering_is_found_where_it_is }

/// Tamperings in the suite; on PostgreSQL a third.
const TAMPERINGS: u32 = 240;

/// The tables that are tampered with.
pub(super) const TABLES: [&str; 7] = [
    "ticket",
    "ticket_event",
    "audit_record",
    "checkpoint",
    "checkpoint_entry",
    "pending_head",
    "identity_access",
];
/// The tables whose rows triggers protect.
const KEPT: [&str; 5] = ["ticket_event", "audit_record", "checkpoint", "checkpoint_entry", "identity_access"];

/// Runs SQL as the owner of the tables.
pub(super) async fn execute(hotline: &Hotline, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
    let db = hotline.store.migrating();
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let done = db.execute_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    done.rows_affected()
}

pub(super) async fn verify(hotline: &Hotline) -> VerifyReport {
    let verified = verify_all(&hotline.store, &VerifyOptions::default(), 2).await;
    verified.unwrap_or_else(|fault| panic!("it can't be verified: {}", fault.detail))
}

async fn sign_checkpoint(hotline: &Hotline) {
    let key = SigningKey::of_secret([7; 32]);
    write_checkpoint(&hotline.store, &hotline.clock, &key).await.expect("a checkpoint can be written");
}

/// A separate audit log signer.
pub(super) fn audit_signer(hotline: &Hotline) -> AuditLogSigner {
    AuditLogSigner {
        store: hotline.store.clone(),
        clock: hotline.clock.clone(),
        key: SigningKey::of_secret([7; 32]),
        interval: Duration::from_mins(1),
        export_dir: None,
    }
}

/// Records an access to an identity.
pub(super) async fn disclose_caller(hotline: &Hotline, number: TicketNumber) {
    let vault = hotline.ledger.vault().clone();
    let shown = hotline.store.work(&hotline.clock, move |work| {
        let vault = vault.clone();
        Box::pin(async move {
            disclose(work, &vault, &Actor::system(), number, AccessReason::of(Occasion::Ticket)).await
        })
    });
    assert!(!shown.await.expect("it is shown").is_empty(), "somebody was named");
}

/// A hotline with a history: tickets in several states, accesses, audit records, links of both suites, and checkpoints
/// over most of them.
pub(super) async fn hotline_with_history(database: &Database) -> Hotline {
    let mut hotline = Hotline::open(database).await;
    let tickets = bulk_writes::fill(&hotline, 12).await;
    sign_checkpoint(&hotline).await;
    for appeal in hotline.create_appeals(6).await {
        disclose_caller(&hotline, appeal.number).await;
    }
    for subject in ["unit/dept-tax", "unit/dept-tax", "proposal/1", "unit/dept-tax"] {
        hotline
            .store
            .work(&hotline.clock, move |work| {
                Box::pin(async move {
                    records::record(work, &Actor::system(), "PutUnit", subject, json!({ "version": 1 })).await
                })
            })
            .await
            .expect("it is recorded");
        sign_checkpoint(&hotline).await;
    }
    hotline.store = hotline.store.hashing_with(HashSuite::Sm3);
    hotline.closed_loop.store = hotline.store.clone();
    hotline.advance(TimeDelta::days(8)).await;
    sign_checkpoint(&hotline).await;
    for ticket in &tickets[..4] {
        hotline.change(staff("ClassifyTicket"), ticket.number, as_complex()).await.expect("it is classified");
    }
    for appeal in hotline.create_appeals(3).await {
        disclose_caller(&hotline, appeal.number).await;
        let to = dispatch(&unit("dept-tax"));
        hotline.change(staff("DispatchTicket"), appeal.number, to).await.expect("it is dispatched");
    }
    hotline
}

/// Removes the write protection of the tables, as their owner can, and keeps a copy to undo the changes.
pub(super) async fn remove_write_protection(hotline: &Hotline) {
    let is_postgres = hotline.store.migrating().get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        for table in KEPT {
            execute(hotline, &format!("DROP TRIGGER {table}_append_only ON {table}"), []).await;
        }
        let constraints = "SELECT conrelid::regclass::text || ' DROP CONSTRAINT ' || quote_ident(conname) \
                           FROM pg_constraint WHERE contype = 'f'";
        for row in hotline.rows(constraints).await {
            let constraint: String = row.try_get_by_index(0).expect("a text");
            execute(hotline, &format!("ALTER TABLE {constraint}"), []).await;
        }
    } else {
        for table in KEPT {
            execute(hotline, &format!("DROP TRIGGER {table}_no_update"), []).await;
            execute(hotline, &format!("DROP TRIGGER {table}_no_delete"), []).await;
        }
        execute(hotline, "PRAGMA foreign_keys = OFF", []).await;
    }
    for table in TABLES {
        execute(hotline, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"), []).await;
    }
}

async fn undo(hotline: &Hotline) {
    for table in TABLES {
        execute(hotline, &format!("DELETE FROM {table}"), []).await;
        execute(hotline, &format!("INSERT INTO {table} SELECT * FROM kept_{table}"), []).await;
    }
}

/// Whether a finding reports a tampered place.
fn covers(finding: &Finding, touched: &TamperedPlace) -> bool {
    match (&finding.place, touched) {
        (FindingPlace::Events(number, from, to), TamperedPlace::Event(ticket, sequence)) => {
            number == ticket && from <= sequence && sequence <= to
        }
        (FindingPlace::Records(subject, from, to), TamperedPlace::Record(of, sequence)) => {
            subject == of && from <= sequence && sequence <= to
        }
        (FindingPlace::Ticket(number), TamperedPlace::Ticket(ticket)) => number == ticket,
        (FindingPlace::Access(number, access), TamperedPlace::Access(ticket, of)) => {
            (number, access) == (ticket, of)
        }
        (FindingPlace::Subject(subject), TamperedPlace::Subject(of)) => subject == of,
        (FindingPlace::Checkpoint(number), TamperedPlace::Checkpoint(checkpoint)) => number == checkpoint,
        _ => false,
    }
}

/// Whether a finding is about a tampered chain, and not about another one.
fn is_of(finding: &Finding, touched: &[TamperedPlace]) -> bool {
    touched.iter().any(|touched| match (&finding.place, touched) {
        (
            FindingPlace::Ticket(number) | FindingPlace::Events(number, ..),
            TamperedPlace::Ticket(ticket) | TamperedPlace::Event(ticket, _),
        ) => number == ticket,
        (FindingPlace::Access(number, access), TamperedPlace::Access(ticket, of)) => {
            (number, access) == (ticket, of)
        }
        (
            FindingPlace::Subject(subject) | FindingPlace::Records(subject, ..),
            TamperedPlace::Subject(of) | TamperedPlace::Record(of, _),
        ) => subject == of,
        // A checkpoint is compared with the one before it.
        (FindingPlace::Checkpoint(number), TamperedPlace::Checkpoint(checkpoint)) => {
            (*checkpoint..=checkpoint + 1).contains(number)
        }
        _ => false,
    })
}

async fn every_tampering_is_found_where_it_is(database: Database) {
    let hotline = hotline_with_history(&database).await;
    assert_eq!(verify(&hotline).await.findings().collect::<Vec<_>>(), Vec::<&Finding>::new());
    remove_write_protection(&hotline).await;
    let wanted = std::env::var("HOTLINE_TEST_TAMPERINGS").ok().map(|count| count.parse().expect("a number"));
    let is_sqlite = matches!(database, Database::Sqlite(_));
    let count: u32 = wanted.unwrap_or(TAMPERINGS) / if is_sqlite { 1 } else { 3 };
    let mut kinds = std::collections::BTreeMap::new();
    for seed in 0..count {
        let mut tamperer = Tamperer { hotline: &hotline, random: Random::new(seed.into()) };
        let done = tamperer.tamper(seed as usize % Tamperer::KINDS).await;
        let verified = verify(&hotline).await;
        let mut found = String::new();
        for finding in verified.findings() {
            writeln!(found, "  {finding}").expect("a text takes it");
        }
        let what = format!("seed {seed}, {}, touched {:?}, found:\n{found}", done.kind, done.touched);
        for touched in done.touched.iter().filter(|_| done.is_located) {
            assert!(
                verified.findings().any(|finding| covers(finding, touched)),
                "{touched:?} not located; {what}"
            );
        }
        assert!(verified.findings().next().is_some(), "not found; {what}");
        for finding in verified.findings() {
            assert!(is_of(finding, &done.touched), "{finding} is innocent; {what}");
        }
        *kinds.entry(done.kind).or_insert(0_u32) += 1;
        undo(&hotline).await;
    }
    assert_eq!(verify(&hotline).await.findings().count(), 0, "everything is as it was");
    println!("{count} tamperings found and located: {kinds:?}");
    assert!(kinds.len() >= Tamperer::KINDS, "{kinds:?}");
}

/// The bytes of a link as a value.
pub(super) fn value(link: &Link) -> Value {
    link.as_bytes().to_vec().into()
}
