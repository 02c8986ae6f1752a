//! `hotline.v1.AnalysisService`.

mod analyse_tickets;
mod export_tickets;
pub(super) mod filter;
mod find_clusters;
mod policy_issues;

use hotline_proto::v1::analysis_service_server::AnalysisService;

use super::handler::serve;
use crate::assessment::analysis::Analysis;

/// Serves the analysis.
#[derive(Debug, Clone)]
pub struct AnalysisApi {
    /// The analysis.
    pub analysis: Analysis,
}

hotline_proto::analysis_service_methods!(serve for AnalysisApi);
