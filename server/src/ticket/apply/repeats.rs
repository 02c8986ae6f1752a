//! Repeats that are linked to a ticket, and taken from it again.

use crate::ticket::event::RepeatLinked;
use crate::ticket::{Instant, Ticket, TicketNumber, UnitCode};

/// The ticket stands for a repeat, and for the repeats of the repeat.
pub(super) fn link(ticket: &mut Ticket, linked: RepeatLinked) {
    for repeat in std::iter::once(linked.repeat).chain(linked.linked) {
        ticket.repeats.push(repeat);
        ticket.repeats_to_call.push(repeat);
    }
    ticket.cycle.take_over(linked.limits);
    add_accused(ticket, linked.accused_units);
}

/// The repeat goes on by itself. The units that it accuses stay accused here: no event says which of them the ticket
/// would accuse without it.
pub(super) fn unlink(ticket: &mut Ticket, repeat: TicketNumber, linked: &[TicketNumber], at: Instant) {
    let gone: Vec<_> = std::iter::once(repeat).chain(linked.iter().copied()).collect();
    ticket.repeats.retain(|repeat| !gone.contains(repeat));
    ticket.repeats_to_call.retain(|repeat| !gone.contains(repeat));
    ticket.cycle.give_back(&gone, at);
}

/// The ticket accuses these units too.
pub(super) fn add_accused(ticket: &mut Ticket, accused: Vec<UnitCode>) {
    for unit in accused {
        if !ticket.accused_units.contains(&unit) {
            ticket.accused_units.push(unit);
        }
    }
}
