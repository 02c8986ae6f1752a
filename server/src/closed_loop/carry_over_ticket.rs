//! `CarryOverTicket` (挂账): what can't be finished in time is told to the company with the next steps and a date. The
//! lead unit asks, a dispatcher decides, both before the limit; once granted, the promised date is the limit, and
//! missing it leads straight to manual supervision.

use chrono::TimeDelta;
use hotline_proto::v1::{ErrorReason, Role};

use super::{Moment, Verb};
use crate::platform::{Fault, Violations};
use crate::ticket::{CarryOver, CarryOverState, Command, Event, Instant, Ticket};

/// A step of a carry-over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum CarryOverTicket {
    Ask { next_steps: String, promised_at: Instant, told_at: Instant },
    Decide { is_granted: bool, note: String },
}

enum Refused {
    PartNotAllowed { part: &'static str },
    LimitPassed { due_at: Instant },
    AlreadyCarriedOver,
    NoCarryOverPending,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::PartNotAllowed { part } => Self::new(ErrorReason::PartNotAllowed).with("part", part),
            Refused::LimitPassed { due_at } => {
                Self::new(ErrorReason::LimitPassed).with("due_time", due_at.to_rfc3339())
            }
            Refused::AlreadyCarriedOver => Self::new(ErrorReason::AlreadyCarriedOver),
            Refused::NoCarryOverPending => Self::new(ErrorReason::NoCarryOverPending),
        }
    }
}

fn check_limit(ticket: &Ticket, now: Instant) -> Result<(), Refused> {
    let due_at = ticket.cycle.deadline.due_at;
    if now < due_at { Ok(()) } else { Err(Refused::LimitPassed { due_at }) }
}

fn ask(
    (next_steps, promised_at, told_at): (&str, Instant, Instant),
    ticket: &Ticket,
    moment: &Moment<'_>,
) -> Result<Vec<Event>, Fault> {
    if moment.permit.unit().is_none() {
        return Err(Refused::PartNotAllowed { part: "ask" }.into());
    }
    moment.lead(ticket)?;
    let stands = ticket.cycle.carry_over.as_ref().is_some_and(|carry| carry.state != CarryOverState::Refused);
    if stands {
        return Err(Refused::AlreadyCarriedOver.into());
    }
    check_limit(ticket, moment.now)?;
    let mut violations = Violations::new();
    if promised_at <= ticket.cycle.deadline.due_at {
        violations.add("ask.promised_time", "does not lie after the present limit");
    }
    let days_max = moment.policy.carry_over.promise_max_days;
    if promised_at > moment.now + TimeDelta::days(i64::from(days_max)) {
        violations.add("ask.promised_time", format!("lies more than {days_max} days ahead"));
    }
    if told_at > moment.now {
        violations.add("ask.told_time", "lies in the future");
    }
    if told_at < ticket.received_at {
        violations.add("ask.told_time", "lies before the intake");
    }
    let carry_over = CarryOver {
        state: CarryOverState::Asked,
        next_steps: next_steps.to_owned(),
        promised_at,
        told_at,
        asked_at: moment.now,
        decided_at: None,
        decision_note: String::new(),
    };
    violations.into_result(vec![Event::CarryOverAsked { carry_over }])
}

fn decide(is_granted: bool, note: &str, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
    if !moment.permit.has(Role::Dispatcher) {
        return Err(Refused::PartNotAllowed { part: "decision" }.into());
    }
    let pending = ticket.cycle.carry_over.as_ref().filter(|carry| carry.state == CarryOverState::Asked);
    let Some(pending) = pending else { return Err(Refused::NoCarryOverPending.into()) };
    if is_granted {
        check_limit(ticket, moment.now)?;
    }
    let due_at = if is_granted { pending.promised_at } else { ticket.cycle.deadline.due_at };
    Ok(vec![Event::CarryOverDecided { is_granted, note: note.to_owned(), due_at }])
}

impl Verb for CarryOverTicket {
    const COMMAND: Command = Command::CarryOverTicket;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        match self {
            Self::Ask { next_steps, promised_at, told_at } => {
                ask((next_steps, *promised_at, *told_at), ticket, moment)
            }
            Self::Decide { is_granted, note } => decide(*is_granted, note, ticket, moment),
        }
    }
}
