//! `UnmergeTicket`: undoes a merge. The repeat goes on by itself, in the state and with the limit that it had. The
//! ticket that it was merged into gives back the repeat's limit and rung. So does each ticket that this one was merged
//! into afterwards: they change in one unit of work.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::command::{Action, TicketChange, TicketCommand, UnitsNeeded};
use super::conflict_recall::{Conflicts, limit_that_stays};
use super::transfer_decision::back_without_inactive_units;
use super::verb::{check_etag, check_state, not_found};
use super::{Change, ClosedLoop, DecisionContext, FreeText, undo_window};
use crate::access::{Permit, Scope};
use crate::ledger::{self, locked_ticket::LockedTicket};
use crate::platform::Fault;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::ticket::{Command, Event, Instant, Ticket, TicketNumber, UnitCode};

/// The longest chain of merges that is followed.
const CHAIN_MAX: usize = 50;

/// Undoing a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergeTicket {
    /// The ticket that the repeat was merged into.
    pub from: TicketNumber,
    /// Why.
    pub note: String,
    /// The tickets that this one was merged into, one after the other. They are looked up before the command is
    /// queued, and checked under their locks.
    pub chain: Vec<TicketNumber>,
}

enum Refusal {
    UndoWindowClosed { closed_at: Instant },
    NotMergedInto,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::UndoWindowClosed { closed_at } => {
                Self::new(ErrorReason::UndoWindowClosed).with("closed_at", closed_at.to_rfc3339())
            }
            Refusal::NotMergedInto => Self::new(ErrorReason::NotMergedInto),
        }
    }
}

/// Decides what happens to the repeat, and to each ticket that stands for it. `accused` are the units that those
/// tickets accuse. The merge said that both are about one matter, so such a unit does not get the repeat back: the
/// repeat goes to the desk, where somebody decides. Pure.
///
/// # Errors
/// `UNDO_WINDOW_CLOSED`.
pub fn decide(
    repeat: &Ticket,
    accused: &[UnitCode],
    note: &str,
    ctx: &DecisionContext<'_>,
) -> Result<(Vec<Event>, Event), Fault> {
    let (Some(ending), Some(from)) = (repeat.ending, repeat.merged_into) else {
        return Err(Refusal::NotMergedInto.into());
    };
    let window = TimeDelta::hours(i64::from(ctx.policy.undo.undo_hours));
    if let Some(closed_at) = undo_window::closed(ending.ended_at, window, ctx.now) {
        return Err(Refusal::UndoWindowClosed { closed_at }.into());
    }
    let unmerged = Event::TicketUnmerged { from, note: note.to_owned() };
    let conflicts = Conflicts::of(repeat, accused, ctx.units);
    let recalled = conflicts.recalled(repeat, limit_that_stays(repeat, ctx.policy, ctx.now), ctx.now);
    let unlinked = Event::RepeatUnlinked { repeat: repeat.number, linked: repeat.repeats.clone() };
    // A recall takes the ticket from all its units.
    let left = if conflicts.is_with_unit { Vec::new() } else { back_without_inactive_units(repeat, ctx) };
    Ok((std::iter::once(unmerged).chain(recalled).chain(left).collect(), unlinked))
}

impl TicketChange for Change<UnmergeTicket> {
    fn numbers(&self) -> Vec<TicketNumber> {
        let mut numbers = vec![self.number];
        for number in std::iter::once(&self.verb.from).chain(&self.verb.chain) {
            if !numbers.contains(number) {
                numbers.push(*number);
            }
        }
        numbers
    }

    fn check(&self, permit: &Permit, found: Vec<Option<LockedTicket>>) -> Result<Vec<LockedTicket>, Fault> {
        let mut found = found.into_iter();
        let repeat = found.next().flatten().ok_or_else(|| not_found(self.number))?;
        check_etag(permit, self.etag.as_deref(), &repeat)?;
        check_state(Command::UnmergeTicket, &repeat)?;
        if self.verb.from == self.number {
            return Err(Refusal::NotMergedInto.into());
        }
        let mut tickets = vec![repeat];
        for (number, ticket) in std::iter::once(self.verb.from).chain(self.verb.chain.clone()).zip(found) {
            let ticket = ticket.ok_or_else(|| not_found(number))?;
            if tickets.last().is_none_or(|below| below.merged_into != Some(number)) {
                return Err(Refusal::NotMergedInto.into());
            }
            tickets.push(ticket);
        }
        // Another merge came in between.
        if tickets.last().is_some_and(|last| last.merged_into.is_some()) {
            return Err(Refusal::NotMergedInto.into());
        }
        Ok(tickets)
    }

    fn units_needed(&self, tickets: &[LockedTicket]) -> UnitsNeeded {
        let repeat = tickets.iter().take(1);
        let having = repeat.flat_map(|ticket| ticket.units().chain(ticket.planned_units()));
        let codes = having.chain(tickets.iter().flat_map(|ticket| &ticket.accused_units)).cloned();
        let is_locked = tickets.iter().any(|ticket| !ticket.accused_units.is_empty());
        UnitsNeeded { codes: codes.collect(), is_locked, gives_work: true }
    }

    fn decide(&self, tickets: &[LockedTicket], ctx: &DecisionContext<'_>) -> Result<Vec<Vec<Event>>, Fault> {
        let Some((repeat, standing)) = tickets.split_first() else {
            return Err(Fault::internal("a merge is undone on no ticket"));
        };
        let accused: Vec<_> = standing.iter().flat_map(|ticket| ticket.accused_units.clone()).collect();
        let (unmerged, unlinked) = decide(repeat, &accused, &self.verb.note, ctx)?;
        Ok(std::iter::once(unmerged).chain(standing.iter().map(|_| vec![unlinked.clone()])).collect())
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.verb.note)]
    }

    fn name(&self) -> &'static str {
        Command::UnmergeTicket.name()
    }
}

impl ClosedLoop {
    /// Undoes a merge; returns the repeat.
    ///
    /// # Errors
    /// Those of every command on a ticket, and `UNDO_WINDOW_CLOSED`, `NOT_MERGED_INTO`.
    pub async fn unmerge_ticket(
        &self,
        permit: Permit,
        mut change: Change<UnmergeTicket>,
    ) -> Result<Ticket, Fault> {
        change.verb.chain = self.chain_of(change.verb.from).await?;
        let key = change.key.clone();
        self.run(
            TicketCommand { permit, key, action: Action::Change(Box::new(change)) },
            TEXTS_REFUSED,
            |_| {},
        )
        .await
    }

    /// The tickets that a ticket was merged into, one after the other. The scope is all tickets: only staff undo
    /// merges.
    async fn chain_of(&self, number: TicketNumber) -> Result<Vec<TicketNumber>, Fault> {
        let (mut chain, mut here) = (Vec::new(), number);
        while chain.len() < CHAIN_MAX {
            let found = ledger::read::find(self.store.reader(), &Scope::All, here).await?;
            let Some(into) = found.and_then(|ticket| ticket.merged_into) else { break };
            chain.push(into);
            here = into;
        }
        Ok(chain)
    }
}

#[cfg(test)]
mod tests;
