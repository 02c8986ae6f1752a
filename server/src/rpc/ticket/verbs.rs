//! Decodes the request of each verb into a command. The transport has one file here and one line below for each verb.
//! The answer is the ticket, as the contract says.

mod accept_ticket;
mod add_note;
mod add_supplement;
mod answer_ticket;
mod ask_company;
mod assign_inside;
mod caller_fields;
mod carry_over_ticket;
mod classify_ticket;
mod create_ticket;
mod decline_ticket;
mod dispatch_ticket;
mod escalate_ticket;
mod limits;
mod link_tickets;
mod merge_ticket;
mod plan_ticket;
mod record_contact_attempt;
mod record_recheck;
mod record_repeat_call;
mod redact_ticket;
mod reinstate_ticket;
mod reopen_ticket;
mod request_help;
mod return_ticket;
mod rework_ticket;
mod rule_on_return;
mod submit_feedback;
mod submit_survey;
mod unmerge_ticket;
mod update_caller;
mod upload_attachment;
mod withdraw_ticket;

use hotline_proto::TicketRequest;
use hotline_proto::v1 as pb;

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

/// The verb's own fields of a request.
trait Decode {
    /// The command.
    type Command;

    /// Decodes the command; violations are added to `fields`.
    fn decode(&self, fields: &mut Fields) -> Self::Command;
}

/// Decodes the fields of every request that changes a ticket, and the command.
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

/// Every verb on one ticket. Intake, merge and its undoing, links, the update of the caller and supplements have their
/// own handlers.
impl<R> Handler<TicketApi> for R
where
    R: TicketRequest + Decode,
    R::Command: Verb,
{
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let change = change_of(self, api, permit)?;
        let ticket = api.closed_loop.change(permit.clone(), change).await?;
        Ok(R::response(visible(permit, &ticket)))
    }
}
