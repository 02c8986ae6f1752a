//! The table of the dispatch catalogue (派单目录) and its reads: topic leaf × district → responsible unit, with effective
//! dates.

use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::platform::{Fault, Work};
use crate::ticket::UnitCode;

/// Who is responsible for a topic in a district, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// The topic leaf.
    pub topic: String,
    /// The district; `None` for every district without an entry of its own.
    pub district: Option<String>,
    /// The responsible unit.
    pub unit: UnitCode,
    /// In force from this instant on.
    pub effective_from: DateTime<Utc>,
    /// Until this instant; `None` if it has no end.
    pub effective_until: Option<DateTime<Utc>>,
}

pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "catalogue_entry")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub topic: String,
        /// Empty for every district.
        #[sea_orm(primary_key, auto_increment = false)]
        pub district: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: i64,
        pub effective_until: Option<i64>,
        pub unit: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>, Fault> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Fault::internal("an instant out of range"))
}

fn entry_of(row: row::Model) -> Result<CatalogueEntry, Fault> {
    Ok(CatalogueEntry {
        topic: row.topic,
        district: Some(row.district).filter(|district| !district.is_empty()),
        unit: UnitCode(row.unit),
        effective_from: instant(row.effective_from)?,
        effective_until: row.effective_until.map(instant).transpose()?,
    })
}

pub(super) fn row_of(entry: &CatalogueEntry) -> row::ActiveModel {
    row::ActiveModel {
        topic: Set(entry.topic.clone()),
        district: Set(entry.district.clone().unwrap_or_default()),
        effective_from: Set(entry.effective_from.timestamp_micros()),
        effective_until: Set(entry.effective_until.map(|until| until.timestamp_micros())),
        unit: Set(entry.unit.0.clone()),
    }
}

/// Passes the entries of a unit that are in force or to come on to its successor; ends them if there is none.
///
/// # Errors
/// If the database refuses.
pub(super) async fn pass_on(work: &Work, from: &UnitCode, successor: Option<&UnitCode>) -> Result<(), Fault> {
    use row::Column;
    let now = work.now().timestamp_micros();
    let runs_on = Column::EffectiveUntil.is_null().or(Column::EffectiveUntil.gt(now));
    let entries = row::Entity::find().filter(Column::Unit.eq(from.as_str())).filter(runs_on);
    for entry in entries.all(&work.tx).await? {
        let begun = Ord::max(entry.effective_from, now);
        if entry.effective_from < now {
            let ended = row::ActiveModel { effective_until: Set(Some(now)), ..entry.clone().into() };
            row::Entity::update(ended).exec(&work.tx).await?;
        } else {
            let key = (entry.topic.clone(), entry.district.clone(), entry.effective_from);
            row::Entity::delete_by_id(key).exec(&work.tx).await?;
        }
        if let Some(successor) = successor {
            let passed_on = row::Model { unit: successor.0.clone(), effective_from: begun, ..entry };
            let passed_on = row::ActiveModel::from(passed_on).reset_all();
            row::Entity::insert(passed_on).exec_without_returning(&work.tx).await?;
        }
    }
    Ok(())
}

/// The unit that is responsible for a topic at an instant: in this district, or else in every district without an entry
/// of its own. An empty district is none.
///
/// # Errors
/// If the database refuses.
pub async fn responsible(
    db: &impl ConnectionTrait,
    topic: &str,
    district: &str,
    at: DateTime<Utc>,
) -> Result<Option<UnitCode>, Fault> {
    Ok(responsible_entry(db, topic, district, at).await?.map(|entry| entry.unit))
}

/// The entry that decides who is responsible, as in [`responsible`].
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn responsible_entry(
    db: &impl ConnectionTrait,
    topic: &str,
    district: &str,
    at: DateTime<Utc>,
) -> Result<Option<CatalogueEntry>, Fault> {
    use row::Column;
    let at = at.timestamp_micros();
    let found = row::Entity::find()
        .filter(Column::Topic.eq(topic))
        .filter(Column::District.is_in(["", district]))
        .filter(Column::EffectiveFrom.lte(at))
        .filter(Column::EffectiveUntil.is_null().or(Column::EffectiveUntil.gt(at)))
        // An entry of the district itself comes first.
        .order_by_desc(Column::District);
    found.one(db).await?.map(entry_of).transpose()
}

/// A filter of entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogueFilter {
    /// This topic only.
    pub topic: Option<String>,
    /// In force at this instant only.
    pub effective_at: Option<DateTime<Utc>>,
}

/// The position after which a page begins: topic, district, and start in microseconds.
pub type Cursor = (String, String, i64);

/// Entries by topic, district and start, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &CatalogueFilter,
    after: Option<&Cursor>,
    limit: u64,
) -> Result<Vec<CatalogueEntry>, Fault> {
    use row::Column;
    let mut query = row::Entity::find()
        .order_by_asc(Column::Topic)
        .order_by_asc(Column::District)
        .order_by_asc(Column::EffectiveFrom)
        .limit(limit);
    if let Some(topic) = &filter.topic {
        query = query.filter(Column::Topic.eq(topic.as_str()));
    }
    if let Some(at) = filter.effective_at {
        let at = at.timestamp_micros();
        let runs_on = Column::EffectiveUntil.is_null().or(Column::EffectiveUntil.gt(at));
        query = query.filter(Column::EffectiveFrom.lte(at)).filter(runs_on);
    }
    if let Some((topic, district, from)) = after {
        let key = [Column::Topic, Column::District, Column::EffectiveFrom];
        let key = key.map(|column| SimpleExpr::from(Expr::col((row::Entity, column))));
        let last = [Expr::val(topic.as_str()), Expr::val(district.as_str()), Expr::val(*from)];
        query = query.filter(Expr::tuple(key).gt(Expr::tuple(last.map(SimpleExpr::from))));
    }
    query.all(db).await?.into_iter().map(entry_of).collect()
}
