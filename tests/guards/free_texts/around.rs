//! The screened texts around the work on a ticket.

use hotline_client::RequestHelp;
use hotline_proto::v1 as pb;
use prost::Message as _;

use super::Build;
use crate::guards::sample_requests::upload_attachment;
use crate::stories::test_env::{LEAD, TestEnv};

/// For each screened text: the role that writes it, the state of the ticket, and the request.
pub(super) const WRITTEN: &[(&str, &str, &str, &str, Build)] = &[
    ("AddNote", "note", "agent", "received", |request_id, ticket_number, note| {
        pb::AddNoteRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
    }),
    ("LinkTickets", "note", "agent", "merged", |request_id, numbers, note| {
        let (ticket_number, other_ticket_number) = super::both(&numbers);
        pb::LinkTicketsRequest { request_id, ticket_number, other_ticket_number, note, ..Default::default() }
            .encode_to_vec()
    }),
    ("AskCompany", "question", "agent", "received", |request_id, ticket_number, question| {
        pb::AskCompanyRequest { request_id, ticket_number, question, ..Default::default() }.encode_to_vec()
    }),
    ("AskCompany", "wanted", "agent", "received", |request_id, ticket_number, wanted| {
        let question = "请补充材料".to_owned();
        pb::AskCompanyRequest { request_id, ticket_number, question, wanted, ..Default::default() }
            .encode_to_vec()
    }),
    ("AddSupplement", "content", "agent", "received", |request_id, ticket_number, content| {
        pb::AddSupplementRequest { request_id, ticket_number, content, ..Default::default() }.encode_to_vec()
    }),
    ("RequestHelp", "answer", "supervisor", "help requested", |request_id, ticket_number, answer| {
        pb::RequestHelpRequest { request_id, ticket_number, answer, ..Default::default() }.encode_to_vec()
    }),
    ("UploadAttachment", "file_name", "agent", "received", |request_id, ticket_number, file_name| {
        let upload = upload_attachment(request_id, ticket_number);
        let upload = pb::UploadAttachmentRequest::decode(upload.as_slice()).expect("our own bytes");
        pb::UploadAttachmentRequest { file_name, ..upload }.encode_to_vec()
    }),
    ("RevealIdentity", "note", "agent", "received", |request_id, ticket_number, note| {
        pb::RevealIdentityRequest { request_id, ticket_number, purpose: 1, note }.encode_to_vec()
    }),
    ("ApproveReveal", "note", "supervisor", "received", |request_id, ticket_number, note| {
        let principal = "dev-agent".to_owned();
        pb::ApproveRevealRequest { request_id, ticket_number, principal, purpose: 1, note }.encode_to_vec()
    }),
];

/// The lead asks for help.
pub(super) async fn request_help(env: &TestEnv, number: &str) {
    let ask = RequestHelp::new(number).reason("需要区级协调");
    env.unit(LEAD).request_help(ask).await.expect("the lead asks for help");
}
