//! `TransferTickets`: starts to move all open work of a unit to its successor, or back to the desk. `oversight` moves
//! the tickets in the background.

use prost::Message;
use serde_json::json;

use super::Directory;
use super::unit_set::UnitSet;
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::free_text::{FreeText, check_forms};
use crate::ledger::transfers::{self, NewTransfer, Transfer};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::UnitCode;

/// A transfer to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferTickets {
    /// The unit whose open work moves.
    pub from: UnitCode,
    /// The unit that takes it over; `None` for the desk.
    pub to: Option<UnitCode>,
    /// Why.
    pub reason: String,
}

/// A transfer, and the open tickets that its unit has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferDetails {
    /// The transfer.
    pub transfer: Transfer,
    /// The tickets that are left.
    pub left: u32,
}

impl Directory {
    /// Starts a transfer, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `INVALID_FIELDS` if the reason names somebody, `UNIT_UNKNOWN`, `TRANSFER_RUNNING`, `REQUEST_ID_REUSED`,
    /// `UNAVAILABLE`.
    pub async fn transfer_tickets<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: TransferTickets,
        answer: fn(&TransferDetails) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&start_in(work, permit, command.clone()).await?))
            })
            .await
    }
}

async fn start_in(work: &Work, permit: &Permit, command: TransferTickets) -> Result<TransferDetails, Fault> {
    let TransferTickets { from, to, reason } = command;
    check_forms(&[FreeText::of("reason", &reason)])?;
    let codes = std::iter::once(&from).chain(&to).cloned().collect();
    let units = UnitSet::hold(&work.tx, codes).await?;
    units.check_known([("from_unit".to_owned(), &from)])?;
    units.check(to.iter().map(|to| ("to_unit".to_owned(), to)))?;
    if let Some(running) = transfers::running(&work.tx, &from).await? {
        return Err(transfers::running_already(&running));
    }
    let actor = permit.actor();
    let transfer = transfers::start(work, NewTransfer { from, to, reason, actor: actor.clone() }).await?;
    let details = json!({ "transfer": transfer.number, "to": transfer.to, "total": transfer.total });
    let subject = format!("unit/{}", transfer.from);
    records::record(work, &actor, permit.method().method, &subject, details).await?;
    Ok(TransferDetails { left: transfer.total, transfer })
}
