//! The verbs: for each one its request as a command, and its answer. A file here is all that the transport knows of a verb.

mod accept_ticket;
mod answer_ticket;
mod carry_over_ticket;
mod classify_ticket;
mod create_ticket;
mod decline_ticket;
mod dispatch_ticket;
mod escalate_ticket;
mod limits;
mod merge_ticket;
mod plan_ticket;
mod record_contact_attempt;
mod redact_ticket;
mod return_ticket;
mod rework_ticket;
mod rule_on_return;
mod submit_feedback;
mod submit_survey;
mod withdraw_ticket;

use hotline_proto::v1 as pb;
use prost::Message;

use super::{TicketApi, encode};
use crate::access::{Permit, View};
use crate::closed_loop::{Change, Verb};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::ticket::Ticket;

/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

/// A request that changes a ticket: the fields that each of them has, and the answer that it gets. Implemented by
/// [`ticket_request!`].
pub(in crate::rpc) trait TicketRequest: Message {
    /// The answer.
    type Response: Send;

    fn request_id(&self) -> &str;
    fn ticket_number(&self) -> &str;
    fn etag(&self) -> &str;

    /// The answer with the ticket as the verb left it.
    fn response(ticket: pb::Ticket) -> Self::Response;
}

macro_rules! ticket_request {
    ($request:ident -> $response:ident) => {
        impl super::TicketRequest for hotline_proto::v1::$request {
            type Response = hotline_proto::v1::$response;

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn ticket_number(&self) -> &str {
                &self.ticket_number
            }

            fn etag(&self) -> &str {
                &self.etag
            }

            fn response(ticket: hotline_proto::v1::Ticket) -> Self::Response {
                hotline_proto::v1::$response { ticket: Some(ticket) }
            }
        }
    };
}
use ticket_request;

/// The verb's own fields of a request.
trait Decode {
    /// The command.
    type Command;

    /// Reads the command; whatever is wrong is noted in `fields`.
    fn decode(&self, fields: &mut Fields) -> Self::Command;
}

/// Reads what every request that changes a ticket has, and the command.
fn change_of<R: TicketRequest + Decode>(
    request: &R,
    api: &TicketApi,
    permit: &Permit,
) -> Result<Change<R::Command>, Fault> {
    let mut fields = Fields::at(api.closed_loop.clock.now());
    let key = request_key(permit, request.request_id(), request, &mut fields);
    let number = fields.number("ticket_number", request.ticket_number());
    let verb = request.decode(&mut fields);
    let etag = fields.optional("etag", request.etag(), ETAG_CHARS_MAX);
    fields.finish(Change { key, number, etag, verb })
}

/// A ticket as the caller may see it.
fn visible(permit: &Permit, ticket: &Ticket) -> pb::Ticket {
    encode::ticket(ticket, &View::of(permit, ticket))
}

/// Every verb on one ticket. Intake and merging have handlers of their own.
impl<R> Handler<TicketApi> for R
where
    R: TicketRequest + Decode,
    R::Command: Verb,
{
    type Response = R::Response;

    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let change = change_of(self, api, permit)?;
        let ticket = api.closed_loop.change(permit.clone(), change).await?;
        Ok(R::response(visible(permit, &ticket)))
    }
}
