//! `GetCall`: a call with the numbers of its parties. The reading is recorded in the transaction that decrypts them.
//! They are withheld if a ticket of the call is confidential: the number would say who called.

use serde_json::json;

use super::{Calls, DisclosedCall, not_found, rows};
use crate::access::Permit;
use crate::audit_log::records;
use crate::identity::{self, CallNumbers};
use crate::ledger::{call_tickets, training_calls};
use crate::platform::{Fault, Work};
use crate::ticket::CallId;

impl Calls {
    /// A call for a member of staff.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`; if the database refuses, or the vault can't decrypt the numbers.
    pub async fn get_call(&self, permit: &Permit, id: CallId) -> Result<DisclosedCall, Fault> {
        let input = (self.clone(), permit.clone(), id);
        self.store
            .run(&self.clock, input, async |work, (calls, permit, id)| {
                calls.disclose(work, permit, id, "GetCall").await
            })
            .await
    }

    /// A call for a reader of this method.
    pub(super) async fn disclose(
        &self,
        work: &Work,
        permit: &Permit,
        id: &CallId,
        method: &str,
    ) -> Result<DisclosedCall, Fault> {
        let mut call = rows::find(&work.tx, id).await?.ok_or_else(|| not_found(id))?;
        call.is_training = !training_calls::among(&work.tx, &[id.0.as_str()]).await?.is_empty();
        let tickets = call_tickets::of_call(&work.tx, id).await?;
        let is_confidential = tickets.iter().any(|ticket| ticket.is_confidential);
        let tickets = tickets.into_iter().map(|ticket| ticket.number).collect();
        let has_numbers = identity::has_call_numbers(&work.tx, id).await?;
        if !has_numbers || is_confidential {
            let numbers = CallNumbers::default();
            return Ok(DisclosedCall { call, numbers, is_withheld: has_numbers, tickets });
        }
        let numbers = identity::disclose_call(work, &self.vault, id).await?;
        records::record(work, &permit.actor(), method, &format!("call/{id}"), json!({})).await?;
        Ok(DisclosedCall { call, numbers, is_withheld: false, tickets })
    }
}
