//! `ReinstateTicket`: takes a ticket back into the loop that was declined or withdrawn by a slip. It has the state that
//! it had before. Its limit has run on, and the ladder fires what has passed meanwhile. If the unit tree has changed so
//! that a unit with the ticket is under an accused one, or its lead is no longer active, the ticket goes back to the
//! desk.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::conflict_recall::{Conflicts, limit_that_stays};
use super::transfer_decision::back_without_inactive_units;
use super::{DecisionContext, FreeText, Verb, undo_window};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Instant, Ticket, UnitCode};

/// Taking a ticket back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReinstateTicket {
    pub note: String,
}

enum Refusal {
    UndoWindowClosed { closed_at: Instant },
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::UndoWindowClosed { closed_at } => {
                Self::new(ErrorReason::UndoWindowClosed).with("closed_at", closed_at.to_rfc3339())
            }
        }
    }
}

impl Verb for ReinstateTicket {
    const COMMAND: Command = Command::ReinstateTicket;
    const GIVES_WORK: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        ticket.units().chain(ticket.planned_units()).cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let ending = ticket.ending.ok_or_else(|| Fault::internal("a ticket ended without an ending"))?;
        let window = TimeDelta::hours(i64::from(ctx.policy.undo.undo_hours));
        if let Some(closed_at) = undo_window::closed(ending.ended_at, window, ctx.now) {
            return Err(Refusal::UndoWindowClosed { closed_at }.into());
        }
        let conflicts = Conflicts::of(ticket, &[], ctx.units);
        let recalled = conflicts.recalled(ticket, limit_that_stays(ticket, ctx.policy, ctx.now), ctx.now);
        // A recall takes the ticket from all its units.
        let left = if conflicts.is_with_unit { Vec::new() } else { back_without_inactive_units(ticket, ctx) };
        let reinstated = Event::TicketReinstated { note: self.note.clone() };
        Ok(std::iter::once(reinstated).chain(recalled).chain(left).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::decline_ticket::DeclineTicket;
    use super::super::fixture::*;
    use super::super::withdraw_ticket::WithdrawTicket;
    use super::*;
    use crate::ticket::{DeclineReason, State};

    fn reinstate() -> ReinstateTicket {
        ReinstateTicket { note: "误操作".to_owned() }
    }

    fn withdraw() -> WithdrawTicket {
        WithdrawTicket { note: "已自行解决".to_owned() }
    }

    fn decline() -> DeclineTicket {
        let reason = DeclineReason::Litigation;
        DeclineTicket { reason, turn_to: "人民法院".to_owned(), note: String::new() }
    }

    #[test]
    fn an_inactive_lead_does_not_get_it_back() {
        let desk = Desk::open();
        for before in [desk.dispatched(), desk.in_handling(), desk.returned()] {
            let withdrawn = desk.run(AGENT, &withdraw(), &before);
            let dispatch = withdrawn.dispatch.clone().expect("a unit has it");
            let dispatch = crate::ticket::Dispatch { lead_unit: code(INACTIVE), ..dispatch };
            let after = desk.run(AGENT, &reinstate(), &Ticket { dispatch: Some(dispatch), ..withdrawn });
            assert_eq!((after.state, after.dispatch), (State::Received, None));
        }
    }

    #[test]
    fn it_is_again_what_it_was_and_its_limit_has_run_on() {
        let desk = Desk::open();
        for before in [desk.received(), desk.dispatched(), desk.in_handling(), desk.returned()] {
            let withdrawn = desk.run(AGENT, &withdraw(), &before);
            let later = desk.after_hours(72);
            for who in [AGENT, SUPERVISOR] {
                let after = later.run(who, &reinstate(), &withdrawn);
                assert_eq!((after.state, &after.withdrawal_note, after.ending), (before.state, &None, None));
                assert_eq!((&after.cycle, &after.dispatch), (&before.cycle, &before.dispatch));
            }
        }
        let declined = desk.run(AGENT, &decline(), &desk.received());
        let after = desk.run(AGENT, &reinstate(), &declined);
        assert_eq!((after.state, after.decline), (State::Received, None));
        // It can end once more.
        assert_eq!(desk.run(AGENT, &withdraw(), &desk.received()).state, State::Withdrawn);
    }

    #[test]
    fn the_window_ends_with_its_last_instant() {
        let desk = Desk::open();
        let declined = desk.run(AGENT, &decline(), &desk.received());
        let late = desk.after(TimeDelta::hours(72) + TimeDelta::microseconds(1));
        let fault = late.ask(AGENT, &reinstate(), &declined).expect_err("it is too late");
        assert_eq!(fault.reason, ErrorReason::UndoWindowClosed);
        let closed_at = desk.after_hours(72).now.to_rfc3339();
        assert_eq!(fault.metadata.get("closed_at"), Some(&closed_at));
        let mut short = desk.after_hours(2);
        short.policy.undo.undo_hours = 1;
        assert_eq!(short.refusal(AGENT, &reinstate(), &declined), ErrorReason::UndoWindowClosed);
    }

    #[test]
    fn only_what_was_declined_or_withdrawn_is_taken_back() {
        let desk = Desk::open();
        for ticket in [desk.received(), desk.in_handling(), desk.completed(), desk.closed()] {
            assert_eq!(desk.refusal(AGENT, &reinstate(), &ticket), ErrorReason::WrongState);
        }
        let withdrawn = desk.run(AGENT, &withdraw(), &desk.received());
        for who in [DISPATCHER, LEAD_UNIT] {
            assert_eq!(desk.refusal(who, &reinstate(), &withdrawn), ErrorReason::RoleNotAllowed);
        }
    }
}
