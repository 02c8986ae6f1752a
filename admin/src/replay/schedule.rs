//! The steps of a replay: the instants of all messages in order. At each one, intakes come before replies, and replies
//! before surveys.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::messages::Message;

/// The calls at one instant. Messages are taken in before any is answered, because one may be both at the same instant.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ScheduledStep<'a> {
    pub(super) sent: Vec<&'a Message>,
    pub(super) replied: Vec<&'a Message>,
    pub(super) surveyed: Vec<&'a Message>,
}

/// Sorts messages into steps. With surveys, a company is called back one to three days after its reply.
pub(super) fn schedule(messages: &[Message], surveys: bool) -> BTreeMap<DateTime<Utc>, ScheduledStep<'_>> {
    let mut schedule: BTreeMap<_, ScheduledStep<'_>> = BTreeMap::new();
    for message in messages {
        schedule.entry(message.sent_at).or_default().sent.push(message);
        schedule.entry(message.replied_at).or_default().replied.push(message);
        if surveys {
            let days = i64::try_from(message.line % 3).unwrap_or(0) + 1;
            let call = message.replied_at + TimeDelta::days(days);
            schedule.entry(call).or_default().surveyed.push(message);
        }
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
            unit: None,
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
        let schedule: Vec<_> = schedule(&messages, false)
            .into_iter()
            .map(|(at, moment)| {
                let lines = |rows: Vec<&Message>| rows.iter().map(|row| row.line).collect::<Vec<_>>();
                (at.timestamp(), lines(moment.sent), lines(moment.replied))
            })
            .collect();
        assert_eq!(schedule, [(10, vec![3], vec![]), (20, vec![2, 4], vec![3, 4]), (30, vec![], vec![2])]);
    }

    #[test]
    fn a_company_is_called_one_to_three_days_after_its_reply() {
        const DAY: i64 = 86_400;
        let messages = [message(2, 0, 10), message(3, 0, 10), message(4, 0, 10)];
        let steps = schedule(&messages, true);
        let calls: Vec<_> = steps
            .iter()
            .filter(|(_, step)| !step.surveyed.is_empty())
            .map(|(at, step)| (at.timestamp(), step.surveyed[0].line))
            .collect();
        assert_eq!(calls, [(10 + DAY, 3), (10 + 2 * DAY, 4), (10 + 3 * DAY, 2)]);
    }
}
