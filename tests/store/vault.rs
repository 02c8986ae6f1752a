//! The vault in the database: what lay in the clear is sealed, what is sealed under an older key is sealed again by
//! however many servers, and the list of readings is only added to.

use std::sync::Arc;

use hotline_server::ledger::identity::reads::{self, Occasion, Why};
use hotline_server::ledger::identity::{keys, resealing, to_compare};
use hotline_server::platform::Store;
use hotline_server::ticket::{Actor, CallerIdentity, Ticket};
use hotline_server::vault::key_file::Key;
use hotline_server::vault::{FileKeys, KeyVersion, Suite, Vault};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::fixture::{Database, Hotline, key_file};

both! {
    plaintext_identities_are_encrypted
    old_identities_are_reencrypted_once
    the_access_log_is_append_only
}

fn named() -> CallerIdentity {
    CallerIdentity { contact_name: Some("王女士".to_owned()), ..CallerIdentity::default() }
}

async fn count(hotline: &Hotline, sql: &str) -> i64 {
    hotline.rows(sql).await[0].try_get_by_index(0).expect("a count")
}

async fn plaintext_identities_are_encrypted(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(u32::try_from(resealing::BATCH).expect("a small batch") + 3).await;
    let db = hotline.store.migrating();
    // As an older release left them.
    for sql in [
        "DELETE FROM sealed_identity",
        "INSERT INTO caller_identity (ticket_number, contact_name) SELECT number, '王女士' FROM ticket",
    ] {
        db.execute_unprepared(sql).await.expect("the tables are there");
    }
    let mut sealed = 0;
    loop {
        let here = resealing::seal_plain(&hotline.store, &hotline.clock, hotline.ledger.vault()).await;
        match here.expect("it is sealed") {
            0 => break,
            here => sealed += here,
        }
    }
    assert_eq!(sealed, tickets.len() as u64);
    assert_eq!(count(&hotline, "SELECT COUNT(*) FROM caller_identity").await, 0);
    for Ticket { number, .. } in tickets {
        let identity = to_compare(hotline.store.reader(), hotline.ledger.vault(), number).await;
        assert_eq!(identity.expect("it opens"), named());
    }
}

/// A vault as another server has it, whose file has a second key, with this one of the two active.
async fn with_two_keys(hotline: &Hotline, active: KeyVersion) -> Vault {
    let mut file = key_file();
    file.keys.push(Key { version: 2, suite: Suite::Sm4Gcm, secret: vec![8; 32].into() });
    file.active = active;
    let keys = FileKeys::of(&file).expect("sound keys");
    let proofs = keys.now().proofs().expect("proofs");
    keys::admit(&hotline.store, &hotline.clock, proofs).await.expect("it is there").expect("they fit");
    Vault::new(Arc::new(keys))
}

async fn old_identities_are_reencrypted_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(250).await;
    // Forward to the new key, and back to the one before it.
    for active in [2, 1] {
        let vault = with_two_keys(&hotline, active).await;
        let seal = async |store: Store| {
            let mut sealed = 0;
            loop {
                let here = resealing::reseal(&store, &hotline.clock, &vault).await.expect("it is sealed");
                sealed += here;
                if here == 0 {
                    return sealed;
                }
            }
        };
        let sealed = tokio::join!(
            seal(hotline.store.clone()),
            seal(hotline.store.clone()),
            seal(hotline.store.clone())
        );
        assert_eq!(sealed.0 + sealed.1 + sealed.2, tickets.len() as u64, "each once");
        let other = format!("SELECT COUNT(*) FROM sealed_identity WHERE key_version <> {active}");
        assert_eq!(count(&hotline, &other).await, 0);
        for Ticket { number, .. } in &tickets {
            let identity = to_compare(hotline.store.reader(), &vault, *number).await;
            assert_eq!(identity.expect("it opens"), named());
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
            let why = Why::of(Occasion::Ticket);
            reads::show(work, &vault, &Actor::system(), number, why).await
        })
    });
    assert_eq!(shown.await.expect("it is shown"), named());
    for sql in ["UPDATE identity_read SET principal = 'nobody'", "DELETE FROM identity_read"] {
        hotline.store.migrating().execute_unprepared(sql).await.expect_err(sql);
    }
    assert_eq!(count(&hotline, "SELECT COUNT(*) FROM identity_read WHERE principal = 'system'").await, 1);
}
