//! `ListRulesInForce`: the versions of a kind with the instants from which they are in force, the latest first.

use super::RuleAdmin;
use crate::deadline::{RuleInForce, RuleKind, in_force};
use crate::platform::Fault;
use crate::ticket::Instant;

impl RuleAdmin {
    /// The versions in force from before an instant, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_rules_in_force(
        &self,
        kind: RuleKind,
        before: Option<Instant>,
        limit: u64,
    ) -> Result<Vec<RuleInForce>, Fault> {
        in_force::page(self.store.reader(), kind, before, limit).await
    }
}
