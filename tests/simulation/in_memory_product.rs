//! The adapter of the product's pure core: it does the steps of a unit of work without a database.
//!
//! Permit, scope, state, decision, fold and invariants, in the order of `closed_loop` and `ledger`. Bugs are injected
//! here.

use chrono::{DateTime, TimeDelta};
use hotline_proto::v1::ErrorReason;
use hotline_server::access::{Permit, Scope};
use hotline_server::closed_loop::draw::Draw;
use hotline_server::closed_loop::transfer_decision::{self, Destination, Handover, TransferContext};
use hotline_server::closed_loop::{
    DecisionContext, Verb, check_state, conflict_recall, merge_ticket, unmerge_ticket,
};
use hotline_server::deadline::Calendar;
use hotline_server::deadline::ladder::{self, RungAt};
use hotline_server::desk::knowledge::knowledge_set::NOTHING_KNOWN;
use hotline_server::ledger;
use hotline_server::oversight::{recount, runner};
use hotline_server::platform::Fault;
use hotline_server::ticket::{
    Actor, ClassifiedLimit, Command, Event, EventRecord, Instant, Rung, Ticket, TicketNumber, apply,
    invariants,
};

use crate::command_spec::{CommandSpec, Create, UnitId};
use crate::injected_bugs::InjectedBug;
use crate::product_verbs::{self, VerbVisitor};
use crate::roster::Roster;
use crate::rule_versions::{PolicyPair, RuleVersions};

/// The product, as the simulation drives it.
#[derive(Debug)]
pub(crate) struct Product<'w> {
    pub(crate) roster: &'w Roster,
    pub(crate) bug: Option<InjectedBug>,
}

/// The writes of a unit of work for one ticket.
#[derive(Debug)]
pub(crate) struct WriteResult {
    pub(crate) after: Ticket,
    pub(crate) recorded: Vec<EventRecord>,
}

/// The caller, the policy and the instant, and the book in which the product finds its calendars.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) permit: &'a Permit,
    pub(crate) policy_pair: &'a PolicyPair,
    pub(crate) rule_versions: &'a RuleVersions,
    pub(crate) now: i64,
}

/// The instant with this many microseconds; all simulated years are within chrono's range.
pub(crate) fn at(micros: i64) -> Instant {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The rung with a number.
pub(crate) const fn rung(number: u8) -> Rung {
    match number {
        0 => Rung::None,
        1 => Rung::Reminded,
        2 => Rung::Urged,
        3 => Rung::Supervised,
        _ => Rung::Manual,
    }
}

/// Folds events into a ticket and checks it, as the ledger does before it writes.
fn fold(
    number: TicketNumber,
    before: Option<&Ticket>,
    events: Vec<Event>,
    (actor, now): (&Actor, Instant),
) -> Result<WriteResult, Fault> {
    let mut after = before.cloned();
    let mut recorded = Vec::with_capacity(events.len());
    for event in events {
        let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
        let at = after.as_ref().map_or(now, |ticket| now.max(ticket.updated_at));
        let one = EventRecord { ticket: number, sequence, at, actor: actor.clone(), event };
        after = Some(apply::apply(after, &one).map_err(|broken| Fault::internal(broken.what))?);
        recorded.push(one);
    }
    let after = after.ok_or_else(|| Fault::internal("nothing happened"))?;
    let broken = invariants::broken(&after);
    if !broken.is_empty() {
        return Err(Fault::internal(format!("would break: {}", broken.join("; "))));
    }
    Ok(WriteResult { after, recorded })
}

impl Product<'_> {
    fn ctx<'a>(&'a self, now: Instant, call: &Call<'a>, calendar: &'a Calendar) -> DecisionContext<'a> {
        DecisionContext {
            now,
            permit: call.permit,
            policy: &call.policy_pair.policy,
            policy_version: &call.policy_pair.version,
            calendar,
            units: &self.roster.known,
            knowledge: &NOTHING_KNOWN,
            draw: Draw::of(0),
            stand_in: None,
        }
    }

    /// Takes a request in.
    pub(crate) fn create(
        &self,
        number: TicketNumber,
        create: &Create,
        call: &Call<'_>,
    ) -> Result<WriteResult, Fault> {
        let verb = product_verbs::create(create, self.roster);
        let calendar = &call.rule_versions.calendar(call.rule_versions.calendar_at(call.now)).product;
        let events = verb.decide(&self.ctx(at(call.now), call, calendar))?;
        fold(number, None, events, (&call.permit.actor(), at(call.now)))
    }

    /// Runs a command on a ticket; merging is [`Product::merge`].
    pub(crate) fn change(
        &self,
        ticket: &Ticket,
        spec: &CommandSpec,
        call: &Call<'_>,
    ) -> Result<WriteResult, Fault> {
        let visitor = InMemory { product: self, ticket, call };
        product_verbs::visit(spec, self.roster, visitor)
            .unwrap_or_else(|| Err(Fault::new(ErrorReason::Internal)))
    }

    /// Runs a verb.
    pub(crate) fn run<V: Verb>(
        &self,
        verb: &V,
        ticket: &Ticket,
        call: &Call<'_>,
    ) -> Result<WriteResult, Fault> {
        check_scope(ticket, call.permit)?;
        if !verb.is_there_for(call.permit, ticket) {
            return Err(Fault::new(ErrorReason::TicketNotFound));
        }
        check_state(V::COMMAND, ticket)?;
        let now = at(call.now).max(ticket.updated_at);
        let calendar = if V::BEGINS_CYCLE {
            &call.rule_versions.calendar(call.rule_versions.calendar_at(now.timestamp_micros())).product
        } else {
            let version = &ticket.cycle.deadline.calendar_version;
            call.rule_versions
                .calendar_found(version, self.bug)
                .ok_or_else(|| Fault::internal("no such calendar"))?
        };
        let ctx = self.ctx(now, call, calendar);
        let seen = match self.bug {
            Some(InjectedBug::AccusedHas) => Ticket { accused_units: Vec::new(), ..ticket.clone() },
            Some(InjectedBug::SendsHeld) => Ticket { text_marks: Vec::new(), ..ticket.clone() },
            _ => ticket.clone(),
        };
        let events = verb.decide(&seen, &ctx)?;
        let seen_limit = |event: Event| match (self.bug, event) {
            (Some(InjectedBug::BetterLimit), Event::TicketClassified(mut classified))
                if classified.limit == ClassifiedLimit::Kept =>
            {
                let better = TimeDelta::days(1);
                classified.deadline.due_at += better;
                Event::TicketClassified(classified)
            }
            (_, event) => event,
        };
        let is_kept = |event: &Event| {
            self.bug != Some(InjectedBug::ForgetFeedback) || !matches!(event, Event::HotlineReported { .. })
        };
        let events: Vec<_> = events.into_iter().filter(is_kept).map(seen_limit).collect();
        fold(ticket.number, Some(ticket), events, (&call.permit.actor(), at(call.now)))
    }

    /// Links a repeat to an open ticket; returns the writes for each, the repeat first.
    pub(crate) fn merge(
        &self,
        repeat: &Ticket,
        open: &Ticket,
        call: &Call<'_>,
    ) -> Result<[WriteResult; 2], Fault> {
        check_scope(repeat, call.permit)?;
        check_state(Command::MergeTicket, repeat)?;
        let now = at(call.now).max(repeat.updated_at);
        let (merged, mut linked) = merge_ticket::decide(repeat, open, &self.roster.known, now)?;
        if let (Some(InjectedBug::HandsRungOn), Event::RepeatLinked(linked)) = (self.bug, &mut linked) {
            linked.limits.iter_mut().take(1).for_each(|own| own.rung = repeat.cycle.rung);
        }
        let by = (&call.permit.actor(), at(call.now));
        Ok([
            fold(repeat.number, Some(repeat), vec![merged], by)?,
            fold(open.number, Some(open), vec![linked], by)?,
        ])
    }

    /// Moves a ticket by a transfer; `None` if the unit does not have it.
    pub(crate) fn transfer(
        &self,
        ticket: &Ticket,
        (from, to): (UnitId, Option<UnitId>),
        (policy_pair, calendar): (&PolicyPair, &Calendar),
        now: i64,
    ) -> Result<Option<(WriteResult, Destination)>, Fault> {
        let (from, to) = (self.roster.code(from), to.map(|to| self.roster.code(to)));
        let (now, units) = (at(now).max(ticket.updated_at), &self.roster.known);
        let to = transfer_decision::successor(&from, to.as_ref(), units);
        let handover = Handover { transfer: 1, from: &from, to };
        let ctx = TransferContext { now, policy: &policy_pair.policy, calendar, units };
        let Some((events, destination)) = transfer_decision::decide(ticket, handover, &ctx)? else {
            return Ok(None);
        };
        let events = events
            .into_iter()
            .map(|event| match (self.bug, event) {
                // An injected bug: the successor is only informed of what the unit assisted.
                (Some(InjectedBug::LosesAssist), Event::UnitReplaced { unit, transfer, .. }) => {
                    Event::UnitReplaced { unit, successor: None, transfer }
                }
                (_, event) => event,
            })
            .collect();
        let written = fold(ticket.number, Some(ticket), events, (&Actor::system(), now))?;
        Ok(Some((written, destination)))
    }

    /// Recalls a ticket from units that it accuses by now; `None` if there is no conflict.
    pub(crate) fn recall(
        &self,
        ticket: &Ticket,
        policy_pair: &PolicyPair,
        now: i64,
    ) -> Result<Option<WriteResult>, Fault> {
        let now = at(now).max(ticket.updated_at);
        let events = conflict_recall::recall(ticket, &policy_pair.policy, &self.roster.known, now);
        if events.is_empty() || !ticket.state.is_open() {
            return Ok(None);
        }
        fold(ticket.number, Some(ticket), events, (&Actor::system(), now)).map(Some)
    }

    /// Undoes a merge; returns the writes for the repeat, and for each ticket that stands for it.
    pub(crate) fn unmerge(
        &self,
        repeat: &Ticket,
        from: TicketNumber,
        standing: &[&Ticket],
        call: &Call<'_>,
    ) -> Result<Vec<WriteResult>, Fault> {
        check_scope(repeat, call.permit)?;
        check_state(Command::UnmergeTicket, repeat)?;
        if repeat.merged_into != Some(from) {
            return Err(Fault::new(ErrorReason::NotMergedInto));
        }
        let now = at(call.now).max(repeat.updated_at);
        let calendar = &call.rule_versions.calendar(call.rule_versions.calendar_at(call.now)).product;
        let standing_accused = standing.iter().filter(|_| self.bug != Some(InjectedBug::GivesBack));
        let accused: Vec<_> = standing_accused.flat_map(|ticket| ticket.accused_units.clone()).collect();
        let ctx = self.ctx(now, call, calendar);
        let (unmerged, unlinked) = unmerge_ticket::decide(repeat, &accused, "a slip", &ctx)?;
        let by = (&call.permit.actor(), at(call.now));
        let mut written = vec![fold(repeat.number, Some(repeat), unmerged, by)?];
        for ticket in standing {
            written.push(fold(ticket.number, Some(ticket), vec![unlinked.clone()], by)?);
        }
        Ok(written)
    }

    /// Counts a provisional limit by the calendar in force, as the runner does; `None` if nothing changes.
    pub(crate) fn recount(
        ticket: &Ticket,
        policy_pair: &PolicyPair,
        rule_versions: &RuleVersions,
        now: i64,
    ) -> Result<Option<WriteResult>, Fault> {
        let calendar = &rule_versions.calendar(rule_versions.calendar_at(now)).product;
        let instant = at(now).max(ticket.updated_at);
        let event = recount::decide(ticket, &policy_pair.policy, calendar, instant)?;
        let by = (&Actor::system(), at(now));
        event.map(|event| fold(ticket.number, Some(ticket), vec![event], by)).transpose()
    }

    /// Fires what is due on a ticket, as the runner does; `None` if nothing is due.
    pub(crate) fn fire(
        &self,
        ticket: &Ticket,
        policy_pair: &PolicyPair,
        now: i64,
    ) -> Option<Result<WriteResult, Fault>> {
        if !ticket.state.is_open() {
            return None;
        }
        let early =
            if self.bug == Some(InjectedBug::EarlyRung) { TimeDelta::hours(1) } else { TimeDelta::zero() };
        let reached =
            if self.bug == Some(InjectedBug::DoubleRung) { Rung::None } else { ticket.cycle.ladder_rung };
        let passed = ladder::passed(
            &policy_pair.policy.ladder,
            &ledger::cycle_limit(ticket),
            reached,
            at(now) + early,
        )?;
        let events = runner::decide(ticket, passed, &self.roster.known);
        Some(fold(ticket.number, Some(ticket), events, (&Actor::system(), at(now))))
    }

    /// The rung that a ticket waits for, as the ledger writes it into its timer.
    pub(crate) fn timer(&self, ticket: &Ticket, policy_pair: &PolicyPair) -> Option<RungAt> {
        if !ticket.state.is_open() {
            return None;
        }
        let (rung, due) =
            ladder::next(&policy_pair.policy.ladder, &ledger::cycle_limit(ticket), ticket.cycle.ladder_rung)?;
        let early =
            if self.bug == Some(InjectedBug::EarlyRung) { TimeDelta::hours(1) } else { TimeDelta::zero() };
        Some((rung, due - early))
    }
}

/// Runs a command without a database.
struct InMemory<'a, 'w> {
    product: &'a Product<'w>,
    ticket: &'a Ticket,
    call: &'a Call<'a>,
}

impl VerbVisitor for InMemory<'_, '_> {
    type Outcome = Result<WriteResult, Fault>;

    fn visit<V: Verb>(self, verb: V) -> Self::Outcome {
        self.product.run(&verb, self.ticket, self.call)
    }
}

/// For a caller who may not see it, a ticket does not exist.
fn check_scope(ticket: &Ticket, permit: &Permit) -> Result<(), Fault> {
    match permit.scope() {
        Scope::Unit(unit) if ticket.relation_of(&unit).is_none() => {
            Err(Fault::new(ErrorReason::TicketNotFound))
        }
        Scope::Unit(_) | Scope::All => Ok(()),
    }
}
