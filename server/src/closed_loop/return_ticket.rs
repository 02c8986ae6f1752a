//! `ReturnTicket` (退单): the lead unit returns a ticket inside the return window, with the rule that it relies on and
//! the unit that it proposes. The deadline does not change. After the allowed number of returns, the next one is an
//! arbitration.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Instant, ReturnReason, Ticket, TicketReturn, UnitCode};

/// A return.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReturnTicket {
    pub reason: ReturnReason,
    pub rule: String,
    pub proposed_unit: Option<UnitCode>,
    pub note: String,
}

enum Refusal {
    ReturnWindowClosed { closed_at: Instant },
    ReturnsExhausted,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::ReturnWindowClosed { closed_at } => {
                Self::new(ErrorReason::ReturnWindowClosed).with("closed_at", closed_at.to_rfc3339())
            }
            Refusal::ReturnsExhausted => Self::new(ErrorReason::ReturnsExhausted),
        }
    }
}

impl Verb for ReturnTicket {
    const COMMAND: Command = Command::ReturnTicket;

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.proposed_unit.iter().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let unit = ctx.lead(ticket)?;
        let proposed = self.proposed_unit.iter();
        ctx.units.check(proposed.map(|unit| ("proposed_unit".to_owned(), unit)))?;
        if ticket.has_final_ruling() {
            return Err(Refusal::ReturnsExhausted.into());
        }
        let closed_at = ticket.dispatch.as_ref().map(|dispatch| dispatch.return_due_at);
        if let Some(closed_at) = closed_at.filter(|closed_at| ctx.now > *closed_at) {
            return Err(Refusal::ReturnWindowClosed { closed_at }.into());
        }
        let allowed = usize::try_from(ctx.policy.returns.returns_max).unwrap_or(usize::MAX);
        let ticket_return = TicketReturn {
            unit,
            reason: self.reason,
            rule: self.rule.clone(),
            proposed_unit: self.proposed_unit.clone(),
            note: self.note.clone(),
            returned_at: ctx.now,
            is_arbitration: ticket.returns.len() >= allowed,
            ruling: None,
        };
        Ok(vec![Event::TicketReturned { ticket_return }])
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::*;
    use super::super::rule_on_return::RuleOnReturn;
    use super::*;
    use crate::ticket::State;

    fn refused() -> RuleOnReturn {
        RuleOnReturn { is_accepted: false, note: "属本单位职责".to_owned() }
    }

    /// A ticket that its lead has returned this many times, each return refused.
    fn returned_times(desk: &Desk, times: usize) -> Ticket {
        (0..times).fold(desk.dispatched(), |ticket, _| {
            let returned = desk.run(LEAD_UNIT, &back(), &ticket);
            desk.run(DISPATCHER, &refused(), &returned)
        })
    }

    #[test]
    fn a_return_says_why_and_what_instead() {
        let desk = Desk::open();
        let ReturnTicket { reason, rule, proposed_unit, note } = back();
        let ticket_return = TicketReturn {
            unit: code(LEAD),
            reason,
            rule,
            proposed_unit,
            note,
            returned_at: desk.now,
            is_arbitration: false,
            ruling: None,
        };
        let events = desk.ask(LEAD_UNIT, &back(), &desk.dispatched());
        assert_eq!(events, Ok(vec![Event::TicketReturned { ticket_return }]));
        let ticket = desk.returned();
        assert_eq!(ticket.state, State::Returned);
        assert_eq!(ticket.cycle.deadline, desk.received().cycle.deadline, "the clock keeps running");
    }

    #[test]
    fn the_window_ends_with_its_last_instant() {
        let desk = Desk::open();
        let ticket = desk.dispatched();
        let window_end = at("2019-10-15T10:00:00+08:00");
        assert!(desk.at(window_end).ask(LEAD_UNIT, &back(), &ticket).is_ok());
        let late = desk.at(window_end + TimeDelta::microseconds(1));
        let fault = late.ask(LEAD_UNIT, &back(), &ticket).expect_err("it is too late");
        assert_eq!(fault.reason, ErrorReason::ReturnWindowClosed);
        assert_eq!(fault.metadata.get("closed_at"), Some(&window_end.to_rfc3339()));
    }

    #[test]
    fn the_window_is_counted_in_working_days() {
        // Dispatched on the Friday before a weekend: the working day after is Monday.
        let desk = Desk::open().at(at("2019-10-18T16:00:00+08:00"));
        let ticket = desk.dispatched();
        assert!(desk.at(at("2019-10-21T16:00:00+08:00")).ask(LEAD_UNIT, &back(), &ticket).is_ok());
        let late = desk.at(at("2019-10-21T16:00:01+08:00"));
        assert_eq!(late.refusal(LEAD_UNIT, &back(), &ticket), ErrorReason::ReturnWindowClosed);
    }

    #[test]
    fn the_lead_alone_returns_and_proposes_a_unit_that_exists() {
        let desk = Desk::open();
        let ticket = desk.dispatched();
        let proposing = |unit| ReturnTicket { proposed_unit: Some(code(unit)), ..back() };
        for (who, verb, expected) in [
            (ASSIST_UNIT, back(), ErrorReason::LeadOnly),
            (INFORM_UNIT, back(), ErrorReason::LeadOnly),
            (DISPATCHER, back(), ErrorReason::RoleNotAllowed),
            (LEAD_UNIT, proposing(NOWHERE), ErrorReason::UnitUnknown),
            (LEAD_UNIT, proposing(INACTIVE), ErrorReason::UnitUnknown),
        ] {
            assert_eq!(desk.refusal(who, &verb, &ticket), expected, "{who:?} {verb:?}");
        }
        let proposing_none = ReturnTicket { proposed_unit: None, ..back() };
        assert!(desk.ask(LEAD_UNIT, &proposing_none, &ticket).is_ok());
    }

    #[test]
    fn past_the_allowed_returns_the_next_is_an_arbitration_and_its_ruling_final() {
        let desk = Desk::open();
        for (times, is_arbitration) in [(0, false), (1, false), (2, true)] {
            let ticket = desk.run(LEAD_UNIT, &back(), &returned_times(&desk, times));
            let pending = ticket.pending_return().map(|pending| pending.is_arbitration);
            assert_eq!(pending, Some(is_arbitration), "after {times} returns");
        }
        let ruled = returned_times(&desk, 3);
        assert!(ruled.has_final_ruling());
        assert_eq!(desk.refusal(LEAD_UNIT, &back(), &ruled), ErrorReason::ReturnsExhausted);
    }

    #[test]
    fn a_final_ruling_binds_the_next_unit_too() {
        let desk = Desk::open();
        let arbitrated = desk.run(LEAD_UNIT, &back(), &returned_times(&desk, 2));
        let accepted = RuleOnReturn { is_accepted: true, note: "改派税务".to_owned() };
        let accepted = desk.run(DISPATCHER, &accepted, &arbitrated);
        let elsewhere = super::super::dispatch_ticket::DispatchTicket {
            lead_unit: code(ASSIST),
            assist_units: Vec::new(),
            ..to_units()
        };
        let ticket = desk.run(DISPATCHER, &elsewhere, &accepted);
        assert_eq!(desk.refusal(ASSIST_UNIT, &back(), &ticket), ErrorReason::ReturnsExhausted);
    }

    #[test]
    fn where_policy_allows_no_return_the_first_is_an_arbitration() {
        let mut desk = Desk::open();
        desk.policy.returns.returns_max = 0;
        assert!(desk.returned().pending_return().is_some_and(|pending| pending.is_arbitration));
    }
}
