//! The addresses that messages to the company are sent to. They are read when a message is sent, and nowhere else. The
//! first reading for a message is recorded like every access to an identity, in the transaction that decrypts it.

use std::fmt;

use sea_orm::entity::prelude::*;

use super::access_log::{self, AccessReason, Occasion};
use super::encrypted_row::{decrypt, encrypt};
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, TicketNumber};

/// Where the company of a ticket can be reached.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MessageContact {
    /// The telephone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// Never shows an address, because printed values end up in logs.
impl fmt::Debug for MessageContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageContact(not printed)")
    }
}

/// Reads the addresses for a message. If it is the first attempt (`is_first`), the access is recorded under the id of
/// the message. Later attempts go to the same address for the same purpose, and stand under the same record.
///
/// # Errors
/// If the database refuses, or the vault cannot decrypt them.
pub async fn contact_for_message(
    work: &Work,
    vault: &Vault,
    ticket: TicketNumber,
    (message, is_first): (&str, bool),
) -> Result<MessageContact, Fault> {
    let Some(row) = encrypted_identity::Entity::find_by_id(ticket.as_i64()).one(&work.tx).await? else {
        return Ok(MessageContact::default());
    };
    if is_first {
        let note = format!("message/{message}");
        let reason = AccessReason { note, ..AccessReason::of(Occasion::Message) };
        access_log::record(work, &Actor::system(), &[ticket], &reason).await?;
    }
    let caller = decrypt(vault, row).await?;
    Ok(MessageContact { phone: caller.contact_phone.or(caller.given_phone), email: caller.email })
}

/// Which addresses are on record: a telephone number, and an e-mail address. Decrypts nothing.
///
/// # Errors
/// If the database refuses.
pub async fn addresses_on_record(
    db: &impl ConnectionTrait,
    ticket: TicketNumber,
) -> Result<(bool, bool), Fault> {
    let row = encrypted_identity::Entity::find_by_id(ticket.as_i64()).one(db).await?;
    Ok(row.map_or((false, false), |row| {
        (row.contact_phone.is_some() || row.given_phone.is_some(), row.email.is_some())
    }))
}

/// Keeps an e-mail address with the identity behind a ticket. The caller of this function has locked the ticket.
///
/// # Errors
/// If the database refuses, or the vault cannot encrypt it.
pub async fn put_email(
    work: &Work,
    vault: &Vault,
    (ticket, is_confidential): (TicketNumber, bool),
    email: String,
) -> Result<(), Fault> {
    let mut caller = super::decrypt_for_update(&work.tx, vault, ticket).await?;
    caller.email = Some(email);
    let mut writes = Writes::new(work);
    writes.put(vec![encrypt(vault, ticket, is_confidential, &caller).await?], &["ticket_number"])?;
    writes.execute(work).await
}
