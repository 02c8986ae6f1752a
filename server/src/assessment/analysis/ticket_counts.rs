//! What a group of tickets counts.

use std::collections::BTreeMap;

use super::handling_time;
use crate::platform::Fault;
use crate::ticket::Instant;

/// The sums of a group, in the order of [`TicketCounts::sums`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketCounts {
    sums: [i64; SUMS],
    /// Completed tickets by class of their handling time.
    handling_times: BTreeMap<i16, i64>,
}

/// How many sums there are.
pub(super) const SUMS: usize = 18;

impl TicketCounts {
    /// The expressions whose sums are counted. `now` decides what is late.
    pub(super) fn sums_sql(now: Instant) -> [String; SUMS] {
        let at = now.timestamp_micros();
        [
            "1".to_owned(),
            "is_open".to_owned(),
            format!("CASE WHEN is_open = 1 AND due_at < {at} THEN 1 ELSE 0 END"),
            "is_completed".to_owned(),
            "is_on_time".to_owned(),
            "CASE WHEN is_completed = 1 AND is_answered = 1 THEN 1 ELSE 0 END".to_owned(),
            "is_carried_over".to_owned(),
            "CASE WHEN returns > 0 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN dispatches > 1 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN cycles > 1 THEN 1 ELSE 0 END".to_owned(),
            // The places of `rows::RUNGS`.
            "CASE WHEN rung > 1 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN rung > 2 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN responded > 0 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN responded = 2 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN resolved > 0 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN resolved = 2 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN satisfied > 0 THEN 1 ELSE 0 END".to_owned(),
            "CASE WHEN satisfied = 2 THEN 1 ELSE 0 END".to_owned(),
        ]
    }

    /// The sums in the order of the contract's fields: tickets, open, `open_late`, and so on.
    #[must_use]
    pub const fn sums(&self) -> &[i64; SUMS] {
        &self.sums
    }

    /// All tickets.
    #[must_use]
    pub const fn tickets(&self) -> i64 {
        self.sums[0]
    }

    /// Adds a row: the sums of the tickets whose handling time is of a class, or of those without one.
    pub(super) fn add_row(&mut self, class: Option<i16>, sums: [i64; SUMS]) -> Result<(), Fault> {
        for (sum, more) in self.sums.iter_mut().zip(sums) {
            *sum = sum.checked_add(more).ok_or_else(|| Fault::internal("a count is out of range"))?;
        }
        if let Some(class) = class {
            *self.handling_times.entry(class).or_default() += sums[0];
        }
        Ok(())
    }

    /// Adds another group.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum = sum.saturating_add(more);
        }
        for (class, count) in &other.handling_times {
            *self.handling_times.entry(*class).or_default() += count;
        }
    }

    /// The handling time that so many percent of the completed tickets do not exceed, in seconds.
    #[must_use]
    pub fn handling_seconds(&self, percent: i64) -> Option<i64> {
        handling_time::percentile(&self.handling_times, percent)
    }
}
