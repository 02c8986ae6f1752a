//! `TransferTickets` and `GetTransfer`.

use hotline_proto::v1 as pb;
use pb::transfer_tickets_request::To;

use super::TicketApi;
use crate::access::Permit;
use crate::desk::directory::transfer_tickets::{TransferDetails, TransferTickets};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::{code, count, optional_time, time};

/// The longest reason, in characters.
const REASON_CHARS_MAX: usize = 2_000;

impl Handler<TicketApi> for pb::TransferTicketsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let from = fields.unit("from_unit", &self.from_unit);
        let to = match &self.to {
            Some(To::ToUnit(to)) => Some(fields.unit("to_unit", to)),
            Some(To::ToDesk(true)) => None,
            Some(To::ToDesk(false)) | None => {
                fields.wrong("to_unit", "is required, or to_desk");
                None
            }
        };
        if to.as_ref() == Some(&from) {
            fields.wrong("to_unit", "is another unit");
        }
        let reason = fields.text("reason", &self.reason, 1..=REASON_CHARS_MAX, Lines::Many);
        let command = fields.finish(TransferTickets { from, to, reason })?;
        let answer =
            |details: &TransferDetails| pb::TransferTicketsResponse { transfer: Some(encode(details)) };
        api.directory.transfer_tickets(permit, key, command, answer).await
    }
}

impl Handler<TicketApi> for pb::GetTransferRequest {
    async fn handle(&self, api: &TicketApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let number = u32::try_from(self.transfer_number).ok().filter(|number| *number > 0);
        if number.is_none() {
            fields.wrong("transfer_number", "is required, from 1");
        }
        let details = api.directory.get_transfer(fields.finish(number.unwrap_or_default())?).await?;
        Ok(pb::GetTransferResponse { transfer: Some(encode(&details)) })
    }
}

fn encode(details: &TransferDetails) -> pb::Transfer {
    let TransferDetails { transfer, left } = details;
    pb::Transfer {
        number: count(transfer.number),
        from_unit: transfer.from.0.clone(),
        to_unit: code(transfer.to.as_ref()),
        reason: transfer.reason.clone(),
        principal: transfer.actor.principal.clone(),
        start_time: Some(time(transfer.started_at)),
        total: count(transfer.total),
        moved: count(transfer.progress.moved),
        sent_to_desk: count(transfer.progress.sent_to_desk),
        released: count(transfer.progress.released),
        left: count(*left),
        done_time: optional_time(transfer.done_at),
    }
}
