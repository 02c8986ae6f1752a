//! The vault in the database: identities under an older key are re-encrypted by any number of servers, and the access
//! log is append-only.

use std::sync::Arc;

use hotline_server::closed_loop::upload_attachment::UploadAttachment;
use hotline_server::identity::access_log::{AccessReason, Occasion};
use hotline_server::identity::attachment_keys::{self, StoredFile};
use hotline_server::identity::vault::key_file::Key;
use hotline_server::identity::vault::{FileKeys, KeyVersion, Suite, Vault};
use hotline_server::identity::{decrypt_for_comparison, disclose, reencrypt, registered_keys};
use hotline_server::platform::Store;
use hotline_server::ticket::{Actor, CallerIdentity, Ticket};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::fixture::{Database, Hotline, key_file, staff};
use crate::guards::sample_upload::upload_sample;

both! {
    old_identities_are_reencrypted_once
    keys_of_attachments_are_wrapped_again
    the_access_log_is_append_only
}

fn with_contact_name() -> CallerIdentity {
    CallerIdentity { contact_name: Some("王女士".to_owned()), ..CallerIdentity::default() }
}

async fn count(hotline: &Hotline, sql: &str) -> i64 {
    hotline.rows(sql).await[0].try_get_by_index(0).expect("a count")
}

/// The vault of another server, whose file has a second key, with this one of the two active.
async fn with_two_keys(hotline: &Hotline, active: KeyVersion) -> Vault {
    let mut file = key_file();
    file.keys.push(Key { version: 2, suite: Suite::Sm4Gcm, secret: vec![8; 32].into() });
    file.active = active;
    let keys = FileKeys::of(&file).expect("sound keys");
    let proofs = keys.now().proofs().expect("proofs");
    registered_keys::register(&hotline.store, &hotline.clock, proofs)
        .await
        .expect("it is there")
        .expect("they fit");
    Vault::new(Arc::new(keys))
}

async fn old_identities_are_reencrypted_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(250).await;
    // Forward to the new key, and back to the one before it.
    for active in [2, 1] {
        let vault = with_two_keys(&hotline, active).await;
        let reencrypt_all = async |store: Store| {
            let mut count = 0;
            loop {
                let batch =
                    reencrypt::reencrypt(&store, &hotline.clock, &vault).await.expect("it is encrypted");
                count += batch;
                if batch == 0 {
                    return count;
                }
            }
        };
        let counts = tokio::join!(
            reencrypt_all(hotline.store.clone()),
            reencrypt_all(hotline.store.clone()),
            reencrypt_all(hotline.store.clone())
        );
        assert_eq!(counts.0 + counts.1 + counts.2, tickets.len() as u64, "each once");
        let under_another_key =
            format!("SELECT COUNT(*) FROM encrypted_identity WHERE key_version <> {active}");
        assert_eq!(count(&hotline, &under_another_key).await, 0);
        for Ticket { number, .. } in &tickets {
            let identity = decrypt_for_comparison(hotline.store.reader(), &vault, *number).await;
            assert_eq!(identity.expect("it is decrypted"), with_contact_name());
        }
    }
}

async fn keys_of_attachments_are_wrapped_again(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await[0].number;
    let name = "ab".repeat(16);
    let (key, stored) = hotline.ledger.vault().new_data_key(&name).await.expect("the vault has keys");
    let file = Some(StoredFile { name: name.clone(), key: stored });
    let upload = UploadAttachment { file, ..upload_sample() };
    let ticket = hotline.change(staff("UploadAttachment"), number, upload).await.expect("it is added");
    let id = &ticket.attachments[0].id;
    for active in [2, 1] {
        let vault = with_two_keys(&hotline, active).await;
        while reencrypt::reencrypt(&hotline.store, &hotline.clock, &vault).await.expect("it is there") > 0 {}
        let found = attachment_keys::find(hotline.store.reader(), id).await.expect("it can be read");
        let found = found.expect("a row");
        assert_eq!((found.key.version, &found.name), (active, &name));
        assert_eq!(vault.data_key(&name, &found.key).await.expect("it is unwrapped"), key.key);
    }
}

async fn the_access_log_is_append_only(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await[0].number;
    let vault = hotline.ledger.vault().clone();
    let disclosed = hotline.store.work(&hotline.clock, move |work| {
        let vault = vault.clone();
        Box::pin(async move {
            let access_reason = AccessReason::of(Occasion::Ticket);
            disclose(work, &vault, &Actor::system(), number, access_reason).await
        })
    });
    assert_eq!(disclosed.await.expect("it is shown"), with_contact_name());
    for sql in ["UPDATE identity_access SET principal = 'nobody'", "DELETE FROM identity_access"] {
        hotline.store.migrating().execute_unprepared(sql).await.expect_err(sql);
    }
    assert_eq!(count(&hotline, "SELECT COUNT(*) FROM identity_access WHERE principal = 'system'").await, 1);
}
