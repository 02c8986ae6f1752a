//! The survey (回访): three separate questions to the company.

use serde::{Deserialize, Serialize};

use super::Instant;

/// What the company said in the follow-up call; `None` was not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Survey {
    pub responded: Option<Responded>,
    pub resolved: Option<Resolved>,
    pub satisfied: Option<Satisfied>,
    pub comment: String,
    pub surveyed_at: Instant,
    /// The agent who called; empty for events from before this was recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub surveyed_by: String,
    /// Whether another agent is to call the company again. It is chosen with the survey, and never shown with it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_chosen: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Survey {
    /// Whether the company says that the matter is not resolved, or that it is dissatisfied.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.resolved == Some(Resolved::No) || self.satisfied == Some(Satisfied::Dissatisfied)
    }
}

/// Did the unit contact the company?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Responded {
    /// Yes.
    Yes,
    /// No.
    No,
    /// The company was asked and would not answer.
    WouldNotAnswer,
}

/// Was the matter resolved?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolved {
    /// Yes.
    Yes,
    /// Partly.
    Partly,
    /// No.
    No,
    /// The company was asked and would not answer.
    WouldNotAnswer,
}

/// Is the company satisfied?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfied {
    /// Satisfied.
    Satisfied,
    /// Basically satisfied.
    Basically,
    /// Dissatisfied.
    Dissatisfied,
    /// The company was asked and would not answer.
    WouldNotAnswer,
}
