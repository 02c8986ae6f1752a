//! `AnalyseTickets`: counts tickets in groups. One statement adds up in the database; what comes back is bounded by the
//! number of groups.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryResult, QuerySelect as _, QueryTrait as _};

use hotline_proto::v1::ErrorReason;

use super::growth::growth;
use super::ticket_counts::SUMS;
use super::{Analysis, AnalysisFilter, AnalysisInstant, Days, Dimension, TicketCounts, Value};
use crate::assessment::follow;
use crate::platform::Fault;
use crate::ticket::Instant;

/// The most groups.
pub const GROUPS_MAX: usize = 2_000;
/// The most rows that a statement answers with: a group has a row for each class of handling time.
const ROWS_MAX: u64 = 200_000;

/// The order of the groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GroupOrder {
    /// By value, the smallest first.
    #[default]
    Value,
    /// The most tickets first.
    Tickets,
    /// The largest growth first.
    Growth,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyseTickets {
    /// The days.
    pub days: Days,
    /// By which instant a ticket belongs to a day.
    pub counted_by: AnalysisInstant,
    /// By what the tickets are grouped.
    pub dimensions: Vec<Dimension>,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// Whether the groups are compared with the time before.
    pub is_compared: bool,
    /// The order of the groups.
    pub order: GroupOrder,
    /// The most groups that are answered.
    pub groups_max: usize,
}

/// A group.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its values, one for each dimension.
    pub values: Vec<Value>,
    /// What it counts.
    pub counts: TicketCounts,
    /// The tickets of the period before.
    pub period_before: i64,
    /// The tickets of the same days of the year before.
    pub year_before: i64,
    /// The growth against the period before, in standard deviations.
    pub growth: f64,
}

/// The counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysedTickets {
    /// The groups that are answered.
    pub groups: Vec<Group>,
    /// All groups together.
    pub total: TicketCounts,
    /// How many groups there are.
    pub groups_total: usize,
    /// All tickets of the period before.
    pub period_before: i64,
    /// All tickets of the same days of the year before.
    pub year_before: i64,
    /// Entries of the feed that are not counted yet.
    pub entries_behind: u64,
}

type Groups = BTreeMap<Vec<Value>, TicketCounts>;

impl Analysis {
    /// Counts.
    ///
    /// # Errors
    /// `ANALYSIS_TOO_FINE` if there are too many groups; if the database refuses.
    pub async fn analyse_tickets(&self, asked: &AnalyseTickets) -> Result<AnalysedTickets, Fault> {
        let (db, now) = (self.store.reader(), self.clock.now());
        let entries_behind = follow::behind(db).await?;
        let groups = groups(db, asked, asked.days, now).await?;
        let (before, year_before) = if asked.is_compared {
            let before = groups_of(db, asked, asked.days.period_before(), now).await?;
            (before, groups_of(db, asked, asked.days.year_before(), now).await?)
        } else {
            Default::default()
        };
        Ok(AnalysedTickets { entries_behind, ..compared(asked, groups, &before, &year_before) })
    }
}

async fn groups(
    db: &impl ConnectionTrait,
    asked: &AnalyseTickets,
    days: Days,
    now: Instant,
) -> Result<Groups, Fault> {
    let groups = groups_of(db, asked, days, now).await?;
    if groups.len() > GROUPS_MAX { Err(too_fine()) } else { Ok(groups) }
}

fn too_fine() -> Fault {
    Fault::new(ErrorReason::AnalysisTooFine).with("groups_max", GROUPS_MAX.to_string())
}

/// The groups of some days.
async fn groups_of(
    db: &impl ConnectionTrait,
    asked: &AnalyseTickets,
    days: Days,
    now: Instant,
) -> Result<Groups, Fault> {
    let mut query = asked.filter.select(days, asked.counted_by).select_only();
    let columns = asked.dimensions.iter().map(|dimension| dimension.sql(now, asked.counted_by));
    let columns: Vec<String> = columns.chain(["CAST(handling_class AS BIGINT)".to_owned()]).collect();
    for (place, column) in columns.iter().enumerate() {
        query = query.column_as(Expr::cust(column.clone()), format!("key_{place}"));
    }
    for (place, sum) in TicketCounts::sums_sql(now).into_iter().enumerate() {
        query = query.column_as(Expr::cust(format!("CAST(SUM({sum}) AS BIGINT)")), format!("sum_{place}"));
    }
    for place in 1..=columns.len() {
        query = query.group_by(Expr::cust(place.to_string()));
    }
    let rows = db.query_all(&query.limit(ROWS_MAX + 1).into_query()).await?;
    if rows.len() as u64 > ROWS_MAX {
        return Err(too_fine());
    }
    let mut groups = Groups::new();
    for row in rows {
        let mut values = Vec::with_capacity(asked.dimensions.len());
        for (place, dimension) in asked.dimensions.iter().enumerate() {
            values.push(value(&row, place, *dimension)?);
        }
        let class = row.try_get_by_index::<Option<i64>>(asked.dimensions.len())?;
        let class = class.and_then(|class| i16::try_from(class).ok());
        let mut sums = [0; SUMS];
        for (place, sum) in sums.iter_mut().enumerate() {
            *sum = row.try_get_by_index(columns.len() + place)?;
        }
        groups.entry(values).or_default().add_row(class, sums)?;
    }
    Ok(groups)
}

fn value(row: &QueryResult, place: usize, dimension: Dimension) -> Result<Value, Fault> {
    if dimension.is_text() {
        return Ok(Value::Text(row.try_get_by_index(place)?));
    }
    dimension.value_of(row.try_get_by_index(place)?)
}

/// The groups beside those of the time before, ordered and cut. Pure.
fn compared(
    asked: &AnalyseTickets,
    groups: Groups,
    before: &Groups,
    year_before: &Groups,
) -> AnalysedTickets {
    let tickets = |groups: &Groups, values: &Vec<Value>| groups.get(values).map_or(0, TicketCounts::tickets);
    let all = |groups: &Groups| groups.values().map(TicketCounts::tickets).sum();
    let mut total = TicketCounts::default();
    for counts in groups.values() {
        total.add(counts);
    }
    // What was asked before and is asked no more is a group too, of 0 tickets.
    let mut groups = groups;
    if asked.is_compared {
        for values in before.keys() {
            groups.entry(values.clone()).or_default();
        }
    }
    let groups_total = groups.len();
    let mut groups: Vec<Group> = groups
        .into_iter()
        .map(|(values, counts)| {
            let period_before = tickets(before, &values);
            let growth = if asked.is_compared { growth(period_before, counts.tickets()) } else { 0.0 };
            Group { period_before, year_before: tickets(year_before, &values), growth, counts, values }
        })
        .collect();
    // Stable sorts: equal groups stay in the order of their values.
    match asked.order {
        GroupOrder::Value => {}
        GroupOrder::Tickets => groups.sort_by_key(|group| -group.counts.tickets()),
        GroupOrder::Growth => groups.sort_by(|one, other| other.growth.total_cmp(&one.growth)),
    }
    groups.truncate(asked.groups_max.min(GROUPS_MAX));
    AnalysedTickets {
        groups,
        total,
        groups_total,
        period_before: all(before),
        year_before: all(year_before),
        entries_behind: 0,
    }
}
