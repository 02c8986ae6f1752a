//! `ExportTickets`: the tickets behind the counts, as records of fixed columns.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{self, analysis_ticket};
use super::{AnalysedTicket, Analysis, AnalysisFilter, AnalysisInstant, Days};
use crate::assessment::follow;
use crate::platform::Fault;

/// A page of records to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTickets {
    /// The days of intake.
    pub days: Days,
    /// Which tickets.
    pub filter: AnalysisFilter,
    /// After this record: its day and its number.
    pub after: Option<(i32, i64)>,
    /// Maximum number.
    pub limit: u64,
}

impl Analysis {
    /// The records by day of intake and number, and how many entries of the feed are not counted yet.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn export_tickets(&self, asked: ExportTickets) -> Result<(Vec<AnalysedTicket>, u64), Fault> {
        use analysis_ticket::Column;
        let db = self.store.reader();
        let entries_behind = follow::behind(db).await?;
        let mut query = asked.filter.select(asked.days, AnalysisInstant::Intake);
        if let Some((day, number)) = asked.after {
            let key = [Expr::col(Column::ReceivedDay), Expr::col(Column::TicketNumber)];
            let place = [Expr::val(day), Expr::val(number)];
            query = query.filter(Expr::tuple(key).gt(Expr::tuple(place)));
        }
        let documents: Vec<String> = query
            .select_only()
            .column(Column::Document)
            .order_by_asc(Column::ReceivedDay)
            .order_by_asc(Column::TicketNumber)
            .limit(asked.limit)
            .into_tuple()
            .all(db)
            .await?;
        let records = documents.iter().map(|document| rows::ticket_of(document)).collect::<Result<_, _>>()?;
        Ok((records, entries_behind))
    }
}
