//! `RecordRepeatCall`: a call to the company behind a merged repeat, on the ticket that stands for the repeat. Every
//! company that called is called back. As in the follow-up of the ticket itself, attempts need time between them, and
//! the last one that the policy allows ends them.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Instant, Ticket, TicketNumber};

/// A call to the company behind a repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RecordRepeatCall {
    pub repeat: TicketNumber,
    pub is_reached: bool,
    pub note: String,
}

enum Refusal {
    RepeatUnknown,
    AttemptTooSoon { earliest: Instant },
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::RepeatUnknown => Self::new(ErrorReason::RepeatUnknown),
            Refusal::AttemptTooSoon { earliest } => {
                Self::new(ErrorReason::AttemptTooSoon).with("earliest_time", earliest.to_rfc3339())
            }
        }
    }
}

impl Verb for RecordRepeatCall {
    const COMMAND: Command = Command::RecordRepeatCall;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        if !ticket.repeats_to_call.contains(&self.repeat) {
            return Err(Refusal::RepeatUnknown.into());
        }
        let follow_up = &ctx.policy.follow_up;
        let began_at = ticket.cycle.began_at;
        let calls = ticket.repeat_calls.iter();
        let calls = calls.filter(|call| call.repeat == self.repeat && call.called_at >= began_at);
        if let (Some(last), false) = (calls.clone().next_back(), self.is_reached) {
            let earliest = last.called_at + TimeDelta::hours(i64::from(follow_up.attempt_gap_hours));
            if ctx.now < earliest {
                return Err(Refusal::AttemptTooSoon { earliest }.into());
            }
        }
        let attempts_max = usize::try_from(follow_up.attempts_max).unwrap_or(usize::MAX);
        Ok(vec![Event::RepeatCalled {
            repeat: self.repeat,
            is_reached: self.is_reached,
            is_last: self.is_reached || calls.count() + 1 >= attempts_max,
            note: self.note.clone(),
        }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::merge_ticket;
    use super::*;
    use crate::ticket::State;

    fn call(is_reached: bool) -> RecordRepeatCall {
        RecordRepeatCall { repeat: number(2), is_reached, note: "已告知结果".to_owned() }
    }

    /// A completed ticket that stands for another one.
    fn completed_with_repeat(desk: &Desk) -> Ticket {
        let repeat = Ticket { number: number(2), ..desk.received() };
        let open = desk.in_handling();
        let (_, linked) =
            merge_ticket::decide(&repeat, &open, &known(&[]), desk.now).expect("it is not refused");
        desk.run(LEAD_UNIT, &both(desk.now), &desk.fold(Some(open), vec![linked]))
    }

    #[test]
    fn every_company_that_called_is_called_back() {
        let desk = Desk::open();
        let ticket = completed_with_repeat(&desk);
        assert!(ticket.has_calls_due());
        let closed = desk.run(AGENT, &dissatisfied(), &ticket);
        assert!(closed.has_calls_due(), "the survey of the first company is not that of the others");
        for ticket in [ticket, closed] {
            let after = desk.run(AGENT, &call(true), &ticket);
            assert_eq!((after.state, after.has_calls_due()), (ticket.state, false));
            assert_eq!(after.repeat_calls.len(), 1);
            assert_eq!(desk.refusal(AGENT, &call(true), &after), ErrorReason::RepeatUnknown);
        }
    }

    #[test]
    fn attempts_lie_apart_and_the_last_one_ends_them() {
        let desk = Desk::open();
        let first = desk.run(AGENT, &call(false), &completed_with_repeat(&desk));
        assert_eq!(desk.after_hours(3).refusal(AGENT, &call(false), &first), ErrorReason::AttemptTooSoon);
        assert!(!desk.after_hours(1).run(AGENT, &call(true), &first).has_calls_due());
        let second = desk.after_hours(4).run(AGENT, &call(false), &first);
        assert!(second.has_calls_due());
        let third = desk.after_hours(8).run(AGENT, &call(false), &second);
        assert_eq!((third.has_calls_due(), third.state), (false, State::Completed));
    }

    #[test]
    fn a_rework_has_a_result_of_its_own_to_tell() {
        let desk = Desk::open();
        let called = desk.run(AGENT, &call(true), &completed_with_repeat(&desk));
        let closed = desk.run(AGENT, &dissatisfied(), &called);
        let rework = super::super::rework_ticket::ReworkTicket { note: "请重新处理".to_owned() };
        let again = desk.run(AGENT, &rework, &closed);
        assert_eq!((again.has_calls_due(), again.repeats_to_call.len()), (false, 1));
        assert!(desk.run(LEAD_UNIT, &both(desk.now), &again).has_calls_due());
    }

    #[test]
    fn only_a_repeat_of_a_ticket_with_a_result_is_called() {
        let desk = Desk::open();
        assert_eq!(desk.refusal(AGENT, &call(true), &desk.completed()), ErrorReason::RepeatUnknown);
        assert_eq!(desk.refusal(AGENT, &call(true), &desk.in_handling()), ErrorReason::WrongState);
        assert_eq!(desk.refusal(SUPERVISOR, &call(true), &desk.completed()), ErrorReason::RoleNotAllowed);
    }
}
