//! Shows that each check can fail: the final state of a good run is corrupted in a different way for each check, and
//! the check must report it.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ticket::{Event, EventRecord};

use crate::final_state::{Case, FinalState};
use crate::invariants::{self, CHECKS, Findings};
use crate::load::Acknowledged;
use crate::sql_rewrites::{Protection, SqlRewrites};
use crate::ticket_history::TicketHistory;

const TICK: TimeDelta = TimeDelta::microseconds(1);

/// A check, and how to corrupt the data that it reads.
type Corruption = (&'static str, fn(&mut FinalState));

const CORRUPTIONS: [Corruption; 14] = [
    (invariants::FIRED_ONCE, |final_state| {
        let (case, place) = fired(final_state);
        let again = case.timeline[place].clone();
        case.timeline.push(again);
    }),
    (invariants::NONE_MISSING, |final_state| {
        let (case, place) = fired(final_state);
        case.timeline.remove(place);
    }),
    (invariants::NONE_UNEXPECTED, |final_state| {
        let (case, place) = fired(final_state);
        let strange = case.timeline[place].clone();
        of(final_state, TicketHistory::Completed).timeline.push(strange);
    }),
    (invariants::NOT_EARLY, |final_state| {
        let (case, place) = fired(final_state);
        case.timeline[place].at = case.backlog_ticket.as_ref().expect("it is of the backlog").at - TICK;
    }),
    (invariants::NOT_EARLY_BY_WITNESS, |final_state| {
        let (case, _) = fired(final_state);
        case.witnessed[0].2 = case.backlog_ticket.as_ref().expect("it is of the backlog").at - TICK;
    }),
    (invariants::HIGHEST_FIRES, |final_state| {
        let silent = of(final_state, TicketHistory::SilentForAMonth);
        silent.timeline.retain(|recorded| !matches!(recorded.event, Event::RungFired { .. }));
    }),
    (invariants::AN_EFFECT_EACH, |final_state| {
        let (case, _) = fired(final_state);
        case.effects.push(case.effects[0]);
    }),
    (invariants::NO_GAP, |final_state| final_state.cases[0].timeline[0].sequence += 1),
    (invariants::ROW_IS_FOLD, |final_state| {
        final_state.cases[0].stored.as_mut().expect("it is stored").subject.push('。');
    }),
    (invariants::OPEN_HAS_TIMER, |final_state| {
        let (case, _) = fired(final_state);
        case.timers.clear();
    }),
    (invariants::DONE_HAS_NONE, |final_state| {
        let timer = fired(final_state).0.timers[0];
        of(final_state, TicketHistory::Completed).timers.push(timer);
    }),
    (invariants::TIME_GOES_ON, |final_state| {
        let (case, place) = fired(final_state);
        case.timeline[place].at = case.timeline[place - 1].at - TICK;
    }),
    (invariants::ACKNOWLEDGED, |final_state| {
        final_state.cases[0].acknowledged.push(Acknowledged::Event("TicketWithdrawn"));
    }),
    (invariants::NO_UNEXPECTED_ERROR, |final_state| final_state.unexpected_errors.push("refused".to_owned())),
];

/// A ticket that waited for its first rung and was urged in the run, and the index of that event.
fn fired(final_state: &mut FinalState) -> (&mut Case, usize) {
    let place = |case: &Case| {
        let is_fired = |one: &EventRecord| matches!(one.event, Event::RungFired { due_at: Some(_), .. });
        let is_waiting = case
            .backlog_ticket
            .as_ref()
            .is_some_and(|backlog_ticket| backlog_ticket.history == TicketHistory::Waiting);
        case.timeline.iter().position(is_fired).filter(|_| is_waiting && !case.timers.is_empty())
    };
    let found = final_state.cases.iter_mut().find_map(|case| place(case).map(|place| (case, place)));
    found.expect("the backlog has one that waited")
}

/// A ticket with a history.
fn of(final_state: &mut FinalState, history: TicketHistory) -> &mut Case {
    let found = final_state.cases.iter_mut().find(|case| {
        case.backlog_ticket.as_ref().is_some_and(|backlog_ticket| backlog_ticket.history == history)
    });
    found.expect("the backlog has one of each past")
}

/// Corrupts the final state of a good run in every way.
///
/// # Errors
/// If a check does not report it.
pub(crate) fn check(sound: &FinalState) -> Result<String, String> {
    for (name, spoil) in CORRUPTIONS {
        let mut spoiled = sound.clone();
        spoil(&mut spoiled);
        if Findings::of(&spoiled).count(name) == 0 {
            return Err(format!("\"{name}\" can't fail"));
        }
    }
    let mut names = CHECKS.iter().map(|(name, _)| *name).chain([invariants::NO_UNEXPECTED_ERROR]);
    if let Some(name) = names.find(|name| CORRUPTIONS.iter().all(|(spoiled, _)| spoiled != name)) {
        return Err(format!("nothing spoils \"{name}\""));
    }
    if SqlRewrites::without(&[Protection::ClaimLock], Duration::ZERO).unused().is_none() {
        return Err("a rewriting that fits no statement is not told of".to_owned());
    }
    Ok(format!("{} checks, each can fail", CORRUPTIONS.len()))
}
