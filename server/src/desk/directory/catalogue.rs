//! The dispatch catalogue (派单目录): topic leaf × district → responsible unit, with effective dates. An entry is never
//! changed: a new one begins where it takes over, and the one in force until then ends there.

use chrono::{DateTime, Utc};
use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::topics;
use super::unit_set::UnitSet;
use crate::platform::{Fault, Work, failpoint};
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
    /// Until this instant; `None` without an end.
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

fn instant(micros: i64) -> Result<DateTime<Utc>, Fault> {
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

/// Which entries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// This topic only.
    pub topic: Option<String>,
    /// In force at this instant only.
    pub effective_at: Option<DateTime<Utc>>,
}

/// Where a page begins: behind this topic, district and start in microseconds.
pub type Behind = (String, String, i64);

/// Entries by topic, district and start, at most `limit`.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    behind: Option<&Behind>,
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
    if let Some((topic, district, from)) = behind {
        let place = [Column::Topic, Column::District, Column::EffectiveFrom];
        let place = place.map(|column| SimpleExpr::from(Expr::col((row::Entity, column))));
        let last = [Expr::val(topic.as_str()), Expr::val(district.as_str()), Expr::val(*from)];
        query = query.filter(Expr::tuple(place).gt(Expr::tuple(last.map(SimpleExpr::from))));
    }
    query.all(db).await?.into_iter().map(entry_of).collect()
}

/// Puts an entry: it takes over from the one in force at its start, and ends where the next one begins.
///
/// # Errors
/// `UNIT_UNKNOWN`; `INVALID_FIELDS` for a topic that is no leaf.
pub async fn put(work: &Work, mut entry: CatalogueEntry) -> Result<CatalogueEntry, Fault> {
    use row::Column;

    failpoint::reach("directory.write").await?;
    let known = UnitSet::read(&work.tx, vec![entry.unit.clone()]).await?;
    let known = known.check([("entry.unit".to_owned(), &entry.unit)]);
    // The topic's row is locked, so that two changes of its entries come one after the other.
    let topic = topics::row::Entity::find_by_id(entry.topic.as_str()).lock_exclusive().one(&work.tx).await?;
    if topic.is_none() {
        let wrong =
            Fault::new(ErrorReason::InvalidFields).at("entry.topic", "no such leaf of the topic tree");
        return Err(wrong.and(known));
    }
    known?;
    let district = entry.district.clone().unwrap_or_default();
    let beside = row::Entity::find()
        .filter(Column::Topic.eq(entry.topic.as_str()))
        .filter(Column::District.eq(district.as_str()));
    let from = entry.effective_from.timestamp_micros();
    let next = beside.clone().filter(Column::EffectiveFrom.gt(from)).order_by_asc(Column::EffectiveFrom);
    let next = next.one(&work.tx).await?;
    entry.effective_until = next.map(|next| instant(next.effective_from)).transpose()?;
    let previous = beside.filter(Column::EffectiveFrom.lt(from)).order_by_desc(Column::EffectiveFrom);
    if let Some(previous) = previous.one(&work.tx).await? {
        let mut previous: row::ActiveModel = previous.into();
        previous.effective_until = Set(Some(from));
        row::Entity::update(previous).exec(&work.tx).await?;
    }
    let same = (entry.topic.clone(), district, from);
    row::Entity::delete_by_id(same).exec(&work.tx).await?;
    row::Entity::insert(row_of(&entry)).exec_without_returning(&work.tx).await?;
    Ok(entry)
}
