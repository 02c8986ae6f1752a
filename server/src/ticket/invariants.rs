//! Conditions that hold for every ticket. They are checked before a change is written, in production too: a ticket that
//! breaks one is not stored.

use super::{CarryOverState, State, Ticket};

/// A named condition.
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
    // In other states nobody could rule on it. A withdrawn or merged ticket needs no ruling any more.
    ("a return waits where it can be ruled on", |t| {
        matches!(t.state, State::Returned | State::Withdrawn | State::Merged) || t.pending_return().is_none()
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
    ("a granted carry-over promises a date after it was asked for", |t| {
        t.cycle
            .carry_over
            .as_ref()
            .is_none_or(|carry| carry.state != CarryOverState::Granted || carry.promised_at > carry.asked_at)
    }),
    ("a deadline lies after its start", |t| t.cycle.deadline.due_at >= t.cycle.began_at.min(t.received_at)),
    ("a closed ticket says how", |t| (t.state == State::Closed) == t.closing.is_some()),
    ("a merged ticket says into which", |t| (t.state == State::Merged) == t.merged_into.is_some()),
    ("a declined ticket says why", |t| (t.state == State::Declined) == t.decline.is_some()),
    ("a ticket out of the loop says what it was before", |t| {
        matches!(t.state, State::Declined | State::Withdrawn | State::Merged) == t.ending.is_some()
    }),
    ("only linked repeats wait for a call", |t| t.repeats_to_call.iter().all(|one| t.repeats.contains(one))),
    ("the rung is no lower than what fired", |t| {
        t.cycle.rung >= t.cycle.ladder_rung && t.cycle.rung >= t.cycle.hand_rung
    }),
    ("the first cycle begins at intake", |t| t.cycle.number != 1 || t.cycle.began_at == t.received_at),
    ("a ticket has a subject", |t| !t.subject.is_empty()),
];

/// The names of the invariants that a ticket breaks; empty for every ticket that may be stored.
#[must_use]
pub fn broken(ticket: &Ticket) -> Vec<&'static str> {
    INVARIANTS.iter().filter(|(_, holds)| !holds(ticket)).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::*;
    use super::super::{CarryOver, Ending, ReturnReason, Rung, TicketReturn};
    use super::*;

    /// The name of an invariant, a valid ticket, and a change that breaks only this invariant.
    type Break = (&'static str, fn() -> Ticket, fn(&mut Ticket));

    fn unruled() -> TicketReturn {
        TicketReturn {
            unit: code("lead"),
            reason: ReturnReason::NotOurDuty,
            rule: "三定方案".to_owned(),
            proposed_unit: None,
            note: String::new(),
            returned_at: intake(),
            is_arbitration: false,
            ruling: None,
        }
    }

    fn granted_for(promised_at: super::super::Instant) -> CarryOver {
        CarryOver {
            state: CarryOverState::Granted,
            next_steps: "等待验收".to_owned(),
            promised_at,
            informed_at: intake(),
            asked_at: intake(),
            decided_at: None,
            decision_note: String::new(),
        }
    }

    fn received() -> Ticket {
        ticket([created()])
    }

    fn at_unit() -> Ticket {
        ticket([created(), dispatched()])
    }

    fn in_handling() -> Ticket {
        ticket([created(), dispatched(), accepted()])
    }

    /// One for each invariant, in their order.
    const BREAKS: &[Break] = &[
        ("a ticket at a unit has a lead", received, |t| t.state = State::Dispatched),
        ("a ticket in handling was signed for", at_unit, |t| t.state = State::Handling),
        ("a completed cycle has both feedbacks", in_handling, |t| t.state = State::Completed),
        ("both feedbacks complete the cycle", in_handling, |t| {
            t.cycle.caller_reply = Some(reply());
            t.cycle.hotline_report = Some(report());
        }),
        ("a returned ticket has its return", at_unit, |t| t.state = State::Returned),
        ("only the last return waits for a ruling", at_unit, |t| {
            t.state = State::Returned;
            t.returns = vec![unruled(), unruled()];
        }),
        ("a return waits where it can be ruled on", at_unit, |t| t.returns = vec![unruled()]),
        ("a unit has one relation to a ticket", at_unit, |t| {
            t.dispatch.as_mut().expect("a dispatch").inform_units = vec![code("assist")];
        }),
        ("no accused unit has the ticket", at_unit, |t| t.accused_units = vec![code("assist")]),
        ("a granted carry-over promises a date after it was asked for", in_handling, |t| {
            t.cycle.carry_over = Some(granted_for(intake()));
        }),
        ("a deadline lies after its start", received, |t| {
            t.cycle.deadline.due_at = intake() - TimeDelta::microseconds(1);
        }),
        ("a closed ticket says how", received, |t| t.state = State::Closed),
        ("a merged ticket says into which", received, |t| t.merged_into = Some(number())),
        ("a declined ticket says why", received, |t| {
            t.state = State::Declined;
            t.ending = Some(Ending { state_before: State::Received, ended_at: intake() });
        }),
        ("a ticket out of the loop says what it was before", received, |t| {
            t.ending = Some(Ending { state_before: State::Planning, ended_at: intake() });
        }),
        ("only linked repeats wait for a call", received, |t| t.repeats_to_call = vec![number()]),
        ("the rung is no lower than what fired", received, |t| t.cycle.hand_rung = Rung::Urged),
        ("the first cycle begins at intake", received, |t| t.cycle.began_at += TimeDelta::hours(1)),
        ("a ticket has a subject", received, |t| t.subject.clear()),
    ];

    #[test]
    fn each_invariant_can_be_broken_alone() {
        for (name, sound, break_it) in BREAKS {
            let mut ticket = sound();
            assert_eq!(broken(&ticket), Vec::<&str>::new(), "before: {name}");
            break_it(&mut ticket);
            assert_eq!(broken(&ticket), [*name]);
        }
        let names = INVARIANTS.iter().map(|(name, _)| *name);
        assert_eq!(BREAKS.iter().map(|(name, ..)| *name).collect::<Vec<_>>(), names.collect::<Vec<_>>());
    }
}
