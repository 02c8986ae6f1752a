//! `GetProgress`.

use hotline_proto::v1 as pb;
use hotline_proto::v1::Role;

use super::MessageApi;
use crate::access::Permit;
use crate::desk::message::CompanyMessage;
use crate::desk::message::get_progress::Progress;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{optional_time, time};

/// The longest code that is read, in characters.
const CODE_CHARS_MAX: usize = 32;

impl Handler<MessageApi> for pb::GetProgressRequest {
    async fn handle(&self, api: &MessageApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let number = fields.number("ticket_number", &self.ticket_number);
        let code = fields.optional("code", &self.code, CODE_CHARS_MAX).unwrap_or_default();
        if self.code.is_empty() && !permit.has(Role::Agent) {
            fields.wrong("code", "is required");
        }
        let (number, code) = fields.finish((number, code))?;
        let progress = api.messages.get_progress(permit, number, &code).await?;
        Ok(pb::GetProgressResponse { progress: Some(encode(progress)) })
    }
}

fn encode(progress: Progress) -> pb::TicketProgress {
    let (unit_name, unit_name_en) = progress.unit.unwrap_or_default();
    let sent = |message: &CompanyMessage| pb::SentMessage {
        event: message.event.number(),
        time: Some(time(message.ended_at.unwrap_or(message.created_at))),
    };
    pb::TicketProgress {
        ticket_number: progress.number.to_string(),
        stage: progress.stage.number(),
        unit_name,
        unit_name_en,
        due_time: optional_time(progress.due_at),
        carried_over: progress.is_carried_over,
        sent: progress.sent.iter().map(sent).collect(),
    }
}
