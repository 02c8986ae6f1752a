//! How units lose a ticket in the model: by a dispatch, a recall, an inactive unit, or a transfer.

use hotline_server::ticket::State;

use super::due;
use super::ticket::{Carry, Model, ModelContext, ModelDispatch};
use crate::command_spec::UnitId;

/// Where a transfer puts a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    Heir,
    Desk,
    Lead,
}

/// What former units said is no feedback of the next ones, and their requests are void. A granted date stays, because
/// the company was informed of it.
fn forget(model: &mut Model) {
    model.is_return_pending = false;
    model.has_reply = false;
    model.has_report = false;
    model.assist_reports.clear();
    model.carry = model.carry.filter(|(carry, _)| *carry == Carry::Granted);
}

/// A dispatch to units that may never have had the ticket.
pub(super) fn send(
    model: &mut Model,
    lead: UnitId,
    assist: Vec<UnitId>,
    inform: Vec<UnitId>,
    context: &ModelContext<'_>,
) {
    forget(model);
    let window_ends = due::limit(context.now, context.rules.window, model.days(context), false).due;
    model.sent = Some(ModelDispatch { lead, assist, inform, window_ends, is_signed: false });
    model.state = State::Dispatched;
}

/// No unit has it any longer.
fn to_desk(model: &mut Model) {
    forget(model);
    model.sent = None;
    model.state = if model.is_overlapping { State::Planning } else { State::Received };
}

/// A ticket never stays with a unit that it accuses, and a plan that names one is void. Answers whether it was with
/// one.
pub(crate) fn recall(model: &mut Model, context: &ModelContext<'_>) -> bool {
    let is_near = |unit: UnitId| context.roster.reaches(unit, &model.accused);
    let is_planned = model.plan.iter().flatten().any(|unit| is_near(*unit));
    let is_with_unit = model.sent.iter().flat_map(ModelDispatch::units).any(is_near);
    if is_planned || is_with_unit {
        model.plan = None;
    }
    if is_with_unit {
        to_desk(model);
    } else if is_planned && model.is_overlapping && model.state == State::Returned && !model.is_return_pending
    {
        // It needs another plan.
        model.state = State::Planning;
    }
    is_planned || is_with_unit
}

/// Nothing comes back to an inactive unit. Without its lead, the ticket goes to the desk.
pub(super) fn take_off_closed(model: &mut Model, context: &ModelContext<'_>) {
    let Some(sent) = &mut model.sent else { return };
    if context.roster.is_closed(sent.lead) {
        return to_desk(model);
    }
    sent.assist.retain(|unit| !context.roster.is_closed(*unit));
    sent.inform.retain(|unit| !context.roster.is_closed(*unit));
}

/// Moves an open ticket of a unit by a transfer; `None` if the unit does not have it. The place of the unit is 0 for
/// the lead, 1 for assistance, and 2 for information.
pub(crate) fn transfer(
    model: &mut Model,
    from: UnitId,
    to: Option<UnitId>,
    context: &ModelContext<'_>,
) -> Option<(usize, Target)> {
    let is_held = model.is_held();
    let (is_open, accused) = (model.is_open(), model.accused.clone());
    let sent = model.sent.as_mut().filter(|_| is_open)?;
    let place_of = |sent: &ModelDispatch, unit: UnitId| match unit {
        unit if sent.lead == unit => Some(0),
        unit if sent.assist.contains(&unit) => Some(1),
        unit if sent.inform.contains(&unit) => Some(2),
        _ => None,
    };
    let place = place_of(sent, from)?;
    let roster = context.roster;
    let is_barred = |to: UnitId| {
        accused.iter().any(|accused| roster.reaches(to, &[*accused]) || roster.reaches(*accused, &[to]))
    };
    // A unit that was only taken off would show its lead that the texts are held.
    if to.is_some_and(|to| is_held || is_barred(to)) {
        to_desk(model);
        return Some((place, Target::Desk));
    }
    let Some(heir) = to else {
        if place == 0 {
            to_desk(model);
            return Some((place, Target::Desk));
        }
        sent.assist.retain(|unit| *unit != from);
        sent.inform.retain(|unit| *unit != from);
        return Some((place, Target::Lead));
    };
    let others = |units: &[UnitId]| units.iter().copied().filter(|unit| *unit != heir).collect::<Vec<_>>();
    if place == 0 {
        let (assist, inform) = (others(&sent.assist), others(&sent.inform));
        send(model, heir, assist, inform, context);
        return Some((place, Target::Heir));
    }
    // The stronger place counts if the heir has the ticket already.
    let is_heir_s = place_of(sent, heir).is_none_or(|has| place < has);
    if is_heir_s {
        (sent.assist, sent.inform) = (others(&sent.assist), others(&sent.inform));
    }
    for units in [&mut sent.assist, &mut sent.inform] {
        if is_heir_s {
            units.iter_mut().filter(|unit| **unit == from).for_each(|unit| *unit = heir);
        } else {
            units.retain(|unit| *unit != from);
        }
    }
    Some((place, Target::Heir))
}
