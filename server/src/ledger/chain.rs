//! The chain of each ticket's events as the ledger keeps it: a ticket's row carries the link of its last event, so that
//! the next one is hashed over it without a look at the table of events.
//!
//! Events of an older release have no link of their own. Where some stand at the end of a ticket, they are hashed when
//! the ticket is next written, or by [`adopt`], and `chain_start` keeps what came out.

use std::ops::Deref;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use super::rows::{event, ticket};
use super::seals;
use crate::platform::hashing::{HashSuite, Link};
use crate::platform::{Fault, Work};
use crate::ticket::Ticket;
use crate::timeline::chain::{self, EventCells};

/// With what events without a link of their own are hashed, whatever suite the chain goes on with.
pub(super) const SUITE_OF_OLD_EVENTS: HashSuite = HashSuite::Sha256;

/// `chain_start`: up to where a ticket's events were hashed later than written.
pub(super) mod start {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "chain_start")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
        pub hash: Vec<u8>,
        pub noted_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The end of a ticket's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The sequence of the event.
    pub sequence: i32,
    /// Its link.
    pub link: Link,
}

impl Head {
    /// Before the first event.
    pub(super) const NONE: Self = Self { sequence: 0, link: Link::NONE };

    /// The head of a row's columns, if it has one.
    pub(super) fn of(sequence: Option<i32>, hash: Option<Vec<u8>>) -> Result<Option<Self>, Fault> {
        let (Some(sequence), Some(hash)) = (sequence, hash) else { return Ok(None) };
        Ok(Some(Self { sequence, link: link_of(&hash)? }))
    }
}

/// A ticket as it was read under its lock, with the end of its chain where that was read with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The ticket.
    pub ticket: Ticket,
    pub(super) head: Option<Head>,
}

impl Deref for Held {
    type Target = Ticket;

    fn deref(&self) -> &Ticket {
        &self.ticket
    }
}

impl From<Ticket> for Held {
    /// A ticket without the end of its chain, which the ledger then looks up when it writes.
    fn from(ticket: Ticket) -> Self {
        Self { ticket, head: None }
    }
}

/// The link of a column.
pub(super) fn link_of(hash: &[u8]) -> Result<Link, Fault> {
    Link::of(hash).ok_or_else(|| Fault::internal("a link of another length"))
}

/// The end of a held ticket's chain. Looked up where it was not read with the ticket, and made up to date where an older
/// release has written the last events.
pub(super) async fn head_of(work: &Work, ticket: &Held) -> Result<Head, Fault> {
    let version = i32::try_from(ticket.version).map_err(|_| Fault::internal("a version out of range"))?;
    if let Some(head) = ticket.head.filter(|head| head.sequence == version) {
        return Ok(head);
    }
    let number = ticket.number.as_i64();
    let found: Option<(Option<i32>, Option<Vec<u8>>)> = super::rows::ticket::Entity::find_by_id(number)
        .select_only()
        .columns([super::rows::ticket::Column::HeadSequence, super::rows::ticket::Column::HeadHash])
        .into_tuple()
        .one(&work.tx)
        .await?;
    let stored = found.map(|(sequence, hash)| Head::of(sequence, hash)).transpose()?.flatten();
    let head = stored.unwrap_or(Head::NONE);
    if head.sequence >= version { Ok(head) } else { catch_up(work, number, head).await }
}

/// Hashes the events behind a head that have no link yet, and keeps up to where.
async fn catch_up(work: &Work, number: i64, mut head: Head) -> Result<Head, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::TicketNumber.eq(number))
        .filter(event::Column::Sequence.gt(head.sequence))
        .order_by_asc(event::Column::Sequence)
        .all(&work.tx)
        .await?;
    for row in &rows {
        let link = chain::event(SUITE_OF_OLD_EVENTS, &head.link, &row.cells());
        head = Head { sequence: row.sequence, link };
    }
    let kept = start::ActiveModel {
        ticket_number: Set(number),
        sequence: Set(head.sequence),
        hash: Set(head.link.as_bytes().to_vec()),
        noted_at: Set(work.now().timestamp_micros()),
    };
    start::Entity::insert(kept).exec_without_returning(&work.tx).await?;
    Ok(head)
}

impl event::Model {
    /// What its link is hashed over.
    pub(super) fn cells(&self) -> EventCells<'_> {
        EventCells {
            ticket_number: self.ticket_number,
            sequence: self.sequence,
            occurred_at: self.occurred_at,
            principal: &self.principal,
            unit: self.unit.as_deref(),
            payload: &self.payload,
        }
    }
}

/// Number, version, and the end of the chain.
type Ended = (i64, i32, Option<i32>, Option<Vec<u8>>);

/// Tickets behind a number whose last events an older release wrote, at most `limit`, and where the next look begins;
/// `None` behind the last ticket. Looks at `reach` tickets, without a lock.
///
/// # Errors
/// Where the database refuses.
pub async fn unchained(
    db: &impl ConnectionTrait,
    behind: i64,
    reach: u64,
) -> Result<(Vec<i64>, Option<i64>), Fault> {
    use ticket::Column;
    let looked_at: Vec<(i64, i32, Option<i32>)> = ticket::Entity::find()
        .select_only()
        .columns([Column::Number, Column::Version, Column::HeadSequence])
        .filter(Column::Number.gt(behind))
        .order_by_asc(Column::Number)
        .limit(reach)
        .into_tuple()
        .all(db)
        .await?;
    let next = looked_at.last().filter(|_| looked_at.len() as u64 == reach).map(|(number, ..)| *number);
    let unchained = looked_at.iter().filter(|(_, version, head)| *head != Some(*version));
    Ok((unchained.map(|(number, ..)| *number).collect(), next))
}

/// Hashes the last events of tickets that an older release wrote, and has the heads sealed; answers of how many. One that
/// somebody holds is left to them: what they write is hashed over the same.
///
/// # Errors
/// Where the database refuses. Nothing is kept then.
pub async fn adopt(work: &Work, numbers: &[i64]) -> Result<u64, Fault> {
    use ticket::Column;
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([Column::Number, Column::Version, Column::HeadSequence, Column::HeadHash])
        .filter(Column::Number.is_in(numbers.iter().copied()))
        .order_by_asc(Column::Number);
    if work.tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let tickets: Vec<Ended> = query.into_tuple().all(&work.tx).await?;
    let mut adopted = 0;
    for (number, version, sequence, hash) in tickets.into_iter().filter(|row| row.2 != Some(row.1)) {
        let head = Head::of(sequence, hash)?.unwrap_or(Head::NONE);
        if head.sequence >= version {
            continue;
        }
        let head = catch_up(work, number, head).await?;
        ticket::Entity::update_many()
            .col_expr(Column::HeadSequence, Expr::val(head.sequence))
            .col_expr(Column::HeadHash, Expr::val(head.link.as_bytes().to_vec()))
            .filter(Column::Number.eq(number))
            .exec(&work.tx)
            .await?;
        seals::note(work, [(number, "", head.sequence, &head.link)]).await?;
        adopted += 1;
    }
    Ok(adopted)
}
