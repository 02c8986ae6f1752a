//! Limits that have passed, and slips that are undone, on the model.

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::ticket::State;

use super::due::{self, DAY, HOUR, MINUTE};
use super::moves;
use super::ticket::{LimitBefore, Model, ModelContext, ModelRepeat, tier};
use super::verbs::rework;
use crate::command_spec::{Class, CommandSpec, UnitId};
use crate::roster::Person;

type Outcome = Result<(), ErrorReason>;

/// A rung that staff fire before the limit leaves the ladder as it is.
pub(super) fn fire_by_hand(model: &mut Model, rung: u8, context: &ModelContext<'_>) {
    model.by_hand = rung;
    if context.now >= model.due_in_force() {
        model.ladder = model.ladder.max(rung);
    }
}

/// The limit of a classification. One that has passed stays, unless a slip of the last minutes is put right.
pub(super) fn classify_limit(
    model: &mut Model,
    class: &Class,
    person: &Person,
    context: &ModelContext<'_>,
) -> Outcome {
    let (wanted, now) = (tier(class), context.now);
    let minutes = i64::from(context.rules.correction_minutes) * MINUTE;
    let in_force_then = |before: &LimitBefore| {
        let mut then = model.clone();
        then.due = before.due;
        then.due_in_force()
    };
    let slip = model.before.clone();
    let slip = slip.filter(|before| now - before.moved <= minutes && now < in_force_then(before));
    if let Some(before) = slip {
        model.ladder = model.ladder.min(before.ladder);
        count(model, wanted, (before.tier, before.due, before.is_provisional), context);
    } else if now >= model.due_in_force() {
        let is_other = wanted != model.class_tier;
        if is_other && !person.roles.contains(&Role::Supervisor) {
            return Err(ErrorReason::SupervisorNeeded);
        }
        if is_other && !class.has_note {
            return Err(ErrorReason::InvalidFields);
        }
    } else {
        let before = (model.tier, model.due, model.is_provisional);
        count(model, wanted, before, context);
        if model.tier != before.0 {
            let (tier, due, is_provisional) = before;
            model.before = Some(LimitBefore { moved: now, tier, due, is_provisional, ladder: model.ladder });
        }
    }
    model.class_tier = wanted;
    Ok(())
}

/// Counts by a row, or takes the limit that was counted by the same row.
fn count(model: &mut Model, wanted: usize, counted: (usize, i64, bool), context: &ModelContext<'_>) {
    model.tier = wanted;
    if counted.0 == wanted {
        (_, model.due, model.is_provisional) = counted;
    } else {
        model.count_again(context);
    }
}

/// An open ticket stands for a repeat, and for the repeats of the repeat.
pub(super) fn take_over(open: &mut Model, repeat: &Model, number: u32, now: i64) {
    // What the ladder fired goes with each limit that is in force or over. What staff fired is the repeat's own.
    let in_force = repeat.due_in_force();
    let fired = |due: i64| if due == in_force || now >= due { repeat.ladder } else { 0 };
    let own = (number, Some((repeat.own_due(), repeat.by_hand.max(fired(repeat.own_due())))));
    let others = repeat
        .repeats
        .iter()
        .map(|other| (other.number, other.limit.map(|(due, rung)| (due, rung.max(fired(due))))));
    for (number, limit) in std::iter::once(own).chain(others) {
        open.repeats.push(ModelRepeat { number, limit, is_to_call: true, calls: 0, last_call: i64::MIN });
    }
}

fn window(from: i64, length: i64, now: i64) -> Outcome {
    if now - from <= length { Ok(()) } else { Err(ErrorReason::UndoWindowClosed) }
}

/// The ticket is what it was before it left the loop, but for units that are inactive by now, or accused: by it, or by
/// the tickets that stood for it.
fn come_back(model: &mut Model, accused: &[UnitId], context: &ModelContext<'_>) {
    model.state = model.state_before.take().unwrap_or(State::Received);
    model.stands_in = None;
    let own = model.accused.clone();
    model.accuse(accused);
    moves::recall(model, context);
    model.accused = own;
    moves::take_off_closed(model, context);
}

pub(super) fn reinstate(model: &mut Model, context: &ModelContext<'_>) -> Outcome {
    window(model.ended, i64::from(context.rules.undo_hours) * HOUR, context.now)?;
    come_back(model, &[], context);
    Ok(())
}

pub(super) fn reopen(model: &mut Model, is_rework: bool, context: &ModelContext<'_>) -> Outcome {
    window(model.ended, i64::from(context.rules.reopen_days) * DAY, context.now)?;
    if is_rework {
        return rework(model, context);
    }
    if model.has_survey {
        return Err(ErrorReason::SurveyStands);
    }
    model.state = if model.has_reply { State::Completed } else { State::Answered };
    Ok(())
}

/// Takes a repeat from the tickets that stand for it. `from` is the number of the ticket that the caller names.
pub(crate) fn unmerge(
    (repeat, number): (&mut Model, u32),
    from: u32,
    standing: &mut [&mut Model],
    (spec, person): (&CommandSpec, &Person),
    context: &ModelContext<'_>,
) -> Outcome {
    repeat.admit(spec.command(), person)?;
    if repeat.stands_in != Some(from) {
        return Err(ErrorReason::NotMergedInto);
    }
    window(repeat.ended, i64::from(context.rules.undo_hours) * HOUR, context.now)?;
    let accused: Vec<UnitId> = standing.iter().flat_map(|model| model.accused.clone()).collect();
    come_back(repeat, &accused, context);
    let gone: Vec<u32> =
        std::iter::once(number).chain(repeat.repeats.iter().map(|other| other.number)).collect();
    for model in standing {
        let due = model.due_in_force();
        model.repeats.retain(|other| !gone.contains(&other.number));
        // It is not late by itself, so its ladder was not either.
        if model.due_in_force() != due && context.now < model.due_in_force() {
            model.ladder = 0;
        }
    }
    Ok(())
}

/// A call to the company behind a repeat.
pub(crate) fn call_repeat(
    model: &mut Model,
    number: u32,
    is_reached: bool,
    (spec, person): (&CommandSpec, &Person),
    context: &ModelContext<'_>,
) -> Outcome {
    model.admit(spec.command(), person)?;
    let waiting = model.repeats.iter_mut().find(|repeat| repeat.number == number && repeat.is_to_call);
    let Some(repeat) = waiting else { return Err(ErrorReason::RepeatUnknown) };
    let gap = i64::from(context.rules.attempt_gap_hours) * HOUR;
    if !is_reached && repeat.calls > 0 && context.now - repeat.last_call < gap {
        return Err(ErrorReason::AttemptTooSoon);
    }
    repeat.calls += 1;
    repeat.last_call = context.now;
    repeat.is_to_call = !is_reached && repeat.calls < context.rules.attempts_max;
    Ok(())
}

/// Counts a provisional limit by the calendar in force, never to an earlier instant. Answers whether it changed.
pub(crate) fn recount(model: &mut Model, context: &ModelContext<'_>) -> bool {
    let calendar = context.rule_versions.calendar_at(context.now);
    let has_passed = context.now >= model.due || context.now >= model.due_in_force();
    let is_same = context.rule_versions.calendar(calendar).version()
        == context.rule_versions.calendar(model.calendar).version();
    if !model.is_open() || !model.is_provisional || has_passed || is_same {
        return false;
    }
    let days = &context.rule_versions.calendar(calendar).reference;
    let counted = due::limit(model.began, context.rules.tiers[model.tier], days, false);
    let before = (model.due, model.is_provisional);
    if counted.due >= model.due {
        (model.due, model.is_provisional) = (counted.due, counted.is_provisional);
        if before != (model.due, model.is_provisional) {
            model.calendar = calendar;
        }
    } else {
        model.is_provisional = counted.is_provisional;
    }
    let has_changed = before != (model.due, model.is_provisional);
    if has_changed {
        model.before = None;
    }
    has_changed
}
