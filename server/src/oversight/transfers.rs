//! Moves the tickets of transfers: the open work of a unit goes to its successor, or to the desk.
//!
//! It takes no input and is idempotent. Any number of servers may run it on one database: a transfer is claimed by its
//! row, and its tickets move in batches. A batch moves its tickets and counts them in one transaction, so a server that
//! dies loses and doubles nothing. Between batches it rests, so that callers can use the database.
//!
//! A ticket that cannot move does not hold up the others: the batch is done ticket by ticket, and the ticket is named
//! in the log and left. As long as an inactive unit has open tickets, its transfer begins again after a pause.

use std::time::Duration;

use chrono::TimeDelta;

use super::is_of_a_ticket;
use crate::access::Scope;
use crate::closed_loop::transfer_decision::{self, Destination, Handover, TransferContext};
use crate::desk::directory::UnitSet;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::transfers::{self, Progress, Step, Transfer};
use crate::ledger::{self, Entry, Ledger};
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{CallerIdentity, TicketNumber, UnitCode};

/// Tickets in one transaction on PostgreSQL, where commands run beside it.
const BATCH_POSTGRES: u64 = 100;
/// Tickets in one transaction on SQLite, where every command waits for it.
const BATCH_SQLITE: u64 = 50;
/// After a batch it rests for this many times as long as the batch took.
const REST_FACTOR: u32 = 1;
/// The longest rest after a batch.
const REST_MAX: Duration = Duration::from_millis(250);
/// Between two looks for transfers.
const INTERVAL: Duration = Duration::from_secs(1);
/// Before a transfer looks again at the tickets that it left.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(10);

/// Moves tickets.
#[derive(Debug, Clone)]
pub struct TransferRunner {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only writer of tickets.
    pub ledger: Ledger,
}

/// A transfer with its progress, and the step that it has made.
type Stepped = (Transfer, Step);

/// What a batch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Batch {
    /// There was no transfer to work on.
    Idle,
    /// A transfer looked at so many tickets.
    Looked(u64),
}

/// The next ticket of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextTicket {
    /// The number of the transfer.
    pub transfer: u32,
    /// The ticket.
    pub ticket: TicketNumber,
}

/// What a unit of work does.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// It moves the next tickets of the transfer that waits longest, at most so many.
    Move(u64),
    /// It moves one ticket of a transfer.
    MoveOne(NextTicket),
    /// It passes over a ticket of a transfer, which cannot move.
    Leave(NextTicket),
}

/// The input of a unit of work that moves tickets.
struct BatchInput {
    runner: TransferRunner,
    task: Task,
}

impl TransferRunner {
    /// Works on transfers until there is nothing more to do now; returns how many tickets it looked at.
    ///
    /// # Errors
    /// If the database can't be reached. What was moved before stays moved.
    pub async fn tick(&self) -> Result<u64, Fault> {
        let mut looked = 0;
        loop {
            let begun = std::time::Instant::now();
            match self.batch().await? {
                Batch::Idle => return Ok(looked),
                Batch::Looked(here) => looked += here,
            }
            if !self.clock.is_simulated() {
                tokio::time::sleep((begun.elapsed() * REST_FACTOR).min(REST_MAX)).await;
            }
        }
    }

    /// Moves the next tickets of a transfer. If one of them fails, they move one by one.
    ///
    /// # Errors
    /// If the database can't be reached. What was moved before stays moved.
    pub async fn batch(&self) -> Result<Batch, Fault> {
        let limit = if self.store.is_sqlite() { BATCH_SQLITE } else { BATCH_POSTGRES };
        match self.step(limit).await {
            Err(fault) if is_of_a_ticket(&fault) => self.one_by_one(limit).await,
            outcome => outcome,
        }
    }

    /// Moves the next tickets of the transfer that waits longest, one by one. Another server may do the same meanwhile:
    /// what is left is the ticket that failed here, and no other.
    async fn one_by_one(&self, limit: u64) -> Result<Batch, Fault> {
        let mut looked = 0;
        for _ in 0..limit {
            let Some(next) = self.next().await? else { break };
            let here = match self.run_step(Task::MoveOne(next)).await {
                Err(fault) if is_of_a_ticket(&fault) => self.leave(next, &fault).await?,
                outcome => outcome?.0,
            };
            match here {
                Batch::Looked(here) if here > 0 => looked += here,
                _ => break,
            }
        }
        Ok(Batch::Looked(looked))
    }

    /// The next ticket of the transfer that waits longest and that no other server works on.
    async fn next(&self) -> Result<Option<NextTicket>, Fault> {
        let next = self.store.run(&self.clock, (), async |work, ()| {
            let Some(transfer) = transfers::claim(work, None).await? else { return Ok(None) };
            let tickets = transfers::next_tickets(&work.tx, &transfer, 1).await?;
            Ok(tickets.first().map(|ticket| NextTicket { transfer: transfer.number, ticket: *ticket }))
        });
        next.await
    }

    /// Passes over a ticket that cannot move, if it is still the next one of its transfer.
    ///
    /// # Errors
    /// If the database can't be reached.
    pub async fn leave(&self, next: NextTicket, fault: &Fault) -> Result<Batch, Fault> {
        let (batch, step) = self.run_step(Task::Leave(next)).await?;
        if let Some((transfer, Step::Passed(ticket))) = step {
            let (transfer, error) = (transfer.number, fault.detail.as_str());
            tracing::error!(%ticket, transfer, error, "moving a ticket of a transfer failed; the ticket is left");
        }
        Ok(batch)
    }

    /// One unit of work: a claimed transfer moves its next tickets, at most `limit`, or ends.
    async fn step(&self, limit: u64) -> Result<Batch, Fault> {
        let (batch, step) = self.run_step(Task::Move(limit)).await?;
        if let Some((transfer, Step::Done)) = step {
            let Progress { moved, sent_to_desk, released } = transfer.progress;
            let (number, unit) = (transfer.number, &transfer.from);
            tracing::info!(transfer = number, %unit, moved, sent_to_desk, released, "transfer of tickets done");
        }
        Ok(batch)
    }

    async fn run_step(&self, task: Task) -> Result<(Batch, Option<Stepped>), Fault> {
        let input = BatchInput { runner: self.clone(), task };
        let stepped = self.store.run(&self.clock, input, async |work, input| {
            Box::pin(input.runner.step_in(work, input.task)).await
        });
        stepped.await
    }

    async fn step_in(&self, work: &Work, task: Task) -> Result<(Batch, Option<Stepped>), Fault> {
        let (only, limit) = match task {
            Task::Move(limit) => (None, limit),
            Task::MoveOne(next) | Task::Leave(next) => (Some(next), 1),
        };
        let claimed = transfers::claim(work, only.map(|next| next.transfer)).await?;
        let Some(mut transfer) = claimed else { return Ok((Batch::Idle, None)) };
        let numbers = transfers::next_tickets(&work.tx, &transfer, limit).await?;
        if only.is_some_and(|next| numbers != [next.ticket]) {
            // Another server has moved or left it, or a command has taken it from the unit.
            return Ok((Batch::Looked(0), None));
        }
        let step = match numbers.last() {
            None => Box::pin(self.end(work, &transfer)).await?,
            Some(last) => {
                if !matches!(task, Task::Leave(_)) {
                    Box::pin(self.move_tickets(work, &mut transfer, &numbers)).await?;
                }
                Step::Passed(*last)
            }
        };
        transfers::write(work, &transfer, step).await?;
        Ok((Batch::Looked(numbers.len() as u64), Some((transfer, step))))
    }

    /// How a transfer ends that has looked at every ticket. An inactive unit keeps no open ticket.
    async fn end(&self, work: &Work, transfer: &Transfer) -> Result<Step, Fault> {
        let units = UnitSet::read(&work.tx, vec![transfer.from.clone()]).await?;
        let is_left =
            units.is_inactive(&transfer.from) && transfers::count_open(&work.tx, &transfer.from).await? > 0;
        Ok(if is_left { Step::Again(work.now() + AGAIN_AFTER) } else { Step::Done })
    }

    /// Moves these tickets, and counts them.
    async fn move_tickets(
        &self,
        work: &Work,
        transfer: &mut Transfer,
        numbers: &[TicketNumber],
    ) -> Result<(), Fault> {
        let asked: Vec<_> = numbers.iter().map(|number| (*number, &Scope::All)).collect();
        let mut locked = ledger::lock::lock_tickets(work, &asked, true).await?;
        let tickets: Vec<_> = numbers.iter().filter_map(|number| locked.remove(number)).collect();
        let units = UnitSet::lock(&work.tx, units_of(transfer, &tickets)).await?;
        // The successor may itself have become inactive since the transfer began.
        let (from, to) = (transfer.from.clone(), transfer.to.clone());
        let to = transfer_decision::successor(&from, to.as_ref(), &units);
        let handover = Handover { transfer: transfer.number, from: &from, to };
        let mut entries = Vec::new();
        for ticket in tickets {
            let counted_by = &ticket.cycle.deadline;
            let policy = self.ledger.rules().policy(&work.tx, &counted_by.policy_version).await?;
            let calendar = self.ledger.rules().calendar(&work.tx, &counted_by.calendar_version).await?;
            let now = ledger::instant_of(work, &ticket);
            let ctx = TransferContext { now, policy: &policy, calendar: &calendar, units: &units };
            let Some((events, destination)) = transfer_decision::decide(&ticket, handover, &ctx)? else {
                continue;
            };
            let progress = &mut transfer.progress;
            match destination {
                Destination::Successor => progress.moved += 1,
                Destination::Desk => progress.sent_to_desk += 1,
                Destination::Lead => progress.released += 1,
            }
            let (number, actor) = (ticket.number, transfer.actor.clone());
            let identity = CallerIdentity::default();
            entries.push(Entry { number, before: Some(ticket), actor, events, identity });
        }
        if !entries.is_empty() {
            self.ledger.write(work, entries).await?;
        }
        Ok(())
    }

    /// Runs until it is dropped: works on transfers, then looks again after a second.
    pub async fn run(self) {
        loop {
            match self.tick().await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "tickets of transfers looked at"),
                Err(fault) => tracing::error!(error = fault.detail, "transfer of tickets failed; retrying"),
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}

/// The units that the decisions about some tickets hang on.
fn units_of(transfer: &Transfer, tickets: &[LockedTicket]) -> Vec<UnitCode> {
    let of_tickets = tickets.iter().flat_map(|ticket| ticket.units().chain(&ticket.accused_units));
    std::iter::once(&transfer.from).chain(&transfer.to).chain(of_tickets).cloned().collect()
}
