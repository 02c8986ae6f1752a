//! The assessment (考核): what the work of a unit in a month was worth.
//!
//! - [`score`] counts rates, points and ranks. It is pure: facts and a scheme in, scores out.
//! - [`facts`] takes them from the events of a ticket. It is pure too.
//! - [`follow`] keeps the facts and the rollups in tables, and [`check`] compares them with the events.
//! - One file for each method of `AssessmentService`.
//! - [`analysis`] counts tickets for `AnalysisService`.
//!
//! The follow-up survey gives the answers that are assessed. A scheme says how they count, and is data: cities change
//! their schemes within a year, and a month stays with the scheme that it was counted by.
//!
//! A ticket that complains about a unit counts for neither that unit nor a unit under it, whatever the rollups have. It
//! is taken away when a score is read, by the unit tree of that moment ([`month_counts`]).

pub mod analysis;
pub mod approve_publication;
pub mod approve_scheme;
mod change;
pub mod check;
pub mod correct_month;
pub mod decide_exclusion;
pub mod decide_objection;
pub mod dry_run_scheme;
pub mod exclusion;
mod exclusion_rows;
pub mod exclusion_steps;
pub mod facts;
pub mod file_objection;
pub mod follow;
pub mod get_published_month;
pub mod get_unit_score;
pub mod lease;
pub mod lease_follow_ups;
pub mod list_facts;
pub mod list_follow_ups;
pub mod list_objections;
pub mod list_published_months;
pub mod list_schemes;
pub mod list_score_lines;
pub mod list_unit_scores;
pub mod month_counts;
mod month_documents;
pub mod propose_publication;
pub mod propose_scheme;
pub mod publication;
pub mod release_follow_ups;
pub mod request_exclusion;
mod rows;
pub mod scheme_record;
pub mod score;
mod screening;

use hotline_proto::v1::ErrorReason;

use crate::deadline::RuleBook;
use crate::identity::vault::Vault;
use crate::platform::{Clock, Fault, Store};

/// The dependencies of the assessment.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies: how soon a company may be called again.
    pub rules: RuleBook,
    /// The vault: texts of staff are compared with who called.
    pub vault: Vault,
}

/// A step in a history: who, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// The principal.
    pub by: String,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
    /// Why; may be empty.
    pub note: String,
}

/// Refuses an etag that is not the present one.
fn check_etag(given: &str, present: &str) -> Result<(), Fault> {
    if given == present { Ok(()) } else { Err(Fault::new(ErrorReason::EtagStale)) }
}
