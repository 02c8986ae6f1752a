//! `DeclineTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::decline_ticket::DeclineTicket;
use crate::rpc::fields::{Fields, Lines};
use crate::ticket::DeclineReason;

impl Decode for pb::DeclineTicketRequest {
    type Command = DeclineTicket;

    fn decode(&self, fields: &mut Fields) -> DeclineTicket {
        DeclineTicket {
            reason: fields.choice("reason", self.reason, DeclineReason::Litigation),
            turn_to: fields.text("turn_to", &self.turn_to, 1..=NOTE_CHARS_MAX, Lines::Many),
            note: fields.text("note", &self.note, 0..=NOTE_CHARS_MAX, Lines::Many),
        }
    }
}
