//! Writes checkpoints: one transaction takes the pending heads, signs them together over the last checkpoint, and
//! deletes the pending rows.
//!
//! A checkpoint's number is unique. If two servers sign at once, one of them starts again after the other's checkpoint.
//! So the checkpoints are one chain, whichever server signs them.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::checkpoint::{Checkpoint, CheckpointHead};
use super::hash_chain::link_of;
use super::rows::{self, checkpoint_entry, pending_head};
use super::signing_key::SigningKey;
use super::{lock, pending_heads, restores};
use crate::platform::writes::insert;
use crate::platform::{Clock, Fault, Store, Work, failpoint};

/// Pending heads of one checkpoint on PostgreSQL, where other transactions run beside it.
const HEADS_MAX_POSTGRES: u64 = 1_000;
/// Pending heads of one checkpoint on SQLite, where every command waits for it.
const HEADS_MAX_SQLITE: u64 = 250;

/// The most pending heads of one checkpoint.
#[must_use]
pub fn heads_max(store: &Store) -> u64 {
    if store.is_sqlite() { HEADS_MAX_SQLITE } else { HEADS_MAX_POSTGRES }
}

/// Signs at most [`heads_max`] pending heads; returns how many. Returns 0 too if another server is signing.
///
/// # Errors
/// If the database cannot be reached.
pub async fn write_checkpoint(store: &Store, clock: &Clock, key: &SigningKey) -> Result<u64, Fault> {
    let input = (key.clone(), heads_max(store));
    store.run(clock, input, async |work, (key, most)| write_in(work, key, *most).await).await
}

async fn write_in(work: &Work, key: &SigningKey, most: u64) -> Result<u64, Fault> {
    if !lock::try_take(work).await? {
        return Ok(0);
    }
    failpoint::reach("checkpoint.read_heads").await?;
    let pending = pending_heads::first(work, most).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let heads = last_of_each(pending.clone())?;
    let (end, last_at) = restores::chain_end(&work.tx).await?;
    let at = Ord::max(work.now().timestamp_micros(), last_at);
    let checkpoint = Checkpoint::make(work.hash_suite(), key, Some((end.through, end.link)), at, &heads);
    failpoint::reach("checkpoint.write").await?;
    insert_checkpoint(work, &checkpoint, heads).await?;
    let count = pending.len() as u64;
    pending_heads::delete(work, pending).await?;
    Ok(count)
}

/// The longest head of each chain, ordered by ticket number and subject.
fn last_of_each(mut pending: Vec<pending_head::Model>) -> Result<Vec<CheckpointHead>, Fault> {
    // Each database sorts texts in its own way.
    pending.sort_by(|one, other| {
        let place = |row: &pending_head::Model| (row.ticket_number, row.subject.clone(), row.sequence);
        Ord::cmp(&place(one), &place(other))
    });
    let chains = pending
        .chunk_by(|one, other| (one.ticket_number, &one.subject) == (other.ticket_number, &other.subject));
    let head = |row: &pending_head::Model| {
        Ok(CheckpointHead {
            ticket_number: row.ticket_number,
            subject: row.subject.clone(),
            sequence: row.sequence,
            link: link_of(&row.hash)?,
        })
    };
    chains.filter_map(<[_]>::last).map(head).collect()
}

async fn insert_checkpoint(
    work: &Work,
    checkpoint: &Checkpoint,
    heads: Vec<CheckpointHead>,
) -> Result<(), Fault> {
    let new = rows::checkpoint::ActiveModel {
        number: Set(checkpoint.number),
        previous_hash: Set(checkpoint.previous.as_bytes().to_vec()),
        signed_at: Set(checkpoint.signed_at),
        head_count: Set(checkpoint.head_count),
        root: Set(checkpoint.root.as_bytes().to_vec()),
        public_key: Set(checkpoint.public_key.as_bytes().to_vec()),
        hash: Set(checkpoint.hash.as_bytes().to_vec()),
        signature: Set(checkpoint.signature.clone()),
    };
    rows::checkpoint::Entity::insert(new).exec_without_returning(&work.tx).await?;
    let entry = |head: CheckpointHead| checkpoint_entry::ActiveModel {
        checkpoint_number: Set(checkpoint.number),
        ticket_number: Set(head.ticket_number),
        subject: Set(head.subject),
        sequence: Set(head.sequence),
        hash: Set(head.link.as_bytes().to_vec()),
    };
    insert(work, heads.into_iter().map(entry).collect()).await
}
