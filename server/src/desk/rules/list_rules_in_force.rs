//! `ListRulesInForce`: which version of a kind holds from when on, the latest first.

use super::RuleAdmin;
use crate::deadline::{RuleInForce, RuleKind, in_force};
use crate::platform::Fault;
use crate::ticket::Instant;

impl RuleAdmin {
    /// The versions that hold from before an instant on, at most `limit`.
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
