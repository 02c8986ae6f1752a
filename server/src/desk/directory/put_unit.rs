//! `PutUnit`: adds a handling unit, or replaces the one with its code. If the unit moves in the tree, tickets are
//! recalled from units that are now under an accused unit.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, QuerySelect as _};
use serde_json::json;

use super::units::{self, DEPTH_MAX, row};
use super::{Directory, Unit};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::UnitCode;

/// A unit to put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutUnit {
    /// The unit; its version is set here.
    pub unit: Unit,
    /// The etag that the caller has read, if it wants to be sure.
    pub etag: Option<String>,
}

impl Directory {
    /// Puts a unit, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`put`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_unit<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: PutUnit,
        answer: fn(&Unit) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), command, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (directory, permit, command, answer)| {
                Ok(answer(&directory.put_unit_in(work, permit, command).await?))
            })
            .await
    }

    async fn put_unit_in(&self, work: &Work, permit: &Permit, command: &PutUnit) -> Result<Unit, Fault> {
        let unit = put(work, command.unit.clone(), command.etag.as_deref()).await?;
        let details = json!({ "version": unit.version, "is_active": unit.is_active });
        let (actor, method) = (permit.actor(), permit.method().method);
        records::record(work, &actor, method, &format!("unit/{}", unit.code), details).await?;
        // A unit below it may now be under an accused unit.
        if unit.parent.is_some() && unit.version > 1 {
            let recalled = self.recall.recall_conflicts(work, permit).await?;
            tracing::info!(unit = %unit.code, recalled, "a unit was put elsewhere in the tree");
        }
        Ok(unit)
    }
}

/// Adds a unit, or replaces the one with its code; returns it with its new version.
///
/// # Errors
/// `ETAG_STALE`; `UNIT_UNKNOWN` for its parent; `INVALID_FIELDS` if it would be under itself, or too deep;
/// `LAST_ACTIVE_UNIT`.
pub async fn put(work: &Work, mut unit: Unit, etag: Option<&str>) -> Result<Unit, Fault> {
    failpoint::reach("directory.write").await?;
    if work.tx.get_database_backend() == DbBackend::Postgres {
        // The form of the tree depends on more rows than this one, so units are put one after the other.
        work.tx.execute_unprepared("LOCK TABLE unit IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    let locked = row::Entity::find_by_id(unit.code.as_str()).lock_exclusive().one(&work.tx).await?;
    let before = locked.map(units::unit_of).transpose()?;
    let present_etag = before.as_ref().map(Unit::etag);
    if etag.is_some() && etag != present_etag.as_deref() {
        return Err(Fault::new(ErrorReason::EtagStale).with("unit", unit.code.as_str()));
    }
    check_parent(work, &unit).await?;
    let ends = before.as_ref().is_some_and(|before| before.is_active) && !unit.is_active;
    if ends && !has_other_active(work, &unit.code).await? {
        return Err(Fault::new(ErrorReason::LastActiveUnit).with("unit", unit.code.as_str()));
    }
    unit.version = before.as_ref().map_or(1, |before| before.version + 1);
    if before.is_some() {
        row::Entity::update(units::row_of(&unit)).exec(&work.tx).await?;
    } else {
        row::Entity::insert(units::row_of(&unit)).exec_without_returning(&work.tx).await?;
    }
    Ok(unit)
}

/// Whether another unit is active.
async fn has_other_active(work: &Work, code: &UnitCode) -> Result<bool, Fault> {
    let others = row::Entity::find()
        .select_only()
        .column(row::Column::Code)
        .filter(row::Column::IsActive.eq(true))
        .filter(row::Column::Code.ne(code.as_str()))
        .limit(1)
        .into_tuple::<String>();
    Ok(others.one(&work.tx).await?.is_some())
}

/// The number of levels of units under one, counted up to the limit.
async fn levels_under(work: &Work, code: &UnitCode) -> Result<usize, Fault> {
    let mut level = vec![code.0.clone()];
    for levels in 0..DEPTH_MAX {
        level = row::Entity::find()
            .select_only()
            .column(row::Column::Code)
            .filter(row::Column::Parent.is_in(level))
            .into_tuple()
            .all(&work.tx)
            .await?;
        if level.is_empty() {
            return Ok(levels);
        }
    }
    Ok(DEPTH_MAX)
}

/// Checks that the parent exists, that the unit is not under itself, and that no unit under it gets too deep.
async fn check_parent(work: &Work, unit: &Unit) -> Result<(), Fault> {
    let field = "unit.parent";
    let Some(parent) = unit.parent.clone() else { return Ok(()) };
    let mut above = Some(parent);
    for _ in levels_under(work, &unit.code).await?..DEPTH_MAX {
        let Some(code) = above else { return Ok(()) };
        if code == unit.code {
            return Err(Fault::new(ErrorReason::InvalidFields).at(field, "a unit can't stand under itself"));
        }
        let Some(parent) = units::find(&work.tx, &code).await? else {
            return Err(Fault::new(ErrorReason::UnitUnknown).at(field, "no such unit"));
        };
        above = parent.parent;
    }
    let description = format!("at most {DEPTH_MAX} units stand above one another");
    Err(Fault::new(ErrorReason::InvalidFields).at(field, description))
}
