//! The named checks: conditions for every ticket at the end of a run. Each check returns the violations.
//!
//! The due instant of a rung comes from the backlog, which counts by the rules, and not from the server.

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use hotline_server::ticket::{Actor, Event, EventRecord, Instant, Rung};

use crate::final_state::{Case, FinalState, RungRow};
use crate::load::Acknowledged;

/// If a ticket was completed, or escalated by hand, within this time after a rung was due, the rung may be missing.
/// After this time the rung should have fired first.
const LATE_MAX: TimeDelta = TimeDelta::seconds(60);
/// Violations that are shown for each check.
const SHOWN: usize = 3;

pub(crate) const FIRED_ONCE: &str = "each rung fires once";
pub(crate) const NONE_MISSING: &str = "no rung is missing";
pub(crate) const NONE_UNEXPECTED: &str = "no rung is told that is not due";
pub(crate) const NOT_EARLY: &str = "no rung is told before its time";
pub(crate) const NOT_EARLY_BY_WITNESS: &str = "no rung is written before its time by the database's clock";
pub(crate) const HIGHEST_FIRES: &str = "the highest passed rung fires and the others are passed";
pub(crate) const AN_EFFECT_EACH: &str = "each rung told has one effect";
pub(crate) const NO_GAP: &str = "the sequence has no gap and no double";
pub(crate) const ROW_IS_FOLD: &str = "the row is the fold of its events";
pub(crate) const OPEN_HAS_TIMER: &str = "an open ticket has the timer of its ladder";
pub(crate) const DONE_HAS_NONE: &str = "a ticket that is not open has no timer";
pub(crate) const TIME_GOES_ON: &str = "time does not go back on a timeline";
pub(crate) const ACKNOWLEDGED: &str = "what was acknowledged is there once";
pub(crate) const NO_UNEXPECTED_ERROR: &str = "nobody is refused without a reason";

type Check = (&'static str, fn(&Case) -> Vec<String>);

/// Every check of a ticket.
pub(crate) const CHECKS: [Check; 13] = [
    (FIRED_ONCE, fired_once),
    (NONE_MISSING, none_missing),
    (NONE_UNEXPECTED, none_unexpected),
    (NOT_EARLY, not_early),
    (NOT_EARLY_BY_WITNESS, not_early_by_witness),
    (HIGHEST_FIRES, highest_fires),
    (AN_EFFECT_EACH, an_effect_each),
    (NO_GAP, no_gap),
    (ROW_IS_FOLD, row_is_fold),
    (OPEN_HAS_TIMER, open_has_timer),
    (DONE_HAS_NONE, done_has_none),
    (TIME_GOES_ON, time_goes_on),
    (ACKNOWLEDGED, acknowledged),
];

/// The violations, by check.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings(Vec<(&'static str, Vec<String>)>);

impl Findings {
    /// Runs every check on every ticket.
    pub(crate) fn of(final_state: &FinalState) -> Self {
        let of_tickets = CHECKS.iter().map(|(name, check)| {
            let wrong = final_state
                .cases
                .iter()
                .flat_map(|case| check(case).into_iter().map(|what| format!("{}: {what}", case.number)));
            (*name, wrong.collect())
        });
        let unexpected_errors = std::iter::once((NO_UNEXPECTED_ERROR, final_state.unexpected_errors.clone()));
        Self(
            of_tickets
                .chain(unexpected_errors)
                .filter(|(_, wrong): &(_, Vec<_>)| !wrong.is_empty())
                .collect(),
        )
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many violations a check found.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(found, _)| *found == name).map(|(_, wrong)| wrong.len()).sum()
    }

    /// The checks with violations.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} checks fail", self.0.len(), CHECKS.len() + 1)?;
        for (name, wrong) in &self.0 {
            write!(f, "\n  not so, {} times: {name}", wrong.len())?;
            for what in wrong.iter().take(SHOWN) {
                write!(f, "\n    {what}")?;
            }
        }
        Ok(())
    }
}

/// A rung in the events.
pub(crate) struct RungEvent<'a> {
    cycle: u32,
    /// Of the ladder, in the cycle.
    round: u32,
    rung: Rung,
    /// Or passed.
    pub(crate) is_fired: bool,
    recorded: &'a EventRecord,
}

impl<'a> RungEvent<'a> {
    fn of(recorded: &'a EventRecord) -> Option<Self> {
        let (cycle, round, rung, is_fired) = match recorded.event {
            Event::RungFired { cycle, round, rung, .. } => (cycle, round, rung, true),
            Event::RungPassed { cycle, round, rung, .. } => (cycle, round, rung, false),
            _ => return None,
        };
        Some(Self { cycle, round, rung, is_fired, recorded })
    }
}

/// All events about rungs.
fn rung_events(case: &Case) -> Vec<RungEvent<'_>> {
    case.timeline.iter().filter_map(RungEvent::of).collect()
}

/// The rungs that the ladder fired in the run, not before.
pub(crate) fn fired_in_run(case: &Case) -> impl Iterator<Item = RungEvent<'_>> {
    let before: &[Rung] =
        case.backlog_ticket.as_ref().map_or(&[], |backlog_ticket| backlog_ticket.history.fired_before());
    rung_events(case).into_iter().filter(move |fired| {
        let is_by_ladder = fired.recorded.actor.principal == Actor::SYSTEM;
        is_by_ladder && !(fired.cycle == 1 && before.contains(&fired.rung))
    })
}

/// When a rung is due according to the backlog; `None` if it is not due.
fn due(case: &Case, cycle: u32, rung: Rung) -> Option<Instant> {
    let expected_rungs = case.backlog_ticket.as_ref()?.expected_rungs();
    expected_rungs
        .into_iter()
        .find(|expected_rungs| (expected_rungs.cycle, expected_rungs.rung) == (cycle, rung))
        .map(|expected_rungs| expected_rungs.due_at)
}

/// Whether a load client caused it in the run.
fn is_by_client(recorded: &EventRecord) -> bool {
    recorded.actor.principal.starts_with("dev-")
}

fn fired_once(case: &Case) -> Vec<String> {
    let mut times: BTreeMap<(u32, u32, Rung), u32> = BTreeMap::new();
    for fired in rung_events(case) {
        *times.entry((fired.cycle, fired.round, fired.rung)).or_default() += 1;
    }
    let twice = times.into_iter().filter(|(_, times)| *times > 1);
    twice
        .map(|((cycle, _, rung), times)| format!("{rung:?} of cycle {cycle} is told {times} times"))
        .collect()
}

/// Whether a command made a due rung obsolete before the ladder fired it: the ticket was completed, or a higher rung
/// was fired by hand.
pub(crate) fn is_overtaken(case: &Case, rung: Rung, due_at: Instant) -> bool {
    case.timeline.iter().filter(|recorded| is_by_client(recorded)).any(|recorded| {
        let ends = match &recorded.event {
            Event::TicketCompleted { .. } => true,
            Event::RungFired { rung: fired, .. } => *fired >= rung,
            _ => false,
        };
        ends && recorded.at <= due_at.max(case.begun_at) + LATE_MAX
    })
}

fn none_missing(case: &Case) -> Vec<String> {
    let fired = rung_events(case);
    let is_fired = |cycle, rung| fired.iter().any(|fired| (fired.cycle, fired.rung) == (cycle, rung));
    let expected_rungs = case.backlog_ticket.iter().flat_map(crate::backlog::BacklogTicket::expected_rungs);
    let missing = expected_rungs.filter(|expected_rungs| {
        !is_fired(expected_rungs.cycle, expected_rungs.rung)
            && !is_overtaken(case, expected_rungs.rung, expected_rungs.due_at)
    });
    missing
        .map(|expected_rungs| {
            format!(
                "{:?} of cycle {} was due at {}",
                expected_rungs.rung, expected_rungs.cycle, expected_rungs.due_at
            )
        })
        .collect()
}

fn none_unexpected(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for fired in fired_in_run(case) {
        if due(case, fired.cycle, fired.rung).is_none() {
            wrong.push(format!("{:?} of cycle {} is not due", fired.rung, fired.cycle));
        }
        let earlier = || case.timeline.iter().filter(|one| one.sequence < fired.recorded.sequence);
        if earlier().any(|one| is_by_client(one) && matches!(one.event, Event::TicketCompleted { .. })) {
            wrong.push(format!("{:?} of cycle {} is told of a completed ticket", fired.rung, fired.cycle));
        }
        let is_overtaken = earlier().any(|one| match &one.event {
            // A rung by hand before the limit does not silence the ladder.
            Event::RungFired { cycle, rung, due_at, .. } => {
                let limit = due(case, *cycle, Rung::Urged);
                let is_counted = due_at.is_some() || limit.is_some_and(|limit| one.at >= limit);
                *cycle == fired.cycle && *rung >= fired.rung && is_counted
            }
            _ => false,
        });
        if is_overtaken {
            wrong.push(format!("{:?} of cycle {} had been reached", fired.rung, fired.cycle));
        }
    }
    wrong
}

fn not_early(case: &Case) -> Vec<String> {
    let early = fired_in_run(case).filter_map(|fired| {
        let due_at = due(case, fired.cycle, fired.rung).filter(|due_at| fired.recorded.at < *due_at)?;
        Some(format!("{:?} due at {due_at} is told at {}", fired.rung, fired.recorded.at))
    });
    early.collect()
}

fn not_early_by_witness(case: &Case) -> Vec<String> {
    let by_ladder: Vec<_> = fired_in_run(case).map(|fired| (fired.cycle, fired.rung)).collect();
    let early = case.witnessed.iter().filter_map(|(cycle, rung, seen_at)| {
        let is_by_ladder = by_ladder.contains(&(*cycle, *rung));
        let due_at = due(case, *cycle, *rung).filter(|due_at| is_by_ladder && seen_at < due_at)?;
        Some(format!("{rung:?} due at {due_at} is written at {seen_at}"))
    });
    early.collect()
}

fn highest_fires(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let expected_rungs =
        case.backlog_ticket.as_ref().map(crate::backlog::BacklogTicket::expected_rungs).unwrap_or_default();
    let fired: Vec<_> = fired_in_run(case).collect();
    for one in &fired {
        let (rung, at) = (one.rung, one.recorded.at);
        if one.is_fired {
            let higher = expected_rungs
                .iter()
                .filter(|expected_rungs| expected_rungs.cycle == one.cycle && expected_rungs.rung > rung);
            wrong.extend(higher.filter(|expected_rungs| expected_rungs.due_at <= at).map(|expected_rungs| {
                format!("{rung:?} fires at {at}, when {:?} had passed", expected_rungs.rung)
            }));
        } else if !fired.iter().any(|fired| fired.is_fired && fired.recorded.at == at && fired.rung > rung) {
            wrong.push(format!("{rung:?} is passed at {at}, and no higher rung fires"));
        }
    }
    wrong
}

fn an_effect_each(case: &Case) -> Vec<String> {
    let mut fired: Vec<RungRow> =
        rung_events(case).iter().map(|fired| (fired.cycle, fired.rung, fired.recorded.at)).collect();
    let mut effects = case.effects.clone();
    fired.sort_unstable();
    fired.dedup_by_key(|(cycle, rung, _)| (*cycle, *rung));
    effects.sort_unstable();
    if fired == effects { Vec::new() } else { vec![format!("told {fired:?}, effects {effects:?}")] }
}

fn no_gap(case: &Case) -> Vec<String> {
    let sequences: Vec<u32> = case.timeline.iter().map(|recorded| recorded.sequence).collect();
    let sound = (1_u32..).zip(&sequences).all(|(due, found)| due == *found) && !sequences.is_empty();
    if sound { Vec::new() } else { vec![format!("{sequences:?}")] }
}

fn row_is_fold(case: &Case) -> Vec<String> {
    match (&case.stored, &case.folded) {
        (Err(what), _) | (_, Err(what)) => vec![what.clone()],
        (Ok(stored), Ok(folded)) if stored != folded => vec![format!("version {}", stored.version)],
        (Ok(stored), _) if stored.version as usize != case.timeline.len() => {
            vec![format!("version {} after {} events", stored.version, case.timeline.len())]
        }
        _ => Vec::new(),
    }
}

fn is_open(case: &Case) -> bool {
    case.stored.as_ref().is_ok_and(|ticket| ticket.state.is_open())
}

fn open_has_timer(case: &Case) -> Vec<String> {
    let expected: Vec<RungRow> = case.timer_asked.iter().copied().collect();
    if !is_open(case) || case.timers == expected {
        return Vec::new();
    }
    vec![if case.timers.is_empty() {
        format!("its timer is lost: {expected:?}")
    } else {
        format!("asked {expected:?}, there are {:?}", case.timers)
    }]
}

fn done_has_none(case: &Case) -> Vec<String> {
    let left = if is_open(case) { &[][..] } else { &case.timers };
    left.iter().map(|timer| format!("there is {timer:?}")).collect()
}

fn time_goes_on(case: &Case) -> Vec<String> {
    let back = case.timeline.windows(2).filter(|pair| pair[1].at < pair[0].at);
    back.map(|pair| format!("event {} at {} follows one at {}", pair[1].sequence, pair[1].at, pair[0].at))
        .collect()
}

fn acknowledged(case: &Case) -> Vec<String> {
    let times = |acknowledged: &Acknowledged| {
        let is_it = |recorded: &&EventRecord| match (acknowledged, &recorded.event) {
            (Acknowledged::Event(name), event) => event.name() == *name,
            (Acknowledged::Fired(rung), Event::RungFired { rung: fired, .. }) => fired == rung,
            _ => false,
        };
        case.timeline.iter().filter(|recorded| is_by_client(recorded)).filter(is_it).count()
    };
    let wrong = case
        .acknowledged
        .iter()
        .map(|acknowledged| (acknowledged, times(acknowledged)))
        .filter(|(_, times)| *times != 1);
    wrong.map(|(acknowledged, times)| format!("{acknowledged:?} is there {times} times")).collect()
}
