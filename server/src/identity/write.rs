//! Writes identities with their tickets, for the ledger.

use sea_orm::entity::prelude::*;

use super::encrypted_row::encrypt;
use super::rows::encrypted_identity;
use super::vault::Vault;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, TicketNumber};

/// The change of the identity behind a ticket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdentityChange<'a> {
    /// The ticket.
    pub(crate) ticket: TicketNumber,
    /// Whether the ticket is confidential from now on.
    pub(crate) is_confidential: bool,
    /// Who called, for a new ticket or after an update; `None` if only the confidentiality of the ticket has changed.
    pub(crate) new: Option<&'a CallerIdentity>,
    /// Whether it takes the place of an identity that may be there.
    pub(crate) is_replaced: bool,
}

/// Encrypts the identities of new tickets, and those that were updated, and adds them to what a unit of work writes.
/// Keeps those of changed tickets as confidential as their tickets are.
pub(crate) async fn add(
    work: &Work,
    vault: &Vault,
    changes: &[IdentityChange<'_>],
    writes: &mut Writes,
) -> Result<(), Fault> {
    let (mut new, mut replaced) = (Vec::new(), Vec::new());
    for change in changes {
        if let Some(identity) = change.new {
            let row = encrypt(vault, change.ticket, change.is_confidential, identity).await?;
            if change.is_replaced { &mut replaced } else { &mut new }.push(row);
        }
    }
    writes.insert(new)?;
    writes.put(replaced, &["ticket_number"])?;
    for is_confidential in [true, false] {
        let existing =
            changes.iter().filter(|change| change.new.is_none() && change.is_confidential == is_confidential);
        let numbers: Vec<_> = existing.map(|change| change.ticket.as_i64()).collect();
        if !numbers.is_empty() {
            encrypted_identity::Entity::update_many()
                .col_expr(encrypted_identity::Column::IsConfidential, is_confidential.into())
                .filter(encrypted_identity::Column::TicketNumber.is_in(numbers))
                .exec(&work.tx)
                .await?;
        }
    }
    Ok(())
}
