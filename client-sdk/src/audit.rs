//! What auditors ask: who saw what, who did what, and whether stored records were changed.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use crate::call::Core;
use crate::convert::{IntoProto as _, setters};
use crate::model::{AuditLogFinding, AuditRecord, IdentityAccess};
use crate::page::{self, Listing};

/// The audit. Made by [`HotlineClient::audit`](crate::HotlineClient::audit).
#[derive(Debug, Clone)]
pub struct Audit(Core);

/// A filter of accesses; by default all. All conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListIdentityAccesses {
    /// Accesses to the caller of this ticket.
    pub ticket_number: Option<String>,
    /// By this principal.
    pub principal: Option<String>,
    /// At or after this instant.
    pub start_time: Option<DateTime<Utc>>,
    /// Before this instant.
    pub end_time: Option<DateTime<Utc>>,
    /// For the tickets of this company, by its unified social credit code; for supervisors. It finds no confidential
    /// ticket, and is recorded as an access to each identity that it finds.
    pub social_credit_code: Option<String>,
    /// For the tickets of this telephone number; with the same rules.
    pub contact_phone: Option<String>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListIdentityAccesses {
        ticket_number: Option<String>,
        principal: Option<String>,
        start_time: Option<DateTime<Utc>>,
        end_time: Option<DateTime<Utc>>,
        social_credit_code: Option<String>,
        contact_phone: Option<String>,
        page_size: Option<u32>,
    }
}

/// A filter of audit records; by default all. All conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListAuditRecords {
    /// About this subject, for example `unit/dept-tax`.
    pub subject: Option<String>,
    /// By this principal.
    pub principal: Option<String>,
    /// Of this method, for example `PutUnit`.
    pub method: Option<String>,
    /// At or after this instant.
    pub start_time: Option<DateTime<Utc>>,
    /// Before this instant.
    pub end_time: Option<DateTime<Utc>>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListAuditRecords {
        subject: Option<String>,
        principal: Option<String>,
        method: Option<String>,
        start_time: Option<DateTime<Utc>>,
        end_time: Option<DateTime<Utc>>,
        page_size: Option<u32>,
    }
}

/// What to verify; by default everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyAuditLog {
    /// This ticket alone.
    pub ticket_number: Option<String>,
    /// Tickets, subjects or checkpoints to verify at once: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    VerifyAuditLog { ticket_number: Option<String>, page_size: Option<u32> }
}

impl Audit {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Lists who was shown the identity of a caller, when and why, the newest first. For supervisors and
    /// administrators.
    pub fn list_identity_accesses(&self, which: ListIdentityAccesses) -> Listing<IdentityAccess> {
        let request = v1::ListIdentityAccessesRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            ticket_number: which.ticket_number.into_proto(),
            principal: which.principal.into_proto(),
            start_time: which.start_time.into_proto(),
            end_time: which.end_time.into_proto(),
            social_credit_code: which.social_credit_code.into_proto(),
            contact_phone: which.contact_phone.into_proto(),
        };
        page::list(self.0.clone(), request)
    }

    /// Lists the changes that are no event of a ticket, with who made them, the newest first. For administrators.
    pub fn list_audit_records(&self, which: ListAuditRecords) -> Listing<AuditRecord> {
        let request = v1::ListAuditRecordsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            subject: which.subject.into_proto(),
            principal: which.principal.into_proto(),
            method: which.method.into_proto(),
            start_time: which.start_time.into_proto(),
            end_time: which.end_time.into_proto(),
        };
        page::list(self.0.clone(), request)
    }

    /// Verifies the audit log and lists its faults. If the list is read to its end and is empty, there are none. For
    /// supervisors and administrators.
    pub fn verify_audit_log(&self, what: VerifyAuditLog) -> Listing<AuditLogFinding> {
        let request = v1::VerifyAuditLogRequest {
            ticket_number: what.ticket_number.into_proto(),
            page_size: what.page_size.into_proto(),
            page_token: String::new(),
        };
        page::list(self.0.clone(), request)
    }
}
