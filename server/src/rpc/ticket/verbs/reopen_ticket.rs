//! `ReopenTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::reopen_ticket::{ReopenPurpose, ReopenTicket};
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::ReopenTicketRequest {
    type Command = ReopenTicket;

    fn decode(&self, fields: &mut Fields) -> ReopenTicket {
        ReopenTicket {
            purpose: fields.choice("purpose", self.purpose, ReopenPurpose::Survey),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
