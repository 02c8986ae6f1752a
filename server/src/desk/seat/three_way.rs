//! Three-way calls with the policy number of a unit, and how they ended.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::Set;
use sea_orm::QueryOrder as _;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::board::Board;
use super::model::ThreeWayOutcome;
use super::rows::three_way_call::{self, Column};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::{call, directory};
use crate::platform::Fault;
use crate::ticket::{CallId, UnitCode};

/// Three-way calls of one call at most.
const CALLS_MAX: i32 = 64;

/// Records the beginning of a three-way call, or the outcome of the last one with the unit; returns the number to dial.
///
/// # Errors
/// `CALL_NOT_FOUND`, `UNIT_UNKNOWN`; `INVALID_FIELDS` if the unit has no number, or no three-way call has begun.
pub(super) async fn record(
    board: &Board<'_>,
    permit: &Permit,
    id: &CallId,
    unit: &UnitCode,
    outcome: Option<ThreeWayOutcome>,
) -> Result<String, Fault> {
    let tx = &board.work.tx;
    if call::start_of(tx, id).await?.is_none() {
        return Err(Fault::new(ErrorReason::CallNotFound).with("call_id", id.0.as_str()));
    }
    let found = directory::units::find(tx, unit).await?;
    let found =
        found.ok_or_else(|| Fault::new(ErrorReason::UnitUnknown).at("three_way.unit", "no such unit"))?;
    let last = three_way_call::Entity::find()
        .filter(Column::CallId.eq(id.0.as_str()))
        .order_by_desc(Column::Sequence);
    let number = match outcome {
        None => {
            let number = found.policy_number.ok_or_else(|| {
                Fault::invalid_fields().at("three_way.unit", "is a unit that has a policy number")
            })?;
            let sequence = last.one(tx).await?.map_or(0, |last| last.sequence) + 1;
            if sequence > CALLS_MAX {
                return Err(Fault::new(ErrorReason::CallTooLarge).with("items_max", CALLS_MAX.to_string()));
            }
            let row = three_way_call::ActiveModel {
                call_id: Set(id.0.clone()),
                sequence: Set(sequence),
                unit: Set(unit.0.clone()),
                policy_number: Set(number.clone()),
                principal: Set(permit.principal().to_owned()),
                began_at: Set(board.now.timestamp_micros()),
                outcome: Set(0),
                ended_at: Set(None),
            };
            three_way_call::Entity::insert(row).exec_without_returning(tx).await?;
            number
        }
        Some(outcome) => {
            let last = last.filter(Column::Unit.eq(unit.as_str())).one(tx).await?;
            let last = last.ok_or_else(|| {
                Fault::invalid_fields().at("three_way.outcome", "is for a three-way call that has begun")
            })?;
            let number = last.policy_number.clone();
            let mut row: three_way_call::ActiveModel = last.into();
            row.outcome = Set(outcome.stored());
            row.ended_at = Set(Some(board.now.timestamp_micros()));
            three_way_call::Entity::update(row).exec(tx).await?;
            number
        }
    };
    let details = json!({ "unit": unit, "outcome": outcome.map(ThreeWayOutcome::stored) });
    let (actor, subject) = (permit.actor(), format!("call/{id}"));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    Ok(number)
}
