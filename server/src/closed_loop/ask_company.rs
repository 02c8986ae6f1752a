//! `AskCompany`: the lead unit or an agent asked the company for more material. One question is open at a time. The
//! limit runs on.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, CompanyQuestion, Event, Ticket};

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AskCompany {
    pub question: String,
    pub wanted: String,
}

enum Refusal {
    QuestionOpen,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::QuestionOpen => Self::new(ErrorReason::QuestionOpen),
        }
    }
}

impl Verb for AskCompany {
    const COMMAND: Command = Command::AskCompany;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("question", &self.question), FreeText::of("wanted", &self.wanted)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let unit = ctx.permit.unit().map(|_| ctx.lead(ticket)).transpose()?;
        if ticket.open_question.is_some() {
            return Err(Refusal::QuestionOpen.into());
        }
        Ok(vec![Event::CompanyAsked(CompanyQuestion {
            unit,
            question: self.question.clone(),
            wanted: self.wanted.clone(),
            asked_at: ctx.now,
        })])
    }
}

#[cfg(test)]
mod tests {
    use super::super::add_supplement::AddSupplement;
    use super::super::fixture::*;
    use super::super::withdraw_ticket::WithdrawTicket;
    use super::*;

    fn ask() -> AskCompany {
        AskCompany { question: "请补充营业执照".to_owned(), wanted: "副本复印件".to_owned() }
    }

    #[test]
    fn one_question_is_open_until_a_supplement_answers_it() {
        let desk = Desk::open();
        let asked = desk.run(LEAD_UNIT, &ask(), &desk.in_handling());
        let question = asked.open_question.as_ref().expect("a question");
        assert_eq!((question.unit.as_ref(), question.asked_at), (Some(&code(LEAD)), desk.now));
        assert_eq!(desk.refusal(AGENT, &ask(), &asked), ErrorReason::QuestionOpen);
        let came = AddSupplement { content: "副本一份".to_owned() };
        let answered = desk.run(AGENT, &came, &asked);
        assert_eq!((answered.open_question.clone(), answered.cycle.due_at()), (None, asked.cycle.due_at()));
        assert!(desk.run(AGENT, &ask(), &answered).open_question.is_some());
    }

    #[test]
    fn a_question_ends_with_the_work() {
        let desk = Desk::open();
        let asked = desk.run(AGENT, &ask(), &desk.received());
        let withdraw = WithdrawTicket { note: String::new() };
        assert_eq!(desk.run(AGENT, &withdraw, &asked).open_question, None);
    }
}
