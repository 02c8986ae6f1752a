//! Transfers: all open work of a unit moves to its successor, or back to the desk.

use hotline_proto::v1::{self, transfer_tickets_request::To};
use uuid::Uuid;

use super::Tickets;
use crate::call::Command;
use crate::convert::{answers, setters};
use crate::error::Error;
use crate::model::Transfer;

/// Moves all open work of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferTickets {
    /// The code of the unit.
    pub from_unit: String,
    /// The code of its successor; `None` sends the work back to the desk.
    pub to_unit: Option<String>,
    /// Why, 1 to 2,000 characters. It must name nobody.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl TransferTickets {
    /// A transfer to a successor.
    pub fn to_unit(
        from_unit: impl Into<String>,
        to_unit: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { to_unit: Some(to_unit.into()), ..Self::to_desk(from_unit, reason) }
    }

    /// A transfer back to the desk.
    pub fn to_desk(from_unit: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { from_unit: from_unit.into(), to_unit: None, reason: reason.into(), request_id: None }
    }
}

setters! {
    TransferTickets { request_id: Option<Uuid> }
}

impl Command for TransferTickets {
    type Request = v1::TransferTicketsRequest;
    type Changed = Transfer;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let Self { from_unit, to_unit, reason, .. } = self;
        let to = Some(to_unit.map_or(To::ToDesk(true), To::ToUnit));
        v1::TransferTicketsRequest { request_id, from_unit, to, reason }
    }
}

answers! {
    Transfer: TransferTicketsResponse.transfer, GetTransferResponse.transfer;
}

impl Tickets {
    /// Starts to move all open work of a unit to its successor, or back to the desk. The hotline moves the tickets in
    /// the background; [`Tickets::get_transfer`] shows how far it is. For supervisors and administrators.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `TRANSFER_RUNNING`.
    pub async fn transfer_tickets(&self, command: TransferTickets) -> Result<Transfer, Error> {
        self.0.command(command).await
    }

    /// Reads how far a transfer is. For supervisors and administrators.
    ///
    /// # Errors
    /// `TRANSFER_NOT_FOUND`.
    pub async fn get_transfer(&self, number: u32) -> Result<Transfer, Error> {
        let transfer_number = i32::try_from(number).unwrap_or(i32::MAX);
        self.0.query(v1::GetTransferRequest { transfer_number }).await
    }
}
