//! Transfers of all open work of a unit: one row each, with its target and its progress.
//!
//! A transfer walks the open tickets of its unit in the order of their numbers. Any server claims its row under a lock
//! that the others skip, moves the next tickets, and counts them in the same transaction. So a server that dies between
//! two steps loses and doubles nothing. A unit has at most one transfer that runs.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ActiveValue, QueryOrder as _, QuerySelect as _, Select};

use super::rows::unit;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::{Actor, Instant, TicketNumber, UnitCode, columns};

/// A transfer and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its number, from 1.
    pub number: u32,
    /// The unit whose open work moves.
    pub from: UnitCode,
    /// The unit that takes it over; `None` for the desk.
    pub to: Option<UnitCode>,
    /// Why; empty if a change of the unit started it.
    pub reason: String,
    /// Who started it. The events of its tickets name the same actor.
    pub actor: Actor,
    /// When it was started.
    pub started_at: Instant,
    /// The open tickets that the unit had then.
    pub total: u32,
    /// What became of its tickets so far.
    pub progress: Progress,
    /// When it was done; `None` while it runs.
    pub done_at: Option<Instant>,
    /// The last ticket that it has looked at; 0 before the first.
    last_ticket: i64,
}

/// How many tickets of a transfer went where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// To the successor.
    pub moved: u32,
    /// To the desk.
    pub sent_to_desk: u32,
    /// They stay with their lead, without the unit.
    pub released: u32,
}

/// A transfer to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransfer {
    /// The unit whose open work moves.
    pub from: UnitCode,
    /// The unit that takes it over; `None` for the desk.
    pub to: Option<UnitCode>,
    /// Why.
    pub reason: String,
    /// Who starts it.
    pub actor: Actor,
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit_transfer")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub from_unit: String,
        pub to_unit: Option<String>,
        pub reason: String,
        pub principal: String,
        pub via: Option<String>,
        pub started_at: i64,
        pub total: i32,
        pub moved: i32,
        pub sent_to_desk: i32,
        pub released: i32,
        pub last_ticket: i64,
        pub claim_after: i64,
        pub done_at: Option<i64>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn stored(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn transfer_of(row: row::Model) -> Result<Transfer, Fault> {
    Ok(Transfer {
        number: row.number.unsigned_abs(),
        from: UnitCode(row.from_unit),
        to: row.to_unit.map(UnitCode),
        reason: row.reason,
        actor: Actor { principal: row.principal, unit: None, via: row.via },
        started_at: columns::instant(row.started_at)?,
        total: row.total.unsigned_abs(),
        progress: Progress {
            moved: row.moved.unsigned_abs(),
            sent_to_desk: row.sent_to_desk.unsigned_abs(),
            released: row.released.unsigned_abs(),
        },
        done_at: row.done_at.map(columns::instant).transpose()?,
        last_ticket: row.last_ticket,
    })
}

/// How many open tickets a unit leads, assists or is informed of. Without a scope: only a count leaves.
///
/// # Errors
/// If the database refuses.
pub async fn count_open(db: &impl ConnectionTrait, code: &UnitCode) -> Result<u32, Fault> {
    let open = unit::Entity::find()
        .filter(unit::Column::Unit.eq(code.as_str()))
        .filter(unit::Column::IsOpen.eq(true))
        .count(db)
        .await?;
    Ok(u32::try_from(open).unwrap_or(u32::MAX))
}

/// A transfer by its number.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn find(db: &impl ConnectionTrait, number: u32) -> Result<Option<Transfer>, Fault> {
    row::Entity::find_by_id(stored(number)).one(db).await?.map(transfer_of).transpose()
}

/// The transfer of a unit that runs, if there is one.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn running(db: &impl ConnectionTrait, from: &UnitCode) -> Result<Option<Transfer>, Fault> {
    let running = row::Entity::find()
        .filter(row::Column::FromUnit.eq(from.as_str()))
        .filter(row::Column::DoneAt.is_null());
    running.one(db).await?.map(transfer_of).transpose()
}

/// Starts a transfer. The unit has none that runs.
///
/// # Errors
/// A conflict if another transfer of the unit, or with the same number, is started at the same time.
pub async fn start(work: &Work, new: NewTransfer) -> Result<Transfer, Fault> {
    failpoint::reach("transfer.start").await?;
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(row::Column::Number.max(), "last")
        .into_tuple()
        .one(&work.tx)
        .await?;
    let now = work.now();
    let transfer = Transfer {
        number: last.flatten().unwrap_or_default().unsigned_abs() + 1,
        total: count_open(&work.tx, &new.from).await?,
        from: new.from,
        to: new.to,
        reason: new.reason,
        actor: new.actor,
        started_at: now,
        progress: Progress::default(),
        done_at: None,
        last_ticket: 0,
    };
    let row = row::ActiveModel {
        number: Set(stored(transfer.number)),
        from_unit: Set(transfer.from.0.clone()),
        to_unit: Set(transfer.to.as_ref().map(|to| to.0.clone())),
        reason: Set(transfer.reason.clone()),
        principal: Set(transfer.actor.principal.clone()),
        via: Set(transfer.actor.via.clone()),
        started_at: Set(now.timestamp_micros()),
        total: Set(stored(transfer.total)),
        moved: Set(0),
        sent_to_desk: Set(0),
        released: Set(0),
        last_ticket: Set(0),
        claim_after: Set(now.timestamp_micros()),
        done_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(&work.tx).await?;
    Ok(transfer)
}

/// The transfers that are due at an instant, the one that waits longest first.
fn due(at: Instant) -> Select<row::Entity> {
    row::Entity::find()
        .filter(row::Column::DoneAt.is_null())
        .filter(row::Column::ClaimAfter.lte(at.timestamp_micros()))
        .order_by_asc(row::Column::ClaimAfter)
        .order_by_asc(row::Column::Number)
}

/// Claims a transfer, or the one that waits longest, until the unit of work ends. Those that another server has claimed
/// are skipped.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn claim(work: &Work, only: Option<u32>) -> Result<Option<Transfer>, Fault> {
    failpoint::reach("transfer.claim").await?;
    let mut due = due(work.now());
    if let Some(number) = only {
        due = due.filter(row::Column::Number.eq(stored(number)));
    }
    let claimed =
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).limit(1).one(&work.tx).await?;
    claimed.map(transfer_of).transpose()
}

/// Whether a transfer can be claimed at an instant, or is claimed by somebody.
///
/// # Errors
/// If the database refuses.
pub async fn is_due(db: &impl ConnectionTrait, at: Instant) -> Result<bool, Fault> {
    let due: Option<i32> =
        due(at).select_only().column(row::Column::Number).limit(1).into_tuple().one(db).await?;
    Ok(due.is_some())
}

/// The next open tickets of a claimed transfer, at most `limit`, by number; not locked.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn next_tickets(
    db: &impl ConnectionTrait,
    transfer: &Transfer,
    limit: u64,
) -> Result<Vec<TicketNumber>, Fault> {
    let numbers: Vec<i64> = unit::Entity::find()
        .select_only()
        .column(unit::Column::TicketNumber)
        .filter(unit::Column::Unit.eq(transfer.from.as_str()))
        .filter(unit::Column::IsOpen.eq(true))
        .filter(unit::Column::TicketNumber.gt(transfer.last_ticket))
        .order_by_asc(unit::Column::TicketNumber)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    numbers.into_iter().map(columns::number).collect()
}

/// What changes in the row of a claimed transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The tickets up to this one were looked at.
    Passed(TicketNumber),
    /// It begins again with the first ticket, at an instant.
    Again(Instant),
    /// It is done.
    Done,
}

/// Writes the progress of a claimed transfer.
///
/// # Errors
/// If the database refuses.
pub async fn write(work: &Work, transfer: &Transfer, step: Step) -> Result<(), Fault> {
    failpoint::reach("transfer.write").await?;
    let Progress { moved, sent_to_desk, released } = transfer.progress;
    let mut row = row::ActiveModel {
        number: ActiveValue::Unchanged(stored(transfer.number)),
        moved: Set(stored(moved)),
        sent_to_desk: Set(stored(sent_to_desk)),
        released: Set(stored(released)),
        ..Default::default()
    };
    match step {
        Step::Passed(last) => row.last_ticket = Set(last.as_i64()),
        Step::Again(at) => {
            row.last_ticket = Set(0);
            row.claim_after = Set(at.timestamp_micros());
        }
        Step::Done => row.done_at = Set(Some(work.now().timestamp_micros())),
    }
    row::Entity::update(row).exec(&work.tx).await?;
    Ok(())
}

/// The refusal for a unit whose open work is moving already.
#[must_use]
pub fn running_already(transfer: &Transfer) -> Fault {
    Fault::new(ErrorReason::TransferRunning)
        .with("unit", transfer.from.as_str())
        .with("transfer_number", transfer.number.to_string())
}
