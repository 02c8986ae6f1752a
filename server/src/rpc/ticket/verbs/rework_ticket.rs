//! `ReworkTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::rework_ticket::ReworkTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::ReworkTicketRequest {
    type Command = ReworkTicket;

    fn decode(&self, fields: &mut Fields) -> ReworkTicket {
        ReworkTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
