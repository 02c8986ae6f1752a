//! The database at the end of a run: every ticket with all its rows, and the acknowledged changes.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use hotline_server::access::Scope;
use hotline_server::deadline::ladder;
use hotline_server::ledger;
use hotline_server::ticket::{Actor, Event, EventRecord, Instant, Rung, Ticket, TicketNumber, UnitCode};
use sea_orm::QueryResult;

use crate::backlog::BacklogTicket;
use crate::database::Database;
use crate::load::{Acknowledged, LoadResult};
use crate::observer::instant;

/// Tickets that are read concurrently.
const READERS: usize = 8;

/// A rung of a cycle, and an instant: of its effect, its timer, or the witness.
pub(crate) type RungRow = (u32, Rung, Instant);

/// All data about one ticket.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) number: TicketNumber,
    /// Its data in the backlog; `None` for a ticket that was taken in during the run.
    pub(crate) backlog_ticket: Option<BacklogTicket>,
    /// Its events by sequence, with duplicates and gaps.
    pub(crate) timeline: Vec<EventRecord>,
    /// Its row.
    pub(crate) stored: Result<Ticket, String>,
    /// The fold of its events, up to the row's version.
    pub(crate) folded: Result<Ticket, String>,
    pub(crate) effects: Vec<RungRow>,
    /// The effects of the run, with the database's clock.
    pub(crate) witnessed: Vec<RungRow>,
    pub(crate) timers: Vec<RungRow>,
    /// The timer that the ladder requires.
    pub(crate) timer_asked: Option<RungRow>,
    /// The acknowledged changes.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// When the servers could begin to fire.
    pub(crate) begun_at: Instant,
}

/// The final state of a run.
#[derive(Debug, Clone)]
pub(crate) struct FinalState {
    pub(crate) cases: Vec<Case>,
    /// Unexpected errors of the load clients.
    pub(crate) unexpected_errors: Vec<String>,
}

fn rung_of(number: i16) -> Rung {
    let rungs = [Rung::None, Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];
    usize::try_from(number).ok().and_then(|place| rungs.get(place).copied()).expect("a rung of the tables")
}

fn rung_row(row: &QueryResult) -> (i64, RungRow) {
    let cycle: i32 = row.try_get_by_index(1).expect("a cycle");
    let rung = rung_of(row.try_get_by_index(2).expect("a rung"));
    let at = instant(row.try_get_by_index(3).expect("an instant"));
    (row.try_get_by_index(0).expect("a number"), (cycle.unsigned_abs(), rung, at))
}

fn recorded(row: &QueryResult) -> (i64, EventRecord) {
    let number: i64 = row.try_get_by_index(0).expect("a number");
    let sequence: i32 = row.try_get_by_index(1).expect("a sequence");
    let unit: Option<String> = row.try_get_by_index(4).expect("a unit");
    let payload: String = row.try_get_by_index(5).expect("a payload");
    let event: Event = serde_json::from_str(&payload).expect("an event of ours");
    let principal = row.try_get_by_index(3).expect("a principal");
    let recorded = EventRecord {
        ticket: TicketNumber::from_i64(number).expect("a sound number"),
        sequence: sequence.unsigned_abs(),
        at: instant(row.try_get_by_index(2).expect("an instant")),
        actor: Actor { principal, unit: unit.map(UnitCode), via: None },
        event,
    };
    (number, recorded)
}

/// Rows by ticket number, in their order.
fn by_number<T>(rows: impl Iterator<Item = (i64, T)>) -> BTreeMap<i64, Vec<T>> {
    rows.fold(BTreeMap::new(), |mut all, (number, row)| {
        all.entry(number).or_insert_with(Vec::new).push(row);
        all
    })
}

impl FinalState {
    /// Reads everything after all changes have ended.
    pub(crate) async fn gather(
        database: &Database,
        backlog: &[BacklogTicket],
        begun_at: Instant,
        seen: LoadResult,
    ) -> Self {
        let rungs = async |table: &str, at: &str| {
            let sql = format!("SELECT ticket_number, cycle, rung, {at} FROM {table} ORDER BY 1, 2, 3");
            by_number(database.observer.rows(&sql).await.iter().map(rung_row))
        };
        let mut effects = rungs("rung_effect", "fired_at").await;
        let mut witnessed = rungs("effect_witness", "seen_at").await;
        let mut timers = rungs("ticket_timer", "due_at").await;
        let events = "SELECT ticket_number, sequence, occurred_at, principal, unit, payload \
                      FROM ticket_event ORDER BY 1, 2";
        let mut timelines = by_number(database.observer.rows(events).await.iter().map(recorded));
        let mut backlog_ticket: BTreeMap<i64, BacklogTicket> = backlog
            .iter()
            .map(|backlog_ticket| (backlog_ticket.number.as_i64(), backlog_ticket.clone()))
            .collect();
        let mut acknowledged = by_number(seen.acknowledged.into_iter().map(|(number, acknowledged)| {
            (TicketNumber::parse(&number).expect("a number that was answered").as_i64(), acknowledged)
        }));
        // An acknowledged ticket without a row must be reported as missing.
        let mut numbers: Vec<i64> =
            backlog_ticket.keys().chain(acknowledged.keys()).chain(timelines.keys()).copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let reading = futures_util::stream::iter(numbers).map(|number| read(database, number));
        let read: Vec<_> = reading.buffered(READERS).collect().await;
        let cases = read.into_iter().map(|(number, stored, folded, timer_asked)| {
            let key = number.as_i64();
            Case {
                number,
                backlog_ticket: backlog_ticket.remove(&key),
                timeline: timelines.remove(&key).unwrap_or_default(),
                stored,
                folded,
                effects: effects.remove(&key).unwrap_or_default(),
                witnessed: witnessed.remove(&key).unwrap_or_default(),
                timers: timers.remove(&key).unwrap_or_default(),
                timer_asked,
                acknowledged: acknowledged.remove(&key).unwrap_or_default(),
                begun_at,
            }
        });
        Self { cases: cases.collect(), unexpected_errors: seen.unexpected_errors }
    }
}

type Read = (TicketNumber, Result<Ticket, String>, Result<Ticket, String>, Option<RungRow>);

/// A ticket's row, its fold, and the timer it should have.
async fn read(database: &Database, number: i64) -> Read {
    let db = database.store.reader();
    let number = TicketNumber::from_i64(number).expect("a sound number");
    let stored = match ledger::read::find(db, &Scope::All, number).await {
        Ok(Some(ticket)) => ticket,
        Ok(None) => return (number, Err("it has no row".to_owned()), Err(String::new()), None),
        Err(fault) => return (number, Err(fault.detail), Err(String::new()), None),
    };
    let folded = ledger::read::at_version(db, number, stored.version).await.map_err(|fault| fault.detail);
    let version = &stored.cycle.deadline.policy_version;
    let policy = database.ledger.rules().policy(db, version).await.expect("its policy is there");
    let next = ladder::next(&policy.ladder, &ledger::cycle_limit(&stored), stored.cycle.ladder_rung);
    let expected = next.filter(|_| stored.state.is_open());
    let expected = expected.map(|(rung, due_at)| (stored.cycle.number, rung, due_at));
    (number, Ok(stored), folded, expected)
}
