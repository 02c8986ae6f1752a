//! `ReworkTicket`: its request as a command, and its answer.

use hotline_proto::v1 as pb;

use super::limits::NOTE_CHARS_MAX;
use super::{Decode, ticket_request};
use crate::closed_loop::rework_ticket::ReworkTicket;
use crate::rpc::fields::{Fields, Lines};

ticket_request!(ReworkTicketRequest -> ReworkTicketResponse);

impl Decode for pb::ReworkTicketRequest {
    type Command = ReworkTicket;

    fn decode(&self, fields: &mut Fields) -> ReworkTicket {
        ReworkTicket { note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many) }
    }
}
