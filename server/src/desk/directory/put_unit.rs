//! `PutUnit`: adds a handling unit, or replaces the one with its code. If the unit moves in the tree, or has a
//! successor, tickets are recalled from units that are now under an accused unit. If it becomes inactive, its open work
//! passes on.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, QuerySelect as _};
use serde_json::json;

use super::units::{self, DEPTH_MAX, row};
use super::{Directory, Unit, UnitSet, open_work};
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
    /// Whether its open tickets go to the desk if it becomes inactive.
    pub to_desk: bool,
}

/// A unit that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutOutcome {
    /// The unit.
    pub unit: Unit,
    /// The transfer of its open tickets, if there are some to move.
    pub transfer: Option<u32>,
}

impl Directory {
    /// Puts a unit, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`put`], `UNIT_HAS_OPEN_TICKETS`, `TRANSFER_RUNNING`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_unit<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: PutUnit,
        answer: fn(&PutOutcome) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), command, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (directory, permit, command, answer)| {
                Ok(answer(&directory.put_unit_in(work, permit, command).await?))
            })
            .await
    }

    async fn put_unit_in(
        &self,
        work: &Work,
        permit: &Permit,
        command: &PutUnit,
    ) -> Result<PutOutcome, Fault> {
        let (unit, before) = put_in(work, command.unit.clone(), command.etag.as_deref()).await?;
        let (actor, method) = (permit.actor(), permit.method().method);
        let transfer =
            open_work::pass_on(work, &unit, before.as_ref(), command.to_desk, actor.clone()).await?;
        let mut details = json!({ "version": unit.version, "is_active": unit.is_active });
        if let (Some(object), Some(successor)) = (details.as_object_mut(), &unit.successor) {
            object.insert("successor".to_owned(), json!(successor));
        }
        if let (Some(object), Some(transfer)) = (details.as_object_mut(), transfer) {
            object.insert("transfer".to_owned(), json!(transfer));
        }
        records::record(work, &actor, method, &format!("unit/{}", unit.code), details).await?;
        // A unit below it, or its successor, may now be under an accused unit.
        if unit.version > 1 && (unit.parent.is_some() || unit.successor.is_some()) {
            let recalled = self.recall.recall_conflicts(work, permit).await?;
            tracing::info!(unit = %unit.code, recalled, "unit changed in the unit tree; conflicting tickets recalled");
        }
        Ok(PutOutcome { unit, transfer })
    }
}

/// Adds a unit, or replaces the one with its code; returns it with its new version. Its open work stays where it is.
///
/// # Errors
/// `ETAG_STALE`; `UNIT_UNKNOWN` for its parent or its successor; `INVALID_FIELDS` if it would be under itself, too
/// deep, or active with a successor; `LAST_ACTIVE_UNIT`.
pub async fn put(work: &Work, unit: Unit, etag: Option<&str>) -> Result<Unit, Fault> {
    put_in(work, unit, etag).await.map(|(unit, _)| unit)
}

/// The same; also returns the unit as it was before.
async fn put_in(work: &Work, mut unit: Unit, etag: Option<&str>) -> Result<(Unit, Option<Unit>), Fault> {
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
    if !unit.is_active && unit.successor.is_none() {
        // A client that does not know successors must not take away what protects complaints.
        unit.successor = before.as_ref().and_then(|before| before.successor.clone());
    }
    check_successor(work, &unit, before.as_ref()).await?;
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
    Ok((unit, before))
}

/// Checks that only an inactive unit has a successor, and that a new successor is another unit that is active. A unit
/// that is active has none, so no chain of successors is a circle.
async fn check_successor(work: &Work, unit: &Unit, before: Option<&Unit>) -> Result<(), Fault> {
    let field = "unit.successor";
    let Some(successor) = &unit.successor else { return Ok(()) };
    if unit.is_active {
        return Err(Fault::new(ErrorReason::InvalidFields).at(field, "is for a unit that is not active"));
    }
    if *successor == unit.code {
        return Err(Fault::new(ErrorReason::InvalidFields).at(field, "is another unit"));
    }
    if before.is_some_and(|before| before.successor.as_ref() == Some(successor)) {
        return Ok(());
    }
    UnitSet::hold(&work.tx, vec![successor.clone()]).await?.check([(field.to_owned(), successor)])
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
