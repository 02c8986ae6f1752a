//! `LeaseFollowUps`: an agent takes a few companies to call back. No other agent gets a ticket of one of them until the
//! lease ends. The companies behind merged repeats belong to the ticket.

use chrono::TimeDelta;
use prost::Message;
use serde_json::json;

use super::Assessment;
use super::lease::{self, FollowUp, FollowUpKind, Lease, Leases};
use crate::access::Permit;
use crate::audit_log::records;
use crate::deadline::RuleBook;
use crate::identity::company_keys;
use crate::ledger::list::Cursor;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, Ticket};

/// Tickets that one lease looks at.
const TICKETS_MAX: usize = 2_000;
/// Tickets that are read together.
const PART: u64 = 200;

impl Assessment {
    /// Leases at most `count` tickets, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn lease_follow_ups<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (kind, count): (FollowUpKind, usize),
        answer: fn(&[FollowUp]) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), self.rules.clone(), (kind, count), answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, rules, asked, answer)| {
                Ok(answer(&lease(work, permit, rules, *asked).await?))
            })
            .await
    }
}

async fn lease(
    work: &Work,
    permit: &Permit,
    rules: &RuleBook,
    (kind, count): (FollowUpKind, usize),
) -> Result<Vec<FollowUp>, Fault> {
    lease::wait_for_turn(work).await?;
    let now = work.now();
    let policy = rules.in_force(&work.tx, now).await?.policy.follow_up;
    let gap = TimeDelta::hours(i64::from(policy.attempt_gap_hours));
    let until = now + TimeDelta::hours(i64::from(policy.lease_hours));
    let mut leases = Leases::read(&work.tx, now).await?;
    let (mut taken, mut after, mut looked_at) = (Vec::new(), None, 0);
    while taken.len() < count && looked_at < TICKETS_MAX {
        let tickets = lease::due(&work.tx, kind, after, PART).await?;
        let Some(last) = tickets.last() else { break };
        after = Some(Cursor::of(last));
        looked_at += tickets.len();
        let all = tickets.iter().flat_map(with_repeats).collect();
        let keys = company_keys(&work.tx, all).await?;
        for ticket in tickets {
            let number = ticket.number.as_i64();
            let companies =
                with_repeats(&ticket).filter_map(|one| keys.get(&one)).flatten().cloned().collect();
            if !may_call(&ticket, kind, permit, now - gap)
                || !leases.are_free(number, &companies, permit.principal())
            {
                continue;
            }
            let lease = Lease { principal: permit.principal().to_owned(), until };
            leases.take(number, &companies, &lease);
            lease::write(work, number, &companies, &lease).await?;
            taken.push(FollowUp { ticket, lease: Some(lease) });
            if taken.len() == count {
                break;
            }
        }
    }
    let numbers: Vec<_> = taken.iter().map(|one| one.ticket.number.to_string()).collect();
    let subject = format!("follow_up/{}", permit.principal());
    records::record(work, &permit.actor(), permit.method().method, &subject, json!({ "tickets": numbers }))
        .await?;
    Ok(taken)
}

/// Whether an agent may call the company of a ticket: its last call is long enough ago, and its survey is not the
/// agent's own.
fn may_call(ticket: &Ticket, kind: FollowUpKind, permit: &Permit, tried_before: Instant) -> bool {
    let (cycle, by) = (&ticket.cycle, permit.principal());
    match kind {
        FollowUpKind::Survey => {
            cycle.contact_attempts.last().is_none_or(|attempt| attempt.attempted_at <= tried_before)
        }
        FollowUpKind::Recheck => cycle.survey.as_ref().is_some_and(|survey| survey.surveyed_by != by),
    }
}

/// The numbers of a ticket and of the repeats whose companies wait for a call.
fn with_repeats(ticket: &Ticket) -> impl Iterator<Item = i64> {
    std::iter::once(&ticket.number).chain(&ticket.repeats_to_call).map(|number| number.as_i64())
}
