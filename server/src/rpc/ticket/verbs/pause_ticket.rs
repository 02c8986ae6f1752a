//! `PauseTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::pause_ticket::PauseTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::PauseTicketRequest {
    type Command = PauseTicket;

    fn decode(&self, fields: &mut Fields) -> PauseTicket {
        PauseTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
