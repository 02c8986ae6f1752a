//! `AcceptTicket`: its request as a command, and its answer.

use hotline_proto::v1 as pb;

use super::{Decode, ticket_request};
use crate::closed_loop::accept_ticket::AcceptTicket;
use crate::rpc::fields::Fields;

ticket_request!(AcceptTicketRequest -> AcceptTicketResponse);

impl Decode for pb::AcceptTicketRequest {
    type Command = AcceptTicket;

    fn decode(&self, _: &mut Fields) -> AcceptTicket {
        AcceptTicket
    }
}
