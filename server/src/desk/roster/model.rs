//! Rosters, and how good advice was. Pure.

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Asia::Shanghai;

use crate::ticket::{DispatchAdvice, Instant, State, Ticket, UnitCode};

/// A duty of a unit at the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Roster {
    pub code: String,
    pub name: String,
    pub unit: UnitCode,
    /// Leaves of the topic tree.
    pub topics: Vec<String>,
    /// From 1 (Monday) to 7 (Sunday).
    pub weekdays: Vec<u8>,
    /// The first minute of the day.
    pub opens_at: u16,
    /// The first minute after it.
    pub closes_at: u16,
    pub is_active: bool,
    pub version: u32,
}

impl Roster {
    /// Changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.version)
    }

    /// Whether the unit is on duty by it at an instant, by the wall clock of Asia/Shanghai.
    #[must_use]
    pub fn covers(&self, at: Instant) -> bool {
        let wall = at.with_timezone(&Shanghai);
        let minute = wall.hour() * 60 + wall.minute();
        let day = wall.weekday().number_from_monday();
        let hours = u32::from(self.opens_at)..u32::from(self.closes_at);
        self.is_active
            && hours.contains(&minute)
            && self.weekdays.iter().any(|weekday| u32::from(*weekday) == day)
    }
}

/// How good the advice of a unit was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AdviceQuality {
    pub given: u32,
    pub dispatched: u32,
    pub followed: u32,
    pub settled: u32,
    pub right: u32,
}

impl AdviceQuality {
    /// Adds one advice on a ticket as it is now.
    pub fn add(&mut self, advice: &DispatchAdvice, ticket: &Ticket) {
        self.given += 1;
        if let Some(lead) = &advice.dispatched_to {
            self.dispatched += 1;
            self.followed += u32::from(advice.agrees_with(lead));
        }
        let is_settled = matches!(ticket.state, State::Completed | State::Closed);
        if let Some(lead) = ticket.lead_unit().filter(|_| is_settled) {
            self.settled += 1;
            self.right += u32::from(advice.agrees_with(lead));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_on_duty_in_the_hours_of_its_roster() {
        let mut roster = Roster {
            code: "tax-day".to_owned(),
            name: "税务驻场".to_owned(),
            unit: UnitCode("dept-tax".to_owned()),
            topics: vec!["tax.invoice".to_owned()],
            weekdays: vec![6],
            opens_at: 8 * 60,
            closes_at: 18 * 60,
            is_active: true,
            version: 1,
        };
        // The hotline opened on a Saturday.
        for (at, expected) in [
            ("2019-10-12T08:00:00+08:00", true),
            ("2019-10-12T00:00:00Z", true),
            ("2019-10-12T07:59:59+08:00", false),
            ("2019-10-12T18:00:00+08:00", false),
            ("2019-10-13T09:00:00+08:00", false),
        ] {
            assert_eq!(roster.covers(at.parse().expect("an instant")), expected, "{at}");
        }
        roster.is_active = false;
        assert!(!roster.covers("2019-10-12T08:00:00+08:00".parse().expect("an instant")));
    }
}
