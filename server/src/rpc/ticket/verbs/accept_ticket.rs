//! `AcceptTicket`: its request as a command.

use hotline_proto::v1 as pb;

use super::Decode;
use crate::closed_loop::accept_ticket::AcceptTicket;
use crate::rpc::fields::Fields;

impl Decode for pb::AcceptTicketRequest {
    type Command = AcceptTicket;

    fn decode(&self, _: &mut Fields) -> AcceptTicket {
        AcceptTicket
    }
}
