//! `hotline.v1.AssessmentService`.

mod approve_publication;
mod approve_scheme;
mod correct_month;
mod decide_exclusion;
mod decide_objection;
mod decode;
mod dry_run_scheme;
mod encode;
mod encode_scores;
mod file_objection;
mod follow_ups;
mod get_published_month;
mod get_unit_score;
mod lease_follow_ups;
mod list_facts;
mod list_follow_ups;
mod list_objections;
mod list_published_months;
mod list_schemes;
mod list_score_lines;
mod list_unit_scores;
mod propose_publication;
mod propose_scheme;
mod release_follow_ups;
mod request_exclusion;

use hotline_proto::v1::assessment_service_server::AssessmentService;

use super::handler::serve;
use crate::assessment::Assessment;

/// Serves the assessment.
#[derive(Debug, Clone)]
pub struct AssessmentApi {
    /// The assessment.
    pub assessment: Assessment,
}

hotline_proto::assessment_service_methods!(serve for AssessmentApi);
