//! The content of the tables, read again after each step: the committed events in the order of the commits, and whether
//! all other rows follow from them.

use std::collections::HashMap;

use hotline_server::access::Scope;
use hotline_server::deadline::ladder::RungAt;
use hotline_server::ledger;
use hotline_server::platform::{Fault, Store};
use hotline_server::ticket::{Dispatch, Event, EventRecord, Relation, Rung, Ticket, TicketNumber, apply};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement, TryGetable, Value};

use crate::in_memory_product::WriteResult;

/// The most events of one ticket that are read; no ticket of a year has as many.
const EVENTS_MAX: u64 = 10_000;

/// All rows of a ticket besides its document and its events, one line a row.
const LINES: &str = "\
    SELECT 'ticket ' || version || ' ' || state || ' ' || category || ' ' || rung || ' ' || received_at || ' ' || \
           due_at || ' ' || is_open || ' ' || COALESCE(lead_unit, '-') FROM ticket WHERE number = $1 \
    UNION ALL SELECT 'unit ' || unit || ' ' || relation || ' ' || is_open || ' ' || due_at \
           FROM ticket_unit WHERE ticket_number = $1 \
    UNION ALL SELECT 'timer ' || cycle || ' ' || rung || ' ' || due_at || ' ' || tries || ' ' || claim_after \
           FROM ticket_timer WHERE ticket_number = $1 \
    UNION ALL SELECT 'effect ' || cycle || ' ' || round || ' ' || rung || ' ' || fired_at \
           FROM rung_effect WHERE ticket_number = $1 \
    UNION ALL SELECT 'notice ' || cycle || ' ' || round || ' ' || rung || ' ' || unit || ' ' || COALESCE(due_at, '-') || ' ' || \
           fired_at FROM digest_ticket WHERE ticket_number = $1 \
    UNION ALL SELECT 'identity' FROM encrypted_identity WHERE ticket_number = $1";

/// A read error as text.
pub(super) fn describe(fault: Fault) -> String {
    let Fault { reason, detail, .. } = fault;
    format!("{reason:?}: {detail}")
}

/// The rows of a query.
pub(super) async fn rows(
    store: &Store,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, String> {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    store.reader().query_all_raw(statement).await.map_err(|error| format!("{sql}: {error}"))
}

/// A column of a row.
pub(super) fn column<T: TryGetable>(row: &QueryResult, place: usize) -> Result<T, String> {
    row.try_get_by_index(place).map_err(|error: DbErr| error.to_string())
}

/// The commits after a row of the event table: for each unit of work and ticket its writes, in the order of the
/// commits; and the last row. `before` is the ticket as last reported.
pub(super) async fn written_since(
    store: &Store,
    last: i64,
    before: impl Fn(TicketNumber) -> Option<Ticket>,
) -> Result<(Vec<WriteResult>, i64), String> {
    let sql = "SELECT rowid, ticket_number, sequence FROM ticket_event WHERE rowid > $1 ORDER BY rowid";
    let (mut seen, mut order) = (last, Vec::new());
    let mut timelines: HashMap<i64, Vec<EventRecord>> = HashMap::new();
    for row in rows(store, sql, [last.into()]).await? {
        seen = column(&row, 0)?;
        let (number, sequence): (i64, i32) = (column(&row, 1)?, column(&row, 2)?);
        order.push((number, sequence.unsigned_abs()));
        if let std::collections::hash_map::Entry::Vacant(vacant) = timelines.entry(number) {
            let number = TicketNumber::from_i64(number).map_err(|error| error.to_string())?;
            let after = sequence.unsigned_abs() - 1;
            let events = ledger::read::events(store.reader(), number, after, EVENTS_MAX).await;
            vacant.insert(events.map_err(describe)?);
        }
    }
    let mut written: Vec<WriteResult> = Vec::new();
    let mut now: HashMap<i64, Ticket> = HashMap::new();
    for (number, sequence) in order {
        let timeline = timelines.get(&number).into_iter().flatten();
        let recorded = timeline.into_iter().find(|recorded| recorded.sequence == sequence);
        let recorded = recorded.ok_or_else(|| format!("no event {sequence} of {number}"))?.clone();
        let ticket = now.remove(&number).or_else(|| before(recorded.ticket));
        let after = apply::apply(ticket, &recorded)
            .map_err(|broken| format!("the events of {} do not fold: {}", recorded.ticket, broken.what))?;
        now.insert(number, after.clone());
        match written.last_mut().filter(|one| is_of_the_same_work(one, &recorded)) {
            Some(one) => {
                one.after = after;
                one.recorded.push(recorded);
            }
            None => written.push(WriteResult { after, recorded: vec![recorded] }),
        }
    }
    Ok((written, seen))
}

/// A unit of work writes a ticket's events together, at one instant, for one caller.
fn is_of_the_same_work(written: &WriteResult, next: &EventRecord) -> bool {
    let last = written.recorded.last();
    last.is_some_and(|last| last.ticket == next.ticket && last.at == next.at && last.actor == next.actor)
}

/// Checks that the stored ticket equals what was reported, and follows from its events.
pub(super) async fn check(store: &Store, ticket: &Ticket, timer: Option<RungAt>) -> Result<(), String> {
    let (number, db) = (ticket.number, store.reader());
    let (stored, timeline, lines) = tokio::join!(
        ledger::read::find(db, &Scope::All, number),
        ledger::read::events(db, number, 0, EVENTS_MAX),
        rows(store, LINES, [number.as_i64().into()]),
    );
    let stored = stored.map_err(describe)?.ok_or_else(|| format!("{number} was acknowledged and is lost"))?;
    let timeline = timeline.map_err(describe)?;
    let folded = apply::fold(&timeline)
        .map_err(|broken| format!("the events of {number} do not fold: {}", broken.what))?;
    if folded.version < ticket.version {
        return Err(format!("{number} was acknowledged in version {} and lost", ticket.version));
    }
    if folded != *ticket {
        return Err(format!("the events of {number} are not those that were told: {timeline:?}"));
    }
    if stored != folded {
        return Err(format!("the row of {number} is not the fold of its events: {stored:?}, not {folded:?}"));
    }
    let mut lines: Vec<String> = lines?.iter().map(|row| column(row, 0)).collect::<Result<_, _>>()?;
    let mut expected = expected_lines(ticket, &timeline, timer);
    lines.sort_unstable();
    expected.sort_unstable();
    if lines == expected {
        return Ok(());
    }
    let kind = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let differing = lines
        .iter()
        .filter(|line| !expected.contains(line))
        .chain(&expected)
        .find(|line| lines.contains(line) != expected.contains(line));
    let what = match differing.map(kind).as_deref() {
        Some("timer") => "the timer is not what the ticket's own policy asks",
        Some("effect") => "the effects are not those of the events",
        Some("notice") => "the notices are not those of the rungs that fired for a unit",
        Some("unit") => "the units are not those that have the ticket",
        Some("identity") => "somebody is named who was not",
        _ => "the columns do not say what the ticket says",
    };
    Err(format!("{what} on {number}: {lines:?}, not {expected:?}"))
}

/// Checks that each unit's digests are numbered without a gap, and that each has the right notices; returns how many
/// notices wait for a digest.
pub(super) async fn check_digests(store: &Store) -> Result<i64, String> {
    const GAPS: &str = "SELECT COUNT(*) FROM digest_unit WHERE last_sequence <> \
        (SELECT COUNT(*) FROM digest WHERE digest.unit = digest_unit.unit) OR last_sequence <> \
        (SELECT COALESCE(MAX(sequence), 0) FROM digest WHERE digest.unit = digest_unit.unit)";
    const WRONG: &str = "SELECT COUNT(*) FROM digest WHERE ticket_count = 0 OR ticket_count <> \
        (SELECT COUNT(*) FROM digest_ticket WHERE digest_ticket.unit = digest.unit \
         AND digest_sequence = sequence AND digest_ticket.rung = digest.rung)";
    const WAITING: &str = "SELECT COUNT(*) FROM digest_ticket WHERE digest_sequence IS NULL";
    let count = async |sql| column::<i64>(&rows(store, sql, []).await?[0], 0);
    for (sql, what) in
        [(GAPS, "a unit's digests have a gap"), (WRONG, "a digest has not the notices that it says")]
    {
        if count(sql).await? != 0 {
            return Err(what.to_owned());
        }
    }
    count(WAITING).await
}

const fn rung_number(rung: Rung) -> u8 {
    match rung {
        Rung::None => 0,
        Rung::Reminded => 1,
        Rung::Urged => 2,
        Rung::Supervised => 3,
        Rung::Manual => 4,
    }
}

/// The expected result of [`LINES`].
fn expected_lines(ticket: &Ticket, timeline: &[EventRecord], timer: Option<RungAt>) -> Vec<String> {
    let (due, is_open) = (ticket.listed_due_at().timestamp_micros(), u8::from(ticket.state.is_open()));
    let category = match ticket.category {
        hotline_server::ticket::Category::Consultation => 1,
        hotline_server::ticket::Category::Appeal => 2,
        hotline_server::ticket::Category::ComplaintReport => 3,
    };
    let mut lines = vec![format!(
        "ticket {} {} {category} {} {} {due} {is_open} {}",
        ticket.version,
        ticket.state.name(),
        rung_number(ticket.cycle.rung),
        ticket.received_at.timestamp_micros(),
        ticket.lead_unit().map_or("-", |unit| unit.as_str()),
    )];
    for (unit, relation) in ticket.dispatch.iter().flat_map(Dispatch::units) {
        let relation = match relation {
            Relation::Lead => 1,
            Relation::Assist => 2,
            Relation::Inform => 3,
        };
        lines.push(format!("unit {unit} {relation} {is_open} {due}"));
    }
    if let Some((rung, at)) = timer {
        let (cycle, at) = (ticket.cycle.number, at.timestamp_micros());
        lines.push(format!("timer {cycle} {} {at} 0 {at}", rung_number(rung)));
    }
    for recorded in timeline {
        if let Event::RungFired { cycle, round, rung, .. } | Event::RungPassed { cycle, round, rung, .. } =
            &recorded.event
        {
            let at = recorded.at.timestamp_micros();
            lines.push(format!("effect {cycle} {round} {} {at}", rung_number(*rung)));
        }
        if let Event::RungFired { cycle, round, rung, due_at, unit: Some(unit), .. } = &recorded.event {
            let due_at = due_at.map_or("-".to_owned(), |due_at| due_at.timestamp_micros().to_string());
            let at = recorded.at.timestamp_micros();
            lines.push(format!("notice {cycle} {round} {} {unit} {due_at} {at}", rung_number(*rung)));
        }
    }
    lines
}
