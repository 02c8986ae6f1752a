//! The ladder by DOMAIN.md §6: when each rung is due, and what fires after an outage. Rungs are numbers here: 0
//! nothing, 1 reminded, 2 urged, 3 supervised, 4 manual.

use super::due::HOUR;
use super::rules::Rules;
use super::ticket::{Carry, Model};

/// A rung in the events: which, when it was due, and whether it fired or was only passed.
pub(crate) type FiredRung = (u8, i64, bool);

/// Every rung that is still to fire, with its instant.
fn ahead(model: &Model, rules: &Rules) -> Vec<(u8, i64)> {
    let mut rungs = Vec::with_capacity(4);
    let due = model.due_in_force();
    let is_promised = matches!(model.carry, Some((Carry::Granted, promised)) if promised == due);
    if is_promised {
        // Carried over: only manual supervision, at the promised date.
        rungs.push((4, due));
    } else {
        let reminder = due - i64::from(rules.remind_hours) * HOUR;
        if rules.remind_hours > 0 && reminder > model.began {
            rungs.push((1, reminder));
        }
        rungs.push((2, due + i64::from(rules.urge_hours) * HOUR));
        rungs.push((3, due + i64::from(rules.supervise_hours) * HOUR));
        rungs.push((4, due + i64::from(rules.manual_hours) * HOUR));
    }
    rungs.retain(|(rung, _)| *rung > model.ladder);
    rungs
}

/// The rung that an open ticket waits for.
pub(crate) fn next(model: &Model, rules: &Rules) -> Option<(u8, i64)> {
    if !model.is_open() {
        return None;
    }
    ahead(model, rules).first().copied()
}

/// Fires what is due: the highest rung fires, those below it are recorded as passed.
pub(crate) fn fire(model: &mut Model, rules: &Rules, now: i64) -> Vec<FiredRung> {
    if !model.is_open() {
        return Vec::new();
    }
    let mut fired: Vec<FiredRung> = ahead(model, rules)
        .into_iter()
        .filter(|(_, at)| *at <= now)
        .map(|(rung, at)| (rung, at, false))
        .collect();
    if let Some(last) = fired.last_mut() {
        last.2 = true;
        model.ladder = last.0;
    }
    fired
}
