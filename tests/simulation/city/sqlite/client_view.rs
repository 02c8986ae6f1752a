//! The city's knowledge of a database: the index of each ticket, the last event that was reported, and the first answer
//! to each request.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;

use hotline_proto::v1::ErrorReason;
use hotline_server::access::Permit;
use hotline_server::platform::Store;
use hotline_server::platform::idempotency::{self, RequestKey, StoredAnswer, fingerprint};
use hotline_server::ticket::{Actor, Ticket, TicketNumber, UnitCode};
use uuid::Uuid;

use super::super::city_state::CityState;
use super::table_checks::{self, column, describe, rows};
use crate::command_spec::UnitId;
use crate::in_memory_product::WriteResult;
use crate::random::Trace;

/// A year with this many tickets must have had every fault.
const ENOUGH: usize = 1_000;

/// The number of injected faults of each kind.
#[derive(Debug, Default)]
pub(super) struct FaultCounts {
    pub(super) hung_up: u64,
    pub(super) died: u64,
    pub(super) killed: u64,
    pub(super) shut_down: u64,
    pub(super) at_once: u64,
    /// Ticks that found nothing, because another server's tick at the same moment came first.
    pub(super) overtaken: u64,
}

/// The first answer to a request.
#[derive(Debug)]
struct FirstAnswer {
    number: TicketNumber,
    version: u32,
    digest: Trace,
}

impl FirstAnswer {
    fn of(ticket: &Ticket) -> Result<Self, String> {
        let mut digest = Trace::default();
        serde_json::to_writer(&mut digest, ticket).map_err(|error| error.to_string())?;
        Ok(Self { number: ticket.number, version: ticket.version, digest })
    }
}

/// The known state.
#[derive(Debug)]
pub(super) struct ClientView {
    seed: u64,
    /// The last row of the event table that was read.
    seen: i64,
    places: HashMap<TicketNumber, usize>,
    answers: HashMap<u64, FirstAnswer>,
    pub(super) faults: FaultCounts,
}

impl ClientView {
    pub(super) fn new(seed: u64) -> Self {
        let (places, answers) = (HashMap::new(), HashMap::new());
        Self { seed, seen: 0, places, answers, faults: FaultCounts::default() }
    }

    /// The key of a request; the same for its repeats.
    pub(super) fn key(&self, permit: &Permit, id: u64, says: &str) -> RequestKey {
        let unit = permit.unit().map(UnitCode::as_str);
        RequestKey {
            principal: permit.principal().to_owned(),
            request_id: Uuid::from_u64_pair(self.seed, id),
            fingerprint: fingerprint(permit.method().method, unit, says.as_bytes()),
        }
    }

    /// The commits since the last call, in their order.
    pub(super) async fn read(
        &mut self,
        city_state: &CityState<'_>,
        store: &Store,
    ) -> Result<Vec<WriteResult>, String> {
        let places = &self.places;
        let before = |number| places.get(&number).map(|place| city_state.cases[*place].ticket.clone());
        let (written, seen) = table_checks::written_since(store, self.seen, before).await?;
        self.seen = seen;
        Ok(written)
    }

    /// The index of a ticket; a new one gets the next.
    pub(super) fn place(&mut self, written: &WriteResult) -> usize {
        let next = self.places.len();
        *self.places.entry(written.after.number).or_insert(next)
    }

    /// Checks an answer. A first answer equals the writes. A repeat gets the first answer and writes nothing, unless
    /// the ticket now accuses the calling unit. A refusal writes nothing, and the request record agrees.
    pub(super) async fn check_answer(
        &mut self,
        (store, city_state): (&Store, &CityState<'_>),
        (id, key, unit): (u64, &RequestKey, Option<&UnitCode>),
        response: Option<&Result<Ticket, ErrorReason>>,
        written: &[WriteResult],
    ) -> Result<(), String> {
        let by_runner = |one: &&WriteResult| one.recorded.iter().all(|event| event.actor == Actor::system());
        let mut by_request = written.iter().filter(|one| !by_runner(one));
        // A merge writes two tickets, and its answer is the repeat, which is the first.
        let outcome = by_request.next();
        if let Some(first) = self.answers.get(&id) {
            if let Some(again) = outcome {
                return Err(format!("{key:?} is done twice: {again:?}"));
            }
            let is_about_it = unit.is_some_and(|unit| self.accuses(city_state, first.number, unit));
            match response {
                Some(Err(ErrorReason::TicketNotFound)) if is_about_it => {}
                Some(answer) if is_about_it => {
                    return Err(format!("{key:?} is about the unit that asks, and answered {answer:?}"));
                }
                Some(Err(reason)) => return Err(format!("{key:?} is refused now: {reason:?}")),
                Some(Ok(ticket)) if FirstAnswer::of(ticket)?.digest != first.digest => {
                    return Err(format!("{key:?} is answered otherwise than at first: {ticket:?}"));
                }
                Some(Ok(_)) | None => {}
            }
        } else {
            match (response, outcome) {
                (Some(Ok(ticket)), Some(one)) if one.after == *ticket => {}
                (None, _) | (Some(Err(_)), None) => {}
                (response, outcome) => {
                    return Err(format!("{key:?} hears {response:?}, and what is written is {outcome:?}"));
                }
            }
            if let Some(one) = outcome {
                self.answers.insert(id, FirstAnswer::of(&one.after)?);
            }
        }
        let recorded = idempotency::find(store.reader(), key).await.map_err(describe)?;
        let first = self.answers.get(&id);
        let expected = first
            .map(|first| StoredAnswer::Version { subject: first.number.as_i64(), version: first.version });
        if recorded == expected {
            return Ok(());
        }
        Err(format!("the record of {key:?} is {recorded:?}, not {expected:?}"))
    }

    /// Whether a ticket, or the one that it was merged into, is about a unit or one above it.
    fn accuses(&self, city_state: &CityState<'_>, number: TicketNumber, unit: &UnitCode) -> bool {
        let roster = &city_state.product.roster;
        let id = |code: &UnitCode| roster.codes.binary_search(code).ok()?.try_into().ok();
        let mut next = Some(number);
        while let Some(ticket) =
            next.and_then(|number| self.places.get(&number)).map(|place| &city_state.cases[*place].ticket)
        {
            let accused: Vec<UnitId> = ticket.accused_units.iter().filter_map(id).collect();
            if id(unit).is_some_and(|unit| roster.reaches(unit, &accused)) {
                return true;
            }
            next = ticket.merged_into;
        }
        false
    }

    /// Checks that every ticket exists in the version that was last reported, or was just written.
    pub(super) async fn check_nothing_lost(
        &self,
        store: &Store,
        city_state: &CityState<'_>,
        written: &[WriteResult],
    ) -> Result<(), String> {
        let mut stored: HashMap<i64, i32> = HashMap::new();
        for row in rows(store, "SELECT number, version FROM ticket", []).await? {
            stored.insert(column(&row, 0)?, column(&row, 1)?);
        }
        let acknowledged = city_state.cases.iter().map(|case| (case.ticket.number, case.ticket.version));
        for (number, version) in
            acknowledged.chain(written.iter().map(|one| (one.after.number, one.after.version)))
        {
            let here = stored.get(&number.as_i64()).copied().unwrap_or_default().unsigned_abs();
            if here < version {
                return Err(format!(
                    "{number} was acknowledged in version {version} and is stored in {here}"
                ));
            }
        }
        Ok(())
    }

    /// The checks at the end, and figures: the counts of the tables, SQLite's integrity check, and a hash over all
    /// events by ticket and sequence.
    pub(super) async fn close(&self, store: &Store, city_state: &CityState<'_>) -> Result<String, String> {
        for (table, expected) in [
            ("ticket", city_state.cases.len()),
            ("rung_effect", city_state.timers.fired_count()),
            ("ticket_timer", city_state.timers.waiting()),
            ("request_record", self.answers.len()),
        ] {
            let count = rows(store, &format!("SELECT COUNT(*) FROM {table}"), []).await?;
            let count: i64 = column(&count[0], 0)?;
            if usize::try_from(count) != Ok(expected) {
                return Err(format!("{table} has {count} rows, not {expected}"));
            }
        }
        let waiting = table_checks::check_digests(store).await?;
        if waiting > 0 {
            return Err(format!("{waiting} notices never came into a digest"));
        }
        for pragma in ["integrity_check", "foreign_key_check"] {
            let lines = rows(store, &format!("PRAGMA {pragma}"), []).await?;
            let is_well = match lines.first() {
                None => true,
                Some(row) => column::<String>(row, 0)? == "ok",
            };
            if !is_well {
                return Err(format!("{pragma} finds something: {lines:?}"));
            }
        }
        let mut hash = Trace::default();
        let events = "SELECT ticket_number || ' ' || sequence || ' ' || occurred_at || ' ' || principal || ' ' || \
                      COALESCE(unit, '-') || ' ' || payload FROM ticket_event ORDER BY ticket_number, sequence";
        for row in rows(store, events, []).await? {
            let line: String = column(&row, 0)?;
            writeln!(hash, "{line}").map_err(|error| error.to_string())?;
        }
        let mut statistics = String::new();
        let faults = &self.faults;
        let seen = [
            ("callers hung up", faults.hung_up),
            ("servers died", faults.died),
            ("all killed", faults.killed),
            ("shut down", faults.shut_down),
            ("asked of two servers at once", faults.at_once),
        ];
        for (what, count) in seen {
            if count == 0 && city_state.cases.len() >= ENOUGH {
                return Err(format!("a year without any of these: {what}"));
            }
            let _ = write!(statistics, ", {count} {what}");
        }
        let _ = write!(statistics, ", {} request records, stored {:016x}", self.answers.len(), hash.0);
        Ok(statistics)
    }
}
