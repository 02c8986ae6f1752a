//! Re-encrypts identities, the numbers of calls and the keys of attachments that are not under the active key.
//! Idempotent, page by page; several servers may run it at once.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use super::attachment_keys;
use super::encrypted_call::{self, row as call_row};
use super::encrypted_row::{decrypt, encrypt};
use super::rows::{encrypted_identity, version_number};
use super::vault::Vault;
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::CallId;
use crate::ticket::columns::number;

/// Identities in one transaction, and calls and attachments beside them.
pub const BATCH: u64 = 100;

/// Re-encrypts at most [`BATCH`] identities, and as many calls and keys, that are not under the active key; returns
/// how many.
///
/// # Errors
/// If the database can't be reached, or the vault can't decrypt one.
pub async fn reencrypt(store: &Store, clock: &Clock, vault: &Vault) -> Result<u64, Fault> {
    failpoint::reach("vault.reencrypt").await?;
    // Searched outside a transaction, so that a check without a result begins none.
    let mut is_any = false;
    for old in old(vault) {
        is_any = is_any || old.limit(1).one(store.reader()).await?.is_some();
    }
    for old in old_calls(vault) {
        is_any = is_any || old.limit(1).one(store.reader()).await?.is_some();
    }
    for old in attachment_keys::old(vault) {
        is_any = is_any || old.limit(1).one(store.reader()).await?.is_some();
    }
    if !is_any {
        return Ok(0);
    }
    let vault = vault.clone();
    store
        .run(clock, vault, async |work, vault| {
            let identities = reencrypt_in(work, vault).await?;
            let calls = reencrypt_calls_in(work, vault).await?;
            Ok(identities + calls + rewrap_attachments_in(work, vault).await?)
        })
        .await
}

/// The identities under other versions than the active one: both below and above it, because an index cannot find
/// values that differ from one.
fn old(vault: &Vault) -> [Select<encrypted_identity::Entity>; 2] {
    use encrypted_identity::Column::{KeyVersion, TicketNumber};
    let active = version_number(vault.keys().active());
    [KeyVersion.lt(active), KeyVersion.gt(active)].map(|others| {
        encrypted_identity::Entity::find().filter(others).order_by_asc(KeyVersion).order_by_asc(TicketNumber)
    })
}

fn old_calls(vault: &Vault) -> [Select<call_row::Entity>; 2] {
    use call_row::Column::{CallId, KeyVersion};
    let active = version_number(vault.keys().active());
    [KeyVersion.lt(active), KeyVersion.gt(active)]
        .map(|others| call_row::Entity::find().filter(others).order_by_asc(KeyVersion).order_by_asc(CallId))
}

/// The next rows of a query, locked; those that another server has locked are skipped.
async fn locked<E: EntityTrait>(work: &Work, some: Select<E>) -> Result<Vec<E::Model>, Fault> {
    let some = match work.tx.get_database_backend() {
        DbBackend::Postgres => some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
        _ => some,
    };
    Ok(some.all(&work.tx).await?)
}

async fn reencrypt_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut done = 0;
    for old in old(vault) {
        for row in locked(work, old.limit(BATCH - done)).await? {
            let number = number(row.ticket_number)?;
            let is_confidential = row.is_confidential;
            let identity = decrypt(vault, row).await?;
            let row = encrypt(vault, number, is_confidential, &identity).await?;
            encrypted_identity::Entity::update(row.reset_all()).exec(&work.tx).await?;
            done += 1;
        }
    }
    Ok(done)
}

async fn reencrypt_calls_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut done = 0;
    for old in old_calls(vault) {
        for row in locked(work, old.limit(BATCH - done)).await? {
            let id = CallId(row.call_id.clone());
            let numbers = encrypted_call::decrypt(vault, row).await?;
            let row = encrypted_call::encrypt(vault, &id, &numbers).await?;
            call_row::Entity::update(row.reset_all()).exec(&work.tx).await?;
            done += 1;
        }
    }
    Ok(done)
}

async fn rewrap_attachments_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut done = 0;
    for old in attachment_keys::old(vault) {
        for row in locked(work, old.limit(BATCH - done)).await? {
            attachment_keys::rewrap(work, vault, row).await?;
            done += 1;
        }
    }
    Ok(done)
}
