//! `hotline.v1.AuditService`.

mod list_audit_records;
mod list_identity_accesses;
mod verify_audit_log;

use hotline_proto::v1::audit_service_server::AuditService;

use super::handler::serve;
use crate::desk::reveal::CallerIdentities;
use crate::oversight::audit::Audit;

/// Serves the audit.
#[derive(Debug, Clone)]
pub struct AuditApi {
    /// The audit log and its verification.
    pub audit: Audit,
    /// The access log of identities.
    pub identities: CallerIdentities,
}

hotline_proto::audit_service_methods!(serve for AuditApi);
