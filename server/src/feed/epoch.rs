//! The epoch of a database: the time between two restores. A restored backup may give positions to other events than
//! before, so a cursor of an earlier epoch is not read.

use sea_orm::ConnectionTrait;
use sha2::{Digest as _, Sha256};

use crate::audit_log::restores;
use crate::platform::{Fault, database_identity};

/// Bytes of an epoch.
pub(super) const EPOCH_BYTES: usize = 8;

/// An epoch: a digest of the database's id and of the entry of its last restore. It is only compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch(pub(super) [u8; EPOCH_BYTES]);

/// Reads the epoch.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Epoch, Fault> {
    let id = database_identity::database_id(db).await?.unwrap_or_default();
    let last = restores::all(db).await?.pop();
    let restored = last.map(|entry| entry.hash.as_bytes().to_vec()).unwrap_or_default();
    let whole = Sha256::new().chain_update(id).chain_update([0]).chain_update(restored).finalize();
    let mut epoch = [0; EPOCH_BYTES];
    epoch.copy_from_slice(&whole[..EPOCH_BYTES]);
    Ok(Epoch(epoch))
}
