//! The table of handling units (承办单位) and its reads. A unit is never deleted, because tickets name it for ever.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, FromQueryResult as _, QueryOrder as _, QuerySelect as _, Statement};

use crate::platform::Fault;
use crate::platform::bulk_sql::ValuesSource;
use crate::ticket::UnitCode;

/// The most levels of units.
pub const DEPTH_MAX: usize = 8;
/// The most successors of a unit that are followed, one after the other.
pub const SUCCESSORS_MAX: usize = 16;

/// The groups that units are ranked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitGroup {
    /// A municipal department.
    Department,
    /// A district government.
    District,
    /// A public-service enterprise.
    PublicServiceEnterprise,
    /// The coordinator.
    Coordinator,
}

impl UnitGroup {
    /// Its number in the table, the same as in the contract.
    #[must_use]
    pub const fn stored(self) -> i16 {
        match self {
            Self::Department => 1,
            Self::District => 2,
            Self::PublicServiceEnterprise => 3,
            Self::Coordinator => 4,
        }
    }

    /// The group of a number.
    #[must_use]
    pub const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Department),
            2 => Some(Self::District),
            3 => Some(Self::PublicServiceEnterprise),
            4 => Some(Self::Coordinator),
            _ => None,
        }
    }
}

/// A handling unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Unit {
    pub code: UnitCode,
    pub name: String,
    pub name_en: String,
    pub group: UnitGroup,
    pub parent: Option<UnitCode>,
    pub district: Option<String>,
    pub is_active: bool,
    /// The unit that took over from it, if it is not active any more.
    pub successor: Option<UnitCode>,
    /// Its number for questions about policies, which agents add to a call.
    pub policy_number: Option<String>,
    /// 1 for a new one; the etag is made from it.
    pub version: u32,
}

impl Unit {
    /// The etag: changes with every change of the unit.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.version)
    }
}

pub(in crate::desk) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub name_en: String,
        pub unit_group: i16,
        pub parent: Option<String>,
        pub district: Option<String>,
        pub is_active: bool,
        pub successor: Option<String>,
        pub policy_number: Option<String>,
        pub version: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn unit_of(row: row::Model) -> Result<Unit, Fault> {
    let group = UnitGroup::of_stored(row.unit_group)
        .ok_or_else(|| Fault::internal(format!("unit {} has no group {}", row.code, row.unit_group)))?;
    Ok(Unit {
        code: UnitCode(row.code),
        name: row.name,
        name_en: row.name_en,
        group,
        parent: row.parent.map(UnitCode),
        district: row.district,
        is_active: row.is_active,
        successor: row.successor.map(UnitCode),
        policy_number: row.policy_number,
        version: row.version.unsigned_abs(),
    })
}

pub(super) fn row_of(unit: &Unit) -> row::ActiveModel {
    row::ActiveModel {
        code: Set(unit.code.0.clone()),
        name: Set(unit.name.clone()),
        name_en: Set(unit.name_en.clone()),
        unit_group: Set(unit.group.stored()),
        parent: Set(unit.parent.as_ref().map(|parent| parent.0.clone())),
        district: Set(unit.district.clone()),
        is_active: Set(unit.is_active),
        successor: Set(unit.successor.as_ref().map(|successor| successor.0.clone())),
        policy_number: Set(unit.policy_number.clone()),
        version: Set(i32::try_from(unit.version).unwrap_or(i32::MAX)),
    }
}

/// A unit by its code.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn find(db: &impl ConnectionTrait, code: &UnitCode) -> Result<Option<Unit>, Fault> {
    row::Entity::find_by_id(code.as_str()).one(db).await?.map(unit_of).transpose()
}

/// The units with these codes that exist; locked against changes if `is_held`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn find_all(
    db: &impl ConnectionTrait,
    codes: &[UnitCode],
    is_held: bool,
) -> Result<Vec<Unit>, Fault> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = row::Entity::find().filter(row::Column::Code.is_in(codes.iter().map(UnitCode::as_str)));
    let found = if is_held { found.lock_shared() } else { found };
    let rows = found.all(db).await?;
    rows.into_iter().map(unit_of).collect()
}

/// The units of these codes with every unit above them and every successor, as many as there are, in one statement;
/// locked against changes if `is_held`.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn find_with_lineage(
    db: &impl ConnectionTrait,
    codes: &[UnitCode],
    is_held: bool,
) -> Result<Vec<Unit>, Fault> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let codes = vec![("code", codes.iter().map(|code| code.as_str().into()).collect())];
    let backend = db.get_database_backend();
    let source = match backend {
        DbBackend::Postgres => ValuesSource::from_arrays(codes)?,
        _ => ValuesSource::from_rows(codes),
    };
    // UNION drops what it has met before, so it ends even if the tree were a circle. The recursive part may name
    // `lineage` once only, so each row of a unit counts twice: for its parent and for its successor.
    let lock = if is_held && backend == DbBackend::Postgres { " FOR SHARE OF unit" } else { "" };
    let sql = format!(
        "WITH RECURSIVE asked (code) AS ({}), lineage (code) AS (SELECT code FROM asked UNION \
         SELECT CASE edge.kind WHEN 0 THEN unit.parent ELSE unit.successor END FROM lineage \
         JOIN unit ON unit.code = lineage.code CROSS JOIN (SELECT 0 AS kind UNION ALL SELECT 1) AS edge \
         WHERE CASE edge.kind WHEN 0 THEN unit.parent ELSE unit.successor END IS NOT NULL) \
         SELECT unit.* FROM lineage JOIN unit ON unit.code = lineage.code{lock}",
        source.sql
    );
    let statement = Statement::from_sql_and_values(backend, sql, source.values);
    row::Model::find_by_statement(statement).all(db).await?.into_iter().map(unit_of).collect()
}

/// The first active coordinator by code, if there is one.
///
/// # Errors
/// If the database refuses.
pub async fn first_coordinator(db: &impl ConnectionTrait) -> Result<Option<UnitCode>, Fault> {
    let found = row::Entity::find()
        .filter(row::Column::UnitGroup.eq(UnitGroup::Coordinator.stored()))
        .filter(row::Column::IsActive.eq(true))
        .order_by_asc(row::Column::Code);
    Ok(found.one(db).await?.map(|row| UnitCode(row.code)))
}

/// A filter of units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnitFilter {
    /// This group only.
    pub group: Option<UnitGroup>,
    /// Active units only.
    pub is_active_only: bool,
}

/// Units by code, after a code, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: UnitFilter,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Unit>, Fault> {
    let mut query = row::Entity::find().order_by_asc(row::Column::Code).limit(limit);
    if let Some(group) = filter.group {
        query = query.filter(row::Column::UnitGroup.eq(group.stored()));
    }
    if filter.is_active_only {
        query = query.filter(row::Column::IsActive.eq(true));
    }
    if let Some(after) = after {
        query = query.filter(row::Column::Code.gt(after));
    }
    query.all(db).await?.into_iter().map(unit_of).collect()
}
