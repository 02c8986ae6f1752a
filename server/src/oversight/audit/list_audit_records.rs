//! `ListAuditRecords`: the records of the audit log, the newest first.

use crate::audit_log::records;
use crate::audit_log::records::{AuditRecord, RecordFilter, RecordKey};
use crate::oversight::audit::Audit;
use crate::platform::Fault;

impl Audit {
    /// The records after one, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_audit_records(
        &self,
        filter: &RecordFilter,
        after: Option<RecordKey>,
        limit: u64,
    ) -> Result<Vec<AuditRecord>, Fault> {
        records::list(self.store.lists(), filter, after, limit).await
    }
}
