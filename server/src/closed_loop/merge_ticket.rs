//! `MergeTicket`: a repeat is linked to the open ticket of the same matter, never refused. Two tickets change in one
//! unit of work. A complaint is never merged into the reach of the unit it is about.

use std::sync::Arc;

use hotline_proto::v1::ErrorReason;

use super::{Change, ClosedLoop, check_etag, check_state, not_found, record};
use crate::access::Permit;
use crate::desk::directory::KnownUnits;
use crate::ledger::{self, Entry};
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, Command, Event, Ticket, TicketNumber};

/// Linking a repeat to an open ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeTicket {
    /// The open ticket of the same matter.
    pub into: TicketNumber,
}

enum Refused {
    MergeTargetUnfit,
    ConflictOfInterest,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::MergeTargetUnfit => Self::new(ErrorReason::MergeTargetUnfit),
            Refused::ConflictOfInterest => Self::new(ErrorReason::ConflictOfInterest),
        }
    }
}

/// Decides what happens to the repeat and to the open ticket. Pure.
///
/// # Errors
/// `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
pub fn decide(repeat: &Ticket, open: &Ticket, units: &KnownUnits) -> Result<(Event, Event), Fault> {
    if !open.state.is_open() || open.number == repeat.number {
        return Err(Refused::MergeTargetUnfit.into());
    }
    let mut having = open.dispatch.iter().flat_map(|dispatch| dispatch.units().map(|(unit, _)| unit));
    if units.has_conflict(&mut having, &repeat.accused_units) {
        return Err(Refused::ConflictOfInterest.into());
    }
    let linked = Event::RepeatLinked { repeat: repeat.number, accused_units: repeat.accused_units.clone() };
    Ok((Event::TicketMerged { into: open.number }, linked))
}

impl ClosedLoop {
    /// Merges a repeat into an open ticket; answers the repeat.
    ///
    /// # Errors
    /// As every command on a ticket, and `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
    pub async fn merge_ticket(&self, permit: Permit, change: Change<MergeTicket>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let asked = Arc::new((self.clone(), permit, change));
        let outcome = self
            .store
            .work(&self.clock, move |work| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { asked.0.merge_in(work, &asked.1, &asked.2).await })
            })
            .await;
        self.settle(outcome, &key).await
    }

    async fn merge_in(
        &self,
        work: &Work,
        permit: &Permit,
        change: &Change<MergeTicket>,
    ) -> Result<Ticket, Fault> {
        let (number, into, scope) = (change.number, change.verb.into, permit.scope());
        // Locks are taken in rising order, so that two merges of the same pair can't wait for each other.
        let first = ledger::read::lock(work, &scope, number.min(into)).await?;
        let second = if number == into {
            first.clone()
        } else {
            ledger::read::lock(work, &scope, number.max(into)).await?
        };
        if let Some(ticket) = self.answered_before(&work.tx, &change.key).await? {
            return Ok(ticket);
        }
        let (repeat, open) = if number < into { (first, second) } else { (second, first) };
        let repeat = repeat.ok_or_else(|| not_found(number))?;
        check_etag(change.etag.as_deref(), &repeat)?;
        check_state(Command::MergeTicket, &repeat)?;
        let open = open.ok_or_else(|| not_found(into))?;
        let having = open.dispatch.iter().flat_map(|dispatch| dispatch.units().map(|(unit, _)| unit.clone()));
        let units = KnownUnits::read(&work.tx, having.collect()).await?;
        let (merged, linked) = decide(&repeat, &open, &units)?;
        let entries = [(repeat, merged), (open, linked)].map(|(before, event)| Entry {
            number: before.number,
            before: Some(before),
            events: vec![event],
            identity: CallerIdentity::default(),
        });
        let written = self.ledger.write(work, &permit.actor(), entries.into()).await?;
        let ticket = written.into_iter().next().ok_or_else(|| Fault::internal("a merge wrote no ticket"))?;
        record(work, &change.key, &ticket).await?;
        Ok(ticket)
    }
}
