//! `RevealIdentity`.

use hotline_proto::v1 as pb;

use super::{TicketApi, caller};
use crate::access::Permit;
use crate::desk::reveal::reveal_identity::RevealIdentity;
use crate::identity::access_log::RevealPurpose;
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
        let identity = api.identities.reveal_identity(permit, key, fields.finish(command)?).await?;
        let caller = (!identity.is_empty()).then(|| caller::encode(&identity));
        Ok(pb::RevealIdentityResponse { caller })
    }
}
