//! The vault in the database: identities under an older key are re-encrypted by any number of servers, and the access
//! log is append-only.

use std::sync::Arc;

use hotline_server::identity::access_log::{AccessReason, Occasion};
use hotline_server::identity::vault::key_file::Key;
use hotline_server::identity::vault::{FileKeys, KeyVersion, Suite, Vault};
use hotline_server::identity::{decrypt_for_comparison, disclose, reencrypt, registered_keys};
use hotline_server::platform::Store;
use hotline_server::ticket::{Actor, CallerIdentity, Ticket};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::fixture::{Database, Hotline, key_file};

both! {
    old_identities_are_reencrypted_once
    the_access_log_is_append_only
}

fn named() -> CallerIdentity {
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
        let all_of = async |store: Store| {
            let mut count = 0;
            loop {
                let here =
                    reencrypt::reencrypt(&store, &hotline.clock, &vault).await.expect("it is encrypted");
                count += here;
                if here == 0 {
                    return count;
                }
            }
        };
        let counts = tokio::join!(
            all_of(hotline.store.clone()),
            all_of(hotline.store.clone()),
            all_of(hotline.store.clone())
        );
        assert_eq!(counts.0 + counts.1 + counts.2, tickets.len() as u64, "each once");
        let other = format!("SELECT COUNT(*) FROM encrypted_identity WHERE key_version <> {active}");
        assert_eq!(count(&hotline, &other).await, 0);
        for Ticket { number, .. } in &tickets {
            let identity = decrypt_for_comparison(hotline.store.reader(), &vault, *number).await;
            assert_eq!(identity.expect("it is decrypted"), named());
        }
    }
}

async fn the_access_log_is_append_only(database: Database) {
    let hotline = Hotline::open(&database).await;
    let number = hotline.create_appeals(1).await[0].number;
    let vault = hotline.ledger.vault().clone();
    let shown = hotline.store.work(&hotline.clock, move |work| {
        let vault = vault.clone();
        Box::pin(async move {
            let why = AccessReason::of(Occasion::Ticket);
            disclose(work, &vault, &Actor::system(), number, why).await
        })
    });
    assert_eq!(shown.await.expect("it is shown"), named());
    for sql in ["UPDATE identity_access SET principal = 'nobody'", "DELETE FROM identity_access"] {
        hotline.store.migrating().execute_unprepared(sql).await.expect_err(sql);
    }
    assert_eq!(count(&hotline, "SELECT COUNT(*) FROM identity_access WHERE principal = 'system'").await, 1);
}
