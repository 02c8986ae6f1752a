//! Requests around the work on a ticket: notes, assignments inside a unit, questions, supplements, and help.

use hotline_proto::v1 as pb;
use hotline_server::ticket::State;
use prost::Message as _;
use tonic::{Response, Status, Streaming};

use super::sample_requests::{AGENT, CommandBuilder, SUPERVISOR, SampleRequest, note};
use super::system_pair::Actor;
use crate::guards::sample_requests::upload_attachment;
use crate::store::random::Random;

/// The methods that are tried in any state, with a note.
pub(super) const NOTED: [&str; 12] = [
    "DeclineTicket",
    "EscalateTicket",
    "RecordRecheck",
    "RecordRepeatCall",
    "RedactTicket",
    "ReinstateTicket",
    "ReopenTicket",
    "ReworkTicket",
    "SubmitSurvey",
    "UpdateCaller",
    "UnmergeTicket",
    "WithdrawTicket",
];

/// All messages of a stream that ends by itself, as one answer.
pub(super) async fn read_whole(opened: Response<Streaming<Vec<u8>>>) -> Result<Response<Vec<u8>>, Status> {
    let (metadata, mut stream, extensions) = opened.into_parts();
    let mut body = Vec::new();
    while let Some(message) = stream.message().await? {
        body.extend_from_slice(&message);
    }
    Ok(Response::from_parts(metadata, body, extensions))
}

/// Links two tickets.
pub(super) fn link(request_id: String, number: &str, other: &str) -> Vec<u8> {
    let (ticket_number, other_ticket_number) = (number.to_owned(), other.to_owned());
    pb::LinkTicketsRequest { request_id, ticket_number, other_ticket_number, ..Default::default() }
        .encode_to_vec()
}

impl CommandBuilder<'_> {
    pub(super) fn around(self, method: &'static str) -> Vec<u8> {
        let (ticket_number, etag, request_id) = (self.number(), String::new(), self.request_id);
        match method {
            "AddNote" => pb::AddNoteRequest { request_id, ticket_number, etag, note: note() }.encode_to_vec(),
            "AssignInside" => {
                let clerk = "clerk-1".to_owned();
                pb::AssignInsideRequest { request_id, ticket_number, clerk, ..Default::default() }
                    .encode_to_vec()
            }
            "AskCompany" => {
                let (question, wanted) = (note(), String::new());
                pb::AskCompanyRequest { request_id, ticket_number, etag, question, wanted }.encode_to_vec()
            }
            "AddSupplement" => {
                pb::AddSupplementRequest { request_id, ticket_number, etag, content: note() }.encode_to_vec()
            }
            "RequestHelp" => {
                let (reason, answer) = (note(), String::new());
                pb::RequestHelpRequest { request_id, ticket_number, etag, reason, answer }.encode_to_vec()
            }
            "UploadAttachment" => upload_attachment(request_id, ticket_number),
            other => panic!("{other} has no note"),
        }
    }

    /// A command around the work, by staff or by the lead unit.
    pub(super) fn around_by(self, lead: Actor, random: &mut Random) -> SampleRequest {
        let is_at_unit = matches!(self.ticket.state, State::Dispatched | State::Handling);
        let (actor, method) = if is_at_unit {
            *random.pick(&[
                (lead, "AddNote"),
                (lead, "AssignInside"),
                (lead, "AskCompany"),
                (lead, "UploadAttachment"),
                (AGENT, "UploadAttachment"),
                (AGENT, "AddSupplement"),
                (lead, "RequestHelp"),
            ])
        } else {
            *random.pick(&[
                (AGENT, "AddNote"),
                (AGENT, "AskCompany"),
                (AGENT, "UploadAttachment"),
                (AGENT, "AddSupplement"),
            ])
        };
        if method == "RequestHelp" && self.ticket.help_request.is_some() {
            let (ticket_number, etag, answer) = (self.number(), String::new(), note());
            let (request_id, reason) = (self.request_id, String::new());
            let answer = pb::RequestHelpRequest { request_id, ticket_number, etag, reason, answer };
            return (SUPERVISOR, method, answer.encode_to_vec());
        }
        (actor, method, self.around(method))
    }
}
