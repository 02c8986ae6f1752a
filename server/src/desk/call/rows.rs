//! `call` and `call_seat`: what is known of each call, and the seats that it reached.

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

use super::{Call, CallDetails};
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::dated::value_of;
use crate::ticket::{CallId, Instant, columns};

pub(super) mod call {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "call")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub call_id: String,
        pub system: String,
        pub end_to_end_id: Option<String>,
        pub reference: Option<String>,
        pub began_at: i64,
        pub outcome: i16,
        pub hand_over: i16,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod call_seat {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_seat")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seat: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub call_id: String,
        pub began_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn unreadable(id: &str, error: &dyn std::fmt::Display) -> Fault {
    Fault::internal(format!("the document of call {id} can't be read or written: {error}"))
}

/// The call of a row.
pub(super) fn read(row: call::Model) -> Result<Call, Fault> {
    let details = serde_json::from_str(&row.document).map_err(|error| unreadable(&row.call_id, &error))?;
    let call::Model { call_id, system, end_to_end_id, reference, .. } = row;
    Ok(Call { id: CallId(call_id), system, end_to_end_id, reference, details, is_training: false })
}

/// A call by its id.
pub(super) async fn find(db: &impl ConnectionTrait, id: &CallId) -> Result<Option<Call>, Fault> {
    call::Entity::find_by_id(id.0.as_str()).one(db).await?.map(read).transpose()
}

/// What is known of the beginning and the end of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) struct CallStart {
    /// When it began.
    pub(in crate::desk) began_at: Instant,
    /// Whether its end was reported.
    pub(in crate::desk) is_ended: bool,
}

/// The beginning of a call; `None` if there is no such call.
pub(in crate::desk) async fn start_of(
    db: &impl ConnectionTrait,
    id: &CallId,
) -> Result<Option<CallStart>, Fault> {
    let found: Option<(i64, i16)> = call::Entity::find_by_id(id.0.as_str())
        .select_only()
        .columns([call::Column::BeganAt, call::Column::Outcome])
        .into_tuple()
        .one(db)
        .await?;
    let Some((began_at, outcome)) = found else { return Ok(None) };
    Ok(Some(CallStart { began_at: columns::instant(began_at)?, is_ended: outcome != 0 }))
}

/// Locks a call, so that its numbers are joined by one writer at a time.
pub(in crate::desk) async fn lock(db: &impl ConnectionTrait, id: &CallId) -> Result<(), Fault> {
    let locked = call::Entity::find_by_id(id.0.as_str()).lock_exclusive();
    let _: Option<call::Model> = locked.one(db).await?;
    Ok(())
}

/// When a call began, in microseconds.
pub(super) fn began_at_micros(details: &CallDetails) -> i64 {
    details.began_at().map(|began_at| began_at.timestamp_micros()).unwrap_or_default()
}

fn row_of(call: &Call) -> Result<call::ActiveModel, Fault> {
    let document = serde_json::to_string(&call.details).map_err(|error| unreadable(&call.id.0, &error))?;
    Ok(call::ActiveModel {
        call_id: Set(call.id.0.clone()),
        system: Set(call.system.clone()),
        end_to_end_id: Set(call.end_to_end_id.clone()),
        reference: Set(call.reference.clone().or_else(|| value_of(&call.details.reference))),
        began_at: Set(began_at_micros(&call.details)),
        outcome: Set(call.details.outcome().map_or(0, super::details::Outcome::stored)),
        hand_over: Set(call.details.hand_over().map_or(0, super::details::HandOverState::stored)),
        document: Set(document),
    })
}

/// Writes a call and its seats: a new one, or in place of the one that is locked.
///
/// # Errors
/// A conflict if a new one is written by somebody else at the same time; if the database refuses.
pub(super) async fn write(work: &Work, call: &Call, is_new: bool) -> Result<(), Fault> {
    failpoint::reach("call.write").await?;
    let row = row_of(call)?;
    if is_new {
        call::Entity::insert(row).exec_without_returning(&work.tx).await?;
    } else {
        call::Entity::update(row).exec(&work.tx).await?;
    }
    let began_at = began_at_micros(&call.details);
    let seats = call.details.seats().into_iter().map(|seat| call_seat::ActiveModel {
        seat: Set(seat.to_owned()),
        call_id: Set(call.id.0.clone()),
        began_at: Set(began_at),
    });
    let seats: Vec<_> = seats.collect();
    if seats.is_empty() {
        return Ok(());
    }
    let key = OnConflict::columns([call_seat::Column::Seat, call_seat::Column::CallId])
        .update_column(call_seat::Column::BeganAt)
        .to_owned();
    call_seat::Entity::insert_many(seats).on_conflict(key).exec_without_returning(&work.tx).await?;
    Ok(())
}
