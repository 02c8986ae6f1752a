//! `FindClusters`.

use hotline_proto::v1 as pb;

use super::{AnalysisApi, filter};
use crate::access::Permit;
use crate::assessment::analysis::cluster::ValueCount;
use crate::assessment::analysis::find_clusters::{
    CLUSTER_DAYS_MAX, COMPARED_MAX, FindClusters, NamedCluster,
};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

/// Clusters of an answer by default, and at most.
const CLUSTERS_DEFAULT: usize = 20;
const CLUSTERS_MAX: usize = 100;

impl Handler<AnalysisApi> for pb::FindClustersRequest {
    async fn handle(&self, api: &AnalysisApi, _permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let days = filter::days(&mut fields, &self.first_day, &self.last_day);
        if days.count() > CLUSTER_DAYS_MAX {
            fields.wrong("last_day", format!("makes at most {CLUSTER_DAYS_MAX} days with the first one"));
        }
        let filter = filter::filter(&mut fields, self.filter.as_ref());
        let clusters_max = match usize::try_from(self.clusters_max) {
            Ok(0) => CLUSTERS_DEFAULT,
            Ok(max) => max.min(CLUSTERS_MAX),
            Err(_) => {
                fields.wrong("clusters_max", "is not negative");
                CLUSTERS_DEFAULT
            }
        };
        let asked = fields.finish(FindClusters { days, filter, clusters_max, compared_max: COMPARED_MAX })?;
        let found = api.analysis.find_clusters(&asked).await?;
        Ok(pb::FindClustersResponse {
            clusters: found.clusters.iter().map(cluster).collect(),
            tickets: large(found.tickets),
            sample_step: large(found.sample_step),
            entries_behind: large(found.entries_behind),
        })
    }
}

fn large(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn cluster((cluster, shared): &NamedCluster) -> pb::TicketCluster {
    let count = |(value, tickets): &ValueCount| pb::ValueCount { value: value.clone(), tickets: *tickets };
    pb::TicketCluster {
        tickets: cluster.tickets,
        tickets_period_before: cluster.period_before,
        growth: cluster.growth,
        shared_texts: shared.clone(),
        districts: cluster.districts.iter().map(count).collect(),
        topics: cluster.topics.iter().map(count).collect(),
        ticket_numbers: cluster.numbers.iter().map(ToString::to_string).collect(),
    }
}
