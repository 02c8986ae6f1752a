//! The registered keys of a database. Each server has its own copy of the keys. If a database has registered a version
//! with another secret, or holds identities of a version that the server lacks, this is reported before anything is
//! encrypted.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::identity::encrypted_call::row as encrypted_call;
use crate::identity::rows::{encrypted_identity, vault_key, version_number};
use crate::identity::vault::KeyVersion;
use crate::platform::{Clock, Fault, Store, Work, failpoint};

/// Compares keys, as versions with their proofs, with the registered ones, and registers the new ones. Returns the
/// mismatches.
///
/// # Errors
/// If the database can't be reached.
pub async fn register(
    store: &Store,
    clock: &Clock,
    proofs: Vec<(KeyVersion, Vec<u8>)>,
) -> Result<Result<(), String>, Fault> {
    failpoint::reach("vault.register_keys").await?;
    store.run(clock, proofs, async |work, proofs| register_in(work, proofs).await).await
}

/// The registered versions, rising.
///
/// # Errors
/// If the database can't be reached.
pub async fn versions(db: &impl ConnectionTrait) -> Result<Vec<i32>, Fault> {
    let versions = vault_key::Entity::find()
        .select_only()
        .column(vault_key::Column::Version)
        .order_by_asc(vault_key::Column::Version)
        .into_tuple();
    Ok(versions.all(db).await?)
}

async fn register_in(work: &Work, proofs: &[(KeyVersion, Vec<u8>)]) -> Result<Result<(), String>, Fault> {
    let known = vault_key::Entity::find().order_by_asc(vault_key::Column::Version).all(&work.tx).await?;
    let provided: HashMap<i32, &Vec<u8>> =
        proofs.iter().map(|(version, proof)| (version_number(*version), proof)).collect();
    for row in &known {
        let version = row.version;
        if let Some(proof) = provided.get(&version) {
            if **proof != row.proof {
                return Ok(Err(format!(
                    "vault key {version} is another one than this database has seen under that version; every server \
                     of a database needs the same file (vault.keys)"
                )));
            }
        } else if is_used(work, version).await? {
            return Ok(Err(format!(
                "vault key {version} is missing, and identities of this database are encrypted with it"
            )));
        }
    }
    for (version, proof) in proofs {
        let version = version_number(*version);
        if !known.iter().any(|row| row.version == version) {
            let row = vault_key::ActiveModel {
                version: Set(version),
                proof: Set(proof.clone()),
                first_seen_at: Set(work.now().timestamp_micros()),
            };
            vault_key::Entity::insert(row).exec_without_returning(&work.tx).await?;
        }
    }
    Ok(Ok(()))
}

/// Whether something is encrypted with a key.
async fn is_used(work: &Work, version: i32) -> Result<bool, Fault> {
    let identity: Option<i64> = encrypted_identity::Entity::find()
        .select_only()
        .column(encrypted_identity::Column::TicketNumber)
        .filter(encrypted_identity::Column::KeyVersion.eq(version))
        .limit(1)
        .into_tuple()
        .one(&work.tx)
        .await?;
    if identity.is_some() {
        return Ok(true);
    }
    let call: Option<String> = encrypted_call::Entity::find()
        .select_only()
        .column(encrypted_call::Column::CallId)
        .filter(encrypted_call::Column::KeyVersion.eq(version))
        .limit(1)
        .into_tuple()
        .one(&work.tx)
        .await?;
    Ok(call.is_some())
}
