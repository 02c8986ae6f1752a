//! The steps of a replay: the instants of all messages in order, with intakes before replies at each one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::messages::Message;

/// The calls at one instant. Messages are taken in before any is answered, because one may be both at the same instant.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ScheduledStep<'a> {
    pub(super) sent: Vec<&'a Message>,
    pub(super) replied: Vec<&'a Message>,
}

/// Sorts messages into steps.
pub(super) fn schedule(messages: &[Message]) -> BTreeMap<DateTime<Utc>, ScheduledStep<'_>> {
    let mut schedule: BTreeMap<_, ScheduledStep<'_>> = BTreeMap::new();
    for message in messages {
        schedule.entry(message.sent_at).or_default().sent.push(message);
        schedule.entry(message.replied_at).or_default().replied.push(message);
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(line: u64, sent_at: i64, replied_at: i64) -> Message {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let text = || "text".to_owned();
        Message {
            line,
            subject: text(),
            body: text(),
            reply: text(),
            sent_at: at(sent_at),
            replied_at: at(replied_at),
        }
    }

    #[test]
    fn steps_come_in_order_and_hold_all_that_happens_at_once() {
        let messages = [message(2, 20, 30), message(3, 10, 20), message(4, 20, 20)];
        let schedule: Vec<_> = schedule(&messages)
            .into_iter()
            .map(|(at, moment)| {
                let lines = |rows: Vec<&Message>| rows.iter().map(|row| row.line).collect::<Vec<_>>();
                (at.timestamp(), lines(moment.sent), lines(moment.replied))
            })
            .collect();
        assert_eq!(schedule, [(10, vec![3], vec![]), (20, vec![2, 4], vec![3, 4]), (30, vec![], vec![2])]);
    }
}
