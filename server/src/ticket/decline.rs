//! A declined request.

use serde::{Deserialize, Serialize};

use super::Instant;

/// A declined request, kept for review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Decline {
    pub reason: DeclineReason,
    pub turn_to: String,
    pub note: String,
    pub declined_at: Instant,
}

/// Why a request is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// It is before a court, or should be.
    Litigation,
    /// An emergency for life or property.
    Emergency,
    /// It involves a state secret.
    StateSecret,
    /// It involves a business secret.
    BusinessSecret,
    /// It involves personal privacy.
    PersonalPrivacy,
    /// A petition matter that already has a result.
    PetitionConcluded,
}
