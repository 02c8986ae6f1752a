//! Recalls a ticket from units that it complains about. This happens after a classification, or after a change of the
//! unit tree that puts a unit under an accused one. The decision is pure; a change of the tree recalls in its own
//! transaction.

use super::ClosedLoop;
use crate::access::{Permit, Scope};
use crate::deadline::Policy;
use crate::desk::directory::{ConflictRecall, UnitSet};
use crate::ledger::{self, Entry, accused};
use crate::platform::work::TxFuture;
use crate::platform::{Fault, Work};
use crate::ticket::TicketClassified;
use crate::ticket::{
    CallerIdentity, ClassifiedLimit, Deadline, Event, Instant, ReturnRuling, Ticket, TicketNumber, UnitCode,
};

/// Complaints that one query reads.
const PAGE: u64 = 500;

/// Where a ticket names a unit that it complains about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conflicts {
    /// It has the ticket.
    pub(super) is_with_unit: bool,
    /// The handling plan names it.
    pub(super) is_in_plan: bool,
}

impl Conflicts {
    /// Finds the conflicts of a ticket with the units that it accuses, including newly accused ones. Pure.
    pub(super) fn of(ticket: &Ticket, newly_accused: &[UnitCode], units: &UnitSet) -> Self {
        let accused: Vec<_> = ticket.accused_units.iter().chain(newly_accused).cloned().collect();
        Self {
            is_with_unit: units.has_conflict(ticket.units(), &accused),
            is_in_plan: units.has_conflict(ticket.planned_units(), &accused),
        }
    }

    /// Whether the plan is removed: no unit that has read it keeps the ticket.
    pub(super) const fn drops_plan(self, ticket: &Ticket) -> bool {
        self.is_in_plan && (self.is_with_unit || ticket.dispatch.is_none())
    }

    /// Whether the plan becomes invalid, but stays for the units that have the ticket.
    pub(super) const fn voids_plan(self, ticket: &Ticket) -> bool {
        self.is_in_plan && !self.drops_plan(ticket)
    }

    /// The event before a recall: a pending return is accepted, because the recall takes the ticket from the unit
    /// anyway. The ruling decides nothing about responsibility, so it binds nobody.
    pub(super) fn settled(self, ticket: &Ticket, now: Instant) -> Vec<Event> {
        if self.is_with_unit { settle_return(ticket, now).into_iter().collect() } else { Vec::new() }
    }

    /// The events that recall the ticket, with the classification unchanged; none if there is no conflict.
    pub(super) fn recalled(
        self,
        ticket: &Ticket,
        (limit, deadline): (ClassifiedLimit, Deadline),
        now: Instant,
    ) -> Vec<Event> {
        if !self.is_with_unit && !self.is_in_plan {
            return Vec::new();
        }
        let mut events = self.settled(ticket, now);
        events.push(Event::TicketClassified(Box::new(TicketClassified {
            category: ticket.category,
            complexity: ticket.complexity,
            has_several_units: ticket.has_several_units,
            responsibility: ticket.responsibility,
            topic: None,
            district: None,
            accused_units: Vec::new(),
            deadline,
            is_recalled: self.is_with_unit,
            is_plan_dropped: self.drops_plan(ticket),
            is_plan_void: self.voids_plan(ticket),
            limit,
            note: String::new(),
        })));
        events
    }
}

/// The limit of a recall. It stays, and the event says so as a classification that changes nothing would say it. Units
/// that keep the ticket read the event, and must not learn from it that the ticket accuses somebody. Pure.
pub(super) fn limit_that_stays(
    ticket: &Ticket,
    policy: &Policy,
    now: Instant,
) -> (ClassifiedLimit, Deadline) {
    let cycle = &ticket.cycle;
    // Units read a correction as a limit that was counted.
    let is_correctable = cycle.correctable_at(now, policy.undo.correction_window()).is_some();
    let limit = if cycle.has_passed(now) && !is_correctable {
        ClassifiedLimit::Kept
    } else {
        ClassifiedLimit::Counted
    };
    (limit, cycle.deadline.clone())
}

/// The events that recall a ticket from units that it accuses by now; none if there is no conflict. Pure.
#[must_use]
pub fn recall(ticket: &Ticket, policy: &Policy, units: &UnitSet, now: Instant) -> Vec<Event> {
    Conflicts::of(ticket, &[], units).recalled(ticket, limit_that_stays(ticket, policy, now), now)
}

/// The event that settles a pending return of a ticket that is taken from its unit anyway.
pub(super) fn settle_return(ticket: &Ticket, now: Instant) -> Option<Event> {
    ticket.pending_return()?;
    let ruling = ReturnRuling { is_accepted: true, is_final: false, note: String::new(), ruled_at: now };
    Some(Event::ReturnRuled { ruling })
}

/// The units that have these tickets or would get them by plan, the units above them, and the accused units with their
/// successors.
async fn units_of(work: &Work, tickets: &[Ticket]) -> Result<UnitSet, Fault> {
    let named = tickets
        .iter()
        .flat_map(|ticket| ticket.units().chain(ticket.planned_units()).chain(&ticket.accused_units));
    UnitSet::read(&work.tx, named.cloned().collect()).await
}

impl ConflictRecall for ClosedLoop {
    fn recall_conflicts<'w>(&'w self, work: &'w Work, permit: &'w Permit) -> TxFuture<'w, usize> {
        Box::pin(Self::recall_conflicts(self, work, permit))
    }
}

impl ClosedLoop {
    /// After a change of the tree, recalls every open complaint from units under an accused one; returns how many.
    ///
    /// # Errors
    /// If the database refuses, or a ticket can't be read. Nothing is changed then.
    pub async fn recall_conflicts(&self, work: &Work, permit: &Permit) -> Result<usize, Fault> {
        let (mut recalled, mut behind) = (0, None);
        loop {
            let page = accused::open_complaints(&work.tx, behind, PAGE).await?;
            let Some(last) = page.last() else { return Ok(recalled) };
            behind = Some(last.number);
            let units = units_of(work, &page).await?;
            for ticket in page {
                let found = Conflicts::of(&ticket, &[], &units);
                if found.is_with_unit || found.is_in_plan {
                    recalled += usize::from(self.recall(work, permit, ticket.number).await?);
                }
            }
        }
    }

    /// Recalls one ticket, if there is still a conflict after it is locked.
    async fn recall(&self, work: &Work, permit: &Permit, number: TicketNumber) -> Result<bool, Fault> {
        let locked = ledger::lock::lock_ticket(work, &Scope::All, number).await?;
        let Some(ticket) = locked.filter(|ticket| ticket.state.is_open()) else { return Ok(false) };
        let units = units_of(work, std::slice::from_ref(&ticket)).await?;
        let now = ledger::instant_of(work, &ticket);
        let policy = self.ledger.rules().policy(&work.tx, &ticket.cycle.deadline.policy_version).await?;
        let events = recall(&ticket, &policy, &units, now);
        if events.is_empty() {
            return Ok(false);
        }
        let identity = CallerIdentity::default();
        let entry = Entry { number, before: Some(ticket), actor: permit.actor(), events, identity };
        self.ledger.write(work, vec![entry]).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::*;
    use super::*;
    use crate::ticket::{Complexity, HandlingPlan};

    /// What a unit reads of the limit in the only classification among some events.
    fn limit_read(events: Vec<Event>) -> (bool, Deadline) {
        let mut classified = events.into_iter().filter_map(|event| match event {
            Event::TicketClassified(one) => Some(one),
            _ => None,
        });
        let one = classified.next().expect("it is classified");
        (one.limit == ClassifiedLimit::Kept, one.deadline)
    }

    #[test]
    fn a_void_plan_says_of_the_limit_what_a_classification_says() {
        let desk = Desk::open();
        let plan = HandlingPlan {
            text: "先核实".to_owned(),
            lead_unit: code(UNDER_LEAD),
            assist_units: Vec::new(),
            planned_at: desk.now,
        };
        let simple = Ticket { plan: Some(plan), ..desk.dispatched() };
        let complex =
            super::super::classify_ticket::ClassifyTicket { complexity: Complexity::Complex, ..as_appeal() };
        let moved = desk.run(AGENT, &complex, &simple);
        for (ticket, as_it_is, after) in [
            (&simple, as_appeal(), TimeDelta::zero()),
            (&simple, as_appeal(), TimeDelta::days(6)),
            (&simple, as_appeal(), TimeDelta::days(7)),
            (&simple, as_appeal(), TimeDelta::days(70)),
            (&moved, complex.clone(), TimeDelta::minutes(1)),
            (&moved, complex.clone(), TimeDelta::days(8)),
            (&moved, complex.clone(), TimeDelta::days(15)),
        ] {
            let later = desk.after(after);
            let accusing = Ticket { accused_units: vec![code(UNDER_LEAD)], ..ticket.clone() };
            let units = known(&[LEAD, UNDER_LEAD, ASSIST, INFORM].map(code));
            let voided = recall(&accusing, &later.policy, &units, later.now);
            let classified = later.ask(AGENT, &as_it_is, ticket).expect("it is not refused");
            assert_eq!(limit_read(voided), limit_read(classified), "{after}");
        }
    }
}
