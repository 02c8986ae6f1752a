//! `RequestHelp`: the lead unit asks the supervisor for help, and a supervisor answers. The request stands on the
//! ticket, so that supervisors find it, until it is answered or they act in another way (`ticket/apply/around.rs`).

use hotline_proto::v1::{ErrorReason, Role};

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, HelpAnswer, HelpRequest, Ticket};

/// A step of a request for help.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub enum RequestHelp {
    Ask { reason: String },
    Answer { answer: String },
}

enum Refusal {
    PartNotAllowed { part: &'static str },
    HelpAlreadyRequested,
    NoHelpRequested,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::PartNotAllowed { part } => Self::new(ErrorReason::PartNotAllowed).with("part", part),
            Refusal::HelpAlreadyRequested => Self::new(ErrorReason::HelpAlreadyRequested),
            Refusal::NoHelpRequested => Self::new(ErrorReason::NoHelpRequested),
        }
    }
}

fn ask(reason: &str, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
    if ctx.permit.unit().is_none() {
        return Err(Refusal::PartNotAllowed { part: "reason" }.into());
    }
    let unit = ctx.lead(ticket)?;
    if ticket.help_request.is_some() {
        return Err(Refusal::HelpAlreadyRequested.into());
    }
    Ok(vec![Event::HelpRequested(HelpRequest { unit, reason: reason.to_owned(), requested_at: ctx.now })])
}

fn answer(answer: &str, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
    if !ctx.permit.has(Role::Supervisor) {
        return Err(Refusal::PartNotAllowed { part: "answer" }.into());
    }
    let help = ticket.help_request.as_ref().ok_or(Refusal::NoHelpRequested)?;
    Ok(vec![Event::HelpAnswered(HelpAnswer { unit: help.unit.clone(), note: answer.to_owned() })])
}

impl Verb for RequestHelp {
    const COMMAND: Command = Command::RequestHelp;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        match self {
            // A text of the unit.
            Self::Ask { .. } => Vec::new(),
            Self::Answer { answer } => vec![FreeText::of("answer", answer)],
        }
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        match self {
            Self::Ask { reason } => ask(reason, ticket, ctx),
            Self::Answer { answer: text } => answer(text, ticket, ctx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::Rung;

    fn asks() -> RequestHelp {
        RequestHelp::Ask { reason: "需要区级协调".to_owned() }
    }

    fn answers() -> RequestHelp {
        RequestHelp::Answer { answer: "已协调".to_owned() }
    }

    #[test]
    fn the_lead_asks_once_and_a_supervisor_answers() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        assert_eq!(desk.refusal(SUPERVISOR, &answers(), &ticket), ErrorReason::NoHelpRequested);
        let asked = desk.run(LEAD_UNIT, &asks(), &ticket);
        assert_eq!(asked.help_request.as_ref().map(|help| &help.unit), Some(&code(LEAD)));
        assert_eq!(desk.refusal(LEAD_UNIT, &asks(), &asked), ErrorReason::HelpAlreadyRequested);
        assert_eq!(desk.refusal(LEAD_UNIT, &answers(), &asked), ErrorReason::PartNotAllowed);
        assert_eq!(desk.refusal(SUPERVISOR, &asks(), &asked), ErrorReason::PartNotAllowed);
        assert_eq!(desk.run(SUPERVISOR, &answers(), &asked).help_request, None);
    }

    #[test]
    fn it_ends_when_a_supervisor_escalates_and_when_the_work_is_done() {
        let desk = Desk::open();
        let asked = desk.run(LEAD_UNIT, &asks(), &desk.in_handling());
        let urged = |due_at| Event::RungFired {
            cycle: 1,
            round: 0,
            rung: Rung::Urged,
            due_at,
            unit: Some(code(LEAD)),
            note: String::new(),
        };
        let by_ladder = desk.fold(Some(asked.clone()), vec![urged(Some(desk.now))]);
        assert!(by_ladder.help_request.is_some(), "the ladder does not help");
        assert_eq!(desk.fold(Some(asked.clone()), vec![urged(None)]).help_request, None);
        assert_eq!(desk.run(LEAD_UNIT, &both(desk.now), &asked).help_request, None);
    }
}
