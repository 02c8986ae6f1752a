//! The analysis: counts of tickets in groups, and the records behind them.

use chrono::NaiveDate;
use hotline_proto::v1;

use crate::call::Core;
use crate::convert::{IntoProto as _, record, setters};
use crate::error::Error;
use crate::model::{
    AnalysedTickets, AnalysisDimension, AnalysisInstant, AnalysisOrder, Category, Channel, FoundClusters,
    TicketRecord, TicketState,
};
use crate::page::{self, Listing};

/// Counts of tickets. Made by [`HotlineClient::analysis`](crate::HotlineClient::analysis).
#[derive(Debug, Clone)]
pub struct Analysis(pub(crate) Core);

record! {
    /// Which tickets are counted; by default all. All conditions that are set must hold.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    AnalysisFilter = AnalysisFilter {
        /// The topic leaf, or a branch with all its leaves.
        topic: Option<String>,
        /// The administrative division.
        district: Option<String>,
        /// The industry.
        industry: Option<String>,
        /// The channel.
        channel: Option<Channel>,
        /// The category.
        category: Option<Category>,
        /// The unit that leads now.
        unit: Option<String>,
        /// The state now.
        state: Option<TicketState>,
        /// Only tickets that are open.
        open_only: bool,
    }
}

setters! {
    AnalysisFilter {
        topic: Option<String>,
        district: Option<String>,
        industry: Option<String>,
        channel: Option<Channel>,
        category: Option<Category>,
        unit: Option<String>,
        state: Option<TicketState>,
        open_only: bool,
    }
}

impl AnalysisFilter {
    pub(crate) fn into_request(self) -> v1::AnalysisFilter {
        v1::AnalysisFilter {
            topic: self.topic.into_proto(),
            district: self.district.into_proto(),
            industry: self.industry.into_proto(),
            channel: self.channel.into_proto(),
            category: self.category.into_proto(),
            unit: self.unit.into_proto(),
            state: self.state.into_proto(),
            open_only: self.open_only,
        }
    }
}

/// Counts of the tickets that came in on some days of Asia/Shanghai.
///
/// ```
/// use hotline_client::{AnalyseTickets, AnalysisDimension, AnalysisOrder, chrono::NaiveDate};
///
/// let day = |text: &str| text.parse::<NaiveDate>().unwrap();
/// let growth = AnalyseTickets::new(day("2019-10-01"), day("2019-10-31"))
///     .dimensions([AnalysisDimension::Topic])
///     .with_comparison(true)
///     .order(AnalysisOrder::Growth)
///     .groups_max(10);
/// assert_eq!(growth.groups_max, Some(10));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnalyseTickets {
    /// The first day.
    pub first_day: NaiveDate,
    /// The last day, at most 800 days after the first.
    pub last_day: NaiveDate,
    /// By which instant a ticket belongs to a day: the intake, unless it is set.
    pub counted_by: Option<AnalysisInstant>,
    /// By what the tickets are grouped: at most two.
    pub dimensions: Vec<AnalysisDimension>,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// Whether each group is compared with the period before and the year before.
    pub with_comparison: bool,
    /// The order of the groups: by value, unless it is set.
    pub order: Option<AnalysisOrder>,
    /// The most groups in the answer; all if it is not set.
    pub groups_max: Option<u32>,
}

impl AnalyseTickets {
    /// One group of all tickets of some days.
    #[must_use]
    pub fn new(first_day: NaiveDate, last_day: NaiveDate) -> Self {
        Self {
            first_day,
            last_day,
            counted_by: None,
            dimensions: Vec::new(),
            filter: AnalysisFilter::default(),
            with_comparison: false,
            order: None,
            groups_max: None,
        }
    }
}

setters! {
    AnalyseTickets {
        counted_by: Option<AnalysisInstant>,
        dimensions: Vec<AnalysisDimension>,
        filter: AnalysisFilter,
        with_comparison: bool,
        order: Option<AnalysisOrder>,
        groups_max: Option<u32>,
    }
}

/// Records of the tickets that came in on some days of Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportTickets {
    /// The first day of intake.
    pub first_day: NaiveDate,
    /// The last day of intake, at most 800 days after the first.
    pub last_day: NaiveDate,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

impl ExportTickets {
    /// All tickets of some days.
    #[must_use]
    pub fn new(first_day: NaiveDate, last_day: NaiveDate) -> Self {
        Self { first_day, last_day, filter: AnalysisFilter::default(), page_size: None }
    }
}

setters! {
    ExportTickets {
        filter: AnalysisFilter,
        page_size: Option<u32>,
    }
}

/// What companies asked about the same cause on some days of Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindClusters {
    /// The first day of intake.
    pub first_day: NaiveDate,
    /// The last day of intake: at most 92 days with the first one.
    pub last_day: NaiveDate,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// The most clusters in the answer: 20 by default, at most 100.
    pub clusters_max: Option<u32>,
}

impl FindClusters {
    /// Of all tickets of some days.
    #[must_use]
    pub fn new(first_day: NaiveDate, last_day: NaiveDate) -> Self {
        Self { first_day, last_day, filter: AnalysisFilter::default(), clusters_max: None }
    }
}

setters! {
    FindClusters {
        filter: AnalysisFilter,
        clusters_max: Option<u32>,
    }
}

/// A day as the contract writes it.
pub(crate) fn written(day: NaiveDate) -> String {
    day.format("%Y-%m-%d").to_string()
}

impl Analysis {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Counts tickets in groups. For supervisors and analysts.
    ///
    /// # Errors
    /// `ANALYSIS_TOO_FINE` if there are more than 2,000 groups.
    pub async fn analyse_tickets(&self, which: AnalyseTickets) -> Result<AnalysedTickets, Error> {
        let request = v1::AnalyseTicketsRequest {
            first_day: written(which.first_day),
            last_day: written(which.last_day),
            dimensions: which.dimensions.into_proto(),
            filter: Some(which.filter.into_request()),
            with_comparison: which.with_comparison,
            order: which.order.into_proto(),
            groups_max: which.groups_max.into_proto(),
            counted_by: which.counted_by.into_proto(),
        };
        self.0.query(request).await
    }

    /// Lists the records behind the counts, by day of intake and number. For supervisors and analysts. An export that
    /// was broken off goes on with [`Listing::from_page_token`].
    pub fn export_tickets(&self, which: ExportTickets) -> Listing<TicketRecord> {
        let request = v1::ExportTicketsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            first_day: written(which.first_day),
            last_day: written(which.last_day),
            filter: Some(which.filter.into_request()),
        };
        page::list(self.0.clone(), request)
    }

    /// Finds tickets that seem to have the same cause, the largest growth first. For supervisors and analysts.
    ///
    /// # Errors
    /// `INVALID_FIELDS` if there are more than 92 days.
    pub async fn find_clusters(&self, which: FindClusters) -> Result<FoundClusters, Error> {
        let request = v1::FindClustersRequest {
            first_day: written(which.first_day),
            last_day: written(which.last_day),
            filter: Some(which.filter.into_request()),
            clusters_max: which.clusters_max.into_proto(),
        };
        self.0.query(request).await
    }
}
