//! Counts provisional limits again when a calendar comes into force. A limit never becomes earlier by it, and one that
//! has passed stays. It takes no input and is idempotent; any number of servers may run it on one database.
//!
//! The runner does it after it has fired rungs. Each tick counts a bounded number of tickets, in batches of one
//! transaction each. A ticket that is locked by another process is left to the next tick. A ticket that fails is named
//! in the log and keeps its limit.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::sync::Mutex;

use super::is_of_a_ticket;
use crate::access::Scope;
use crate::deadline::{self, Calendar, Policy};
use crate::ledger::{self, Entry, Ledger, provisional};
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{Actor, CallerIdentity, Deadline, Event, Instant, Ticket, TicketNumber};

/// Tickets that one transaction counts.
const BATCH: u64 = 50;
/// Batches of one tick; rungs wait meanwhile.
const BATCHES_MAX: usize = 20;
/// After this time a finished pass begins again. A command that counts by the calendar of its cycle may have left a
/// provisional limit behind the pass, and so may a clock of another server.
const AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How far a server has counted the provisional limits again.
#[derive(Debug, Clone, Default)]
pub struct Recount(Arc<Mutex<Progress>>);

/// Counts provisional limits again.
#[derive(Debug, Clone)]
pub struct Recounter {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only writer of tickets.
    pub ledger: Ledger,
    /// How far it is.
    pub progress: Recount,
}

#[derive(Debug, Default)]
struct Progress {
    /// The calendar that the pass is about.
    calendar: Option<String>,
    /// The last ticket that was looked at.
    after: provisional::Cursor,
    /// When the pass ended.
    finished_at: Option<Instant>,
    /// Whether a ticket was locked, so that the pass begins again.
    has_left: bool,
}

/// The event that counts a ticket's limit by another calendar; none if there is nothing to count. Pure.
///
/// # Errors
/// An internal error if the limit can't be counted.
pub fn decide(
    ticket: &Ticket,
    policy: &Policy,
    calendar: &Calendar,
    now: Instant,
) -> Result<Option<Event>, Fault> {
    let (cycle, before) = (&ticket.cycle, &ticket.cycle.deadline);
    let is_open = ticket.state.is_open() && before.is_provisional;
    if !is_open || before.calendar_version == calendar.version() {
        return Ok(None);
    }
    if now >= before.due_at || cycle.has_passed(now) {
        return Ok(None);
    }
    let counted = deadline::due(cycle.began_at, policy.deadline.limit(before.tier), calendar)
        .map_err(|error| Fault::internal(format!("counting {} again: {error}", ticket.number)))?;
    let mut deadline = Deadline { is_provisional: counted.provisional, ..before.clone() };
    if counted.due_at >= before.due_at {
        deadline.due_at = counted.due_at;
        calendar.version().clone_into(&mut deadline.calendar_version);
    }
    let is_the_same = deadline.due_at == before.due_at && deadline.is_provisional == before.is_provisional;
    let calendar_version = calendar.version().to_owned();
    Ok((!is_the_same).then_some(Event::DeadlineRecounted { deadline, calendar_version }))
}

impl Progress {
    /// Begins a pass if the calendar in force is another one than at the last pass, or the last pass ended some minutes
    /// ago.
    fn begin(&mut self, calendar: &str, now: Instant) {
        let is_other = self.calendar.as_deref() != Some(calendar);
        if is_other || self.finished_at.is_some_and(|ended| now >= ended + AGAIN_AFTER) {
            *self = Self { calendar: Some(calendar.to_owned()), ..Self::default() };
        }
    }

    /// Ends a pass. It begins again with the next tick if it has left a ticket that was locked.
    fn end(&mut self, now: Instant) {
        self.finished_at = (!self.has_left).then_some(now);
        (self.after, self.has_left) = (provisional::Cursor::default(), false);
    }
}

impl Recounter {
    /// Counts provisional limits again, in a pass for each calendar that comes into force and every few minutes.
    /// Returns how many changed. On a simulated clock a pass counts all at once.
    ///
    /// # Errors
    /// If the database can't be reached. What was counted before stays counted.
    pub async fn run(&self) -> Result<u64, Fault> {
        let rules = self.ledger.rules().in_force(self.store.reader(), self.clock.now()).await?;
        let mut progress = self.progress.0.lock().await;
        progress.begin(rules.calendar.version(), self.clock.now());
        let (mut changed, mut batches) = (0, 0);
        while progress.finished_at.is_none() && (batches < BATCHES_MAX || self.clock.is_simulated()) {
            batches += 1;
            let (page, last) = provisional::page(self.store.reader(), progress.after, BATCH).await?;
            let Some(last) = last else {
                progress.end(self.clock.now());
                break;
            };
            // Most limits stay. They need no transaction, and no lock.
            let mut moving = Vec::new();
            for ticket in page {
                let policy =
                    self.ledger.rules().policy(self.store.reader(), &ticket.cycle.deadline.policy_version);
                let stays = matches!(
                    decide(&ticket, policy.await?.as_ref(), &rules.calendar, self.clock.now()),
                    Ok(None)
                );
                moving.extend((!stays).then_some(ticket.number));
            }
            if !moving.is_empty() {
                let (here, has_left) = self.recount_batch(moving).await?;
                changed += here;
                progress.has_left |= has_left;
            }
            progress.after = last;
        }
        if changed > 0 {
            tracing::info!(count = changed, "provisional limits counted again");
        }
        Ok(changed)
    }

    /// Counts a batch again; if one of its tickets fails, one by one. Returns how many changed, and whether some were
    /// locked.
    async fn recount_batch(&self, numbers: Vec<TicketNumber>) -> Result<(u64, bool), Fault> {
        match self.recount_together(numbers.clone()).await {
            Err(fault) if is_of_a_ticket(&fault) => {}
            outcome => return outcome,
        }
        let (mut changed, mut has_left) = (0, false);
        for number in numbers {
            match self.recount_together(vec![number]).await {
                Ok((here, is_left)) => (changed, has_left) = (changed + here, has_left | is_left),
                Err(fault) if is_of_a_ticket(&fault) => {
                    tracing::error!(ticket = %number, error = fault.detail, "counting a provisional limit again failed; it stays");
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok((changed, has_left))
    }

    async fn recount_together(&self, numbers: Vec<TicketNumber>) -> Result<(u64, bool), Fault> {
        let input = (self.clone(), numbers);
        let outcome = self
            .store
            .run(&self.clock, input, async |work, (runner, numbers)| runner.recount_in(work, numbers).await);
        outcome.await
    }

    async fn recount_in(&self, work: &Work, numbers: &[TicketNumber]) -> Result<(u64, bool), Fault> {
        let rules = self.ledger.rules().in_force(&work.tx, work.now()).await?;
        let wanted: Vec<_> = numbers.iter().map(|number| (*number, &Scope::All)).collect();
        let locked = ledger::lock::lock_tickets(work, &wanted, false).await?;
        let has_left = locked.len() < numbers.len();
        let mut entries = Vec::new();
        let mut locked: Vec<_> = locked.into_values().collect();
        locked.sort_by_key(|ticket| ticket.number);
        for ticket in locked {
            let version = &ticket.cycle.deadline.policy_version;
            let policy = self.ledger.rules().policy(&work.tx, version).await?;
            let now = ledger::instant_of(work, &ticket);
            let Some(event) = decide(&ticket, &policy, &rules.calendar, now)? else { continue };
            let (number, actor, identity) = (ticket.number, Actor::system(), CallerIdentity::default());
            entries.push(Entry { number, before: Some(ticket), actor, events: vec![event], identity });
        }
        let changed = entries.len() as u64;
        if changed > 0 {
            self.ledger.write(work, entries).await?;
        }
        Ok((changed, has_left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::closed_loop::fixture::*;
    use crate::deadline::Clock;

    /// The shipped calendar with a table of 2027.
    fn calendar_of_2027(holidays: &str) -> Calendar {
        let text = format!(
            "version = \"t\"\n[[year]]\nyear = 2027\nnotices = [\"国办发明电〔2026〕1号\"]\nholidays = [{holidays}]\n"
        );
        let year = Calendar::parse(&text).expect("sound").year(2027).cloned().expect("the year");
        Calendar::shipped().expect("sound").with_years(vec![year]).expect("sound")
    }

    /// A request of Monday, 28 December 2026, with seven working days, of which some lie in 2027.
    fn provisional() -> (Desk, Ticket) {
        let mut desk = Desk::open().at(at("2026-12-28T11:00:00+08:00"));
        desk.policy.deadline.general.clock = Clock::Working;
        let ticket = desk.received();
        (desk, ticket)
    }

    fn recounted(desk: &Desk, ticket: &Ticket, calendar: &Calendar) -> Option<Deadline> {
        let event = decide(ticket, &desk.policy, calendar, desk.now).expect("it can be counted");
        event.map(|event| match event {
            Event::DeadlineRecounted { deadline, .. } => deadline,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn new_year_is_off_without_a_notice_and_the_rest_comes_with_it() {
        let (desk, ticket) = provisional();
        let before = &ticket.cycle.deadline;
        // 29, 30, 31 December, then 4 to 7 January: 1 January is off by law.
        assert_eq!((before.due_at, before.is_provisional), (at("2027-01-07T11:00:00+08:00"), true));
        let later = calendar_of_2027("{ name = \"元旦\", off = [\"2027-01-01/2027-01-04\"] }");
        let after = recounted(&desk, &ticket, &later).expect("it is counted again");
        assert_eq!((after.due_at, after.is_provisional), (at("2027-01-08T11:00:00+08:00"), false));
        assert_eq!(after.calendar_version, later.version());
        let counted = desk.fold(
            Some(ticket),
            vec![Event::DeadlineRecounted { deadline: after, calendar_version: later.version().to_owned() }],
        );
        assert_eq!(recounted(&desk, &counted, &later), None, "once");
    }

    #[test]
    fn a_limit_never_becomes_earlier() {
        let (desk, ticket) = provisional();
        let with_make_up = "{ name = \"元旦\", off = [\"2027-01-01\"], work = [\"2027-01-02\"] }";
        let earlier = calendar_of_2027(with_make_up);
        let after = recounted(&desk, &ticket, &earlier).expect("it is final now");
        assert_eq!((after.due_at, after.is_provisional), (ticket.cycle.deadline.due_at, false));
        assert_eq!(after.calendar_version, ticket.cycle.deadline.calendar_version);
    }

    #[test]
    fn a_limit_that_has_passed_stays() {
        let (desk, ticket) = provisional();
        let later = calendar_of_2027("{ name = \"元旦\", off = [\"2027-01-01/2027-01-04\"] }");
        let due_at = ticket.cycle.due_at();
        assert_eq!(recounted(&desk.at(due_at), &ticket, &later), None);
        assert!(recounted(&desk.at(due_at - TimeDelta::microseconds(1)), &ticket, &later).is_some());
    }

    #[test]
    fn a_pass_begins_with_another_calendar_and_again_after_some_minutes() {
        let now = at("2026-12-28T11:00:00+08:00");
        let mut progress = Progress::default();
        for (minutes, calendar, has_left, begins) in [
            (0, "one", false, true),
            (1, "one", false, false),
            (2, "two", true, true),
            // A ticket was locked.
            (3, "two", false, true),
            (7, "two", false, false),
            (8, "two", false, true),
        ] {
            let now = now + TimeDelta::minutes(minutes);
            progress.begin(calendar, now);
            assert_eq!(progress.finished_at.is_none(), begins, "after {minutes} minutes");
            if begins {
                progress.has_left = has_left;
                progress.end(now);
            }
        }
    }

    #[test]
    fn only_open_tickets_with_a_provisional_limit_are_counted() {
        let (desk, ticket) = provisional();
        let later = calendar_of_2027("{ name = \"元旦\", off = [\"2027-01-01/2027-01-04\"] }");
        let withdraw = crate::closed_loop::withdraw_ticket::WithdrawTicket { note: "已解决".to_owned() };
        assert_eq!(recounted(&desk, &desk.run(AGENT, &withdraw, &ticket), &later), None);
        let certain = Desk::open().received();
        assert_eq!(recounted(&desk.at(certain.received_at), &certain, &later), None);
    }
}
