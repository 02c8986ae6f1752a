//! The two halves of the double feedback (双反馈), and reports of assisting units.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// The reply to the company: one half of the double feedback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallerReply {
    pub replied_at: Instant,
    pub method: ContactMethod,
    pub official: String,
    pub content: String,
    pub recorded_at: Instant,
}

/// How a company was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactMethod {
    /// By telephone.
    Telephone,
    /// In person.
    InPerson,
    /// In writing.
    Written,
    /// By text message, app or web.
    Online,
}

/// The report to the hotline: the other half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HotlineReport {
    pub actions: String,
    pub result: String,
    pub evidence: Vec<String>,
    pub recorded_at: Instant,
}

/// What an assisting unit reports to the lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AssistReport {
    pub unit: UnitCode,
    pub report: HotlineReport,
}
