//! Which events of a ticket the company is told of. Pure.

use chrono::TimeDelta;

use super::model::{Choice, CompanyMessage, MessageChannel, MessageEvent, MessageState};
use crate::ticket::{Event, EventRecord, Instant};

/// Events that are older cause no message any more, for example after messages were off for some days. Neither is a
/// message sent that has waited for longer.
pub(super) const AGE_MAX: TimeDelta = TimeDelta::hours(24);

/// What the event with a sequence tells the company, if it tells anything. `events` are those of its ticket.
#[must_use]
pub fn message_event(events: &[EventRecord], sequence: u32) -> Option<MessageEvent> {
    let place = events.iter().position(|one| one.sequence == sequence)?;
    let is_closed_next =
        || matches!(events.get(place + 1).map(|one| &one.event), Some(Event::TicketClosed { .. }));
    match &events[place].event {
        Event::TicketCreated(_) => Some(MessageEvent::Received),
        Event::TicketAccepted { .. } => Some(MessageEvent::Accepted),
        Event::CarryOverDecided { is_granted: true, .. } => Some(MessageEvent::CarriedOver),
        Event::TicketCompleted { .. } => Some(MessageEvent::Completed),
        // After the last attempt nobody calls again.
        Event::ContactAttempted { .. } if !is_closed_next() => Some(MessageEvent::CallBack),
        _ => None,
    }
}

/// The message about an event, if there is one.
#[must_use]
pub fn planned(
    events: &[EventRecord],
    sequence: u32,
    choice: Choice,
    now: Instant,
) -> Option<CompanyMessage> {
    let event = message_event(events, sequence)?;
    let record = events.iter().find(|one| one.sequence == sequence)?;
    let is_wanted = choice.channel != MessageChannel::None && now - record.at <= AGE_MAX;
    is_wanted.then(|| CompanyMessage {
        ticket: record.ticket,
        sequence,
        event,
        state: MessageState::Waiting,
        choice,
        template_version: 0,
        text: String::new(),
        created_at: now,
        due_at: now,
        attempts: 0,
        ended_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{Actor, ClosingReason, ContactAttempt, TicketNumber, UnitCode};

    fn history(events: Vec<Event>) -> Vec<EventRecord> {
        let record = |(sequence, event)| EventRecord {
            ticket: TicketNumber::PLACEHOLDER,
            sequence,
            at: Instant::default(),
            actor: Actor::system(),
            event,
        };
        (1..).zip(events).map(record).collect()
    }

    fn attempt() -> Event {
        let attempt = ContactAttempt {
            attempted_at: Instant::default(),
            attempted_by: "agent-1".to_owned(),
            note: String::new(),
        };
        Event::ContactAttempted { attempt }
    }

    #[test]
    fn a_call_back_is_announced_unless_it_was_the_last() {
        let unit = UnitCode("unit".to_owned());
        let events = history(vec![
            Event::TicketAccepted { unit },
            Event::CarryOverDecided { is_granted: false, note: String::new(), due_at: Instant::default() },
            Event::TicketCompleted { is_on_time: true },
            attempt(),
            attempt(),
            Event::TicketClosed { reason: ClosingReason::Unreachable },
        ]);
        let found: Vec<_> = (1..=7).map(|sequence| message_event(&events, sequence)).collect();
        let (accepted, completed) = (Some(MessageEvent::Accepted), Some(MessageEvent::Completed));
        let call_back = Some(MessageEvent::CallBack);
        assert_eq!(found, [accepted, None, completed, call_back, None, None, None]);
    }

    #[test]
    fn nothing_is_planned_without_a_channel_or_about_the_day_before() {
        let events = history(vec![Event::TicketCompleted { is_on_time: true }]);
        let (open, now) = (Choice::by_default(false), Instant::default());
        assert!(planned(&events, 1, open, now).is_some());
        assert!(planned(&events, 1, Choice::by_default(true), now).is_none(), "confidential");
        assert!(planned(&events, 1, open, now + AGE_MAX).is_some());
        assert!(planned(&events, 1, open, now + AGE_MAX + TimeDelta::seconds(1)).is_none());
        assert!(planned(&events, 2, open, now).is_none());
    }
}
