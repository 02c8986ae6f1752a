//! Each check can fail: evidence of a sound run is spoiled, a different way for each check, and the check must say so.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ticket::{Event, Recorded};

use crate::final_state::{Case, Evidence};
use crate::invariants::{self, CHECKS, Findings};
use crate::load::Deed;
use crate::sql_rewrites::{Protection, Rules};
use crate::ticket_history::Past;

const TICK: TimeDelta = TimeDelta::microseconds(1);

/// A check, and how to spoil what it looks at.
type Spoiling = (&'static str, fn(&mut Evidence));

const SPOILINGS: [Spoiling; 14] = [
    (invariants::TOLD_ONCE, |evidence| {
        let (case, place) = fired(evidence);
        let again = case.timeline[place].clone();
        case.timeline.push(again);
    }),
    (invariants::NONE_MISSING, |evidence| {
        let (case, place) = fired(evidence);
        case.timeline.remove(place);
    }),
    (invariants::NONE_UNOWED, |evidence| {
        let (case, place) = fired(evidence);
        let strange = case.timeline[place].clone();
        of(evidence, Past::Completed).timeline.push(strange);
    }),
    (invariants::NOT_EARLY, |evidence| {
        let (case, place) = fired(evidence);
        case.timeline[place].at = case.laid.as_ref().expect("it is of the backlog").at - TICK;
    }),
    (invariants::NOT_EARLY_BY_WITNESS, |evidence| {
        let (case, _) = fired(evidence);
        case.witnessed[0].2 = case.laid.as_ref().expect("it is of the backlog").at - TICK;
    }),
    (invariants::HIGHEST_FIRES, |evidence| {
        let silent = of(evidence, Past::SilentForAMonth);
        silent.timeline.retain(|recorded| !matches!(recorded.event, Event::RungFired { .. }));
    }),
    (invariants::AN_EFFECT_EACH, |evidence| {
        let (case, _) = fired(evidence);
        case.effects.push(case.effects[0]);
    }),
    (invariants::NO_GAP, |evidence| evidence.cases[0].timeline[0].sequence += 1),
    (invariants::ROW_IS_FOLD, |evidence| {
        evidence.cases[0].stored.as_mut().expect("it is stored").subject.push('。');
    }),
    (invariants::OPEN_HAS_TIMER, |evidence| {
        let (case, _) = fired(evidence);
        case.timers.clear();
    }),
    (invariants::DONE_HAS_NONE, |evidence| {
        let timer = fired(evidence).0.timers[0];
        of(evidence, Past::Completed).timers.push(timer);
    }),
    (invariants::TIME_GOES_ON, |evidence| {
        let (case, place) = fired(evidence);
        case.timeline[place].at = case.timeline[place - 1].at - TICK;
    }),
    (invariants::ACKNOWLEDGED, |evidence| evidence.cases[0].deeds.push(Deed::Event("TicketWithdrawn"))),
    (invariants::NO_COMPLAINT, |evidence| evidence.complaints.push("refused".to_owned())),
];

/// A ticket that waited for its first rung and was urged in the run, and the place of that event.
fn fired(evidence: &mut Evidence) -> (&mut Case, usize) {
    let place = |case: &Case| {
        let is_fired = |one: &Recorded| matches!(one.event, Event::RungFired { due_at: Some(_), .. });
        let is_waiting = case.laid.as_ref().is_some_and(|laid| laid.past == Past::Waiting);
        case.timeline.iter().position(is_fired).filter(|_| is_waiting && !case.timers.is_empty())
    };
    let found = evidence.cases.iter_mut().find_map(|case| place(case).map(|place| (case, place)));
    found.expect("the backlog has one that waited")
}

/// A ticket with a past.
fn of(evidence: &mut Evidence, past: Past) -> &mut Case {
    let found =
        evidence.cases.iter_mut().find(|case| case.laid.as_ref().is_some_and(|laid| laid.past == past));
    found.expect("the backlog has one of each past")
}

/// Spoils the evidence of a sound run in every way.
///
/// # Errors
/// Where a check does not see it.
pub(crate) fn check(sound: &Evidence) -> Result<String, String> {
    for (name, spoil) in SPOILINGS {
        let mut spoiled = sound.clone();
        spoil(&mut spoiled);
        if Findings::of(&spoiled).count(name) == 0 {
            return Err(format!("\"{name}\" can't fail"));
        }
    }
    let mut names = CHECKS.iter().map(|(name, _)| *name).chain([invariants::NO_COMPLAINT]);
    if let Some(name) = names.find(|name| SPOILINGS.iter().all(|(spoiled, _)| spoiled != name)) {
        return Err(format!("nothing spoils \"{name}\""));
    }
    if Rules::without(&[Protection::ClaimLock], Duration::ZERO).idle().is_none() {
        return Err("a rewriting that fits no statement is not told of".to_owned());
    }
    Ok(format!("{} checks, each can fail", SPOILINGS.len()))
}
