//! `RecordRepeatCall`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::SHORT_NOTE_CHARS_MAX;
use crate::closed_loop::record_repeat_call::RecordRepeatCall;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::RecordRepeatCallRequest {
    type Command = RecordRepeatCall;

    fn decode(&self, fields: &mut Fields) -> RecordRepeatCall {
        RecordRepeatCall {
            repeat: fields.number("repeat_ticket_number", &self.repeat_ticket_number),
            is_reached: self.reached,
            note: fields.text("note", &self.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
