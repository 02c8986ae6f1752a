//! `hotline analysis clusters`: what companies ask about the same cause.

use clap::Args;
use hotline_client::{FindClusters, FoundClusters, TicketCluster, ValueCount};
use serde::Serialize;

use super::selection::Selection;
use crate::context::{Context, Done};
use crate::output::{Column, Format};

const COLUMNS: &[Column] = &[
    ("TICKETS", "cluster.tickets"),
    ("BEFORE", "cluster.tickets_period_before"),
    ("GROWTH", "growth"),
    ("SHARED_TEXTS", "cluster.shared_texts"),
    ("DISTRICTS", "districts"),
    ("TOPICS", "topics"),
    ("NUMBERS", "cluster.ticket_numbers"),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Clusters {
    #[command(flatten)]
    selection: Selection,
    /// Only the first clusters: 20 unless it is given, at most 100.
    #[arg(long = "top", value_name = "NUMBER")]
    clusters_max: Option<u32>,
}

/// A cluster as a line.
#[derive(Debug, Serialize)]
struct ClusterLine<'a> {
    growth: f64,
    districts: Vec<String>,
    topics: Vec<String>,
    cluster: &'a TicketCluster,
}

impl Clusters {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let selection = &self.selection;
        let which = FindClusters::new(selection.first_day, selection.last_day)
            .filter(selection.filter())
            .clusters_max(self.clusters_max);
        let found = context.client().await?.analysis().find_clusters(which).await?;
        if found.entries_behind > 0 {
            context.note(&format!("{} entries of the feed are not counted yet", found.entries_behind));
        }
        if found.sample_step > 1 {
            context.note(&format!("one ticket in {} was compared; counts are of these", found.sample_step));
        }
        print(&found, context.output)
    }
}

/// Values with their tickets: "110105:3".
fn counted(counts: &[ValueCount]) -> Vec<String> {
    counts.iter().map(|one| format!("{}:{}", one.value, one.tickets)).collect()
}

fn line(cluster: &TicketCluster) -> ClusterLine<'_> {
    ClusterLine {
        growth: (cluster.growth * 10.0).round() / 10.0,
        districts: counted(&cluster.districts),
        topics: counted(&cluster.topics),
        cluster,
    }
}

fn print(found: &FoundClusters, format: Format) -> Done {
    if format == Format::Json {
        return format.record(found);
    }
    format.list(COLUMNS, &found.clusters.iter().map(line).collect::<Vec<_>>())
}
