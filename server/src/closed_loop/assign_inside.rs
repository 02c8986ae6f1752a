//! `AssignInside`: a unit hands a ticket to one of its bureaus or clerks, with an inner limit before the ticket's own.
//! It may be handed over again. Nothing of it reaches other units, and the unit as a whole stays responsible. What an
//! absent clerk would get goes to the clerk's substitute.

use super::{DecisionContext, Verb};
use crate::platform::{Fault, Violations};
use crate::ticket::{Command, Event, InsideAssignment, Instant, Ticket};

/// To whom, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AssignInside {
    pub bureau: Option<String>,
    pub clerk: Option<String>,
    pub inner_due_at: Option<Instant>,
    pub note: String,
}

impl Verb for AssignInside {
    const COMMAND: Command = Command::AssignInside;

    fn clerk_named(&self) -> Option<&str> {
        self.clerk.as_deref()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let unit = ctx.working_unit(ticket)?;
        let mut violations = Violations::new();
        if let Some(due_at) = self.inner_due_at {
            if due_at <= ctx.now {
                violations.add("inner_due_time", "does not lie ahead");
            } else if due_at > ticket.cycle.due_at() {
                violations.add("inner_due_time", "lies after the ticket's limit");
            }
        }
        violations.into_result(())?;
        let (clerk, absent_clerk) = match ctx.stand_in {
            Some(substitute) => (Some(substitute.to_owned()), self.clerk.clone()),
            None => (self.clerk.clone(), None),
        };
        Ok(vec![Event::AssignedInside(InsideAssignment {
            unit,
            bureau: self.bureau.clone(),
            clerk,
            absent_clerk,
            inner_due_at: self.inner_due_at,
            note: self.note.clone(),
            assigned_at: ctx.now,
        })])
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use hotline_proto::v1::ErrorReason;

    use super::super::dispatch_ticket::DispatchTicket;
    use super::super::fixture::*;
    use super::*;

    fn to(clerk: &str, inner_due_at: Option<Instant>) -> AssignInside {
        AssignInside { bureau: None, clerk: Some(clerk.to_owned()), inner_due_at, note: String::new() }
    }

    #[test]
    fn each_unit_has_one_assignment_and_may_hand_it_over() {
        let desk = Desk::open();
        let first = desk.run(LEAD_UNIT, &to("clerk-1", None), &desk.in_handling());
        let both = desk.run(ASSIST_UNIT, &to("clerk-2", None), &first);
        let again = desk.run(LEAD_UNIT, &to("clerk-3", None), &both);
        let clerks = |unit| again.assignment_in(&code(unit)).and_then(|one| one.clerk.clone());
        assert_eq!((clerks(LEAD), clerks(ASSIST)), (Some("clerk-3".to_owned()), Some("clerk-2".to_owned())));
        assert_eq!((again.inside_assignments.len(), again.state), (2, first.state));
    }

    #[test]
    fn what_an_absent_clerk_would_get_goes_to_its_substitute() {
        let mut desk = Desk::open();
        desk.stand_in = Some("clerk-2");
        let assigned = desk.run(LEAD_UNIT, &to("clerk-1", None), &desk.in_handling());
        let one = assigned.assignment_in(&code(LEAD)).expect("an assignment");
        assert_eq!((one.clerk.as_deref(), one.absent_clerk.as_deref()), (Some("clerk-2"), Some("clerk-1")));
    }

    #[test]
    fn the_inner_limit_lies_ahead_and_not_after_the_limit() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let due_at = ticket.cycle.due_at();
        assert!(desk.ask(LEAD_UNIT, &to("clerk", Some(due_at)), &ticket).is_ok());
        for wrong in [desk.now, due_at + TimeDelta::microseconds(1)] {
            let fault = desk.ask(LEAD_UNIT, &to("clerk", Some(wrong)), &ticket).expect_err("a wrong limit");
            assert_eq!(fault.reason, ErrorReason::InvalidFields);
            assert_eq!(fault.violations[0].field, "inner_due_time");
        }
    }

    #[test]
    fn it_ends_when_the_unit_loses_the_ticket() {
        let desk = Desk::open();
        let assigned = desk.run(LEAD_UNIT, &to("clerk", None), &desk.in_handling());
        let (assist, note) = (vec![], "改派".to_owned());
        let moved = DispatchTicket {
            lead_unit: code(ASSIST),
            assist_units: assist,
            inform_units: Vec::new(),
            note: String::new(),
            reason: note,
        };
        assert_eq!(desk.run(DISPATCHER, &moved, &assigned).inside_assignments, Vec::new());
    }
}
