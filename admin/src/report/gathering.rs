//! Asks the server for the figures of a report.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;
use hotline_client::{
    AnalyseTickets, AnalysedTickets, AnalysisDimension as By, AnalysisFilter, AnalysisOrder, FindClusters,
    FoundClusters, HotlineClient, ListPolicyIssues, ListUnits, PolicyIssue, UnitGroup,
};

use super::figures::{Figures, Name, Names};
use super::period::Period;
use crate::failure::Failure;

/// The rows of the section about topics in districts.
const PLACES_MAX: u32 = 10;
/// The rows of the section about clusters.
const CLUSTERS_MAX: u32 = 10;
/// The rows of the section about policy issues.
const ISSUES_MAX: usize = 200;
/// The days before today in which open work is looked for: as many as the server counts at once.
const OPEN_DAYS: u64 = 800;

/// The first and the last day of the section about open work.
pub(super) fn open_days(made_time: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = made_time.with_timezone(&Shanghai).date_naive();
    (today.checked_sub_days(Days::new(OPEN_DAYS)).unwrap_or(today), today)
}

pub(super) async fn gather(client: &HotlineClient, period: Period) -> Result<Figures, Failure> {
    let made_time = client.tickets().who_am_i().await?.now;
    let analysis = client.analysis();
    let of = |(first, last): (NaiveDate, NaiveDate)| AnalyseTickets::new(first, last);
    let days = (period.first, period.last);
    let compared = |by: By| of(days).dimensions([by]).with_comparison(true).order(AnalysisOrder::Tickets);
    let plain = |by: By| of(days).dimensions([by]);
    let places = compared(By::Topic).dimensions([By::Topic, By::District]).order(AnalysisOrder::Growth);
    let places = match analysis.analyse_tickets(places.groups_max(PLACES_MAX)).await {
        Ok(places) => Some(places),
        Err(error) if error.reason_name() == Some("ANALYSIS_TOO_FINE") => None,
        Err(error) => return Err(error.into()),
    };
    let open = of(open_days(made_time)).filter(AnalysisFilter::default().open_only(true));
    let ask = async |which: AnalyseTickets| -> Result<AnalysedTickets, Failure> {
        Ok(analysis.analyse_tickets(which).await?)
    };
    Ok(Figures {
        made_time,
        total: ask(of(days).with_comparison(true)).await?,
        before: ask(of(period.before())).await?.total,
        year_before: ask(of(period.year_before())).await?.total,
        days: ask(plain(By::Day)).await?,
        topics: ask(compared(By::Topic)).await?,
        places,
        clusters: clusters(client, &period).await?,
        districts: ask(compared(By::District)).await?,
        channels: ask(compared(By::Channel)).await?,
        categories: ask(compared(By::Category)).await?,
        hours: ask(plain(By::HourOfWeek)).await?,
        ages: ask(open.dimensions([By::Age])).await?,
        units: ask(compared(By::Unit)).await?,
        issues: issues(client, &period).await?,
        rungs: ask(of(period.weeks()).dimensions([By::Week, By::Rung])).await?,
        names: names(client).await?,
        period,
    })
}

/// What has the same cause in a month; none for a week, in which there is too little.
async fn clusters(client: &HotlineClient, period: &Period) -> Result<Option<FoundClusters>, Failure> {
    if period.is_week {
        return Ok(None);
    }
    let which = FindClusters::new(period.first, period.last).clusters_max(CLUSTERS_MAX);
    Ok(Some(client.analysis().find_clusters(which).await?))
}

/// The policy issues about days that end in a month; none for a week.
async fn issues(client: &HotlineClient, period: &Period) -> Result<Option<Vec<PolicyIssue>>, Failure> {
    if period.is_week {
        return Ok(None);
    }
    let which = ListPolicyIssues::default().first_day(period.first).last_day(period.last);
    Ok(Some(client.analysis().list_policy_issues(which).take_up_to(ISSUES_MAX).await?))
}

async fn names(client: &HotlineClient) -> Result<Names, Failure> {
    let directory = client.directory();
    let topics = directory.list_topics().take_up_to(usize::MAX).await?;
    let topics = topics.into_iter().map(|one| (one.code, Name { chinese: one.name, english: one.name_en }));
    let (mut units, mut districts) = (BTreeMap::new(), BTreeMap::new());
    let mut listed = directory.list_units(ListUnits::default());
    while let Some(unit) = listed.try_next().await? {
        let name = Name { chinese: unit.name, english: unit.name_en };
        if let Some(district) = unit.district.filter(|_| unit.group == UnitGroup::District) {
            districts.entry(district).or_insert_with(|| name.clone());
        }
        units.insert(unit.code, name);
    }
    Ok(Names { topics: topics.collect(), units, districts })
}
