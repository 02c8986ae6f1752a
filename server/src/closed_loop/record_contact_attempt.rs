//! `RecordContactAttempt`: a follow-up call that reached nobody. Attempts lie apart; the last one that policy allows
//! closes the ticket as unreachable.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{ClosingReason, Command, ContactAttempt, Event, Instant, Ticket};

/// A follow-up call that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RecordContactAttempt {
    pub note: String,
}

enum Refused {
    AttemptTooSoon { earliest: Instant },
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::AttemptTooSoon { earliest } => {
                Self::new(ErrorReason::AttemptTooSoon).with("earliest_time", earliest.to_rfc3339())
            }
        }
    }
}

impl Verb for RecordContactAttempt {
    const COMMAND: Command = Command::RecordContactAttempt;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let follow_up = &moment.policy.follow_up;
        let gap = TimeDelta::hours(i64::from(follow_up.attempt_gap_hours));
        let attempts = &ticket.cycle.contact_attempts;
        if let Some(last) = attempts.last() {
            let earliest = last.attempted_at + gap;
            if moment.now < earliest {
                return Err(Refused::AttemptTooSoon { earliest }.into());
            }
        }
        let attempt = ContactAttempt { attempted_at: moment.now, note: self.note.clone() };
        let mut events = vec![Event::ContactAttempted { attempt }];
        if attempts.len() + 1 >= usize::try_from(follow_up.attempts_max).unwrap_or(usize::MAX) {
            events.push(Event::TicketClosed { reason: ClosingReason::Unreachable });
        }
        Ok(events)
    }
}
