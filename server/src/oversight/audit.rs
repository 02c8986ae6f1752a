//! What auditors read: the records of the audit log, and what a verification of the chains finds. One file per method
//! of `AuditService`; the list of who was shown an identity is in `reveal`.

pub mod list_audit_records;
pub mod verify_audit_log;

use crate::oversight::verify::VerifyOptions;
use crate::platform::Store;

/// What the audit needs.
#[derive(Debug, Clone)]
pub struct Audit {
    /// The database.
    pub store: Store,
    /// Which signing keys are accepted, and the export to compare with.
    pub verify_options: VerifyOptions,
}
