//! A valid request for every method that names a ticket, in encoded form.

use hotline_proto::v1 as pb;
use prost::Message as _;
use uuid::Uuid;

use crate::stories::test_env::{OPENING, UNDER_ACCUSED, at};

/// An encoded instant.
fn time(days: i64) -> prost_types::Timestamp {
    let seconds = at(OPENING).timestamp() + days * 86_400;
    prost_types::Timestamp { seconds, nanos: 0 }
}

#[expect(clippy::disallowed_methods, reason = "the id of a request is its caller's, and tests are callers")]
fn id() -> String {
    Uuid::now_v7().to_string()
}

/// A new request of a method about a ticket, by a unit or by staff. `other` is a second ticket.
///
/// # Panics
/// Where the method has none here.
pub(crate) fn request(method: &str, ticket: &str, other: &str, is_by_unit: bool) -> Vec<u8> {
    let (request_id, ticket_number, etag) = (id(), ticket.to_owned(), String::new());
    let note = "经电话核实".to_owned();
    match method {
        "GetTicket" => pb::GetTicketRequest { ticket_number, ..Default::default() }.encode_to_vec(),
        "ListTicketEvents" => list_ticket_events(ticket_number),
        "ExplainDeadline" => pb::ExplainDeadlineRequest { ticket_number }.encode_to_vec(),
        "RevealIdentity" => {
            pb::RevealIdentityRequest { request_id, ticket_number, purpose: 1, note }.encode_to_vec()
        }
        "ApproveReveal" => {
            let principal = "dev-agent".to_owned();
            pb::ApproveRevealRequest { request_id, ticket_number, principal, purpose: 1, note }
                .encode_to_vec()
        }
        "AcceptTicket" => pb::AcceptTicketRequest { request_id, ticket_number, etag }.encode_to_vec(),
        "WithdrawTicket" => {
            pb::WithdrawTicketRequest { request_id, ticket_number, etag, note }.encode_to_vec()
        }
        "ReworkTicket" => pb::ReworkTicketRequest { request_id, ticket_number, etag, note }.encode_to_vec(),
        "RecordContactAttempt" => {
            pb::RecordContactAttemptRequest { request_id, ticket_number, etag, note }.encode_to_vec()
        }
        "MergeTicket" => {
            let into_ticket_number = other.to_owned();
            pb::MergeTicketRequest { request_id, ticket_number, etag, into_ticket_number }.encode_to_vec()
        }
        "UnmergeTicket" => {
            let from_ticket_number = other.to_owned();
            pb::UnmergeTicketRequest { request_id, ticket_number, etag, from_ticket_number, note }
                .encode_to_vec()
        }
        "RecordRepeatCall" => {
            let repeat_ticket_number = other.to_owned();
            pb::RecordRepeatCallRequest {
                request_id,
                ticket_number,
                repeat_ticket_number,
                note,
                ..Default::default()
            }
            .encode_to_vec()
        }
        "AddNote" => pb::AddNoteRequest { request_id, ticket_number, etag, note }.encode_to_vec(),
        "LinkTickets" => {
            let other_ticket_number = other.to_owned();
            pb::LinkTicketsRequest { request_id, ticket_number, etag, other_ticket_number, note }
                .encode_to_vec()
        }
        "UploadAttachment" => upload_attachment(request_id, ticket_number),
        "GetAttachment" => get_attachment(ticket_number),
        "AssignInside" => assign_inside(request_id, ticket_number),
        "AskCompany" => {
            pb::AskCompanyRequest { request_id, ticket_number, question: note, ..Default::default() }
                .encode_to_vec()
        }
        "AddSupplement" => {
            pb::AddSupplementRequest { request_id, ticket_number, etag, content: note }.encode_to_vec()
        }
        "RequestHelp" => {
            let (reason, answer) = if is_by_unit { (note, String::new()) } else { (String::new(), note) };
            pb::RequestHelpRequest { request_id, ticket_number, etag, reason, answer }.encode_to_vec()
        }
        "CarryOverTicket" => carry_over(request_id, ticket_number, is_by_unit),
        "SubmitFeedback" => feedback(request_id, ticket_number),
        _ => by_staff(method, request_id, ticket_number, note),
    }
}

fn list_ticket_events(ticket_number: String) -> Vec<u8> {
    pb::ListTicketEventsRequest { ticket_number, ..Default::default() }.encode_to_vec()
}

fn get_attachment(ticket_number: String) -> Vec<u8> {
    let attachment_id = format!("att-{:032x}", 7);
    pb::GetAttachmentRequest { ticket_number, attachment_id }.encode_to_vec()
}

/// A whole file in one message.
pub(crate) fn upload_attachment(request_id: String, ticket_number: String) -> Vec<u8> {
    let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
    pb::UploadAttachmentRequest {
        request_id,
        ticket_number,
        file_name: "说明.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size_bytes: 3,
        sha256,
        chunk: b"abc".to_vec(),
        ..Default::default()
    }
    .encode_to_vec()
}

fn assign_inside(request_id: String, ticket_number: String) -> Vec<u8> {
    let bureau = "综合科".to_owned();
    pb::AssignInsideRequest { request_id, ticket_number, bureau, ..Default::default() }.encode_to_vec()
}

fn carry_over(request_id: String, ticket_number: String, is_by_unit: bool) -> Vec<u8> {
    use pb::carry_over_ticket_request::Step;
    let step = if is_by_unit {
        let next_steps = "等待规划部门批复".to_owned();
        Step::Ask(pb::CarryOverAsk { next_steps, promised_time: Some(time(30)), inform_time: Some(time(0)) })
    } else {
        Step::Decision(pb::CarryOverDecision { granted: true, note: String::new() })
    };
    let etag = String::new();
    pb::CarryOverTicketRequest { request_id, ticket_number, etag, step: Some(step) }.encode_to_vec()
}

/// The report alone, which an assisting unit may submit too.
fn feedback(request_id: String, ticket_number: String) -> Vec<u8> {
    let hotline_report = Some(pb::HotlineReport {
        actions: "已核实".to_owned(),
        result: "已办结".to_owned(),
        ..Default::default()
    });
    pb::SubmitFeedbackRequest { request_id, ticket_number, hotline_report, ..Default::default() }
        .encode_to_vec()
}

fn by_staff(method: &str, request_id: String, ticket_number: String, note: String) -> Vec<u8> {
    let (etag, unit) = (String::new(), UNDER_ACCUSED.to_owned());
    match method {
        "AnswerTicket" => {
            let article = "licence".to_owned();
            let articles = vec![pb::ArticleCitation { article, version: 1, free: false }];
            let content = note;
            pb::AnswerTicketRequest { request_id, ticket_number, content, articles, ..Default::default() }
                .encode_to_vec()
        }
        "DeclineTicket" => {
            let turn_to = "人民法院".to_owned();
            pb::DeclineTicketRequest { request_id, ticket_number, etag, reason: 1, turn_to, note }
                .encode_to_vec()
        }
        "ClassifyTicket" => {
            let (category, complexity, responsibility) = (2, 1, 1);
            pb::ClassifyTicketRequest {
                request_id,
                ticket_number,
                category,
                complexity,
                responsibility,
                ..Default::default()
            }
            .encode_to_vec()
        }
        "PlanTicket" => pb::PlanTicketRequest {
            request_id,
            ticket_number,
            text: note,
            lead_unit: unit,
            ..Default::default()
        }
        .encode_to_vec(),
        "DispatchTicket" => {
            pb::DispatchTicketRequest { request_id, ticket_number, lead_unit: unit, ..Default::default() }
                .encode_to_vec()
        }
        "ReturnTicket" => pb::ReturnTicketRequest {
            request_id,
            ticket_number,
            reason: 1,
            rule: note,
            proposed_unit: unit,
            ..Default::default()
        }
        .encode_to_vec(),
        "RuleOnReturn" => {
            pb::RuleOnReturnRequest { request_id, ticket_number, etag, ruling: 1, note }.encode_to_vec()
        }
        "EscalateTicket" => {
            pb::EscalateTicketRequest { request_id, ticket_number, etag, escalation: 1, note }.encode_to_vec()
        }
        "RedactTicket" => {
            pb::RedactTicketRequest { request_id, ticket_number, note, ..Default::default() }.encode_to_vec()
        }
        "UpdateCaller" => {
            let contact =
                Some(pb::Contact { name: "司马另例".to_owned(), phone: "13900139000".to_owned() });
            pb::UpdateCallerRequest { request_id, ticket_number, contact, ..Default::default() }
                .encode_to_vec()
        }
        other => after_handling(other, request_id, ticket_number, note),
    }
}

/// Commands on a ticket that ended, or was handled.
fn after_handling(method: &str, request_id: String, ticket_number: String, note: String) -> Vec<u8> {
    let etag = String::new();
    match method {
        "ReinstateTicket" => {
            pb::ReinstateTicketRequest { request_id, ticket_number, etag, note }.encode_to_vec()
        }
        "ReopenTicket" => {
            pb::ReopenTicketRequest { request_id, ticket_number, etag, purpose: 1, note }.encode_to_vec()
        }
        "RecordRecheck" => {
            pb::RecordRecheckRequest { request_id, ticket_number, resolved: 1, ..Default::default() }
                .encode_to_vec()
        }
        "SubmitSurvey" => {
            pb::SubmitSurveyRequest { request_id, ticket_number, resolved: 1, ..Default::default() }
                .encode_to_vec()
        }
        other => panic!("{other} names a ticket and has no request here"),
    }
}
