//! `GetPolicy`: a policy by its version, or the one in force at an instant.

use std::sync::Arc;

use super::{RuleAdmin, require_policy};
use crate::deadline::{Policy, Rules};
use crate::platform::Fault;
use crate::ticket::Instant;

impl RuleAdmin {
    /// The policy of a version, or the one in force at an instant, with its version; the default is now.
    ///
    /// # Errors
    /// `RULES_NOT_FOUND`; if the database refuses.
    pub async fn get_policy(
        &self,
        version: Option<String>,
        effective_at: Option<Instant>,
    ) -> Result<(String, Arc<Policy>), Fault> {
        let reader = self.store.reader();
        if let Some(version) = version {
            let policy = require_policy(reader, &self.book, &version).await?;
            return Ok((version, policy));
        }
        let at = effective_at.unwrap_or_else(|| self.clock.now());
        let Rules { policy, policy_version, .. } = self.book.in_force(reader, at).await?;
        Ok((policy_version, policy))
    }
}
