//! How a ticket changes around the work: assignments inside units, the open question, the open request for help, and
//! its attachments.

use crate::ticket::{Event, Ticket, UnitCode};

/// An event that is about nothing else.
pub(super) fn change(ticket: &mut Ticket, event: Event) {
    match event {
        Event::AssignedInside(assignment) => {
            ticket.inside_assignments.retain(|one| one.unit != assignment.unit);
            ticket.inside_assignments.push(assignment);
        }
        Event::CompanyAsked(question) => ticket.open_question = Some(question),
        Event::SupplementAdded(supplement) if supplement.is_answer => ticket.open_question = None,
        Event::HelpRequested(help) => ticket.help_request = Some(help),
        Event::HelpAnswered(_) => ticket.help_request = None,
        Event::TicketsLinked(linked) => ticket.linked_tickets.push(linked.other),
        Event::AttachmentAdded(attachment) => ticket.attachments.push(*attachment),
        Event::AttachmentScanned(scanned) => {
            if let Some(one) = ticket.attachments.iter_mut().find(|one| one.id == scanned.id) {
                *one = *scanned;
            }
        }
        // A note and a supplement that nobody asked for change no field.
        _ => {}
    }
}

/// What ends with an event, besides what the event is about. A request for help ends when a supervisor escalates by
/// hand, when a return is ruled on, and when the unit that asked does not lead the open ticket any more.
pub(super) fn end_with(ticket: &mut Ticket, event: &Event) {
    let is_answered = matches!(
        event,
        Event::RungFired { due_at: None, .. } | Event::SupervisionRecorded { .. } | Event::ReturnRuled { .. }
    );
    let is_open = ticket.state.is_open();
    let is_of_lead = ticket.help_request.as_ref().is_some_and(|help| ticket.lead_unit() == Some(&help.unit));
    if is_answered || !is_open || !is_of_lead {
        ticket.help_request = None;
    }
    if !is_open {
        ticket.open_question = None;
    }
    let dispatch = ticket.dispatch.as_ref();
    let has = |unit: &UnitCode| dispatch.is_some_and(|dispatch| dispatch.relation_of(unit).is_some());
    ticket.inside_assignments.retain(|one| has(&one.unit));
}
