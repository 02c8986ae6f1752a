//! `GetSuggestionQuality`: by month, how often people decided as suggested.

use super::log::{self, MonthQuality, month_of};
use super::suggestions::Suggestions;
use crate::access::Permit;
use crate::platform::Fault;
use crate::ticket::Instant;

/// Months before the last one, if no first month is named: a year in all.
const MONTHS_BEFORE: chrono::Months = chrono::Months::new(11);

impl Suggestions {
    /// The counts of the months from one instant to another. The rows are of every ticket, and the counts name none, so
    /// it needs no scope.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn get_suggestion_quality(
        &self,
        _permit: &Permit,
        from: Option<Instant>,
        until: Option<Instant>,
    ) -> Result<Vec<MonthQuality>, Fault> {
        let until = until.unwrap_or_else(|| self.clock().now());
        let from = from.unwrap_or_else(|| until.checked_sub_months(MONTHS_BEFORE).unwrap_or(until));
        log::quality(self.store().reader(), month_of(from)..=month_of(until)).await
    }
}
