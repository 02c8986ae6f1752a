//! `call_key`: the ids of exchanges, and the calls that they stand for. A row is written with the first part of a call
//! that is reported, or with the first ticket that names it. The occurrence counts the calls of one recurring id. It is
//! a part of the primary key, so that of two servers that meet a new call at once one runs again and finds it.

use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::platform::{Fault, Work};
use crate::ticket::{CallId, CallKey, Instant, columns};

/// Calls of one id within the policy's span that are compared; more are never near each other.
const NEAR_MAX: u64 = 16;

/// A call of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedCall {
    /// Its id.
    pub id: CallId,
    /// Which of the calls with the same id of the exchange it is, from 1.
    pub occurrence: u32,
    /// Whether it has no row yet.
    pub is_new: bool,
}

/// A row with an id of the exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownCall {
    /// The call.
    pub(crate) id: CallId,
    /// When it began, by the first that named it; 1970 if its start is no part of the key.
    pub(crate) began_at: Instant,
    /// Which one it is.
    pub(crate) occurrence: u32,
}

/// The call of a key among those with the same id: the nearest one, or the next new one. Pure.
pub(crate) fn choose(key: &CallKey, known: &[KnownCall], same_call_within: TimeDelta) -> KeyedCall {
    let distance = |call: &KnownCall| key.began_at().map(|own| (own - call.began_at).abs());
    let near = known.iter().filter(|call| key.is_near(call.began_at, same_call_within));
    if let Some(nearest) = near.min_by_key(|call| (distance(call), call.occurrence)) {
        return KeyedCall { id: nearest.id.clone(), occurrence: nearest.occurrence, is_new: false };
    }
    let occurrence = known.iter().map(|call| call.occurrence).max().unwrap_or_default() + 1;
    KeyedCall { id: CallId::of(key, occurrence), occurrence, is_new: true }
}

/// Finds the call of a key, or makes it.
///
/// # Errors
/// A conflict if somebody else makes it at the same time; if the database refuses.
pub async fn find_or_make(work: &Work, key: &CallKey, same_call_within: TimeDelta) -> Result<CallId, Fault> {
    use call_key::Column;
    let of_id = call_key::Entity::find()
        .filter(Column::ExchangeId.eq(key.exchange_id()))
        .filter(Column::System.eq(key.system.as_str()))
        .filter(Column::IdKind.eq(key.kind()));
    let [low, high] = span(key, same_call_within);
    let near = of_id.clone().filter(Column::BeganAt.between(low, high)).limit(NEAR_MAX);
    let mut rows = near.all(&work.tx).await?;
    if rows.is_empty() {
        rows.extend(of_id.order_by_desc(Column::Occurrence).one(&work.tx).await?);
    }
    let known = rows.into_iter().map(known_of).collect::<Result<Vec<_>, _>>()?;
    let call = choose(key, &known, same_call_within);
    if call.is_new {
        call_key::Entity::insert(row_of(key, &call)).exec_without_returning(&work.tx).await?;
    }
    Ok(call.id)
}

/// The instants, in microseconds, between which the same call of a key begins.
pub(super) fn span(key: &CallKey, same_call_within: TimeDelta) -> [i64; 2] {
    match key.began_at() {
        Some(began_at) => [-1, 1].map(|side| (began_at + same_call_within * side).timestamp_micros()),
        None => [i64::MIN, i64::MAX],
    }
}

/// The row of a new call.
pub(crate) fn row_of(key: &CallKey, call: &KeyedCall) -> call_key::ActiveModel {
    call_key::ActiveModel {
        exchange_id: Set(key.exchange_id().to_owned()),
        system: Set(key.system.clone()),
        id_kind: Set(key.kind()),
        occurrence: Set(i32::try_from(call.occurrence).unwrap_or(i32::MAX)),
        began_at: Set(key.began_at().map(|began_at| began_at.timestamp_micros()).unwrap_or_default()),
        call_id: Set(call.id.0.clone()),
    }
}

fn known_of(row: call_key::Model) -> Result<KnownCall, Fault> {
    Ok(KnownCall {
        id: CallId(row.call_id),
        began_at: columns::instant(row.began_at)?,
        occurrence: row.occurrence.unsigned_abs(),
    })
}

pub(crate) mod call_key {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_key")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub exchange_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub system: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id_kind: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub occurrence: i32,
        pub began_at: i64,
        pub call_id: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::ExchangeId;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn key(began_at: &str) -> CallKey {
        let id = ExchangeId::Reference { reference: "4711".to_owned(), began_at: at(began_at) };
        CallKey { system: "switch-1".to_owned(), id }
    }

    #[test]
    fn the_nearest_call_is_chosen_or_the_next_one_made() {
        let known = |occurrence, began_at: &str| {
            let (key, began_at) = (key(began_at), at(began_at));
            KnownCall { id: CallId::of(&key, occurrence), began_at, occurrence }
        };
        let calls = [known(1, "2019-10-12T04:00:00Z"), known(2, "2019-10-12T05:30:00Z")];
        for (began_at, occurrence, is_new) in [
            ("2019-10-12T04:00:03Z", 1, false),
            ("2019-10-12T04:44:00Z", 1, false),
            ("2019-10-12T04:46:00Z", 2, false),
            ("2019-10-12T06:29:59Z", 2, false),
            ("2019-10-12T06:30:00Z", 3, true),
            ("2019-10-12T03:00:00Z", 3, true),
        ] {
            let call = choose(&key(began_at), &calls, TimeDelta::hours(1));
            let id = CallId::of(&key(began_at), occurrence);
            assert_eq!(call, KeyedCall { id, occurrence, is_new }, "{began_at}");
        }
        let first = choose(&key("2019-10-12T04:00:00Z"), &[], TimeDelta::hours(1));
        assert_eq!((first.occurrence, first.is_new), (1, true));
    }
}
