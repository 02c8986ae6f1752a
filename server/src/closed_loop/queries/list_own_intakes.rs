//! `ListOwnIntakes`: what a unit took in at its own counter, whoever has it now.

use hotline_proto::v1::ErrorReason;

use super::TicketQueries;
use crate::access::Permit;
use crate::ledger::own_intakes::{self, OwnIntake};
use crate::platform::Fault;

impl TicketQueries {
    /// A page of what the caller's unit took in, before a ticket number if there is one.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_own_intakes(
        &self,
        permit: &Permit,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<OwnIntake>, Fault> {
        // The contract admits units alone.
        let unit = permit.unit().ok_or_else(|| Fault::new(ErrorReason::RoleNotAllowed))?;
        own_intakes::page(&self.reading(permit).await?, unit, before, limit).await
    }
}
