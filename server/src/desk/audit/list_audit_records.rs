//! `ListAuditRecords`: the records of the audit log, the newest first.

use super::Audit;
use crate::ledger::audit::{self, AuditRecord, Behind, Filter};
use crate::platform::Fault;

impl Audit {
    /// The records after one, at most `limit`.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn list_audit_records(
        &self,
        filter: &Filter,
        after: Option<Behind>,
        limit: u64,
    ) -> Result<Vec<AuditRecord>, Fault> {
        audit::list(self.store.reader(), filter, after, limit).await
    }
}
