//! `RuleOnReturn`: a dispatcher accepts or refuses a return. After an accepted return the ticket can be dispatched
//! elsewhere; after a refused one the unit keeps it. If that unit is no longer active, the ticket goes to the desk. The
//! ruling on an arbitration is final.

use hotline_proto::v1::ErrorReason;

use super::transfer_decision::without_inactive_units;
use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, ReturnRuling, Ticket, UnitCode};

/// A ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RuleOnReturn {
    pub is_accepted: bool,
    pub note: String,
}

enum Refusal {
    NoReturnPending,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::NoReturnPending => Self::new(ErrorReason::NoReturnPending),
        }
    }
}

impl Verb for RuleOnReturn {
    const COMMAND: Command = Command::RuleOnReturn;

    const GIVES_WORK: bool = true;

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        if self.is_accepted { Vec::new() } else { ticket.units().cloned().collect() }
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let Some(pending) = ticket.pending_return() else { return Err(Refusal::NoReturnPending.into()) };
        let ruling = ReturnRuling {
            is_accepted: self.is_accepted,
            is_final: pending.is_arbitration,
            note: self.note.clone(),
            ruled_at: ctx.now,
        };
        let given_back = if self.is_accepted { Vec::new() } else { without_inactive_units(ticket, ctx) };
        Ok(std::iter::once(Event::ReturnRuled { ruling }).chain(given_back).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::{Dispatch, State};

    fn ruling(is_accepted: bool) -> RuleOnReturn {
        RuleOnReturn { is_accepted, note: "已核实".to_owned() }
    }

    #[test]
    fn accepted_it_waits_for_dispatch_and_refused_it_is_the_unit_s_again() {
        let desk = Desk::open();
        for (is_accepted, state) in [(true, State::Returned), (false, State::Dispatched)] {
            let verb = ruling(is_accepted);
            let ruled =
                ReturnRuling { is_accepted, is_final: false, note: verb.note.clone(), ruled_at: desk.now };
            let events = desk.ask(DISPATCHER, &verb, &desk.returned());
            assert_eq!(events, Ok(vec![Event::ReturnRuled { ruling: ruled }]));
            let ticket = desk.run(DISPATCHER, &verb, &desk.returned());
            assert_eq!((ticket.state, ticket.pending_return()), (state, None));
        }
    }

    #[test]
    fn a_return_is_ruled_on_once() {
        let desk = Desk::open();
        let ticket = desk.run(DISPATCHER, &ruling(true), &desk.returned());
        assert_eq!(desk.refusal(DISPATCHER, &ruling(false), &ticket), ErrorReason::NoReturnPending);
        assert_eq!(desk.refusal(LEAD_UNIT, &ruling(true), &desk.returned()), ErrorReason::RoleNotAllowed);
    }

    #[test]
    fn refused_to_an_inactive_lead_it_goes_to_the_desk() {
        let desk = Desk::open();
        let returned = desk.returned();
        let led_by = |lead: &str, assist: &str| {
            let dispatch = returned.dispatch.clone().expect("it was dispatched");
            let dispatch = Dispatch { lead_unit: code(lead), assist_units: vec![code(assist)], ..dispatch };
            Ticket { dispatch: Some(dispatch), ..returned.clone() }
        };
        let ticket = desk.run(DISPATCHER, &ruling(false), &led_by(INACTIVE, ASSIST));
        assert_eq!((ticket.state, ticket.dispatch, ticket.returns.len()), (State::Received, None, 1));
        // An active lead has it again, without those that are inactive.
        let ticket = desk.run(DISPATCHER, &ruling(false), &led_by(LEAD, INACTIVE));
        let dispatch = ticket.dispatch.expect("it is dispatched");
        assert_eq!((ticket.state, dispatch.assist_units), (State::Dispatched, Vec::new()));
    }

    #[test]
    fn the_ruling_on_an_arbitration_is_final() {
        let mut desk = Desk::open();
        desk.policy.returns.returns_max = 0;
        for is_accepted in [true, false] {
            let ticket = desk.run(DISPATCHER, &ruling(is_accepted), &desk.returned());
            assert!(ticket.has_final_ruling());
        }
    }
}
