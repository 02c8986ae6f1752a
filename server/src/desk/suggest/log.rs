//! The log of suggestions beside what people decided. A row is written when a suggestion is asked for, and completed
//! when its ticket is closed. Intake and dispatch write nothing for it.
//!
//! A row has no text. A text before intake is known by its digest, which its ticket has in the search index too.

use std::collections::BTreeSet;

use chrono::{Datelike as _, TimeDelta};
use chrono_tz::Asia::Shanghai;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{QueryOrder as _, QuerySelect as _, Statement};

use super::stored_models::ModelKind;
use super::suggestions::Suggestions;
use crate::access::Scope;
use crate::ledger::list::among;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, Ticket, TicketNumber};

/// Rows that one pass completes of each sort.
const ROWS_MAX: u64 = 500;
/// How long a row waits for its ticket, and for the end of the ticket.
const WITHOUT_TICKET: TimeDelta = TimeDelta::days(7);
const WITHOUT_DECISION: TimeDelta = TimeDelta::days(400);

/// `suggestion_log`.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "suggestion_log")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: i16,
        /// The number of the ticket, or the digest of a text before intake.
        #[sea_orm(primary_key, auto_increment = false)]
        pub asked_key: i64,
        pub ticket_number: Option<i64>,
        pub asked_at: i64,
        #[sea_orm(column_name = "model_version")]
        pub version: String,
        /// The suggested codes, the best first, with a space between.
        pub labels: String,
        pub is_sure: bool,
        /// What people decided.
        pub decided: Option<String>,
        /// The month of the end of the ticket in Beijing, for example 202611.
        pub decided_month: Option<i32>,
        /// The place of the decision among the suggestions, from 1; 0 if it is none of them.
        pub place: Option<i16>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What was suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: ModelKind,
    pub(super) key: i64,
    pub(super) ticket: Option<TicketNumber>,
    pub(super) model_version: String,
    pub(super) labels: Vec<String>,
    pub(super) is_sure: bool,
}

/// How often people decided as suggested, in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthQuality {
    /// The month, for example 202611.
    pub month: i32,
    /// What was suggested.
    pub kind: ModelKind,
    /// Closed tickets with a suggestion asked for before.
    pub decided: u32,
    /// Of these: something was suggested.
    pub offered: u32,
    /// The first suggestion was right.
    pub first_right: u32,
    /// One of the three was right.
    pub three_right: u32,
    /// The first one was sure.
    pub sure: u32,
    /// It was sure and right.
    pub sure_right: u32,
}

/// The month of an instant in Beijing.
#[must_use]
pub fn month_of(at: Instant) -> i32 {
    let local = at.with_timezone(&Shanghai);
    local.year() * 100 + i32::try_from(local.month()).unwrap_or_default()
}

impl Suggestions {
    /// Records what was suggested. A later suggestion for the same ticket or text takes the place of an earlier one, as
    /// long as nothing is decided.
    pub(super) async fn record(&self, entry: Entry) -> Result<(), Fault> {
        self.store().run(self.clock(), entry, async |work, entry| put(work, entry).await).await
    }
}

async fn put(work: &Work, entry: &Entry) -> Result<(), Fault> {
    use row::Column;
    let row = row::ActiveModel {
        kind: Set(entry.kind.stored()),
        asked_key: Set(entry.key),
        ticket_number: Set(entry.ticket.map(TicketNumber::as_i64)),
        asked_at: Set(work.now().timestamp_micros()),
        version: Set(entry.model_version.clone()),
        labels: Set(entry.labels.join(" ")),
        is_sure: Set(entry.is_sure),
        decided: Set(None),
        decided_month: Set(None),
        place: Set(None),
    };
    let is_open = Expr::col((row::Entity, Column::DecidedMonth)).is_null();
    let replace = OnConflict::columns([Column::Kind, Column::AskedKey])
        .update_columns([Column::AskedAt, Column::Version, Column::Labels, Column::IsSure])
        .action_and_where(is_open)
        .to_owned();
    row::Entity::insert(row).on_conflict(replace).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// The tickets that were made of the texts that suggestions were asked for. Its rows are the index's.
const MADE_OF_TEXTS: &str = "SELECT asked.kind, asked.asked_key, MIN(document.ticket_number) \
     FROM suggestion_log AS asked JOIN search_document AS document ON document.fingerprint = asked.asked_key \
     WHERE asked.ticket_number IS NULL AND asked.decided_month IS NULL \
     GROUP BY asked.kind, asked.asked_key LIMIT 500";

/// Whether a row waits for a decision.
///
/// # Errors
/// If the database refuses.
pub async fn has_open_rows(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    let open = row::Entity::find()
        .select_only()
        .column(row::Column::Kind)
        .filter(row::Column::DecidedMonth.is_null())
        .into_tuple::<i16>();
    Ok(open.one(db).await?.is_some())
}

/// Completes rows whose tickets are there or are closed; returns how many. It is shown to nobody, so it needs no scope.
///
/// # Errors
/// If the database refuses.
pub async fn join_decisions(work: &Work) -> Result<u64, Fault> {
    use row::Column;
    let mut joined = 0;
    let made = Statement::from_string(work.tx.get_database_backend(), MADE_OF_TEXTS);
    for found in work.tx.query_all_raw(made).await? {
        let (kind, key): (i16, i64) = (found.try_get_by_index(0)?, found.try_get_by_index(1)?);
        let ticket: i64 = found.try_get_by_index(2)?;
        let named = row::Entity::update_many()
            .col_expr(Column::TicketNumber, Expr::value(ticket))
            .filter(Column::Kind.eq(kind))
            .filter(Column::AskedKey.eq(key));
        joined += named.exec(&work.tx).await?.rows_affected;
    }
    joined += decide(work).await?;
    let before = |age: TimeDelta| (work.now() - age).timestamp_micros();
    let is_old = Column::AskedAt.lt(before(WITHOUT_DECISION)).and(Column::DecidedMonth.is_null());
    let is_alone = Column::AskedAt.lt(before(WITHOUT_TICKET)).and(Column::TicketNumber.is_null());
    row::Entity::delete_many().filter(is_old.or(is_alone)).exec(&work.tx).await?;
    Ok(joined)
}

/// What people decided about a closed ticket; `None` if nothing.
fn decision(ticket: &Ticket, kind: ModelKind) -> Option<String> {
    match kind {
        ModelKind::Topic => ticket.topic.clone(),
        ModelKind::Unit => ticket.lead_unit().map(|unit| unit.0.clone()),
    }
}

async fn decide(work: &Work) -> Result<u64, Fault> {
    use row::Column;
    let closed = Expr::cust(
        "EXISTS (SELECT 1 FROM ticket WHERE ticket.number = suggestion_log.ticket_number \
         AND ticket.state = 'CLOSED')",
    );
    let rows = row::Entity::find()
        .filter(Column::DecidedMonth.is_null())
        .filter(closed)
        .order_by_desc(Column::AskedAt)
        .limit(ROWS_MAX)
        .all(&work.tx)
        .await?;
    let numbers: BTreeSet<i64> = rows.iter().filter_map(|row| row.ticket_number).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let tickets = among::tickets(&work.tx, &Scope::All, &numbers).await?;
    let mut decided = BTreeSet::new();
    for row in rows {
        let Some(ticket) = row.ticket_number.and_then(|number| tickets.get(&number)) else { continue };
        let Some(kind) = ModelKind::of_stored(row.kind) else { continue };
        let key = (row.kind, row.asked_key);
        // The last suggestion for a ticket counts, and they come with the last one first.
        let is_last = decided.insert((row.kind, ticket.number.as_i64()));
        let label = decision(ticket, kind).filter(|_| is_last);
        let Some((label, closing)) = label.zip(ticket.closing.as_ref()) else {
            row::Entity::delete_by_id(key).exec(&work.tx).await?;
            continue;
        };
        let place = row.labels.split(' ').position(|one| one == label).map_or(0, |place| place + 1);
        let update = row::Entity::update_many()
            .col_expr(Column::Place, Expr::value(i16::try_from(place).unwrap_or_default()))
            .col_expr(Column::DecidedMonth, Expr::value(month_of(closing.closed_at)))
            .col_expr(Column::Decided, Expr::value(label))
            .filter(Column::Kind.eq(key.0))
            .filter(Column::AskedKey.eq(key.1));
        update.exec(&work.tx).await?;
    }
    Ok(decided.len() as u64)
}

/// The counts of some months, by month and kind.
pub(super) async fn quality(
    db: &impl ConnectionTrait,
    months: std::ops::RangeInclusive<i32>,
) -> Result<Vec<MonthQuality>, Fault> {
    const COUNTS: &str = "SELECT decided_month, kind, COUNT(*), \
         SUM(CASE WHEN labels <> '' THEN 1 ELSE 0 END), SUM(CASE WHEN place = 1 THEN 1 ELSE 0 END), \
         SUM(CASE WHEN place > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN is_sure THEN 1 ELSE 0 END), \
         SUM(CASE WHEN is_sure AND place = 1 THEN 1 ELSE 0 END) FROM suggestion_log \
         WHERE decided_month BETWEEN $1 AND $2 GROUP BY decided_month, kind ORDER BY decided_month, kind";
    let values = [Value::from(*months.start()), Value::from(*months.end())];
    let counts = Statement::from_sql_and_values(db.get_database_backend(), COUNTS, values);
    let mut found = Vec::new();
    for row in db.query_all_raw(counts).await? {
        let Some(kind) = ModelKind::of_stored(row.try_get_by_index(1)?) else { continue };
        let count = |place: usize| -> Result<u32, Fault> {
            let count: i64 = row.try_get_by_index(place)?;
            Ok(u32::try_from(count).unwrap_or(u32::MAX))
        };
        found.push(MonthQuality {
            month: row.try_get_by_index(0)?,
            kind,
            decided: count(2)?,
            offered: count(3)?,
            first_right: count(4)?,
            three_right: count(5)?,
            sure: count(6)?,
            sure_right: count(7)?,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_one_of_beijing() {
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        assert_eq!(month_of(at("2026-10-31T15:59:59Z")), 202_610);
        assert_eq!(month_of(at("2026-10-31T16:00:00Z")), 202_611);
    }
}
