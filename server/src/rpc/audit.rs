//! `hotline.v1.AuditService`.

mod list_audit_records;
mod list_identity_reads;
mod verify_timeline;

use hotline_proto::v1::audit_service_server::AuditService;

use super::handler::serve;
use crate::desk::audit::Audit;
use crate::desk::reveal::CallerIdentities;

/// Serves the audit.
#[derive(Debug, Clone)]
pub struct AuditApi {
    /// The audit log and its verification.
    pub audit: Audit,
    /// Who was shown which identity.
    pub identities: CallerIdentities,
}

hotline_proto::audit_service_methods!(serve for AuditApi);
