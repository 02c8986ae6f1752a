//! `PreviewDeadline`: the deadline that a ticket would have, counted day by day. It changes nothing.

use hotline_proto::v1::ErrorReason;

use super::Directory;
use crate::deadline::{self, Explanation, Rules};
use crate::desk::rules::{require_calendar, require_policy};
use crate::platform::Fault;
use crate::ticket::{Instant, Tier};

/// A ticket that might be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewDeadline {
    /// Its tier.
    pub tier: Tier,
    /// The intake; `None` for now.
    pub intake_at: Option<Instant>,
    /// The policy; `None` for the one in force at the intake.
    pub policy_version: Option<String>,
    /// The calendar; `None` for the one in force at the intake.
    pub calendar_version: Option<String>,
}

impl Directory {
    /// Counts the deadline.
    ///
    /// # Errors
    /// `RULES_NOT_FOUND`; `INVALID_FIELDS` if the instant lies outside the years of the calendars.
    pub async fn preview_deadline(&self, preview: PreviewDeadline) -> Result<Explanation, Fault> {
        let (reader, book) = (self.store.reader(), &self.rules);
        let intake_at = preview.intake_at.unwrap_or_else(|| self.clock.now());
        let Rules { mut policy, mut calendar, .. } = book.in_force(reader, intake_at).await?;
        if let Some(version) = preview.policy_version {
            policy = require_policy(reader, book, &version).await?;
        }
        if let Some(version) = preview.calendar_version {
            calendar = require_calendar(reader, book, &version).await?;
        }
        deadline::explain(&policy, &calendar, preview.tier, intake_at)
            .map_err(|error| Fault::new(ErrorReason::InvalidFields).at("intake_time", error.to_string()))
    }
}
