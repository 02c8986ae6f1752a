//! Reads of identities that are no access, because nobody is shown them.

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::encrypted_row::decrypt;
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::Fault;
use crate::ticket::{CallerField, CallerIdentity, TicketNumber};

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

/// Who called, to compare a text of staff with. Empty if nobody was named.
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

/// Who called, to replace a part of it. Empty if nobody was named.
///
/// # Errors
/// If the database refuses, or the vault cannot decrypt it.
pub async fn decrypt_for_update(
    db: &impl ConnectionTrait,
    vault: &Vault,
    number: TicketNumber,
) -> Result<CallerIdentity, Fault> {
    decrypt_for_comparison(db, vault, number).await
}

/// The encrypted fields that hold something. Decrypts nothing.
///
/// # Errors
/// If the database refuses.
pub async fn fields_on_record(
    db: &impl ConnectionTrait,
    number: TicketNumber,
) -> Result<Vec<CallerField>, Fault> {
    let Some(row) = encrypted_identity::Entity::find_by_id(number.as_i64()).one(db).await? else {
        return Ok(Vec::new());
    };
    let cells = [
        (CallerField::EnterpriseName, row.enterprise_name),
        (CallerField::SocialCreditCode, row.social_credit_code),
        (CallerField::ContactName, row.contact_name),
        (CallerField::ContactPhone, row.contact_phone),
        (CallerField::Certificate, row.certificate),
    ];
    Ok(cells.into_iter().filter_map(|(field, cell)| cell.map(|_| field)).collect())
}
