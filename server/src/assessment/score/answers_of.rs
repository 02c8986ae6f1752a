//! Whose answers count for an item: those of the survey, or those of the second call about it.

use serde::{Deserialize, Serialize};

/// Whose answers count for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswersOf {
    /// Those of the survey, whatever a second call said.
    #[default]
    Survey,
    /// Those of the second call where it gave one, and those of the survey otherwise.
    Recheck,
}

impl AnswersOf {
    /// Whether it is what a scheme means that does not say.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
    pub(super) fn is_usual(&self) -> bool {
        *self == Self::Survey
    }
}
