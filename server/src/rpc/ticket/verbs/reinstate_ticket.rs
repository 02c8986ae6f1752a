//! `ReinstateTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::reinstate_ticket::ReinstateTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::ReinstateTicketRequest {
    type Command = ReinstateTicket;

    fn decode(&self, fields: &mut Fields) -> ReinstateTicket {
        ReinstateTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
