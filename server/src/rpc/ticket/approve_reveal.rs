//! `ApproveReveal`.

use hotline_proto::v1 as pb;

use super::TicketApi;
use super::reveal_identity::NOTE_CHARS_MAX;
use crate::access::Permit;
use crate::desk::reveal::approve_reveal::ApproveReveal;
use crate::ledger::identity::approvals::Approval;
use crate::ledger::identity::reads::RevealPurpose;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines, PRINCIPAL_CHARS_MAX};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::scalars::time;

impl Handler<TicketApi> for pb::ApproveRevealRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let approval = Approval {
            ticket: fields.number("ticket_number", &self.ticket_number),
            principal: fields.text("principal", &self.principal, 1..=PRINCIPAL_CHARS_MAX, Lines::One),
            purpose: fields.choice("purpose", self.purpose, RevealPurpose::Contact),
            approved_by: permit.principal().to_owned(),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        };
        if approval.principal == approval.approved_by {
            fields.wrong("principal", "is another one than the approver's");
        }
        let command = ApproveReveal { approval: fields.finish(approval)? };
        let answer = |expires_at| pb::ApproveRevealResponse { expire_time: Some(time(expires_at)) };
        api.identities.approve_reveal(permit, key, command, answer).await
    }
}
