//! `RedactTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::{LINE_CHARS_MAX, NOTE_CHARS_MAX, TEXT_CHARS_MAX};
use crate::closed_loop::redact_ticket::RedactTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RedactTicketRequest {
    type Command = RedactTicket;

    fn decode(&self, fields: &mut Fields) -> RedactTicket {
        let mut text = |field, value: &String, max, lines| {
            (!value.is_empty()).then(|| fields.text(field, value, 1..=max, lines))
        };
        RedactTicket {
            subject: text("subject", &self.subject, LINE_CHARS_MAX, Lines::One),
            content: text("content", &self.content, TEXT_CHARS_MAX, Lines::Many),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
            keeps_numbers: self.keeps_numbers,
        }
    }
}
