//! `WithdrawTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use super::limits::NOTE_CHARS_MAX;
use crate::closed_loop::withdraw_ticket::WithdrawTicket;
use crate::rpc::fields::{Fields, Lines};

impl Decode for pb::WithdrawTicketRequest {
    type Command = WithdrawTicket;

    fn decode(&self, fields: &mut Fields) -> WithdrawTicket {
        WithdrawTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
