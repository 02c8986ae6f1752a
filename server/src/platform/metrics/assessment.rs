//! What is counted about the assessment.

use super::Metric;

/// Entries of the feed that are not counted for the assessment.
pub const ASSESSMENT_ENTRIES_BEHIND: &str = "hotline_assessment_entries_behind";

/// Its row.
pub(super) const ENTRIES_BEHIND: Metric = Metric::gauge(
    ASSESSMENT_ENTRIES_BEHIND,
    &[],
    "Entries of the feed that are not counted for the assessment yet. Scores are that much behind.",
);
