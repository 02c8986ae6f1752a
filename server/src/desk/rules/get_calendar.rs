//! `GetCalendar`: a calendar by its version, or the one in force at an instant.

use std::sync::Arc;

use super::{RuleAdmin, require_calendar};
use crate::deadline::Calendar;
use crate::platform::Fault;
use crate::ticket::Instant;

impl RuleAdmin {
    /// The calendar of a version, or the one in force at an instant; the default is now.
    ///
    /// # Errors
    /// `RULES_NOT_FOUND`; if the database refuses.
    pub async fn get_calendar(
        &self,
        version: Option<String>,
        effective_at: Option<Instant>,
    ) -> Result<Arc<Calendar>, Fault> {
        let reader = self.store.reader();
        if let Some(version) = version {
            return require_calendar(reader, &self.book, &version).await;
        }
        let at = effective_at.unwrap_or_else(|| self.clock.now());
        Ok(self.book.in_force(reader, at).await?.calendar)
    }
}
