//! `MergeTicket`: links a repeat to the open ticket about the same matter. Two tickets change in one unit of work. A
//! complaint is never merged into a ticket that the accused unit can see.

use hotline_proto::v1::ErrorReason;

use super::verb::{check_etag, check_state, not_found};
use super::{Change, ClosedLoop, request_record};
use crate::access::Permit;
use crate::desk::directory::UnitSet;
use crate::ledger::{self, Entry};
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, Command, Event, Ticket, TicketNumber};

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
pub fn decide(repeat: &Ticket, open: &Ticket, units: &UnitSet) -> Result<(Event, Event), Fault> {
    if !open.state.is_open() || open.number == repeat.number {
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
    let linked = Event::RepeatLinked { repeat: repeat.number, accused_units: repeat.accused_units.clone() };
    Ok((Event::TicketMerged { into: open.number }, linked))
}

/// The input of a unit of work that merges two tickets.
struct MergeInput {
    closed_loop: ClosedLoop,
    permit: Permit,
    change: Change<MergeTicket>,
}

impl ClosedLoop {
    /// Merges a repeat into an open ticket; returns the repeat.
    ///
    /// # Errors
    /// Those of every command on a ticket, and `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
    pub async fn merge_ticket(&self, permit: Permit, change: Change<MergeTicket>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let input = MergeInput { closed_loop: self.clone(), permit, change };
        let outcome = self
            .store
            .run(&self.clock, input, async |work, input| {
                input.closed_loop.merge_in(work, &input.permit, &input.change).await
            })
            .await;
        self.settle(outcome, &key).await
    }

    async fn merge_in(
        &self,
        work: &Work,
        permit: &Permit,
        change: &Change<MergeTicket>,
    ) -> Result<Ticket, Fault> {
        let (number, into, scope) = (change.number, change.verb.into, permit.scope());
        // Locks are taken in rising order of number, so that two merges of the same pair cannot deadlock.
        let first = ledger::read::lock(work, &scope, number.min(into)).await?;
        let second = if number == into {
            first.clone()
        } else {
            ledger::read::lock(work, &scope, number.max(into)).await?
        };
        if let Some(ticket) = request_record::find_in(work, &change.key).await? {
            return Ok(ticket);
        }
        let (repeat, open) = if number < into { (first, second) } else { (second, first) };
        let repeat = repeat.ok_or_else(|| not_found(number))?;
        check_etag(permit, change.etag.as_deref(), &repeat)?;
        check_state(Command::MergeTicket, &repeat)?;
        let open = open.ok_or_else(|| not_found(into))?;
        let having: Vec<_> = [&repeat, &open]
            .into_iter()
            .flat_map(|ticket| ticket.units().chain(ticket.planned_units()).cloned())
            .collect();
        let accuses = !repeat.accused_units.is_empty() || !open.accused_units.is_empty();
        let units = if accuses {
            UnitSet::lock(&work.tx, having).await?
        } else {
            UnitSet::read(&work.tx, having).await?
        };
        let (merged, linked) = decide(&repeat, &open, &units)?;
        let entries = [(repeat, merged), (open, linked)].map(|(before, event)| Entry {
            number: before.number,
            before: Some(before),
            events: vec![event],
            identity: CallerIdentity::default(),
        });
        let written = self.ledger.write(work, &permit.actor(), entries.into()).await?;
        let ticket = written.into_iter().next().ok_or_else(|| Fault::internal("a merge wrote no ticket"))?;
        request_record::write(work, &change.key, &ticket).await?;
        Ok(ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::withdraw_ticket::WithdrawTicket;
    use super::*;
    use crate::ticket::State;

    /// The same ticket with another number.
    fn other(ticket: Ticket) -> Ticket {
        Ticket { number: number(2), ..ticket }
    }

    fn reason(repeat: &Ticket, open: &Ticket) -> Option<ErrorReason> {
        let having: Vec<_> = repeat.units().chain(open.units()).cloned().collect();
        decide(repeat, open, &known(&having)).err().map(|fault| fault.reason)
    }

    #[test]
    fn both_tickets_say_what_happened() {
        let desk = Desk::open();
        let (repeat, open) = (other(desk.taken_in(&complaint_about(UNDER_LEAD))), desk.received());
        let (merged, linked) = decide(&repeat, &open, &known(&[])).expect("it is not refused");
        let accused_units = vec![code(UNDER_LEAD)];
        assert_eq!(merged, Event::TicketMerged { into: open.number });
        assert_eq!(linked, Event::RepeatLinked { repeat: repeat.number, accused_units });
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
