//! `FindClusters`: what companies ask about the same cause in a period, with its growth and its places.
//!
//! At most [`FindClusters::compared_max`] tickets are compared. Of more, every n-th one is taken, by its number: so the
//! same tickets are compared each time, and growth is that of the sample.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::cluster::{Cluster, Clustering, compared};
use super::rows::analysis_ticket::{self, Column};
use super::{Analysis, AnalysisFilter, AnalysisInstant, Days};
use crate::assessment::follow;
use crate::desk::suggest::cause_groups::parts_of_most;
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::{Ticket, TicketNumber};

/// The longest period, in days. The period before is as long.
pub const CLUSTER_DAYS_MAX: i64 = 92;
/// The tickets of both periods that a server compares.
pub const COMPARED_MAX: u64 = 6_000;
/// Tickets that are read together.
const PAGE: u64 = 250;
/// The tickets of a cluster whose shared parts are named.
const NAMED_FROM: usize = 5;

/// Which tickets, and how many clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindClusters {
    /// The days of intake.
    pub days: Days,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// The most clusters.
    pub clusters_max: usize,
    /// The tickets of both periods that are compared at most; at least 1.
    pub compared_max: u64,
}

/// A cluster, and the parts of the texts that most of its tickets have.
pub type NamedCluster = (Cluster, Vec<String>);

/// The clusters of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundClusters {
    /// The clusters, the largest growth first.
    pub clusters: Vec<NamedCluster>,
    /// All tickets of the period.
    pub tickets: u64,
    /// Every how many-th ticket was compared; 1 for all.
    pub sample_step: u64,
    /// The entries of the feed that are not counted yet.
    pub entries_behind: u64,
}

/// The tickets of both periods, every `step`-th one.
fn sampled(asked: &FindClusters, step: u64) -> Select<analysis_ticket::Entity> {
    let both = Days { first: asked.days.period_before().first, last: asked.days.last };
    let all = asked.filter.select(both, AnalysisInstant::Intake);
    if step == 1 {
        return all;
    }
    // Without the check digit, the numbers of a day follow each other.
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    all.filter(Expr::col(Column::TicketNumber).div(10).modulo(step).eq(0))
}

impl Analysis {
    /// The clusters of a period. Requests on one server take turns.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn find_clusters(&self, asked: &FindClusters) -> Result<FoundClusters, Fault> {
        let turn = self.clusters_turn.acquire().await;
        let _turn = turn.map_err(|closed| Fault::internal(closed.to_string()))?;
        let db = self.store.reader();
        let entries_behind = follow::behind(db).await?;
        let tickets = asked.filter.select(asked.days, AnalysisInstant::Intake).count(db).await?;
        let of_both = sampled(asked, 1).count(db).await?;
        let sample_step = Ord::max(of_both.div_ceil(Ord::max(asked.compared_max, 1)), 1);
        let clusters = self.clustered(asked, sample_step).await?.into_clusters(asked.clusters_max);
        let mut named = Vec::with_capacity(clusters.len());
        for cluster in clusters {
            let parts = self.shared_parts(&cluster.numbers).await?;
            named.push((cluster, parts));
        }
        Ok(FoundClusters { clusters: named, tickets, sample_step, entries_behind })
    }

    /// Groups the tickets as they came in.
    async fn clustered(&self, asked: &FindClusters, step: u64) -> Result<Clustering, Fault> {
        let (first_day, _) = asked.days.numbers();
        let (mut clustering, mut after) = (Clustering::default(), None::<(i32, i64)>);
        loop {
            let mut query = sampled(asked, step);
            if let Some((day, number)) = after {
                let key = [Expr::col(Column::ReceivedDay), Expr::col(Column::TicketNumber)];
                query = query.filter(Expr::tuple(key).gt(Expr::tuple([Expr::val(day), Expr::val(number)])));
            }
            let page: Vec<(i32, i64)> = query
                .select_only()
                .columns([Column::ReceivedDay, Column::TicketNumber])
                .order_by_asc(Column::ReceivedDay)
                .order_by_asc(Column::TicketNumber)
                .limit(PAGE)
                .into_tuple()
                .all(self.store.reader())
                .await?;
            let Some(last) = page.last().copied() else { return Ok(clustering) };
            after = Some(last);
            let mut tickets = self.tickets(page.iter().map(|(_, number)| *number).collect()).await?;
            tickets.sort_by_cached_key(|ticket| place_of(&page, ticket.number));
            let add = move || {
                for ticket in &tickets {
                    clustering.add(ticket, place_of(&page, ticket.number).0 >= first_day);
                }
                clustering
            };
            // On another thread, because it takes some milliseconds.
            let added = tokio::task::spawn_blocking(add).await;
            clustering = added.map_err(|error| Fault::internal(format!("grouping texts: {error}")))?;
        }
    }

    async fn tickets(&self, numbers: Vec<i64>) -> Result<Vec<Ticket>, Fault> {
        ledger::read::find_all_with_content(self.store.reader(), numbers).await
    }

    /// The parts of their texts that most of some tickets have.
    async fn shared_parts(&self, numbers: &[TicketNumber]) -> Result<Vec<String>, Fault> {
        let numbers = numbers.iter().take(NAMED_FROM).map(|number| number.as_i64()).collect();
        let texts: Vec<_> = self.tickets(numbers).await?.iter().map(compared).collect();
        Ok(parts_of_most(&texts))
    }
}

/// The day of intake and the number of a ticket of a page, which is in this order.
fn place_of(page: &[(i32, i64)], number: TicketNumber) -> (i32, i64) {
    page.iter().find(|(_, other)| *other == number.as_i64()).copied().unwrap_or_default()
}
