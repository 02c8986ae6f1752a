//! Who called, in a table of its own: written with the ticket, read only where a caller of ours may know.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::rows::identity::{ActiveModel, Entity};
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, TicketNumber};

/// Writes the identities of new tickets, where anybody was named.
pub(super) async fn write(
    work: &Work,
    identities: impl Iterator<Item = (TicketNumber, &CallerIdentity)>,
) -> Result<(), Fault> {
    let rows: Vec<_> = identities
        .filter(|(_, identity)| !identity.is_empty())
        .map(|(number, identity)| ActiveModel {
            ticket_number: Set(number.as_i64()),
            enterprise_name: Set(identity.enterprise_name.clone()),
            social_credit_code: Set(identity.social_credit_code.clone()),
            contact_name: Set(identity.contact_name.clone()),
            contact_phone: Set(identity.contact_phone.clone()),
        })
        .collect();
    if !rows.is_empty() {
        Entity::insert_many(rows).exec_without_returning(&work.tx).await?;
    }
    Ok(())
}

/// Who called; empty where nobody was named. Whoever asks answers for the asking.
///
/// # Errors
/// Where the database refuses.
pub async fn read(db: &impl ConnectionTrait, number: TicketNumber) -> Result<CallerIdentity, Fault> {
    let found = Entity::find_by_id(number.as_i64()).one(db).await?;
    Ok(found.map_or_else(CallerIdentity::default, |row| CallerIdentity {
        enterprise_name: row.enterprise_name,
        social_credit_code: row.social_credit_code,
        contact_name: row.contact_name,
        contact_phone: row.contact_phone,
    }))
}
