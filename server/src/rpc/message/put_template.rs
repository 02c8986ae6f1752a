//! `PutTemplate`.

use hotline_proto::v1 as pb;

use super::{MessageApi, encode};
use crate::access::Permit;
use crate::desk::message::put_template::PutTemplate;
use crate::desk::message::template::is_sound;
use crate::desk::message::{MessageEvent, MessageLanguage, Template};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

/// The longest text of a template, in characters: several short messages.
const TEXT_CHARS_MAX: usize = 500;

impl Handler<MessageApi> for pb::PutTemplateRequest {
    async fn handle(&self, api: &MessageApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let put = decode(self.template.as_ref(), &mut fields);
        let put = fields.finish(put)?;
        let put = put.ok_or_else(|| Fault::internal("a message without a violation is missing"))?;
        let answer =
            |template: &Template| pb::PutTemplateResponse { template: Some(encode::template(template)) };
        api.messages.put_template(permit, key, put, answer).await
    }
}

fn decode(template: Option<&pb::MessageTemplate>, fields: &mut Fields) -> Option<PutTemplate> {
    let Some(template) = template else {
        fields.wrong("template", "is required");
        return None;
    };
    let event = fields.choice("template.event", template.event, MessageEvent::Received);
    let language = fields.choice("template.language", template.language, MessageLanguage::Chinese);
    let text = fields.text("template.text", &template.text, 1..=TEXT_CHARS_MAX, Lines::Many);
    if !is_sound(event, &text) {
        fields.wrong("template.text", "has no braces but those of the event's values");
    }
    Some(PutTemplate { event, language, text })
}
