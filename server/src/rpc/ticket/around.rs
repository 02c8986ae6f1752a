//! What stands around the work on a ticket, as a caller may read it: notes, questions and supplements, requests for
//! help, assignments inside units, and attachments. An event that a caller may not read has no detail.

use hotline_proto::v1 as pb;
use pb::ticket_event::Detail;

use crate::access::View;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::scalars::{code, optional_time, time};
use crate::ticket::{Attachment, CompanyQuestion, Event, HelpRequest, InsideAssignment, Ticket};

/// The question of an agent is shown to every unit, that of a unit to itself and to those that have had the ticket
/// since.
pub(super) fn open_question(ticket: &Ticket, view: &View) -> Option<pb::CompanyQuestion> {
    let is_shown = |open: &&CompanyQuestion| {
        open.unit.is_none() || open.unit == view.unit || view.shows_words_of(open.asked_at)
    };
    ticket.open_question.as_ref().filter(is_shown).map(question)
}

pub(super) fn help_request(ticket: &Ticket, view: &View) -> Option<pb::HelpRequest> {
    ticket.help_request.as_ref().filter(|help| view.shows_help_of(&help.unit)).map(help)
}

pub(super) fn inside_assignments(ticket: &Ticket, view: &View) -> Vec<pb::InsideAssignment> {
    ticket.inside_assignments.iter().filter(|one| view.shows_inside(&one.unit)).map(assignment).collect()
}

/// The attachments that a caller may see.
pub(super) fn attachments(ticket: &Ticket, view: &View) -> Vec<pb::Attachment> {
    ticket.attachments.iter().filter(|one| view.shows_attachment(one)).map(attachment).collect()
}

pub(super) fn attachment(one: &Attachment) -> pb::Attachment {
    pb::Attachment {
        id: one.id.clone(),
        unit: code(one.unit.as_ref()),
        file_name: one.file_name.clone(),
        media_type: one.media_type.clone(),
        size_bytes: i64::try_from(one.size_bytes).unwrap_or(i64::MAX),
        sha256: one.sha256.clone(),
        state: one.state.number(),
        add_time: Some(time(one.added_at)),
        without_caller: one.is_without_caller,
    }
}

fn question(question: &CompanyQuestion) -> pb::CompanyQuestion {
    pb::CompanyQuestion {
        question: question.question.clone(),
        wanted: question.wanted.clone(),
        unit: code(question.unit.as_ref()),
        ask_time: Some(time(question.asked_at)),
    }
}

fn help(help: &HelpRequest) -> pb::HelpRequest {
    pb::HelpRequest {
        unit: help.unit.0.clone(),
        reason: help.reason.clone(),
        request_time: Some(time(help.requested_at)),
    }
}

fn assignment(one: &InsideAssignment) -> pb::InsideAssignment {
    pb::InsideAssignment {
        unit: one.unit.0.clone(),
        bureau: one.bureau.clone().unwrap_or_default(),
        clerk: one.clerk.clone().unwrap_or_default(),
        absent_clerk: one.absent_clerk.clone().unwrap_or_default(),
        inner_due_time: optional_time(one.inner_due_at),
        note: one.note.clone(),
        assign_time: Some(time(one.assigned_at)),
    }
}

/// The detail of an event, if the caller may read it.
pub(super) fn detail(event: &Event, view: &View) -> Option<Detail> {
    Some(match event {
        Event::NoteAdded(one) if view.shows_note_of(one.unit.as_ref()) => {
            Detail::NoteAdded(pb::NoteAdded { unit: code(one.unit.as_ref()), note: one.note.clone() })
        }
        Event::AssignedInside(one) if view.shows_inside(&one.unit) => {
            Detail::AssignedInside(pb::AssignedInside { assignment: Some(assignment(one)) })
        }
        Event::AttachmentAdded(one) if view.shows_attachment(one) => {
            Detail::AttachmentAdded(pb::AttachmentAdded { attachment: Some(attachment(one)) })
        }
        Event::AttachmentScanned(one) if view.shows_attachment(one) => {
            Detail::AttachmentScanned(pb::AttachmentScanned {
                attachment_id: one.id.clone(),
                sha256: one.sha256.clone(),
                state: one.state.number(),
            })
        }
        Event::CompanyAsked(one) => Detail::CompanyAsked(pb::CompanyAsked { question: Some(question(one)) }),
        Event::SupplementAdded(one) => Detail::SupplementAdded(pb::SupplementAdded {
            unit: code(one.unit.as_ref()),
            content: one.content.clone(),
            answers_question: one.is_answer,
        }),
        Event::HelpRequested(one) if view.shows_help_of(&one.unit) => {
            Detail::HelpRequested(pb::HelpRequested { help_request: Some(help(one)) })
        }
        Event::HelpAnswered(one) if view.shows_help_of(&one.unit) => {
            // Notes of staff may identify the caller.
            let note = if view.unit.is_none() && view.is_masked { String::new() } else { one.note.clone() };
            Detail::HelpAnswered(pb::HelpAnswered { unit: one.unit.0.clone(), note })
        }
        Event::TicketsLinked(one) if view.unit.is_none() => {
            let note = if view.is_masked { String::new() } else { one.note.clone() };
            Detail::TicketsLinked(pb::TicketsLinked { other_ticket_number: one.other.to_string(), note })
        }
        _ => return None,
    })
}
