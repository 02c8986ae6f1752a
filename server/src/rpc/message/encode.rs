//! Templates and messages as messages of the contract.

use hotline_proto::v1 as pb;

use crate::desk::message::{CompanyMessage, Template};
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{count, optional_time, time};

pub(super) fn template(template: &Template) -> pb::MessageTemplate {
    pb::MessageTemplate {
        event: template.event.number(),
        language: template.language.number(),
        version: count(template.version),
        text: template.text.clone(),
        put_time: optional_time(template.put_at),
    }
}

pub(super) fn message(message: &CompanyMessage) -> pb::CompanyMessage {
    pb::CompanyMessage {
        ticket_number: message.ticket.to_string(),
        event_sequence: count(message.sequence),
        event: message.event.number(),
        state: message.state.number(),
        channel: message.choice.channel.number(),
        language: message.choice.language.number(),
        template_version: count(message.template_version),
        text: message.text.clone(),
        create_time: Some(time(message.created_at)),
        end_time: optional_time(message.ended_at),
        attempts: count(message.attempts),
    }
}
