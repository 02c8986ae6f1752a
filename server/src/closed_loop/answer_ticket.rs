//! `AnswerTicket`: an agent answers a general consultation on the spot and cites articles of the knowledge base.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Answer, ArticleCitation, ClosingReason, Command, Event, Ticket, Tier};

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AnswerTicket {
    pub content: String,
    pub articles: Vec<ArticleCitation>,
}

enum Refusal {
    NotAGeneralConsultation,
    ReturnPending,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::NotAGeneralConsultation => Self::new(ErrorReason::NotAGeneralConsultation),
            Refusal::ReturnPending => Self::new(ErrorReason::ReturnPending),
        }
    }
}

impl Verb for AnswerTicket {
    const COMMAND: Command = Command::AnswerTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        let articles = self.articles.iter().map(|cited| FreeText::for_caller("articles", &cited.article));
        articles.chain([FreeText::for_caller("content", &self.content)]).collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        if ticket.pending_return().is_some() {
            return Err(Refusal::ReturnPending.into());
        }
        if ticket.tier() != Tier::ConsultationGeneral {
            return Err(Refusal::NotAGeneralConsultation.into());
        }
        let answer =
            Answer { content: self.content.clone(), articles: self.articles.clone(), answered_at: ctx.now };
        let mut events = vec![Event::TicketAnswered { answer }];
        if !ctx.policy.follow_up.answers_followed_up {
            events.push(Event::TicketClosed { reason: ClosingReason::Answered });
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::{Category, Complexity, State};

    fn answer() -> AnswerTicket {
        let articles = vec![ArticleCitation { article: "licence".to_owned(), version: 3 }];
        AnswerTicket { content: "可网上办理".to_owned(), articles }
    }

    #[test]
    fn a_general_consultation_alone_is_answered_on_the_spot() {
        let desk = Desk::open();
        for (category, complexity, is_answered) in [
            (Category::Consultation, Complexity::General, true),
            (Category::Consultation, Complexity::Complex, false),
            (Category::Appeal, Complexity::General, false),
            (Category::ComplaintReport, Complexity::General, false),
        ] {
            let create = super::super::create_ticket::CreateTicket { category, complexity, ..appeal() };
            let outcome = desk.ask(AGENT, &answer(), &desk.taken_in(&create)).map_err(|fault| fault.reason);
            let expected = if is_answered { Ok(1) } else { Err(ErrorReason::NotAGeneralConsultation) };
            assert_eq!(outcome.map(|events| events.len()), expected);
        }
    }

    #[test]
    fn the_answer_is_followed_up_or_closes_by_policy() {
        let mut desk = Desk::open();
        let ticket = desk.taken_in(&consultation());
        let AnswerTicket { content, articles } = answer();
        let answered = Event::TicketAnswered { answer: Answer { content, articles, answered_at: desk.now } };
        assert_eq!(desk.ask(AGENT, &answer(), &ticket), Ok(vec![answered.clone()]));
        assert_eq!(desk.run(AGENT, &answer(), &ticket).state, State::Answered);

        desk.policy.follow_up.answers_followed_up = false;
        let closed = Event::TicketClosed { reason: ClosingReason::Answered };
        assert_eq!(desk.ask(AGENT, &answer(), &ticket), Ok(vec![answered, closed]));
        assert_eq!(desk.run(AGENT, &answer(), &ticket).state, State::Closed);
    }
}
