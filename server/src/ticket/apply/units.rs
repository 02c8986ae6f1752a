//! How a ticket changes when units get it, and when it is recalled from them.

use super::caller::replace_texts;
use crate::ticket::{Dispatch, State, Ticket};

/// The units of a dispatch have the ticket.
pub(super) fn give(ticket: &mut Ticket, dispatch: Dispatch, sequence: u32) {
    drop_void_plan(ticket);
    replace_texts(ticket);
    ticket.dispatch = Some(dispatch);
    ticket.dispatched_version = Some(sequence);
    ticket.state = State::Dispatched;
}

/// No unit has the ticket any longer.
pub(super) fn take_away(ticket: &mut Ticket) {
    ticket.dispatch = None;
    ticket.dispatched_version = None;
    drop_void_plan(ticket);
    replace_texts(ticket);
}

/// Only the units that read a void plan while it was valid may see it.
fn drop_void_plan(ticket: &mut Ticket) {
    if ticket.is_plan_void {
        ticket.plan = None;
        ticket.is_plan_void = false;
    }
}

/// Recalls a ticket from its units. Their texts about a complaint against one of them are no feedback: they stay only
/// in the events, and the next lead gives both halves. A granted carry-over stays, because the company was informed of
/// its date.
pub(super) fn recall(ticket: &mut Ticket) {
    take_away(ticket);
    // It may name the accused unit, and later units would read it.
    ticket.plan = None;
    ticket.is_plan_void = false;
    ticket.state = State::Received;
    let cycle = &mut ticket.cycle;
    cycle.caller_reply = None;
    cycle.hotline_report = None;
    cycle.assist_reports.clear();
    if !cycle.is_carried_over() {
        cycle.carry_over = None;
    }
}
