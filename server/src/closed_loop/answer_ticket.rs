//! `AnswerTicket`: an agent answers a general consultation on the spot and cites articles of the knowledge base. What
//! no article answers becomes a knowledge gap.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::desk::knowledge::{ArticleKey, Citability, KnowledgeNeeded};
use crate::platform::Fault;
use crate::platform::metrics::{FREE_CITATIONS, KNOWLEDGE_GAPS};
use crate::ticket::{Answer, AnswerGap, ArticleCitation, ClosingReason, Command, Event, Ticket, Tier};

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AnswerTicket {
    pub content: String,
    pub cited: Vec<ArticleKey>,
    pub unanswered_question: Option<String>,
}

enum Refusal {
    NotAGeneralConsultation,
    ReturnPending,
    /// The places of the cited versions that are not in force.
    ArticleNotInForce(Vec<usize>),
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::NotAGeneralConsultation => Self::new(ErrorReason::NotAGeneralConsultation),
            Refusal::ReturnPending => Self::new(ErrorReason::ReturnPending),
            Refusal::ArticleNotInForce(places) => {
                let refusal = Self::new(ErrorReason::ArticleNotInForce);
                places.into_iter().fold(refusal, |refusal, place| {
                    refusal.at(format!("articles[{place}]"), "is not in force")
                })
            }
        }
    }
}

impl AnswerTicket {
    /// The citations, each marked if the base does not hold its article.
    fn citations(&self, ctx: &DecisionContext<'_>) -> Result<Vec<ArticleCitation>, Refusal> {
        let (mut citations, mut refused) = (Vec::with_capacity(self.cited.len()), Vec::new());
        for (place, key) in self.cited.iter().enumerate() {
            let citability = ctx.knowledge.citability(key, ctx.now);
            let is_free = citability == Citability::NotHeld;
            if citability == Citability::NotInForce || (is_free && !ctx.policy.knowledge.free_citations) {
                refused.push(place);
            }
            let version = i32::try_from(key.version).unwrap_or(i32::MAX);
            citations.push(ArticleCitation { article: key.article.clone(), version, is_free });
        }
        if refused.is_empty() { Ok(citations) } else { Err(Refusal::ArticleNotInForce(refused)) }
    }
}

/// Counts what an answer cites and leaves open, after its commit.
pub(super) fn count(verb: Command, ticket: &Ticket) {
    let answer = ticket.answer.as_ref().filter(|_| verb == Command::AnswerTicket);
    let Some(answer) = answer else { return };
    let free = answer.articles.iter().filter(|cited| cited.is_free).count();
    metrics::counter!(FREE_CITATIONS).increment(free as u64);
    metrics::counter!(KNOWLEDGE_GAPS).increment(u64::from(answer.gap.is_some()));
}

impl Verb for AnswerTicket {
    const COMMAND: Command = Command::AnswerTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        let articles = self.cited.iter().map(|cited| FreeText::for_caller("articles", &cited.article));
        // The unit that owns the gap reads the question, and not the ticket.
        let question = self.unanswered_question.iter();
        let question = question.map(|text| FreeText::leaving_ticket("unanswered_question", text));
        articles.chain([FreeText::for_caller("content", &self.content)]).chain(question).collect()
    }

    fn knowledge_needed(&self, ticket: &Ticket) -> KnowledgeNeeded {
        let place = ticket.topic.clone().map(|topic| (topic, ticket.district.clone().unwrap_or_default()));
        let places = place.filter(|_| self.unanswered_question.is_some()).into_iter().collect();
        KnowledgeNeeded { cited: self.cited.clone(), places }
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        if ticket.pending_return().is_some() {
            return Err(Refusal::ReturnPending.into());
        }
        if ticket.tier() != Tier::ConsultationGeneral {
            return Err(Refusal::NotAGeneralConsultation.into());
        }
        let articles = self.citations(ctx)?;
        let gap = self.unanswered_question.clone().map(|question| {
            let places = self.knowledge_needed(ticket).places;
            // The unit that a complaint was about must not read what became of it.
            let place = places.first().filter(|_| !ticket.was_complaint_report);
            let unit = place.and_then(|place| ctx.knowledge.responsible(place)).cloned();
            AnswerGap { question, unit }
        });
        let answer = Answer { content: self.content.clone(), articles, answered_at: ctx.now, gap };
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
    use crate::desk::knowledge::KnowledgeSet;
    use crate::ticket::{Category, Complexity, State};

    fn answer() -> AnswerTicket {
        let content = "可网上办理".to_owned();
        AnswerTicket { content, cited: vec![key("licence", 3)], unanswered_question: None }
    }

    fn key(article: &str, version: u32) -> ArticleKey {
        ArticleKey { article: article.to_owned(), version }
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
        let articles = vec![ArticleCitation { article: "licence".to_owned(), version: 3, is_free: true }];
        let content = answer().content;
        let answered =
            Event::TicketAnswered { answer: Answer { content, articles, answered_at: desk.now, gap: None } };
        assert_eq!(desk.ask(AGENT, &answer(), &ticket), Ok(vec![answered.clone()]));
        assert_eq!(desk.run(AGENT, &answer(), &ticket).state, State::Answered);

        desk.policy.follow_up.answers_followed_up = false;
        let closed = Event::TicketClosed { reason: ClosingReason::Answered };
        assert_eq!(desk.ask(AGENT, &answer(), &ticket), Ok(vec![answered, closed]));
        assert_eq!(desk.run(AGENT, &answer(), &ticket).state, State::Closed);
    }

    #[test]
    fn a_cited_version_is_in_force_or_not_held_and_marked() {
        let mut desk = Desk::open();
        let ticket = desk.taken_in(&consultation());
        let day = chrono::TimeDelta::days(1);
        desk.knowledge = KnowledgeSet::of([
            (key("licence", 1), desk.now - day, Some(desk.now)),
            (key("licence", 2), desk.now, None),
        ]);
        for (cited, free_citations, expected) in [
            (vec![key("licence", 2)], false, Ok(vec![false])),
            (vec![key("licence", 2), key("elsewhere", 7)], true, Ok(vec![false, true])),
            (vec![key("licence", 2), key("elsewhere", 7)], false, Err(vec!["articles[1]"])),
            (vec![key("licence", 1)], true, Err(vec!["articles[0]"])),
            (vec![key("licence", 3), key("licence", 1)], false, Err(vec!["articles[0]", "articles[1]"])),
        ] {
            desk.policy.knowledge.free_citations = free_citations;
            let outcome = desk.ask(AGENT, &AnswerTicket { cited: cited.clone(), ..answer() }, &ticket);
            let marks = outcome.map(|events| match &events[..] {
                [Event::TicketAnswered { answer }] => answer.articles.iter().map(|one| one.is_free).collect(),
                other => panic!("{other:?}"),
            });
            let refused = marks.map_err(|fault| {
                assert_eq!(fault.reason, ErrorReason::ArticleNotInForce);
                fault.violations.into_iter().map(|one| one.field).collect::<Vec<_>>()
            });
            let expected = expected.map_err(|fields| fields.into_iter().map(str::to_owned).collect());
            assert_eq!(refused, expected, "{cited:?}, free: {free_citations}");
        }
    }

    #[test]
    fn what_no_article_answers_is_a_gap_of_the_responsible_unit() {
        let mut desk = Desk::open();
        let (topic, district) = ("licence.change".to_owned(), "110105".to_owned());
        let of_topic = super::super::create_ticket::CreateTicket {
            topic: Some(topic.clone()),
            district: Some(district.clone()),
            ..consultation()
        };
        desk.knowledge = desk.knowledge.with_responsible((topic, district), code(LEAD));
        let question = Some("跨省迁移要带哪些材料？".to_owned());
        let asks = AnswerTicket { cited: Vec::new(), unanswered_question: question.clone(), ..answer() };
        for (create, unit) in [(of_topic, Some(code(LEAD))), (consultation(), None)] {
            let ticket = desk.run(AGENT, &asks, &desk.taken_in(&create));
            let gap = ticket.answer.and_then(|answer| answer.gap).expect("a gap");
            assert_eq!((Some(gap.question), gap.unit), (question.clone(), unit));
        }
    }
}
