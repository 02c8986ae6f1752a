//! What is true of every ticket, whatever happened to it. Checked before a change is written, in production too: a
//! ticket that breaks one is not stored.

use super::{CarryOverState, State, Ticket};

/// A named truth about tickets.
type Invariant = (&'static str, fn(&Ticket) -> bool);

/// Every invariant by name.
const INVARIANTS: &[Invariant] = &[
    ("a ticket at a unit has a lead", |t| {
        !matches!(t.state, State::Dispatched | State::Handling | State::Completed) || t.dispatch.is_some()
    }),
    ("a ticket in handling was signed for", |t| {
        t.state != State::Handling || t.dispatch.as_ref().is_some_and(|d| d.accepted_at.is_some())
    }),
    ("a completed cycle has both feedbacks", |t| {
        t.state != State::Completed || (t.cycle.caller_reply.is_some() && t.cycle.hotline_report.is_some())
    }),
    ("both feedbacks complete the cycle", |t| {
        t.state != State::Handling || t.cycle.caller_reply.is_none() || t.cycle.hotline_report.is_none()
    }),
    ("a returned ticket has its return", |t| t.state != State::Returned || !t.returns.is_empty()),
    ("only the last return waits for a ruling", |t| {
        t.returns.iter().rev().skip(1).all(|one| one.ruling.is_some())
    }),
    ("a unit has one relation to a ticket", |t| {
        t.dispatch.as_ref().is_none_or(|dispatch| {
            let mut units: Vec<_> = dispatch.units().map(|(unit, _)| unit).collect();
            units.sort();
            units.windows(2).all(|pair| pair[0] != pair[1])
        })
    }),
    ("no accused unit has the ticket", |t| {
        t.dispatch.as_ref().is_none_or(|d| d.units().all(|(unit, _)| !t.accused_units.contains(unit)))
    }),
    ("a granted carry-over promises a date after the deadline", |t| {
        t.cycle
            .carry_over
            .as_ref()
            .is_none_or(|carry| carry.state != CarryOverState::Granted || carry.promised_at > carry.asked_at)
    }),
    ("a deadline lies after its start", |t| t.cycle.deadline.due_at >= t.cycle.began_at.min(t.received_at)),
    ("a closed ticket says how", |t| (t.state == State::Closed) == t.closing.is_some()),
    ("a merged ticket says into which", |t| (t.state == State::Merged) == t.merged_into.is_some()),
    ("a declined ticket says why", |t| (t.state == State::Declined) == t.decline.is_some()),
    ("the first cycle begins at intake", |t| t.cycle.number != 1 || t.cycle.began_at == t.received_at),
    ("a ticket has a subject", |t| !t.subject.is_empty()),
];

/// The names of the invariants that a ticket breaks; empty for every ticket that may be stored.
#[must_use]
pub fn broken(ticket: &Ticket) -> Vec<&'static str> {
    INVARIANTS.iter().filter(|(_, holds)| !holds(ticket)).map(|(name, _)| *name).collect()
}
