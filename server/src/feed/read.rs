//! Reads entries of the feed by position, for the one reader of a server or for a stream that is behind. The rows are
//! limited to the reader's scope; what a caller gets of them is decided by [`deliver`](super::deliver). An entry
//! that can't be read does not keep the others back.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hotline_proto::v1::ErrorReason;
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr};
use tokio::time::Instant as Moment;

use super::entry::{Batch, DigestItem, EventItem, FeedEntry, FeedItem, SharedAudience, UnreadableItem};
use super::page_bytes::PageBytes;
use super::rows::{self, feed};
use super::unreadable::UnreadableEntries;
use crate::access::Scope;
use crate::ledger::audience::{self, Audience};
use crate::ledger::departures;
use crate::ledger::digests::list::{self as digests, Digest, DigestTicket, Key};
use crate::ledger::rows::event;
use crate::ledger::visibility::UnitLineage;
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;
use crate::ticket::columns::number;
use crate::ticket::{Event, EventRecord, TicketNumber, UnitCode};

/// A part of the feed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// After this position.
    pub(super) after: i64,
    /// Up to this position.
    pub(super) through: i64,
    /// Maximum number of entries.
    pub(super) limit: u64,
    /// Maximum number of bytes, but for the first entry.
    pub(super) bytes_max: usize,
}

/// A row of the feed, with its event if it is one and the connection may see it.
#[derive(Debug, Clone, FromQueryResult)]
struct Row {
    position: i64,
    ticket_number: Option<i64>,
    unit: Option<String>,
    sequence: i64,
    occurred_at: Option<i64>,
    principal: Option<String>,
    actor_unit: Option<String>,
    payload: Option<String>,
}

/// A row whose event was read.
struct ReadRow {
    row: Row,
    recorded: Option<Arc<EventRecord>>,
}

/// The entries of a range in a scope, as far as they fit. For a unit: its digests, and the entries of tickets that it
/// may see, or that left it with the event. There is nothing else up to the position that the batch names.
///
/// # Errors
/// If the database refuses.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    scope: &Scope,
    range: Range,
    unreadable: &UnreadableEntries,
) -> Result<Batch, Fault> {
    let read_at = Moment::now();
    let lineage = UnitLineage::of(db, scope).await?;
    let statement = db.get_database_backend().build(&query(lineage.as_ref(), range));
    let mut rows = Row::find_by_statement(statement).all(db).await?;
    let found = rows.len();
    let entries = match entries(db, scope, &mut rows, range.bytes_max).await {
        // Something in these rows can't be read. One by one they show what it is, and the others are given.
        Err(fault) if fault.reason == ErrorReason::Internal => {
            let mut entries = Vec::with_capacity(rows.len());
            for row in &rows {
                entries.extend(entry_of(db, scope, row, unreadable).await?);
            }
            entries
        }
        entries => entries?,
    };
    let is_whole = rows.len() == found && (found as u64) < range.limit;
    let last = rows.last().map_or(range.after, |row| row.position);
    Ok(Batch { entries, through: if is_whole { range.through } else { last }, read_at })
}

/// The entry of one row, which says so if it can't be read.
async fn entry_of(
    db: &impl ConnectionTrait,
    scope: &Scope,
    row: &Row,
    unreadable: &UnreadableEntries,
) -> Result<Vec<FeedEntry>, Fault> {
    let fault = match entries(db, scope, &mut vec![row.clone()], 0).await {
        Err(fault) if fault.reason == ErrorReason::Internal => fault,
        entries => return entries,
    };
    unreadable.note(row.position, &fault);
    let audience = if let Some(number) = row.ticket_number {
        audience::without_document(db, number).await?
    } else {
        // A database that refuses everything is no damaged row.
        rows::last(db).await?;
        Audience::default()
    };
    let unit = row.unit.clone().map(UnitCode);
    let item = UnreadableItem { unit, audience: SharedAudience::new(audience) };
    Ok(vec![FeedEntry { position: row.position, item: FeedItem::Unreadable(item) }])
}

fn query(lineage: Option<&UnitLineage>, range: Range) -> SelectStatement {
    let of_feed = |column: feed::Column| Expr::col((feed::Entity, column));
    let of_event = |column: event::Column| Expr::col((event::Entity, column));
    let is_its_event = of_event(event::Column::TicketNumber)
        .eq(of_feed(feed::Column::TicketNumber))
        .and(of_event(event::Column::Sequence).eq(of_feed(feed::Column::Sequence)));
    let mut query = Query::select()
        .columns([
            (feed::Entity, feed::Column::Position),
            (feed::Entity, feed::Column::TicketNumber),
            (feed::Entity, feed::Column::Unit),
            (feed::Entity, feed::Column::Sequence),
        ])
        .columns([
            (event::Entity, event::Column::OccurredAt),
            (event::Entity, event::Column::Principal),
            (event::Entity, event::Column::Payload),
        ])
        .expr_as(of_event(event::Column::Unit), "actor_unit")
        .from(feed::Entity)
        .left_join(event::Entity, is_its_event)
        .and_where(of_feed(feed::Column::Position).gt(range.after))
        .and_where(of_feed(feed::Column::Position).lte(range.through))
        .order_by((feed::Entity, feed::Column::Position), Order::Asc)
        .limit(range.limit)
        .to_owned();
    if let Some(lineage) = lineage {
        let is_departure = of_departure(lineage.unit());
        let is_visible = lineage.may_see((feed::Entity, feed::Column::TicketNumber));
        query.and_where(of_feed(feed::Column::Unit).eq(lineage.unit()).or(is_visible).or(is_departure));
    }
    query
}

/// The condition that the ticket of an entry left a unit with it.
fn of_departure(unit: &str) -> SimpleExpr {
    use departures::row::{Column, Entity};
    let of_departure = |column: Column| Expr::col((Entity, column));
    let departure = Query::select()
        .column((Entity, Column::Sequence))
        .from(Entity)
        .and_where(of_departure(Column::Unit).eq(unit))
        .and_where(
            of_departure(Column::TicketNumber).eq(Expr::col((feed::Entity, feed::Column::TicketNumber))),
        )
        .and_where(of_departure(Column::Sequence).eq(Expr::col((feed::Entity, feed::Column::Sequence))))
        .to_owned();
    Expr::exists(departure)
}

/// What belongs to the entries of a page.
#[derive(Default)]
struct Parts {
    audiences: HashMap<i64, SharedAudience>,
    departures: HashMap<(i64, i64), Vec<String>>,
    digests: HashMap<Key, Digest>,
    tickets: HashMap<Key, Vec<DigestTicket>>,
}

/// The entries of rows. Rows that do not fit into so many bytes are removed.
async fn entries(
    db: &impl ConnectionTrait,
    scope: &Scope,
    rows: &mut Vec<Row>,
    bytes_max: usize,
) -> Result<Vec<FeedEntry>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Key> =
        rows.iter().filter_map(|row| Some((UnitCode(row.unit.clone()?), row.sequence))).collect();
    let found = digests::by_keys(db, &keys).await?;
    let mut found: HashMap<Key, Digest> =
        found.into_iter().map(|digest| ((digest.unit.clone(), digest.sequence), digest)).collect();
    let read = read_rows(rows, &found, bytes_max)?;
    rows.truncate(read.len());
    let kept: Vec<Digest> = read.iter().filter_map(|one| found.remove(&one.row.digest_key()?)).collect();
    let tickets = digests::tickets(db, scope, &kept).await?;
    let of_events: BTreeSet<i64> = rows.iter().filter_map(|row| row.ticket_number).collect();
    let of_digests = tickets.values().flatten().map(|ticket| ticket.number.as_i64());
    let numbers: BTreeSet<i64> = of_events.iter().copied().chain(of_digests).collect();
    let audiences = audience::of_tickets(db, &Vec::from_iter(numbers)).await?;
    let mut parts = Parts {
        audiences: audiences.into_iter().map(|(number, one)| (number, SharedAudience::new(one))).collect(),
        departures: departures_of(db, of_events).await?,
        digests: kept.into_iter().map(|digest| ((digest.unit.clone(), digest.sequence), digest)).collect(),
        tickets,
    };
    read.into_iter().map(|one| parts.entry(one)).collect()
}

/// Reads the events of the first rows that fit into so many bytes.
fn read_rows(rows: &[Row], digests: &HashMap<Key, Digest>, bytes_max: usize) -> Result<Vec<ReadRow>, Fault> {
    let mut bytes = PageBytes::up_to(bytes_max);
    let mut read = Vec::with_capacity(rows.len());
    for row in rows {
        let (recorded, text_bytes) = recorded(row)?;
        let digest = row.digest_key().and_then(|key| digests.get(&key));
        let fits = match digest {
            Some(digest) => bytes.add_digest(digest.ticket_count),
            None => bytes.add(text_bytes),
        };
        if !fits {
            break;
        }
        read.push(ReadRow { row: row.clone(), recorded: recorded.map(Arc::new) });
    }
    Ok(read)
}

async fn departures_of(
    db: &impl ConnectionTrait,
    numbers: BTreeSet<i64>,
) -> Result<HashMap<(i64, i64), Vec<String>>, Fault> {
    use departures::row::{Column, Entity};
    let mut found: HashMap<(i64, i64), Vec<String>> = HashMap::new();
    if numbers.is_empty() {
        return Ok(found);
    }
    let among = is_among(db, Column::TicketNumber, Vec::from_iter(numbers));
    for row in Entity::find().filter(among).all(db).await? {
        found.entry((row.ticket_number, i64::from(row.sequence))).or_default().push(row.unit);
    }
    Ok(found)
}

impl Parts {
    fn audience(&self, number: TicketNumber) -> SharedAudience {
        self.audiences.get(&number.as_i64()).cloned().unwrap_or_default()
    }

    fn entry(&mut self, ReadRow { row, recorded }: ReadRow) -> Result<FeedEntry, Fault> {
        let position = row.position;
        let item = match (row.ticket_number, &row.unit) {
            (Some(of), None) => {
                let ticket = number(of)?;
                let departed = self.departures.remove(&(of, row.sequence)).unwrap_or_default();
                FeedItem::Event(EventItem { ticket, recorded, departed, audience: self.audience(ticket) })
            }
            (None, Some(unit)) => {
                let key = (UnitCode(unit.clone()), row.sequence);
                let digest = self.digests.remove(&key);
                let digest =
                    digest.ok_or_else(|| Fault::internal(format!("position {position} has no digest")))?;
                let tickets = self.tickets.remove(&key).unwrap_or_default().into_iter();
                let tickets = tickets.map(|ticket| (ticket.clone(), self.audience(ticket.number)));
                FeedItem::Digest(DigestItem { digest, tickets: tickets.collect() })
            }
            _ => return Err(Fault::internal(format!("position {position} is neither event nor digest"))),
        };
        Ok(FeedEntry { position, item })
    }
}

impl Row {
    /// The key of the digest that the row is an entry of, if it is one.
    fn digest_key(&self) -> Option<Key> {
        Some((UnitCode(self.unit.clone()?), self.sequence))
    }
}

/// The event of a row, and the bytes of its text. Long texts that no event of the contract shows are left out, so that
/// entries stay small.
fn recorded(row: &Row) -> Result<(Option<EventRecord>, usize), Fault> {
    let (Some(ticket_number), Some(occurred_at), Some(principal), Some(payload)) =
        (row.ticket_number, row.occurred_at, row.principal.clone(), row.payload.clone())
    else {
        return Ok((None, 0));
    };
    let sequence = i32::try_from(row.sequence).map_err(|_| Fault::internal("a sequence out of range"))?;
    let (unit, hash) = (row.actor_unit.clone(), Vec::new());
    let stored_bytes = payload.len();
    let model = event::Model { ticket_number, sequence, occurred_at, principal, unit, payload, hash };
    let mut recorded = event::read(model)?;
    let mut left_out = 0;
    let mut leave_out = |text: &mut String| left_out += std::mem::take(text).len();
    match &mut recorded.event {
        Event::TicketCreated(created) => {
            leave_out(&mut created.subject);
            leave_out(&mut created.content);
        }
        Event::TicketRedacted { subject, content, .. } => {
            [subject, content].into_iter().flatten().for_each(leave_out);
        }
        _ => {}
    }
    Ok((Some(recorded), stored_bytes.saturating_sub(left_out)))
}
