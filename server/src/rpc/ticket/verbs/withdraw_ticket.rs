//! `WithdrawTicket`: its request as a command, and its answer.

use hotline_proto::v1 as pb;

use super::limits::NOTE_CHARS_MAX;
use super::{Decode, ticket_request};
use crate::closed_loop::withdraw_ticket::WithdrawTicket;
use crate::rpc::fields::{Fields, Lines};

ticket_request!(WithdrawTicketRequest -> WithdrawTicketResponse);

impl Decode for pb::WithdrawTicketRequest {
    type Command = WithdrawTicket;

    fn decode(&self, fields: &mut Fields) -> WithdrawTicket {
        WithdrawTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
