//! The dry run: what a proposal would have meant for the tickets that are open now, if they had been taken in under it.
//!
//! Tickets keep their own rules, so nothing changes for them. The report shows administrators the effect of their
//! decision. Tickets come and go during the count, and nothing is locked.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use super::dry_run_report::{DryRun, TierDifference};
use super::proposal::Proposal;
use crate::access::Scope;
use crate::deadline::ladder::{self, CycleLimit};
use crate::deadline::{Calendar, Policy, RuleBook, RuleKind, due};
use crate::ledger::list::{self, Columns, Cursor, ListQuery, Order, TicketFilter};
use crate::platform::Fault;
use crate::ticket::{Instant, Rung, Ticket, TicketNumber, Tier};

/// Tickets that one query reads.
const BATCH: u64 = 1_000;
/// Tickets examined for one page of differences; a page may be empty and not the last.
const LOOKED_AT_MAX: usize = 5_000;

/// The difference to one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TicketDifference {
    pub number: TicketNumber,
    pub tier: Tier,
    pub due_at: Instant,
    pub proposed_due_at: Instant,
    pub rung: Rung,
    pub proposed_rung: Rung,
}

impl TicketDifference {
    /// Whether there is any difference.
    fn is_any(&self) -> bool {
        self.due_at != self.proposed_due_at || self.rung != self.proposed_rung
    }
}

impl TierDifference {
    const fn none(tier: Tier) -> Self {
        Self {
            tier,
            tickets: 0,
            earlier: 0,
            later: 0,
            newly_overdue: 0,
            no_longer_overdue: 0,
            higher_rung: 0,
            lower_rung: 0,
        }
    }

    fn count(&mut self, one: &TicketDifference, now: Instant) {
        let (is_overdue, would_be_overdue) = (one.due_at <= now, one.proposed_due_at <= now);
        self.tickets += 1;
        self.earlier += u64::from(one.proposed_due_at < one.due_at);
        self.later += u64::from(one.proposed_due_at > one.due_at);
        self.newly_overdue += u64::from(!is_overdue && would_be_overdue);
        self.no_longer_overdue += u64::from(is_overdue && !would_be_overdue);
        self.higher_rung += u64::from(one.proposed_rung > one.rung);
        self.lower_rung += u64::from(one.proposed_rung < one.rung);
    }
}

/// The rung that a ladder alone has reached at an instant.
fn rung_at(policy: &Policy, since: Instant, due_at: Instant, now: Instant) -> Rung {
    let limit = CycleLimit { since, due_at, carried_over: false };
    ladder::passed(&policy.ladder, &limit, Rung::None, now).map_or(Rung::None, |passed| passed.fired)
}

/// The difference that other rules would make to a ticket that is not carried over. Pure.
fn difference(
    ticket: &Ticket,
    own: &Policy,
    proposed: (&Policy, &Calendar),
    now: Instant,
) -> Result<TicketDifference, Fault> {
    let (cycle, (policy, calendar)) = (&ticket.cycle, proposed);
    let (since, due_at, tier) = (cycle.began_at, cycle.deadline.due_at, cycle.deadline.tier);
    let counted = due(since, policy.deadline.limit(tier), calendar)
        .map_err(|fault| Fault::internal(format!("trying {}: {fault}", ticket.number)))?;
    Ok(TicketDifference {
        number: ticket.number,
        tier,
        due_at,
        proposed_due_at: counted.due_at,
        rung: rung_at(own, since, due_at, now),
        proposed_rung: rung_at(policy, since, counted.due_at, now),
    })
}

/// The document that a proposal would change; each ticket keeps its own version of the other one.
enum ProposedRules {
    Policy(Arc<Policy>),
    Calendar(Arc<Calendar>),
}

/// Compares open tickets with a proposal.
struct DryRunContext<'a, C> {
    db: &'a C,
    book: &'a RuleBook,
    proposed: ProposedRules,
    now: Instant,
}

impl<C: ConnectionTrait> DryRunContext<'_, C> {
    /// The difference to a ticket; `None` for a carried-over ticket, whose promised date does not change.
    async fn of(&self, ticket: &Ticket) -> Result<Option<TicketDifference>, Fault> {
        if ticket.cycle.is_carried_over() {
            return Ok(None);
        }
        let counted_by = &ticket.cycle.deadline;
        let own = self.book.policy(self.db, &counted_by.policy_version).await?;
        let found = match &self.proposed {
            ProposedRules::Policy(policy) => {
                let calendar = self.book.calendar(self.db, &counted_by.calendar_version).await?;
                difference(ticket, &own, (policy, &calendar), self.now)
            }
            ProposedRules::Calendar(calendar) => difference(ticket, &own, (&own, calendar), self.now),
        };
        found.map(Some)
    }
}

async fn context_of<'a, C: ConnectionTrait>(
    db: &'a C,
    book: &'a RuleBook,
    proposal: &Proposal,
    now: Instant,
) -> Result<DryRunContext<'a, C>, Fault> {
    let proposed = match proposal.kind {
        RuleKind::Policy => ProposedRules::Policy(book.policy(db, &proposal.version).await?),
        RuleKind::Calendar => ProposedRules::Calendar(book.calendar(db, &proposal.version).await?),
    };
    Ok(DryRunContext { db, book, proposed, now })
}

/// Open tickets after one, the earliest limit first.
async fn open_tickets(
    db: &impl ConnectionTrait,
    after: Option<Cursor>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    // The condition means: open, with any limit.
    let end = Some(DateTime::<Utc>::MAX_UTC);
    let filter = TicketFilter { open_and_due_before: end, ..TicketFilter::default() };
    let (order, columns) = (Order::DueFirst, Columns::WithoutContent);
    list::page(db, &Scope::All, &ListQuery { filter, order, columns, after, limit }).await
}

/// Tries a proposal on every open ticket.
///
/// # Errors
/// Refusals of the database.
pub async fn run(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    proposal: &Proposal,
    principal: &str,
    now: Instant,
) -> Result<DryRun, Fault> {
    let context_of = context_of(db, book, proposal, now).await?;
    let mut tiers = Tier::ALL.map(TierDifference::none);
    let (mut open, mut carried_over, mut after) = (0, 0, None);
    loop {
        let tickets = open_tickets(db, after, BATCH).await?;
        for ticket in &tickets {
            open += 1;
            match context_of.of(ticket).await? {
                Some(one) => {
                    if let Some(tier) = tiers.iter_mut().find(|tier| tier.tier == one.tier) {
                        tier.count(&one, now);
                    }
                }
                None => carried_over += 1,
            }
        }
        match tickets.last() {
            Some(last) if tickets.len() as u64 == BATCH => after = Some(Cursor::of(last)),
            _ => break,
        }
    }
    let tiers = tiers.into_iter().filter(|tier| tier.tickets > 0).collect();
    let principal = principal.to_owned();
    Ok(DryRun { run_at: now, principal, open_tickets: open, carried_over_tickets: carried_over, tiers })
}

/// Open tickets that a proposal would change, after a given one, at most `limit`; and where to continue, `None` at the
/// end.
///
/// # Errors
/// Refusals of the database.
pub async fn differences(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    proposal: &Proposal,
    now: Instant,
    mut after: Option<Cursor>,
    limit: usize,
) -> Result<(Vec<TicketDifference>, Option<Cursor>), Fault> {
    let context_of = context_of(db, book, proposal, now).await?;
    let (mut found, mut looked_at) = (Vec::new(), 0);
    loop {
        let tickets = open_tickets(db, after, BATCH).await?;
        for ticket in &tickets {
            found.extend(context_of.of(ticket).await?.filter(TicketDifference::is_any));
            if found.len() == limit {
                return Ok((found, Some(Cursor::of(ticket))));
            }
        }
        looked_at += tickets.len();
        after = tickets.last().map(Cursor::of);
        if (tickets.len() as u64) < BATCH {
            return Ok((found, None));
        }
        if looked_at >= LOOKED_AT_MAX {
            return Ok((found, after));
        }
    }
}
