//! `CarryOverTicket` (挂账): the company is informed that its request can't be finished in time, with the next steps and
//! a date. The lead unit asks, a dispatcher decides, both before the limit. Once granted, the promised date is the
//! limit, and missing it leads straight to manual supervision.

use chrono::TimeDelta;
use hotline_proto::v1::{ErrorReason, Role};

use super::{DecisionContext, FreeText, Verb};
use crate::platform::caller_clock::{self, ClockAhead};
use crate::platform::{Fault, Violations};
use crate::ticket::{CarryOver, CarryOverState, Command, Event, Instant, Ticket};

/// A step of a carry-over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum CarryOverTicket {
    Ask { next_steps: String, promised_at: Instant, informed_at: Instant },
    Decide { is_granted: bool, note: String },
}

enum Refusal {
    PartNotAllowed { part: &'static str },
    LimitPassed { due_at: Instant },
    AlreadyCarriedOver,
    NoCarryOverPending,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::PartNotAllowed { part } => Self::new(ErrorReason::PartNotAllowed).with("part", part),
            Refusal::LimitPassed { due_at } => {
                Self::new(ErrorReason::LimitPassed).with("due_time", due_at.to_rfc3339())
            }
            Refusal::AlreadyCarriedOver => Self::new(ErrorReason::AlreadyCarriedOver),
            Refusal::NoCarryOverPending => Self::new(ErrorReason::NoCarryOverPending),
        }
    }
}

fn check_limit(ticket: &Ticket, now: Instant) -> Result<(), Refusal> {
    let due_at = ticket.cycle.due_at();
    if now < due_at { Ok(()) } else { Err(Refusal::LimitPassed { due_at }) }
}

fn ask(
    (next_steps, promised_at, informed_at): (&str, Instant, Instant),
    ticket: &Ticket,
    ctx: &DecisionContext<'_>,
) -> Result<Vec<Event>, Fault> {
    if ctx.permit.unit().is_none() {
        return Err(Refusal::PartNotAllowed { part: "ask" }.into());
    }
    ctx.lead(ticket)?;
    let stands = ticket.cycle.carry_over.as_ref().is_some_and(|carry| carry.state != CarryOverState::Refused);
    if stands {
        return Err(Refusal::AlreadyCarriedOver.into());
    }
    check_limit(ticket, ctx.now)?;
    let mut violations = Violations::new();
    if promised_at <= ticket.cycle.due_at() {
        violations.add("ask.promised_time", "does not lie after the present limit");
    }
    let days_max = ctx.policy.carry_over.promise_max_days;
    if promised_at > ctx.now + TimeDelta::days(i64::from(days_max)) {
        violations.add("ask.promised_time", format!("lies more than {days_max} days ahead"));
    }
    let settled = caller_clock::settle(informed_at, ctx.now);
    if settled == Err(ClockAhead::Wrong) {
        violations.add("ask.inform_time", caller_clock::description(ctx.now));
    }
    if informed_at < ticket.received_at {
        violations.add("ask.inform_time", "lies before the intake");
    }
    violations.into_result(())?;
    let informed_at = settled.map_err(|ahead| ahead.fault("ask.inform_time", ctx.now))?;
    let carry_over = CarryOver {
        state: CarryOverState::Asked,
        next_steps: next_steps.to_owned(),
        promised_at,
        informed_at,
        asked_at: ctx.now,
        decided_at: None,
        decision_note: String::new(),
    };
    Ok(vec![Event::CarryOverAsked { carry_over }])
}

fn decide(
    is_granted: bool,
    note: &str,
    ticket: &Ticket,
    ctx: &DecisionContext<'_>,
) -> Result<Vec<Event>, Fault> {
    if !ctx.permit.has(Role::Dispatcher) {
        return Err(Refusal::PartNotAllowed { part: "decision" }.into());
    }
    let pending = ticket.cycle.carry_over.as_ref().filter(|carry| carry.state == CarryOverState::Asked);
    let Some(pending) = pending else { return Err(Refusal::NoCarryOverPending.into()) };
    if is_granted {
        check_limit(ticket, ctx.now)?;
        // A later classification may have moved the limit past the requested date.
        if pending.promised_at <= ticket.cycle.due_at() {
            return Err(Fault::new(ErrorReason::InvalidFields)
                .at("decision.granted", "the date asked for does not lie after the present limit any more"));
        }
    }
    let due_at = if is_granted { pending.promised_at } else { ticket.cycle.due_at() };
    Ok(vec![Event::CarryOverDecided { is_granted, note: note.to_owned(), due_at }])
}

impl Verb for CarryOverTicket {
    const COMMAND: Command = Command::CarryOverTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        match self {
            // A text of the unit.
            Self::Ask { .. } => Vec::new(),
            Self::Decide { note, .. } => vec![FreeText::of("decision.note", note)],
        }
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        match self {
            Self::Ask { next_steps, promised_at, informed_at } => {
                ask((next_steps, *promised_at, *informed_at), ticket, ctx)
            }
            Self::Decide { is_granted, note } => decide(*is_granted, note, ticket, ctx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::classify_ticket::ClassifyTicket;
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::Complexity;

    fn ask_until(ticket: &Ticket, days: i64, informed_at: Instant) -> CarryOverTicket {
        let promised_at = ticket.cycle.deadline.due_at + TimeDelta::days(days);
        CarryOverTicket::Ask { next_steps: "等待验收".to_owned(), promised_at, informed_at }
    }

    fn decided(is_granted: bool) -> CarryOverTicket {
        CarryOverTicket::Decide { is_granted, note: "属实".to_owned() }
    }

    #[test]
    fn the_lead_asks_and_a_dispatcher_decides() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let ask = ask_until(&ticket, 30, desk.now);
        let asked = desk.run(LEAD_UNIT, &ask, &ticket);
        for (who, verb, ticket, expected) in [
            (ASSIST_UNIT, &ask, &ticket, ErrorReason::LeadOnly),
            (INFORM_UNIT, &ask, &ticket, ErrorReason::LeadOnly),
            (DISPATCHER, &ask, &ticket, ErrorReason::PartNotAllowed),
            (LEAD_UNIT, &decided(true), &asked, ErrorReason::PartNotAllowed),
            (AGENT, &ask, &ticket, ErrorReason::RoleNotAllowed),
            (DISPATCHER, &decided(true), &ticket, ErrorReason::NoCarryOverPending),
            (LEAD_UNIT, &ask, &asked, ErrorReason::AlreadyCarriedOver),
        ] {
            assert_eq!(desk.refusal(who, verb, ticket), expected, "{who:?} {verb:?}");
        }
    }

    #[test]
    fn the_promised_date_is_the_limit_once_granted_and_not_before() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let (deadline, promised_at) = (ticket.cycle.due_at(), ticket.cycle.due_at() + TimeDelta::days(30));
        let asked = desk.run(LEAD_UNIT, &ask_until(&ticket, 30, desk.now), &ticket);
        assert_eq!((asked.cycle.due_at(), asked.cycle.is_carried_over()), (deadline, false));
        let granted =
            Event::CarryOverDecided { is_granted: true, note: "属实".to_owned(), due_at: promised_at };
        assert_eq!(desk.ask(DISPATCHER, &decided(true), &asked), Ok(vec![granted]));
        let granted = desk.run(DISPATCHER, &decided(true), &asked);
        assert_eq!((granted.cycle.due_at(), granted.cycle.is_carried_over()), (promised_at, true));
        let again = ask_until(&ticket, 60, desk.now);
        assert_eq!(desk.refusal(LEAD_UNIT, &again, &granted), ErrorReason::AlreadyCarriedOver);
        assert_eq!(desk.refusal(DISPATCHER, &decided(false), &granted), ErrorReason::NoCarryOverPending);

        let refused =
            Event::CarryOverDecided { is_granted: false, note: "属实".to_owned(), due_at: deadline };
        assert_eq!(desk.ask(DISPATCHER, &decided(false), &asked), Ok(vec![refused]));
        let refused = desk.run(DISPATCHER, &decided(false), &asked);
        assert_eq!(refused.cycle.due_at(), deadline);
        // After a refusal the unit may ask again.
        assert!(desk.ask(LEAD_UNIT, &again, &refused).is_ok());
    }

    #[test]
    fn both_steps_come_before_the_limit_and_a_refusal_may_come_after() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let ask = ask_until(&ticket, 30, desk.now);
        let asked = desk.run(LEAD_UNIT, &ask, &ticket);
        let due_at = ticket.cycle.due_at();
        let just_before = desk.at(due_at - TimeDelta::microseconds(1));
        assert!(just_before.ask(LEAD_UNIT, &ask, &ticket).is_ok());
        assert!(just_before.ask(DISPATCHER, &decided(true), &asked).is_ok());
        let at_limit = desk.at(due_at);
        assert_eq!(at_limit.refusal(LEAD_UNIT, &ask, &ticket), ErrorReason::LimitPassed);
        assert_eq!(at_limit.refusal(DISPATCHER, &decided(true), &asked), ErrorReason::LimitPassed);
        assert!(at_limit.ask(DISPATCHER, &decided(false), &asked).is_ok());
    }

    #[test]
    fn a_date_that_a_longer_limit_has_overtaken_can_only_be_refused() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let asked = desk.run(LEAD_UNIT, &ask_until(&ticket, 1, desk.now), &ticket);
        let complex = ClassifyTicket { complexity: Complexity::Complex, ..as_appeal() };
        let longer = desk.run(AGENT, &complex, &asked);
        assert_eq!(desk.refusal(DISPATCHER, &decided(true), &longer), ErrorReason::InvalidFields);
        let refused = desk.run(DISPATCHER, &decided(false), &longer);
        assert_eq!(refused.cycle.due_at(), longer.cycle.deadline.due_at);
    }

    #[test]
    fn an_inform_time_that_is_ahead_counts_as_now_or_has_to_wait() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let as_now = desk.now + caller_clock::TAKEN_AS_NOW_MAX;
        let asked = desk.run(LEAD_UNIT, &ask_until(&ticket, 30, as_now), &ticket);
        assert_eq!(asked.cycle.carry_over.map(|carry| carry.informed_at), Some(desk.now));
        let later = ask_until(&ticket, 30, desk.now + caller_clock::RETRY_MAX);
        assert_eq!(desk.refusal(LEAD_UNIT, &later, &ticket), ErrorReason::ClockAhead);
        let wrong_as_well = ask_until(&ticket, 0, desk.now + caller_clock::RETRY_MAX);
        assert_eq!(desk.refusal(LEAD_UNIT, &wrong_as_well, &ticket), ErrorReason::InvalidFields);
    }

    #[test]
    fn every_wrong_date_is_named() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let day = TimeDelta::days(1);
        let due_at = ticket.cycle.due_at();
        let furthest = desk.now + TimeDelta::days(i64::from(desk.policy.carry_over.promise_max_days));
        let (early, late) = (ticket.received_at - day, desk.now + day);
        for (promised_at, informed_at, wrong) in [
            (due_at, desk.now, vec!["ask.promised_time"]),
            (due_at + TimeDelta::microseconds(1), desk.now, vec![]),
            (furthest, ticket.received_at, vec![]),
            (furthest + TimeDelta::microseconds(1), desk.now, vec!["ask.promised_time"]),
            (due_at + day, late, vec!["ask.inform_time"]),
            (due_at, early, vec!["ask.promised_time", "ask.inform_time"]),
        ] {
            let ask =
                CarryOverTicket::Ask { next_steps: "等待验收".to_owned(), promised_at, informed_at };
            let violations = desk.ask(LEAD_UNIT, &ask, &ticket).err().map(|fault| fault.violations);
            let fields: Vec<_> = violations.into_iter().flatten().map(|violation| violation.field).collect();
            assert_eq!(fields, wrong, "{promised_at} {informed_at}");
        }
    }
}
