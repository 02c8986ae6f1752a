//! What a ticket becomes when units get it, and when it is taken away from them.

use crate::ticket::{Dispatch, State, Ticket};

/// The units of a dispatch have the ticket.
pub(super) fn give(ticket: &mut Ticket, dispatch: Dispatch, sequence: u32) {
    drop_void_plan(ticket);
    ticket.dispatch = Some(dispatch);
    ticket.dispatched_version = Some(sequence);
    ticket.state = State::Dispatched;
}

/// No unit has the ticket any longer.
pub(super) fn take_away(ticket: &mut Ticket) {
    ticket.dispatch = None;
    ticket.dispatched_version = None;
    drop_void_plan(ticket);
}

/// A void plan is for the units that read it while it held.
fn drop_void_plan(ticket: &mut Ticket) {
    if ticket.is_plan_void {
        ticket.plan = None;
        ticket.is_plan_void = false;
    }
}

/// Takes a ticket away from its units. What they said about a complaint against one of them is no feedback: it stays on
/// the timeline alone, and the next lead gives both halves. The company was informed of a date that was granted, so it
/// stands.
pub(super) fn recall(ticket: &mut Ticket) {
    take_away(ticket);
    // It may name the unit that is complained about, and later units read it.
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
