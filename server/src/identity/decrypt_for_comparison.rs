//! Reads of identities that are no access, because nobody is shown them.

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::encrypted_row::decrypt;
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::Fault;
use crate::ticket::{CallerIdentity, TicketNumber};

/// Whether a caller was named. Decrypts nothing.
///
/// # Errors
/// If the database refuses.
pub async fn is_known(db: &impl ConnectionTrait, number: TicketNumber) -> Result<bool, Fault> {
    let found: Option<i64> = encrypted_identity::Entity::find_by_id(number.as_i64())
        .select_only()
        .column(encrypted_identity::Column::TicketNumber)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Who called, to compare a request with the first one with the same key. Empty if nobody was named.
///
/// # Errors
/// If the database refuses, or the vault cannot decrypt it.
pub async fn decrypt_for_comparison(
    db: &impl ConnectionTrait,
    vault: &Vault,
    number: TicketNumber,
) -> Result<CallerIdentity, Fault> {
    match encrypted_identity::Entity::find_by_id(number.as_i64()).one(db).await? {
        Some(row) => decrypt(vault, row).await,
        None => Ok(CallerIdentity::default()),
    }
}
