//! How a ticket changes when its caller is updated. Who called is not on the ticket, but its texts may say it.

use crate::ticket::{CallerField, CallerUpdated, Ticket};

/// The texts change at once if no unit has the ticket, and with the next dispatch otherwise.
pub(super) fn update(ticket: &mut Ticket, updated: CallerUpdated) {
    if updated.fields.contains(&CallerField::Industry) {
        ticket.industry = updated.industry;
    }
    let Some(texts) = updated.texts else { return };
    ticket.text_marks = texts.text_marks;
    let pending = ticket.pending_texts.get_or_insert_default();
    pending.subject = texts.subject.or(pending.subject.take());
    pending.content = texts.content.or(pending.content.take());
    if ticket.dispatch.is_none() {
        replace_texts(ticket);
    }
}

/// Puts the texts in place that waited for it.
pub(super) fn replace_texts(ticket: &mut Ticket) {
    let Some(pending) = ticket.pending_texts.take() else { return };
    if let Some(subject) = pending.subject {
        ticket.subject = subject;
    }
    if let Some(content) = pending.content {
        ticket.content = content;
    }
}
