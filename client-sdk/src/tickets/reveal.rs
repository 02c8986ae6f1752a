//! Reveals who called, for a purpose and on record.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, setters};
use crate::model::{RevealApproved, RevealPurpose, Revealed};

/// Reveals who called, also for a confidential ticket. The access is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevealIdentity {
    /// The number of the ticket.
    pub ticket_number: String,
    /// The purpose.
    pub purpose: RevealPurpose,
    /// The purpose in words that an auditor understands; 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RevealIdentity {
    /// Reveals for a purpose.
    pub fn new(ticket_number: impl Into<String>, purpose: RevealPurpose, note: impl Into<String>) -> Self {
        Self { ticket_number: ticket_number.into(), purpose, note: note.into(), request_id: None }
    }
}

setters! {
    RevealIdentity { ticket_number: String, purpose: RevealPurpose, note: String, request_id: Option<Uuid> }
}

impl Command for RevealIdentity {
    type Request = v1::RevealIdentityRequest;
    type Changed = Revealed;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let Self { ticket_number, purpose, note, .. } = self;
        v1::RevealIdentityRequest { request_id, ticket_number, purpose: purpose.into_proto(), note }
    }
}

/// Approves that another principal reveals who called, for one purpose, once, within 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApproveReveal {
    /// The number of the ticket.
    pub ticket_number: String,
    /// The principal that may reveal it; not the approver.
    pub principal: String,
    /// For this purpose.
    pub purpose: RevealPurpose,
    /// Why it is approved, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ApproveReveal {
    /// Approves that a principal reveals for a purpose.
    pub fn new(
        ticket_number: impl Into<String>,
        principal: impl Into<String>,
        purpose: RevealPurpose,
        note: impl Into<String>,
    ) -> Self {
        let (ticket_number, principal, note) = (ticket_number.into(), principal.into(), note.into());
        Self { ticket_number, principal, purpose, note, request_id: None }
    }
}

setters! {
    ApproveReveal {
        ticket_number: String,
        principal: String,
        purpose: RevealPurpose,
        note: String,
        request_id: Option<Uuid>,
    }
}

impl Command for ApproveReveal {
    type Request = v1::ApproveRevealRequest;
    type Changed = RevealApproved;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let Self { ticket_number, principal, purpose, note, .. } = self;
        v1::ApproveRevealRequest { request_id, ticket_number, principal, purpose: purpose.into_proto(), note }
    }
}
