//! Restores in the database: for each restored backup one signed entry in the chain of checkpoints, and its audit
//! record.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde_json::json;

use super::hash_chain::link_of;
use super::records;
use super::restore_entry::{ChainEnd, Restore, RestoreEntry};
use super::rows::{self, checkpoint};
use super::signing_key::SigningKey;
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// The method in the audit records of restores.
pub const METHOD: &str = "RestoreDatabase";

/// The rows of all restores, in the order of their numbers.
pub(crate) async fn all_rows(db: &impl ConnectionTrait) -> Result<Vec<rows::restore_entry::Model>, Fault> {
    use rows::restore_entry::{Column, Entity};
    Ok(Entity::find().order_by_asc(Column::Number).all(db).await?)
}

/// All restores, in the order of their numbers.
///
/// # Errors
/// If the database cannot be reached, or an entry cannot be read.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<RestoreEntry>, Fault> {
    let read = |row: &rows::restore_entry::Model| {
        row.read().ok_or_else(|| Fault::internal(format!("restore {} can't be read", row.number)))
    };
    all_rows(db).await?.iter().map(read).collect()
}

/// The end of the chain of checkpoints and restores, and the instant of its last part.
///
/// # Errors
/// If the database cannot be reached, or a part cannot be read.
pub async fn chain_end(db: &impl ConnectionTrait) -> Result<(ChainEnd, i64), Fault> {
    let last = checkpoint::Entity::find().order_by_desc(checkpoint::Column::Number).limit(1).one(db).await?;
    let (end, signed_at) = match last {
        Some(last) => (ChainEnd { through: last.number, link: link_of(&last.hash)? }, last.signed_at),
        None => (ChainEnd::NONE, i64::MIN),
    };
    let restores = all(db).await?;
    let restored_at = restores.iter().map(|entry| entry.restored_at).max().unwrap_or(i64::MIN);
    Ok((end.after(&restores), signed_at.max(restored_at)))
}

/// The known data of a restore before the database is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRequest {
    /// Who restores.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The end of the exported chain.
    pub exported: ChainEnd,
    /// The number of the last exported restore; 0 for none.
    pub exported_restore: i64,
}

/// Adds the signed entry of a restore to the chain, and its audit record. `skipped_numbers` are the ticket numbers that
/// are never given out, as JSON. The caller holds [`super::lock`].
pub(crate) async fn record(
    work: &Work,
    key: &SigningKey,
    request: &RestoreRequest,
    skipped_numbers: String,
) -> Result<RestoreEntry, Fault> {
    let (last, _) = chain_end(&work.tx).await?;
    let abandoned = if request.exported.through > last.through { request.exported } else { last };
    let known = all(&work.tx).await?.last().map_or(0, |entry| entry.number);
    let number = known.max(request.exported_restore) + 1;
    let restore = Restore {
        number,
        restored_at: work.now().timestamp_micros(),
        last,
        abandoned,
        by: request.by.clone(),
        reason: request.reason.clone(),
        skipped_numbers,
    };
    let entry = RestoreEntry::make(work.hash_suite(), key, restore);
    insert(work, &entry).await?;
    // The reason may name people, so it is not in the record.
    let details = json!({
        "restore": number,
        "last_checkpoint": last.through,
        "abandoned_checkpoint": abandoned.through,
        "by": request.by,
    });
    records::record(work, &Actor::system(), METHOD, records::HOTLINE_SUBJECT, details).await?;
    Ok(entry)
}

async fn insert(work: &Work, entry: &RestoreEntry) -> Result<(), Fault> {
    let new = rows::restore_entry::ActiveModel {
        number: Set(entry.number),
        restored_at: Set(entry.restored_at),
        last_checkpoint: Set(entry.last.through),
        last_hash: Set(entry.last.link.as_bytes().to_vec()),
        abandoned_checkpoint: Set(entry.abandoned.through),
        abandoned_hash: Set(entry.abandoned.link.as_bytes().to_vec()),
        restored_by: Set(entry.by.clone()),
        reason: Set(entry.reason.clone()),
        skipped_numbers: Set(entry.skipped_numbers.clone()),
        public_key: Set(entry.public_key.as_bytes().to_vec()),
        hash: Set(entry.hash.as_bytes().to_vec()),
        signature: Set(entry.signature.clone()),
    };
    rows::restore_entry::Entity::insert(new).exec_without_returning(&work.tx).await?;
    Ok(())
}
