//! Restores in the verification and the signer: missing exported checkpoints are accepted only if a signed entry
//! abandons them.

use std::fs;
use std::path::Path;

use chrono::{NaiveDate, TimeDelta};
use hotline_server::audit_log::restores::{self, RestoreRequest};
use hotline_server::audit_log::{
    ChainEnd, Checkpoint, CheckpointHead, RestoreEntry, SigningKey, export, restore_entry,
};
use hotline_server::ledger::numbers::{Numbers, SkippedRange};
use hotline_server::ledger::record_restore::record_restore;
use hotline_server::oversight::AuditLogSigner;
use hotline_server::oversight::export_checkpoints::check_fork;
use hotline_server::oversight::verify::{VerifyOptions, verify_all};
use hotline_server::platform::hashing::HashSuite;
use hotline_server::ticket::TicketNumber;
use hotline_server::ticket::number::SEQUENCE_MAX;
use sea_orm::DbBackend;

use super::both;
use super::fixture::{Database, Hotline, opening};
use super::tampering::{audit_signer, execute};
use crate::support::temp_dir::TempDir;

both! {
    a_signed_restore_explains_the_checkpoints_that_it_discards
    a_restore_that_is_not_signed_explains_nothing
    a_restore_skips_every_number_that_may_have_been_given
    a_database_that_went_on_under_shipped_numbers_is_not_restored
}

/// Checkpoints that the lost database had exported after the backup.
const DISCARDED: i64 = 3;

fn key() -> SigningKey {
    SigningKey::of_secret([7; 32])
}

/// A restored hotline: the folder has checkpoints that its database does not have.
async fn restored(database: &Database, folder: &Path) -> (Hotline, AuditLogSigner) {
    let hotline = Hotline::open(database).await;
    let signer = AuditLogSigner { export_dir: Some(folder.to_owned()), ..audit_signer(&hotline) };
    hotline.create_appeals(3).await;
    signer.write_checkpoints().await.expect("it can be signed");
    signer.export().await.expect("it can be shipped");
    let end = export::chain_end(folder).expect("the folder can be read");
    let mut last = (end.through, end.link);
    for more in 1..=DISCARDED {
        let number = TicketNumber::new(day(12), 300 + u32::try_from(more).expect("a small number"));
        let head = CheckpointHead {
            ticket_number: number.expect("a sound number").as_i64(),
            subject: String::new(),
            sequence: 1,
            link: last.1,
        };
        let heads = [head];
        let at = hotline.clock.now().timestamp_micros();
        let checkpoint = Checkpoint::make(HashSuite::Sha256, &key(), Some(last), at, &heads);
        export::write_checkpoint(folder, &checkpoint, &heads).expect("it can be shipped");
        last = (checkpoint.number, checkpoint.hash);
    }
    (hotline, signer)
}

const fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 10, day).expect("a day of October")
}

async fn enter(hotline: &Hotline, folder: &Path) -> RestoreEntry {
    let request = RestoreRequest {
        by: "ops".to_owned(),
        reason: "disk lost".to_owned(),
        exported: export::chain_end(folder).expect("the folder can be read"),
        exported_restore: 0,
    };
    let entered = hotline.store.work(&hotline.clock, move |work| {
        let request = request.clone();
        Box::pin(async move { record_restore(work, &key(), &request, &[(day(12), 303)].into()).await })
    });
    entered.await.expect("it is entered")
}

async fn findings(hotline: &Hotline, options: &VerifyOptions) -> Vec<String> {
    let verified = verify_all(&hotline.store, options, 1).await.expect("it can be verified");
    verified.findings().map(ToString::to_string).collect()
}

fn in_folder(folder: &Path) -> VerifyOptions {
    VerifyOptions { public_keys: vec![key().public_key()], export_dir: Some(folder.to_owned()) }
}

async fn a_signed_restore_explains_the_checkpoints_that_it_discards(database: Database) {
    let home = TempDir::new("export");
    let folder = home.path();
    let (hotline, signer) = restored(&database, folder).await;
    let checkpoint = |number: i64, what: &str| format!("checkpoint {number}: {what}");
    let missing = [2, 3, 4].map(|number| checkpoint(number, "is missing"));
    assert_eq!(findings(&hotline, &in_folder(folder)).await, missing, "without a restore");
    let alarm = signer.export().await.expect_err("the signer is alarmed");
    assert!(alarm.contains("checkpoint 4 was exported and is not in the database"), "{alarm}");

    let entry = enter(&hotline, folder).await;
    assert_eq!((entry.last.through, entry.abandoned.through), (1, 4));
    let not_exported = findings(&hotline, &in_folder(folder)).await;
    assert!(
        not_exported.iter().any(|finding| finding.contains("restore 1: has no exported copy")),
        "{not_exported:?}"
    );
    assert!(signer.export().await.is_err_and(|alarm| alarm.contains("was not exported")));
    export::write_restore(folder, &entry).expect("it can be shipped");
    assert_eq!(findings(&hotline, &in_folder(folder)).await, Vec::<String>::new());

    hotline.create_appeals(2).await;
    signer.write_checkpoints().await.expect("it can be signed");
    assert_eq!(signer.export().await, Ok(1), "the signer goes on");
    assert_eq!(export::checkpoint_numbers(folder).expect("it can be read"), [1, 2, 3, 4, 5]);
    assert_eq!(findings(&hotline, &in_folder(folder)).await, Vec::<String>::new());
    // The first checkpoint after the restore reveals a removed entry.
    let other = SigningKey::of_secret([8; 32]).public_key();
    let foreign = findings(&hotline, &VerifyOptions { public_keys: vec![other], ..in_folder(folder) }).await;
    assert!(
        foreign.contains(&"restore 1: is signed with a key that is not accepted".to_owned()),
        "{foreign:?}"
    );
    assert!(foreign.contains(&checkpoint(2, "is missing")), "it explains nothing then: {foreign:?}");

    // An exported checkpoint that was abandoned is still evidence.
    let third = folder.join("checkpoint-000000000003.jsonl");
    let sound = fs::read_to_string(&third).expect("it can be read");
    fs::write(&third, sound.replace("\"sequence\":1", "\"sequence\":2")).expect("it can be written");
    assert_eq!(
        findings(&hotline, &in_folder(folder)).await,
        [checkpoint(3, "is not what was hashed and signed")]
    );
    fs::write(&third, sound).expect("it can be written");
    remove_write_protection(&hotline).await;
    execute(&hotline, "DELETE FROM restore_entry", []).await;
    let deleted = findings(&hotline, &in_folder(folder)).await;
    for finding in
        ["restore 1: is missing".to_owned(), checkpoint(2, "is missing"), checkpoint(4, "is missing")]
    {
        assert!(deleted.contains(&finding), "{finding} in {deleted:?}");
    }
}

/// Lets the owner of the tables change append-only rows.
async fn remove_write_protection(hotline: &Hotline) {
    if hotline.store.migrating().get_database_backend() == DbBackend::Postgres {
        execute(hotline, "DROP TRIGGER restore_entry_append_only ON restore_entry", []).await;
    } else {
        execute(hotline, "DROP TRIGGER restore_entry_no_update", []).await;
        execute(hotline, "DROP TRIGGER restore_entry_no_delete", []).await;
    }
}

/// Somebody who can write to the database and to the folder, but does not have the key, can't explain missing
/// checkpoints.
async fn a_restore_that_is_not_signed_explains_nothing(database: Database) {
    let home = TempDir::new("export");
    let folder = home.path();
    let (hotline, signer) = restored(&database, folder).await;
    let entry = enter(&hotline, folder).await;
    remove_write_protection(&hotline).await;
    let signature = vec![0_u8; 64];
    execute(&hotline, "UPDATE restore_entry SET signature = $1", [signature.clone().into()]).await;
    let forged = RestoreEntry { signature, ..entry };
    export::write_restore(folder, &forged).expect("it can be shipped");
    let found = findings(&hotline, &in_folder(folder)).await;
    assert!(found.contains(&"restore 1: has a wrong signature".to_owned()), "{found:?}");
    assert!(found.contains(&"checkpoint 4: is missing".to_owned()), "it explains nothing: {found:?}");
    let alarm = signer.export().await.expect_err("the signer is alarmed");
    assert!(alarm.contains("restore 1 was exported and is not in the database"), "{alarm}");
    assert!(restore_entry::to_line(&forged).is_ok());
}

async fn a_restore_skips_every_number_that_may_have_been_given(database: Database) {
    let hotline = Hotline::open(&database).await;
    hotline.create_appeals(1).await;
    hotline.clock.advance_to(opening() + TimeDelta::days(2));
    let request = RestoreRequest {
        by: "ops".to_owned(),
        reason: "disk lost".to_owned(),
        exported: ChainEnd::NONE,
        exported_restore: 0,
    };
    let entered = hotline.store.work(&hotline.clock, move |work| {
        let request = request.clone();
        Box::pin(async move {
            record_restore(work, &key(), &request, &[(day(13), 7), (day(14), 99)].into()).await
        })
    });
    let entry = entered.await.expect("it is entered");
    let skipped: Vec<SkippedRange> = serde_json::from_str(&entry.skipped_numbers).expect("it is text");
    let closed = SEQUENCE_MAX + 1;
    let expected = [
        SkippedRange { day: day(12), from: 64, to: closed },
        SkippedRange { day: day(13), from: 8, to: closed },
        // Half of what is left above the highest number in the exported checkpoints.
        SkippedRange { day: day(14), from: 100, to: 100 + (closed - 100) / 2 },
    ];
    assert_eq!(skipped, expected);
    let next = Numbers::default().allot(&hotline.store, &hotline.clock).await.expect("the day goes on");
    assert_eq!((next.day(), next.sequence()), (day(14), 500_050));
    let past = hotline_server::platform::Clock::simulated(opening());
    let refused = Numbers::default().allot(&hotline.store, &past).await.expect_err("that day is closed");
    assert_eq!(refused.reason, hotline_proto::v1::ErrorReason::NumbersExhausted);
}

async fn a_database_that_went_on_under_shipped_numbers_is_not_restored(database: Database) {
    let folder = TempDir::new("export");
    let (hotline, signer) = restored(&database, folder.path()).await;
    let end = async || restores::chain_end(hotline.store.reader()).await.expect("the chain has an end").0;
    check_fork(&signer.store, folder.path(), end().await)
        .await
        .expect("it lacks checkpoints, which a restore gives up");
    for _ in 0..=DISCARDED {
        hotline.create_appeals(1).await;
        signer.write_checkpoints().await.expect("it can be signed");
    }
    let refused = check_fork(&signer.store, folder.path(), end().await)
        .await
        .expect_err("other checkpoints have these numbers");
    assert!(refused.contains("has gone on by itself"), "{refused}");
    signer.check_exported().await.expect_err("the running server says so too");
}
