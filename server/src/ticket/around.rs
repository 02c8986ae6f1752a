//! What stands around the work on a ticket: notes, questions to the company and what it brought, requests for help, and
//! assignments inside a unit.

use serde::{Deserialize, Serialize};

use super::{Instant, TicketNumber, UnitCode};

/// A note of one side for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Note {
    /// The unit that wrote it; `None` for staff.
    pub unit: Option<UnitCode>,
    pub note: String,
}

/// A question to the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CompanyQuestion {
    /// The unit that asked; `None` if an agent did.
    pub unit: Option<UnitCode>,
    pub question: String,
    pub wanted: String,
    pub asked_at: Instant,
}

/// What the company brought later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Supplement {
    /// The unit that added it; `None` if an agent or telephony did.
    pub unit: Option<UnitCode>,
    pub content: String,
    /// Whether it answers the open question.
    pub is_answer: bool,
}

/// A request of a lead unit for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HelpRequest {
    pub unit: UnitCode,
    pub reason: String,
    pub requested_at: Instant,
}

/// A supervisor's answer to a request for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HelpAnswer {
    /// The unit that asked.
    pub unit: UnitCode,
    pub note: String,
}

/// The assignment of a ticket inside a unit. The unit as a whole stays responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct InsideAssignment {
    pub unit: UnitCode,
    pub bureau: Option<String>,
    /// The principal of the clerk.
    pub clerk: Option<String>,
    /// The clerk that was named, if it is absent and `clerk` stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_clerk: Option<String>,
    pub inner_due_at: Option<Instant>,
    pub note: String,
    pub assigned_at: Instant,
}

/// Another ticket about the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct LinkedTicket {
    pub other: TicketNumber,
    pub note: String,
}
