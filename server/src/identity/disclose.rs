//! Disclosure of an identity, with its entry in the access log.

use sea_orm::entity::prelude::*;

use super::access_log::{self, AccessReason};
use super::encrypted_row::decrypt;
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, CallerIdentity, TicketNumber};

/// Decrypts the identity behind a ticket for a reader, and records the access in the same transaction. If nobody was
/// named, the result is empty and nothing is recorded.
///
/// # Errors
/// If the database refuses, or the vault cannot decrypt it.
pub async fn disclose(
    work: &Work,
    vault: &Vault,
    reader: &Actor,
    ticket: TicketNumber,
    reason: AccessReason,
) -> Result<CallerIdentity, Fault> {
    let Some(row) = encrypted_identity::Entity::find_by_id(ticket.as_i64()).one(&work.tx).await? else {
        return Ok(CallerIdentity::default());
    };
    access_log::record(work, reader, &[ticket], &reason).await?;
    decrypt(vault, row).await
}
