//! How a ticket changes when units get it, and when it is recalled from them.

use super::caller::replace_texts;
use crate::ticket::{Dispatch, Responsibility, State, Ticket};

/// The units of a dispatch have the ticket. Former units may have had it in handling.
pub(super) fn give(ticket: &mut Ticket, dispatch: Dispatch, sequence: u32) {
    drop_void_plan(ticket);
    replace_texts(ticket);
    forget_feedback(ticket);
    for advice in ticket.advice.iter_mut().filter(|advice| advice.dispatched_to.is_none()) {
        advice.dispatched_to = Some(dispatch.lead_unit.clone());
    }
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

/// Recalls a ticket from its units. Their texts about a complaint against one of them are no feedback.
pub(super) fn recall(ticket: &mut Ticket) {
    take_away(ticket);
    // It may name the accused unit, and later units would read it.
    ticket.plan = None;
    ticket.is_plan_void = false;
    ticket.state = State::Received;
    forget_feedback(ticket);
}

/// The ticket is at the desk again, and can be dispatched: from the plan if responsibilities overlap.
pub(super) fn send_to_desk(ticket: &mut Ticket) {
    take_away(ticket);
    forget_feedback(ticket);
    ticket.state = match ticket.responsibility {
        Responsibility::Overlapping => State::Planning,
        Responsibility::Clear => State::Received,
    };
}

/// What former units said stays only in the events: the next lead gives both halves, and asks again to carry over. A
/// granted carry-over stays, because the company was informed of its date.
fn forget_feedback(ticket: &mut Ticket) {
    let cycle = &mut ticket.cycle;
    cycle.caller_reply = None;
    cycle.hotline_report = None;
    cycle.assist_reports.clear();
    if !cycle.is_carried_over() {
        cycle.carry_over = None;
    }
}
