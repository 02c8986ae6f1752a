//! The open work of a unit that becomes inactive: where it goes is said with the change of the unit. In the same unit
//! of work its catalogue entries, its knowledge gaps and its policy issues pass on, and a transfer of its open tickets
//! starts.

use hotline_proto::v1::ErrorReason;

use super::Unit;
use super::catalogue;
use super::open_issues;
use crate::desk::knowledge::gaps;
use crate::ledger::transfers::{self, NewTransfer};
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// Passes on the work of a unit that was just put; returns the number of the transfer of its open tickets. Nothing
/// happens unless it became inactive, or got another successor.
///
/// # Errors
/// `UNIT_HAS_OPEN_TICKETS`, `TRANSFER_RUNNING`.
pub(super) async fn pass_on(
    work: &Work,
    unit: &Unit,
    before: Option<&Unit>,
    to_desk: bool,
    actor: Actor,
) -> Result<Option<u32>, Fault> {
    let ends = before.is_some_and(|before| before.is_active) && !unit.is_active;
    let had_successor = before.and_then(|before| before.successor.as_ref());
    let has_new_successor = unit.successor.is_some() && unit.successor.as_ref() != had_successor;
    if !ends && !has_new_successor {
        return Ok(None);
    }
    catalogue::pass_on(work, &unit.code, unit.successor.as_ref()).await?;
    gaps::pass_on(work, &unit.code, unit.successor.as_ref()).await?;
    open_issues::pass_on(work, &unit.code, unit.successor.as_ref()).await?;
    let open = transfers::count_open(&work.tx, &unit.code).await?;
    if open == 0 {
        return Ok(None);
    }
    if unit.successor.is_none() && !to_desk {
        return Err(Fault::new(ErrorReason::UnitHasOpenTickets)
            .with("unit", unit.code.as_str())
            .with("open_tickets", open.to_string()));
    }
    match transfers::running(&work.tx, &unit.code).await? {
        Some(running) if running.to == unit.successor => Ok(Some(running.number)),
        Some(running) => Err(transfers::running_already(&running)),
        None => {
            let (from, to) = (unit.code.clone(), unit.successor.clone());
            let new = NewTransfer { from, to, reason: String::new(), actor };
            Ok(Some(transfers::start(work, new).await?.number))
        }
    }
}
