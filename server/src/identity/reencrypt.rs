//! Re-encrypts identities that are not encrypted under the active key. Idempotent, page by page; several servers may
//! run it at once.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use super::encrypted_row::{decrypt, encrypt};
use super::rows::{encrypted_identity, version_number};
use super::vault::Vault;
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::columns::number;

/// Identities in one transaction.
pub const BATCH: u64 = 100;

/// Re-encrypts at most [`BATCH`] identities that are not under the active key; returns how many.
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
    if !is_any {
        return Ok(0);
    }
    let vault = vault.clone();
    store.run(clock, vault, async |work, vault| reencrypt_in(work, vault).await).await
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

async fn reencrypt_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut done = 0;
    for old in old(vault) {
        let mut some = old.limit(BATCH - done);
        if work.tx.get_database_backend() == DbBackend::Postgres {
            some = some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        for row in some.all(&work.tx).await? {
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
