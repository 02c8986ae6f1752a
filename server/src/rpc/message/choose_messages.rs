//! `ChooseMessages`.

use hotline_proto::v1 as pb;

use super::MessageApi;
use crate::access::Permit;
use crate::desk::message::choose_messages::ChooseMessages;
use crate::desk::message::{Choice, MessageChannel, MessageLanguage};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

/// The longest e-mail address, in characters (RFC 5321).
const EMAIL_CHARS_MAX: usize = 254;

impl Handler<MessageApi> for pb::ChooseMessagesRequest {
    async fn handle(&self, api: &MessageApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let ticket = fields.number("ticket_number", &self.ticket_number);
        let channel = fields.choice("channel", self.channel, MessageChannel::None);
        let language = fields.optional_choice("language", self.language);
        let email = fields.optional("email", &self.email, EMAIL_CHARS_MAX);
        if let Some(email) = &email {
            if !is_address(email) {
                fields.wrong("email", "is an e-mail address");
            }
            if channel != MessageChannel::Email {
                fields.wrong("email", "is for EMAIL");
            }
        }
        let choice = Choice { channel, language: language.unwrap_or(MessageLanguage::Chinese) };
        let choose = fields.finish(ChooseMessages { ticket, choice, email })?;
        let answer = |choice: &Choice| pb::ChooseMessagesResponse {
            channel: choice.channel.number(),
            language: choice.language.number(),
        };
        api.messages.choose_messages(permit, key, choose, answer).await
    }
}

/// Whether a text has the form of an address. Only the provider learns whether it exists.
fn is_address(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[],;:\\\"".contains(&byte));
    let parts = text.split_once('@');
    is_plain
        && parts.is_some_and(|(who, place)| !who.is_empty() && !place.contains('@') && place.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_a_domain() {
        for (text, expected) in [
            ("office@enterprise.example", true),
            ("a+b@c.example", true),
            ("office@enterprise", false),
            ("@enterprise.example", false),
            ("a@b@c.example", false),
            ("a b@c.example", false),
            ("a@c.example\r\nBcc: d@e.example", false),
            ("<a@c.example>", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
