//! How a ticket leaves the loop, and how it is taken back: after a slip, or because its company calls again.

use crate::ticket::{Ending, Instant, State, Ticket};

/// It leaves the loop; the state before is kept.
pub(super) fn end(ticket: &mut Ticket, state: State, at: Instant) {
    ticket.ending = Some(Ending { state_before: ticket.state, ended_at: at });
    ticket.state = state;
}

/// It is again as it was before it left the loop. Its limit has run on.
pub(super) fn undo(ticket: &mut Ticket) {
    let Some(ending) = ticket.ending.take() else { return };
    ticket.state = ending.state_before;
    ticket.decline = None;
    ticket.withdrawal_note = None;
    ticket.merged_into = None;
}

/// Its follow-up is due again.
pub(super) fn reopen(ticket: &mut Ticket) {
    ticket.closing = None;
    // Only a unit's work has both halves of the feedback.
    let is_by_unit = ticket.cycle.caller_reply.is_some();
    ticket.state = if is_by_unit { State::Completed } else { State::Answered };
}
