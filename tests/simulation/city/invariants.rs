//! The invariants after each step. The product's own invariants are checked by the adapter's fold, as by the ledger;
//! these need more than the present state of one ticket.

use hotline_server::ticket::{ClassifiedLimit, Dispatch, Event, Rung, State, Ticket, Tier, UnitCode};

use super::backend::Backend;
use super::city_state::CityState;
use super::event_loop::City;
use crate::command_spec::UnitId;
use crate::in_memory_product::WriteResult;
use crate::reference::due;

/// A step: the ticket before and after it, and the events in between.
struct Step<'a> {
    before: &'a Ticket,
    written: &'a WriteResult,
    is_new: bool,
    /// The server's clock reading.
    clock: i64,
}

/// A named invariant.
type Invariant = (&'static str, fn(&CityState<'_>, usize, &Step<'_>) -> bool);

const INVARIANTS: [Invariant; 12] = [
    ("the events have no gap and no double", |_, _, step| {
        let first = if step.is_new { 1 } else { step.before.version + 1 };
        (first..).zip(&step.written.recorded).all(|(right, recorded)| recorded.sequence == right)
    }),
    ("no rung comes before its time by the clock of its server", |_, _, step| {
        step.written.recorded.iter().all(|recorded| match &recorded.event {
            Event::RungFired { due_at: Some(due_at), .. } | Event::RungPassed { due_at, .. } => {
                due_at.timestamp_micros() <= step.clock
            }
            _ => true,
        })
    }),
    ("time does not go back on a timeline", |_, _, step| {
        let first = step.written.recorded.first().filter(|_| !step.is_new);
        let begins_after = first.is_none_or(|first| first.at >= step.before.updated_at);
        begins_after && step.written.recorded.is_sorted_by_key(|recorded| recorded.at)
    }),
    ("a carried-over ticket knows manual supervision alone", |_, _, step| {
        !step.before.cycle.is_due_by_promise()
            || step.written.recorded.iter().all(|recorded| match &recorded.event {
                Event::RungFired { rung, due_at: Some(_), .. } => *rung == Rung::Manual,
                Event::RungPassed { .. } => false,
                _ => true,
            })
    }),
    ("no accused unit, nor one under it, has the ticket", |city_state, _, step| {
        let ticket = &step.written.after;
        let accused: Vec<UnitId> = ticket.accused_units.iter().map(id).collect();
        let mut having = ticket.dispatch.iter().flat_map(Dispatch::units);
        accused.is_empty() || !having.any(|(unit, _)| city_state.product.roster.reaches(id(unit), &accused))
    }),
    ("an open ticket has a timer or has reached the top", |city_state, case, step| {
        let ticket = &step.written.after;
        let is_waiting = ticket.state.is_open() && ticket.cycle.ladder_rung < Rung::Manual;
        city_state.timers.has(case) == is_waiting
    }),
    ("both feedbacks stand exactly where a unit's work is complete", |_, _, step| {
        let ticket = &step.written.after;
        let both = ticket.cycle.caller_reply.is_some() && ticket.cycle.hotline_report.is_some();
        let is_over = matches!(ticket.state, State::Completed | State::Closed);
        let by_unit = ticket.cycle.completed_at.is_some() && ticket.dispatch.is_some();
        both == (is_over && by_unit)
    }),
    ("a limit moves by classification, rework or recount alone", |_, _, step| {
        let may_move = step.written.recorded.iter().any(|recorded| {
            matches!(
                recorded.event,
                Event::TicketCreated(_)
                    | Event::TicketClassified(_)
                    | Event::TicketReworked { .. }
                    | Event::DeadlineRecounted { .. }
            )
        });
        may_move || step.before.cycle.deadline == step.written.after.cycle.deadline
    }),
    ("a limit that has passed never becomes later", |_, _, step| {
        let (before, after) = (&step.before.cycle, &step.written.after.cycle);
        let has_passed = step.written.recorded.first().is_some_and(|first| before.has_passed(first.at));
        let is_other = step.is_new || before.number != after.number;
        let is_put_right = step.written.recorded.iter().any(|recorded| {
            let Event::TicketClassified(classified) = &recorded.event else {
                return matches!(recorded.event, Event::RepeatUnlinked { .. });
            };
            classified.limit == ClassifiedLimit::Corrected
        });
        !has_passed || is_other || is_put_right || after.due_at() <= before.due_at()
    }),
    ("a limit goes by the ticket's own policy", |city_state, case, step| {
        let version = &step.written.after.cycle.deadline.policy_version;
        *version == city_state.rule_versions.policy(city_state.cases[case].policy).version
    }),
    ("a limit goes by its cycle's own calendar", |city_state, case, step| {
        let version = &step.written.after.cycle.deadline.calendar_version;
        *version == city_state.rule_versions.calendar(city_state.cases[case].calendar).version()
    }),
    ("a limit is what its policy and its calendar say", |city_state, case, step| {
        let (cycle, case) = (&step.written.after.cycle, &city_state.cases[case]);
        let (policy_pair, days) =
            (city_state.rule_versions.policy(case.policy), city_state.rule_versions.calendar(case.calendar));
        let place = Tier::ALL.iter().position(|tier| *tier == cycle.deadline.tier).unwrap_or(0);
        let began = cycle.began_at.timestamp_micros();
        let right = due::limit(began, policy_pair.rules.tiers[place], &days.reference, false);
        // A notice may have left the limit as it was, which is certain then.
        cycle.deadline.due_at.timestamp_micros() == right.due
            && (right.is_provisional || !cycle.deadline.is_provisional)
    }),
];

/// The number of a unit, which is the suffix of its code.
fn id(code: &UnitCode) -> UnitId {
    code.as_str().rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(UnitId::MAX)
}

impl<H: Backend> City<'_, H> {
    /// Checks every invariant after a step, and that each rung is fired once in a ticket's cycle.
    pub(super) fn check_invariants(
        &mut self,
        case: usize,
        written: &WriteResult,
        clock: i64,
    ) -> Result<(), String> {
        let before = &self.state.cases[case].ticket;
        let step = Step {
            before,
            written,
            clock,
            is_new: written.recorded.first().is_some_and(|one| one.sequence == 1),
        };
        if let Some((invariant, _)) = INVARIANTS.iter().find(|(_, holds)| !holds(&self.state, case, &step)) {
            let events: Vec<_> = written.recorded.iter().map(|one| &one.event).collect();
            return Err(format!("not true any more: {invariant}: {events:?} on {before:?}"));
        }
        for recorded in &written.recorded {
            let (Event::RungFired { cycle, round, rung, .. } | Event::RungPassed { cycle, round, rung, .. }) =
                recorded.event
            else {
                continue;
            };
            if !self.state.timers.mark_fired(case, (cycle, round), rung) {
                return Err(format!("{rung:?} is fired twice in cycle {cycle} of {}", recorded.ticket));
            }
        }
        Ok(())
    }
}
