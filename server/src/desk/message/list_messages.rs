//! `ListMessages`: what the company of a ticket was told and is to be told, by event.

use hotline_proto::v1::ErrorReason;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Messages;
use super::model::CompanyMessage;
use super::rows::{self, message};
use crate::access::Permit;
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::TicketNumber;

/// The refusal of a ticket that is not there for the caller.
pub(super) fn not_found(number: TicketNumber) -> Fault {
    Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string())
}

impl Messages {
    /// The messages of a ticket after a sequence, at most `limit`. Only staff may call this method, so their scope is
    /// every ticket.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`; if the database refuses.
    pub async fn list_messages(
        &self,
        permit: &Permit,
        number: TicketNumber,
        (after, limit): (Option<i32>, u64),
    ) -> Result<Vec<CompanyMessage>, Fault> {
        let db = self.store.reader();
        let ticket = ledger::read::find(db, &permit.scope(), number).await?;
        ticket.ok_or_else(|| not_found(number))?;
        let rows = message::Entity::find()
            .filter(message::Column::TicketNumber.eq(number.as_i64()))
            .filter(message::Column::Sequence.gt(after.unwrap_or(0)))
            .order_by_asc(message::Column::Sequence)
            .limit(limit)
            .all(db)
            .await?;
        rows.into_iter().map(rows::message_of).collect()
    }
}
