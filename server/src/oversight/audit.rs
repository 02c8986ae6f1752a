//! What auditors read: the records of the audit log, and the findings of a verification. One file for each method of
//! `AuditService`, except the list of accesses to identities, which is in `reveal`.

pub mod list_audit_records;
pub mod verify_audit_log;

use crate::oversight::verify::VerifyOptions;
use crate::platform::Store;

/// The dependencies of the audit.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The database.
    pub store: Store,
    /// Which signing keys are accepted, and the export to compare with.
    pub verify_options: VerifyOptions,
}
