//! Carry-overs on the model.

use hotline_proto::v1::{ErrorReason, Role};

use super::due::{self, DAY};
use super::ticket::{Carry, Model, ModelContext};
use super::verbs::led_by;
use crate::command_spec::UnitId;
use crate::roster::Person;

type Outcome = Result<(), ErrorReason>;

/// The lead unit asks.
pub(super) fn ask(
    model: &mut Model,
    unit: Option<UnitId>,
    promised: i64,
    informed: i64,
    context: &ModelContext<'_>,
) -> Outcome {
    if unit.is_none() {
        return Err(ErrorReason::PartNotAllowed);
    }
    led_by(model, unit)?;
    if matches!(model.carry, Some((Carry::Asked | Carry::Granted, _))) {
        return Err(ErrorReason::AlreadyCarriedOver);
    }
    if context.now >= model.due_in_force() {
        return Err(ErrorReason::LimitPassed);
    }
    let latest = context.now + i64::from(context.rules.promise_max_days) * DAY;
    let settled = due::settle(informed, context.now);
    let is_wrong = settled == Err(ErrorReason::InvalidFields) || informed < model.received;
    if promised <= model.due_in_force() || promised > latest || is_wrong {
        return Err(ErrorReason::InvalidFields);
    }
    settled.map(|_| model.carry = Some((Carry::Asked, promised)))
}

/// A dispatcher decides.
pub(super) fn decide(
    model: &mut Model,
    person: &Person,
    is_granted: bool,
    context: &ModelContext<'_>,
) -> Outcome {
    if !person.roles.contains(&Role::Dispatcher) {
        return Err(ErrorReason::PartNotAllowed);
    }
    let Some((Carry::Asked, promised)) = model.carry else {
        return Err(ErrorReason::NoCarryOverPending);
    };
    if is_granted && context.now >= model.due_in_force() {
        return Err(ErrorReason::LimitPassed);
    }
    if is_granted && promised <= model.due_in_force() {
        // The limit has moved past the requested date.
        return Err(ErrorReason::InvalidFields);
    }
    model.carry = Some((if is_granted { Carry::Granted } else { Carry::Refused }, promised));
    Ok(())
}
