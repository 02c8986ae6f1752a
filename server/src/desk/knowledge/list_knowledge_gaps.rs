//! `ListKnowledgeGaps`: the work list of questions that no article answered. A unit sees its own.

use super::KnowledgeBase;
use super::gaps::{self, GapFilter, KnowledgeGap};
use crate::access::Permit;
use crate::platform::Fault;

impl KnowledgeBase {
    /// The gaps after a number, at most `limit`; for a unit, only its own.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_knowledge_gaps(
        &self,
        permit: &Permit,
        filter: GapFilter,
        after: Option<i64>,
        limit: u64,
    ) -> Result<Vec<KnowledgeGap>, Fault> {
        let scope = permit.scope();
        let db = self.store.read_conn(scope.unit()).await?;
        let filter = match permit.unit() {
            // Another unit's gaps are not there for it.
            Some(unit) if filter.has_no_unit || filter.unit.as_ref().is_some_and(|asked| asked != unit) => {
                return Ok(Vec::new());
            }
            Some(unit) => GapFilter { unit: Some(unit.clone()), ..filter },
            None => filter,
        };
        gaps::page(&db, &filter, after, limit).await
    }
}
