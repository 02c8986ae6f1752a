//! `AnswerTicket`: a general consultation is answered on the spot, citing the articles of the knowledge base.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Answer, ArticleCitation, ClosingReason, Command, Event, Ticket, Tier};

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AnswerTicket {
    pub content: String,
    pub articles: Vec<ArticleCitation>,
}

enum Refused {
    NotAGeneralConsultation,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotAGeneralConsultation => Self::new(ErrorReason::NotAGeneralConsultation),
        }
    }
}

impl Verb for AnswerTicket {
    const COMMAND: Command = Command::AnswerTicket;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        if ticket.cycle.deadline.tier != Tier::ConsultationGeneral {
            return Err(Refused::NotAGeneralConsultation.into());
        }
        let answer = Answer {
            content: self.content.clone(),
            articles: self.articles.clone(),
            answered_at: moment.now,
        };
        let mut events = vec![Event::TicketAnswered { answer }];
        if !moment.policy.follow_up.answers_followed_up {
            events.push(Event::TicketClosed { reason: ClosingReason::Answered });
        }
        Ok(events)
    }
}
