//! `RevealIdentity`.

use hotline_proto::v1 as pb;

use super::{TicketApi, encode};
use crate::access::Permit;
use crate::desk::reveal::reveal_identity::RevealIdentity;
use crate::ledger::identity::reads::RevealPurpose;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

/// The longest note, in characters.
pub(super) const NOTE_CHARS_MAX: usize = 500;

impl Handler<TicketApi> for pb::RevealIdentityRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = RevealIdentity {
            number: fields.number("ticket_number", &self.ticket_number),
            purpose: fields.choice("purpose", self.purpose, RevealPurpose::Contact),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        };
        let caller = api.identities.reveal_identity(permit, key, fields.finish(command)?).await?;
        let caller = (!caller.is_empty()).then(|| encode::caller(&caller));
        Ok(pb::RevealIdentityResponse { caller })
    }
}
