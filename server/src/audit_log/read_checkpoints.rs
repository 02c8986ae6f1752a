//! Reads checkpoints: pages of them with the heads that they cover, and the keys that signed the last ones.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::checkpoint::{Checkpoint, CheckpointHead};
use super::rows::{checkpoint, checkpoint_entry, heads_of};
use super::signing_key::PublicKey;
use crate::platform::Fault;

/// The number of last checkpoints that are searched for their signing keys.
const SIGNERS_SEARCHED: u64 = 1_000;

/// The keys that signed the last checkpoints, the last one first, each once.
///
/// # Errors
/// If the database cannot be read.
pub async fn last_signers(db: &impl ConnectionTrait) -> Result<Vec<PublicKey>, Fault> {
    let signed: Vec<Vec<u8>> = checkpoint::Entity::find()
        .select_only()
        .column(checkpoint::Column::PublicKey)
        .order_by_desc(checkpoint::Column::Number)
        .limit(SIGNERS_SEARCHED)
        .into_tuple()
        .all(db)
        .await?;
    let mut signers = Vec::new();
    for key in signed.iter().filter_map(|bytes| PublicKey::of(bytes)) {
        if !signers.contains(&key) {
            signers.push(key);
        }
    }
    Ok(signers)
}

/// The checkpoints after a number, ascending, at most `limit`, each with its heads.
///
/// # Errors
/// If the database cannot be reached, or a checkpoint cannot be read.
pub async fn page(
    db: &impl ConnectionTrait,
    after: i64,
    limit: u64,
) -> Result<Vec<(Checkpoint, Vec<CheckpointHead>)>, Fault> {
    let mut checkpoints = Vec::new();
    for row in rows(db, after, limit).await? {
        let unreadable = || Fault::internal(format!("checkpoint {} can't be read", row.number));
        checkpoints.push((row.read().ok_or_else(unreadable)?, heads_of(entries(db, row.number).await?)));
    }
    Ok(checkpoints)
}

/// The rows of the checkpoints after a number, ascending, at most `limit`.
pub(crate) async fn rows(
    db: &impl ConnectionTrait,
    after: i64,
    limit: u64,
) -> Result<Vec<checkpoint::Model>, Fault> {
    let found = checkpoint::Entity::find()
        .filter(checkpoint::Column::Number.gt(after))
        .order_by_asc(checkpoint::Column::Number)
        .limit(limit)
        .all(db)
        .await?;
    Ok(found)
}

/// The heads under a checkpoint as they are stored.
pub(crate) async fn entries(
    db: &impl ConnectionTrait,
    checkpoint: i64,
) -> Result<Vec<checkpoint_entry::Model>, Fault> {
    let found =
        checkpoint_entry::Entity::find().filter(checkpoint_entry::Column::CheckpointNumber.eq(checkpoint));
    Ok(found.all(db).await?)
}
