//! `GetTransfer`: how far a transfer is.

use hotline_proto::v1::ErrorReason;

use super::Directory;
use super::transfer_tickets::TransferDetails;
use crate::ledger::transfers;
use crate::platform::Fault;

impl Directory {
    /// A transfer by its number, with the open tickets that are left.
    ///
    /// # Errors
    /// `TRANSFER_NOT_FOUND`; if the database refuses.
    pub async fn get_transfer(&self, number: u32) -> Result<TransferDetails, Fault> {
        let db = self.store.reader();
        let transfer = transfers::find(db, number).await?.ok_or_else(|| {
            Fault::new(ErrorReason::TransferNotFound).with("transfer_number", number.to_string())
        })?;
        let left = transfers::count_open(db, &transfer.from).await?;
        Ok(TransferDetails { transfer, left })
    }
}
