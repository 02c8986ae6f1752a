//! `MergeTicket`: links a repeat to the open ticket about the same matter. Two tickets change in one unit of work. A
//! complaint is never merged into a ticket that the accused unit can see.
//!
//! The open ticket takes over the limit and the rung of the repeat, and of the repeats that were merged into it before.
//! So a merge makes no limit later, and takes no rung back.

use hotline_proto::v1::ErrorReason;

use super::command::{Action, TicketChange, TicketCommand, UnitsNeeded};
use super::verb::{check_etag, check_state, not_found};
use super::{Change, ClosedLoop, DecisionContext};
use crate::access::Permit;
use crate::desk::directory::UnitSet;
use crate::ledger::locked_ticket::LockedTicket;
use crate::platform::Fault;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::ticket::event::RepeatLinked;
use crate::ticket::{Command, Event, Instant, Ticket, TicketNumber};

/// The most repeats that a ticket stands for, directly and through others.
pub const REPEATS_MAX: usize = 200;

/// Linking a repeat to an open ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeTicket {
    /// The open ticket about the same matter.
    pub into: TicketNumber,
}

enum Refusal {
    MergeTargetUnfit,
    ConflictOfInterest,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::MergeTargetUnfit => Self::new(ErrorReason::MergeTargetUnfit),
            Refusal::ConflictOfInterest => Self::new(ErrorReason::ConflictOfInterest),
        }
    }
}

/// Decides what happens to the repeat and to the open ticket. Pure.
///
/// # Errors
/// `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
pub fn decide(
    repeat: &Ticket,
    open: &Ticket,
    units: &UnitSet,
    now: Instant,
) -> Result<(Event, Event), Fault> {
    let repeats = open.repeats.len() + 1 + repeat.repeats.len();
    if !open.state.is_open() || open.number == repeat.number || repeats > REPEATS_MAX {
        return Err(Refusal::MergeTargetUnfit.into());
    }
    // After the merge each ticket names the other. So neither may be a complaint about a unit that has the other, or
    // would get it by its plan.
    let is_near = |having: &Ticket, accusing: &Ticket| {
        units.has_conflict(having.units().chain(having.planned_units()), &accusing.accused_units)
    };
    if is_near(open, repeat) || is_near(repeat, open) {
        return Err(Refusal::ConflictOfInterest.into());
    }
    let linked = RepeatLinked {
        repeat: repeat.number,
        accused_units: repeat.accused_units.clone(),
        linked: repeat.repeats.clone(),
        limits: repeat.cycle.limits_to_hand_on(repeat.number, now),
    };
    Ok((Event::TicketMerged { into: open.number }, Event::RepeatLinked(Box::new(linked))))
}

impl TicketChange for Change<MergeTicket> {
    fn numbers(&self) -> Vec<TicketNumber> {
        if self.number == self.verb.into { vec![self.number] } else { vec![self.number, self.verb.into] }
    }

    fn check(&self, permit: &Permit, found: Vec<Option<LockedTicket>>) -> Result<Vec<LockedTicket>, Fault> {
        let mut found = found.into_iter();
        let repeat = found.next().flatten().ok_or_else(|| not_found(self.number))?;
        check_etag(permit, self.etag.as_deref(), &repeat)?;
        check_state(Command::MergeTicket, &repeat)?;
        let Some(open) = found.next() else { return Err(Refusal::MergeTargetUnfit.into()) };
        Ok(vec![repeat, open.ok_or_else(|| not_found(self.verb.into))?])
    }

    fn units_needed(&self, tickets: &[LockedTicket]) -> UnitsNeeded {
        let named = tickets
            .iter()
            .flat_map(|ticket| ticket.units().chain(ticket.planned_units()).chain(&ticket.accused_units));
        let is_locked = tickets.iter().any(|ticket| !ticket.accused_units.is_empty());
        UnitsNeeded { codes: named.cloned().collect(), is_locked, gives_work: false }
    }

    fn decide(&self, tickets: &[LockedTicket], ctx: &DecisionContext<'_>) -> Result<Vec<Vec<Event>>, Fault> {
        let [repeat, open] = tickets else { return Err(Fault::internal("a merge needs two tickets")) };
        let (merged, linked) = decide(repeat, open, ctx.units, ctx.now)?;
        Ok(vec![vec![merged], vec![linked]])
    }

    fn name(&self) -> &'static str {
        Command::MergeTicket.name()
    }
}

impl ClosedLoop {
    /// Merges a repeat into an open ticket; returns the repeat.
    ///
    /// # Errors
    /// Those of every command on a ticket, and `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
    pub async fn merge_ticket(&self, permit: Permit, change: Change<MergeTicket>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        self.run(
            TicketCommand { permit, key, action: Action::Change(Box::new(change)) },
            TEXTS_REFUSED,
            |_| {},
        )
        .await
    }
}

#[cfg(test)]
mod limit_tests;

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::withdraw_ticket::WithdrawTicket;
    use super::*;
    use crate::ticket::{RepeatLimit, Rung, State};

    /// The same ticket with another number.
    fn other(ticket: Ticket) -> Ticket {
        Ticket { number: number(2), ..ticket }
    }

    fn reason(repeat: &Ticket, open: &Ticket) -> Option<ErrorReason> {
        let having: Vec<_> = repeat.units().chain(open.units()).cloned().collect();
        decide(repeat, open, &known(&having), Desk::open().now).err().map(|fault| fault.reason)
    }

    #[test]
    fn both_tickets_say_what_happened() {
        let desk = Desk::open();
        let (repeat, open) = (other(desk.taken_in(&complaint_about(UNDER_LEAD))), desk.received());
        let (merged, linked) = decide(&repeat, &open, &known(&[]), desk.now).expect("it is not refused");
        assert_eq!(merged, Event::TicketMerged { into: open.number });
        let limit = RepeatLimit { repeat: repeat.number, due_at: repeat.cycle.due_at(), rung: Rung::None };
        let expected = RepeatLinked {
            repeat: repeat.number,
            accused_units: vec![code(UNDER_LEAD)],
            linked: Vec::new(),
            limits: vec![limit],
        };
        assert_eq!(linked, Event::RepeatLinked(Box::new(expected)));
        let repeat = desk.fold(Some(repeat), vec![merged]);
        assert_eq!((repeat.state, repeat.merged_into), (State::Merged, Some(open.number)));
        let open = desk.fold(Some(open), vec![linked]);
        assert_eq!(open.repeats, [repeat.number]);
        // From now on the accused unit may not get the open ticket either.
        let toward =
            super::super::dispatch_ticket::DispatchTicket { lead_unit: code(UNDER_LEAD), ..to_units() };
        assert_eq!(desk.refusal(DISPATCHER, &toward, &open), ErrorReason::ConflictOfInterest);
    }

    #[test]
    fn a_repeat_goes_into_another_ticket_that_is_open() {
        let desk = Desk::open();
        let repeat = other(desk.received());
        let withdrawn = desk.run(AGENT, &WithdrawTicket { note: "已解决".to_owned() }, &desk.received());
        for (open, expected) in [
            (desk.received(), None),
            (desk.dispatched(), None),
            (desk.in_handling(), None),
            (desk.returned(), None),
            (desk.completed(), Some(ErrorReason::MergeTargetUnfit)),
            (desk.closed(), Some(ErrorReason::MergeTargetUnfit)),
            (withdrawn, Some(ErrorReason::MergeTargetUnfit)),
            (repeat.clone(), Some(ErrorReason::MergeTargetUnfit)),
        ] {
            assert_eq!(reason(&repeat, &open), expected, "{:?}", open.state);
        }
    }

    #[test]
    fn a_complaint_is_not_merged_into_the_reach_of_the_unit_it_is_about() {
        let desk = Desk::open();
        let under =
            super::super::dispatch_ticket::DispatchTicket { lead_unit: code(UNDER_LEAD), ..to_units() };
        let under = desk.run(DISPATCHER, &under, &desk.received());
        for (accused, open, expected) in [
            (LEAD, desk.dispatched(), Some(ErrorReason::ConflictOfInterest)),
            (ASSIST, desk.in_handling(), Some(ErrorReason::ConflictOfInterest)),
            (INFORM, desk.in_handling(), Some(ErrorReason::ConflictOfInterest)),
            (LEAD, under, Some(ErrorReason::ConflictOfInterest)),
            (UNDER_LEAD, desk.dispatched(), None),
            (LEAD, desk.received(), None),
        ] {
            let repeat = other(desk.taken_in(&complaint_about(accused)));
            assert_eq!(reason(&repeat, &open), expected, "{accused} into {:?}", open.state);
        }
        let open = other(desk.taken_in(&complaint_about(LEAD)));
        assert_eq!(
            reason(&desk.returned(), &open),
            Some(ErrorReason::ConflictOfInterest),
            "its ruling is due"
        );
    }
}
