//! `RecordContactAttempt`: a follow-up call that reached nobody. Attempts need time between them. The last attempt that
//! the policy allows closes the ticket as unreachable.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{ClosingReason, Command, ContactAttempt, Event, Instant, Ticket};

/// A follow-up call that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RecordContactAttempt {
    pub note: String,
}

enum Refusal {
    AttemptTooSoon { earliest: Instant },
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::AttemptTooSoon { earliest } => {
                Self::new(ErrorReason::AttemptTooSoon).with("earliest_time", earliest.to_rfc3339())
            }
        }
    }
}

impl Verb for RecordContactAttempt {
    const COMMAND: Command = Command::RecordContactAttempt;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let follow_up = &ctx.policy.follow_up;
        let gap = TimeDelta::hours(i64::from(follow_up.attempt_gap_hours));
        let attempts = &ticket.cycle.contact_attempts;
        if let Some(last) = attempts.last() {
            let earliest = last.attempted_at + gap;
            if ctx.now < earliest {
                return Err(Refusal::AttemptTooSoon { earliest }.into());
            }
        }
        let attempted_by = ctx.permit.principal().to_owned();
        let attempt = ContactAttempt { attempted_at: ctx.now, note: self.note.clone(), attempted_by };
        let mut events = vec![Event::ContactAttempted { attempt }];
        if attempts.len() + 1 >= usize::try_from(follow_up.attempts_max).unwrap_or(usize::MAX) {
            events.push(Event::TicketClosed { reason: ClosingReason::Unreachable });
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer_ticket::AnswerTicket;
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    fn attempt() -> RecordContactAttempt {
        RecordContactAttempt { note: "无人接听".to_owned() }
    }

    #[test]
    fn attempts_lie_apart_and_the_last_one_closes() {
        let desk = Desk::open();
        let first = desk.run(AGENT, &attempt(), &desk.completed());
        let soon = desk.after_hours(4).at(desk.now + TimeDelta::hours(4) - TimeDelta::microseconds(1));
        let fault = soon.ask(AGENT, &attempt(), &first).expect_err("it is too soon");
        assert_eq!(fault.reason, ErrorReason::AttemptTooSoon);
        let earliest = desk.now + TimeDelta::hours(4);
        assert_eq!(fault.metadata.get("earliest_time"), Some(&earliest.to_rfc3339()));

        let second = desk.after_hours(4).run(AGENT, &attempt(), &first);
        assert_eq!((second.state, second.cycle.contact_attempts.len()), (State::Completed, 2));
        let last = desk.after_hours(8);
        let attempted_by = "somebody".to_owned();
        let attempted = ContactAttempt { attempted_at: last.now, note: attempt().note, attempted_by };
        let expected = vec![
            Event::ContactAttempted { attempt: attempted },
            Event::TicketClosed { reason: ClosingReason::Unreachable },
        ];
        assert_eq!(last.ask(AGENT, &attempt(), &second), Ok(expected));
        let closed = last.run(AGENT, &attempt(), &second);
        assert_eq!(closed.closing.map(|closing| closing.reason), Some(ClosingReason::Unreachable));
        assert_eq!(closed.state, State::Closed);
    }

    #[test]
    fn policy_says_how_many_and_how_far_apart() {
        let mut desk = Desk::open();
        desk.policy.follow_up.attempts_max = 1;
        assert_eq!(desk.run(AGENT, &attempt(), &desk.completed()).state, State::Closed);
        desk.policy.follow_up.attempts_max = 2;
        desk.policy.follow_up.attempt_gap_hours = 0;
        let first = desk.run(AGENT, &attempt(), &desk.completed());
        assert_eq!(first.state, State::Completed);
        assert_eq!(desk.run(AGENT, &attempt(), &first).state, State::Closed);
    }

    #[test]
    fn an_answer_is_followed_up_as_well() {
        let desk = Desk::open();
        let answer =
            AnswerTicket {
                content: "可网上办理".to_owned(), cited: Vec::new(), unanswered_question: None
            };
        let answered = desk.run(AGENT, &answer, &desk.taken_in(&consultation()));
        assert_eq!(desk.run(AGENT, &attempt(), &answered).state, State::Answered);
        assert_eq!(desk.refusal(AGENT, &attempt(), &desk.in_handling()), ErrorReason::WrongState);
    }
}
