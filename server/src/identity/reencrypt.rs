//! Sealing again what is sealed under an older key, and for the first time what was kept in the clear before the vault.
//! Idempotent, page by page; several servers may do it at once.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use super::rows::{plain, sealed, version_number};
use super::{seal, unseal};
use crate::ledger::bulk::insert;
use crate::ledger::rows::ticket;
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::{CallerIdentity, TicketNumber};
use crate::vault::Vault;

/// Identities in one transaction.
pub const BATCH: u64 = 100;

/// Seals at most [`BATCH`] identities again that are not under the active key; answers how many.
///
/// # Errors
/// Where the database can't be reached, or the vault can't open one.
pub async fn reseal(store: &Store, clock: &Clock, vault: &Vault) -> Result<u64, Fault> {
    failpoint::reach("vault.reencrypt").await?;
    // Looked up outside, so that a look that finds nothing begins no transaction.
    let mut is_any = false;
    for old in old(vault) {
        is_any = is_any || old.limit(1).one(store.reader()).await?.is_some();
    }
    if !is_any {
        return Ok(0);
    }
    let vault = vault.clone();
    store
        .work(clock, move |work| {
            let vault = vault.clone();
            Box::pin(async move { reseal_in(work, &vault).await })
        })
        .await
}

/// The identities that are not under the active key: both sides of it, because no index tells what differs from a value.
fn old(vault: &Vault) -> [Select<sealed::Entity>; 2] {
    use sealed::Column::{KeyVersion, TicketNumber};
    let active = version_number(vault.keys().active());
    [KeyVersion.lt(active), KeyVersion.gt(active)].map(|others| {
        sealed::Entity::find().filter(others).order_by_asc(KeyVersion).order_by_asc(TicketNumber)
    })
}

async fn reseal_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut done = 0;
    for old in old(vault) {
        let mut some = old.limit(BATCH - done);
        if work.tx.get_database_backend() == DbBackend::Postgres {
            some = some.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        for row in some.all(&work.tx).await? {
            let number = number_of(row.ticket_number)?;
            let is_confidential = row.is_confidential;
            let identity = unseal(vault, row).await?;
            let anew = seal(vault, number, is_confidential, &identity).await?;
            sealed::Entity::update(anew.reset_all()).exec(&work.tx).await?;
            done += 1;
        }
    }
    Ok(done)
}

/// Seals at most [`BATCH`] identities that lie in the clear and takes them away there; answers how many.
///
/// # Errors
/// Where the database can't be reached.
pub async fn seal_plain(store: &Store, clock: &Clock, vault: &Vault) -> Result<u64, Fault> {
    // Looked up outside, so that a start begins no transaction for it.
    if plain::Entity::find().limit(1).one(store.reader()).await?.is_none() {
        return Ok(0);
    }
    let vault = vault.clone();
    store
        .work(clock, move |work| {
            let vault = vault.clone();
            Box::pin(async move { seal_plain_in(work, &vault).await })
        })
        .await
}

async fn seal_plain_in(work: &Work, vault: &Vault) -> Result<u64, Fault> {
    let mut some = plain::Entity::find().order_by_asc(plain::Column::TicketNumber).limit(BATCH);
    if work.tx.get_database_backend() == DbBackend::Postgres {
        some = some.lock_exclusive();
    }
    let some = some.all(&work.tx).await?;
    let numbers: Vec<i64> = some.iter().map(|row| row.ticket_number).collect();
    let mut new = Vec::new();
    for row in some {
        let document: Option<String> = ticket::Entity::find_by_id(row.ticket_number)
            .select_only()
            .column(ticket::Column::Document)
            .into_tuple()
            .one(&work.tx)
            .await?;
        let document = document.ok_or_else(|| Fault::internal("an identity without a ticket"))?;
        let whose = ticket::read(row.ticket_number, &document, String::new())?;
        let identity = CallerIdentity {
            enterprise_name: row.enterprise_name,
            social_credit_code: row.social_credit_code,
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            ..CallerIdentity::default()
        };
        new.push(seal(vault, whose.number, whose.is_confidential, &identity).await?);
    }
    insert(work, new).await?;
    plain::Entity::delete_many()
        .filter(plain::Column::TicketNumber.is_in(numbers.iter().copied()))
        .exec(&work.tx)
        .await?;
    Ok(numbers.len() as u64)
}

fn number_of(number: i64) -> Result<TicketNumber, Fault> {
    crate::ledger::rows::number(number)
}
