//! `call_rollup`: counts of inbound calls by the hour in which they began. They are written in the transaction that
//! joins a part: what the call counted before is taken away, and what it counts now is added. So they are always
//! exactly what a scan of all calls would count.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};

use super::Call;
use super::details::{CallDetails, Direction, OfferResult, Outcome};
use crate::platform::{Fault, Work};
use crate::ticket::{CallId, Instant};

/// The wait within which a call is answered in time, in milliseconds.
pub const IN_TIME_MS: i64 = 15_000;
/// Microseconds of an hour.
pub const HOUR_MICROS: i64 = 3_600_000_000;
/// Rows over which each count of an hour is spread.
const SHARDS: u8 = 16;
/// The measure of the first bucket of waits; the others follow it.
const FIRST_BUCKET: i16 = 100;
/// The greatest wait of each bucket in milliseconds, each a fourth of an octave above the one before. The last bucket
/// also has every longer wait.
const BOUNDS_MS: [i64; 53] = [
    1_000, 1_189, 1_414, 1_682, 2_000, 2_378, 2_828, 3_364, 4_000, 4_757, 5_657, 6_727, 8_000, 9_514, 11_314,
    13_454, 16_000, 19_027, 22_627, 26_909, 32_000, 38_055, 45_255, 53_817, 64_000, 76_109, 90_510, 107_635,
    128_000, 152_219, 181_019, 215_269, 256_000, 304_437, 362_039, 430_539, 512_000, 608_874, 724_077,
    861_078, 1_024_000, 1_217_748, 1_448_155, 1_722_156, 2_048_000, 2_435_496, 2_896_309, 3_444_312,
    4_096_000, 4_870_992, 5_792_619, 6_888_623, 8_192_000,
];

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_rollup")]
    pub(crate) struct Model {
        /// Hours since 1970.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hour: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub measure: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub shard: i16,
        pub amount: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is counted, by its number in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Queued = 1,
    Answered = 2,
    InTime = 3,
    Abandoned = 4,
    Missed = 5,
    NotQueued = 6,
    WaitMs = 7,
    Talked = 8,
    TalkSeconds = 9,
}

/// The counts of some calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the counts")]
pub struct Counts {
    pub queued: i64,
    pub answered: i64,
    pub in_time: i64,
    pub abandoned: i64,
    pub missed: i64,
    pub not_queued: i64,
    /// The sum of the waits of answered calls, in milliseconds.
    pub wait_ms: i64,
    /// Answered calls whose talk the exchange has reported.
    pub talked: i64,
    /// The sum of their talks.
    pub talk_seconds: i64,
    /// Answered calls by the bucket of their wait.
    pub waits: BTreeMap<i16, i64>,
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        for (measure, amount) in other.amounts() {
            self.add(measure, amount);
        }
    }
}

impl Counts {
    /// What one call counts, and the hour in which it began; `None` while it lasts, and for calls that count nowhere.
    /// Pure.
    #[must_use]
    pub fn of(call: &CallDetails) -> Option<(i64, Self)> {
        let outcome = call.outcome()?;
        let is_outbound = call.direction.as_ref().is_some_and(|one| one.value == Direction::Outbound);
        let is_training = call.is_training.as_ref().is_some_and(|one| one.value);
        if is_outbound || is_training {
            return None;
        }
        let hour = hour_of(call.began_at()?);
        let mut counts = Self::default();
        match outcome {
            Outcome::Answered => counts.add_answered(call),
            Outcome::Missed => counts.missed = 1,
            Outcome::Abandoned => counts.abandoned = 1,
            Outcome::NotQueued => counts.not_queued = 1,
        }
        counts.queued = counts.answered + counts.missed + counts.abandoned;
        Some((hour, counts))
    }

    fn add_answered(&mut self, call: &CallDetails) {
        self.answered = 1;
        let wait_ms = wait_ms(call);
        self.wait_ms = wait_ms;
        self.in_time = i64::from(wait_ms <= IN_TIME_MS);
        let bucket = BOUNDS_MS.partition_point(|bound| *bound < wait_ms).min(BOUNDS_MS.len() - 1);
        self.waits.insert(i16::try_from(bucket).unwrap_or(i16::MAX), 1);
        if let Some(talk) = &call.end.talk_seconds {
            self.talked = 1;
            self.talk_seconds = i64::from(talk.value);
        }
    }

    /// The counts by their measures, without those that are 0.
    fn amounts(&self) -> impl Iterator<Item = (i16, i64)> {
        let measured = [
            (Measure::Queued, self.queued),
            (Measure::Answered, self.answered),
            (Measure::InTime, self.in_time),
            (Measure::Abandoned, self.abandoned),
            (Measure::Missed, self.missed),
            (Measure::NotQueued, self.not_queued),
            (Measure::WaitMs, self.wait_ms),
            (Measure::Talked, self.talked),
            (Measure::TalkSeconds, self.talk_seconds),
        ];
        let measured = measured.into_iter().map(|(measure, amount)| (measure as i16, amount));
        let waits = self.waits.iter().map(|(bucket, amount)| (FIRST_BUCKET + bucket, *amount));
        measured.chain(waits).filter(|(_, amount)| *amount != 0)
    }

    /// Adds to a measure of the table.
    fn add(&mut self, measure: i16, amount: i64) {
        let count = match measure {
            1 => &mut self.queued,
            2 => &mut self.answered,
            3 => &mut self.in_time,
            4 => &mut self.abandoned,
            5 => &mut self.missed,
            6 => &mut self.not_queued,
            7 => &mut self.wait_ms,
            8 => &mut self.talked,
            9 => &mut self.talk_seconds,
            bucket => self.waits.entry(bucket - FIRST_BUCKET).or_default(),
        };
        *count += amount;
    }

    /// The average wait of answered calls, in milliseconds.
    #[must_use]
    pub const fn average_wait_ms(&self) -> Option<i64> {
        self.wait_ms.checked_div(self.answered)
    }

    /// The average talk, in milliseconds.
    #[must_use]
    pub const fn average_talk_ms(&self) -> Option<i64> {
        self.talk_seconds.saturating_mul(1_000).checked_div(self.talked)
    }

    /// The wait that 90 % of the answered calls did not exceed, rounded up to the bound of its bucket.
    #[must_use]
    pub fn p90_wait_ms(&self) -> Option<i64> {
        let answered: i64 = self.waits.values().sum();
        // The rank of the call, rounded up.
        let rank = (answered * 9 + 9) / 10;
        let mut counted = 0;
        for (bucket, amount) in &self.waits {
            counted += amount;
            if counted >= rank {
                return BOUNDS_MS.get(usize::try_from(*bucket).ok()?).copied();
            }
        }
        None
    }
}

/// How long an answered call waited before its first answer. It waits from the moment in which it joined its first
/// queue; without one, from its start.
fn wait_ms(call: &CallDetails) -> i64 {
    let queued_at = call.queues.values().filter_map(|stay| stay.joined_at.as_ref()).map(|at| at.value).min();
    let answered = call.offers.iter().filter(|(_, offer)| {
        offer.result.as_ref().is_some_and(|result| result.value == OfferResult::Answered)
    });
    let answers = answered.map(|(key, offer)| offer.result_at.as_ref().map_or(key.at, |at| at.value));
    let waited = queued_at.or_else(|| call.began_at()).zip(answers.min());
    waited.map_or(0, |(from, to)| Ord::max((to - from).num_milliseconds(), 0))
}

/// The hour of an instant, since 1970.
#[must_use]
pub const fn hour_of(at: Instant) -> i64 {
    at.timestamp_micros().div_euclid(HOUR_MICROS)
}

/// The shard of a call.
fn shard_of(id: &CallId) -> i16 {
    let byte = id.0.bytes().next_back().unwrap_or_default();
    i16::from(byte % SHARDS)
}

/// What changes in the table if a call becomes another one. Pure.
fn changes(before: Option<&CallDetails>, after: &CallDetails) -> BTreeMap<(i64, i16), i64> {
    let mut changes = BTreeMap::new();
    for (call, sign) in [(before, -1), (Some(after), 1)] {
        let Some((hour, counts)) = call.and_then(Counts::of) else { continue };
        for (measure, amount) in counts.amounts() {
            *changes.entry((hour, measure)).or_default() += sign * amount;
        }
    }
    changes.retain(|_, amount| *amount != 0);
    changes
}

/// Counts a call that is written. Rows are locked in the order of their keys, so that reports wait for each other and
/// never in a circle.
pub(super) async fn count(work: &Work, before: Option<&CallDetails>, after: &Call) -> Result<(), Fault> {
    use row::Column::{Amount, Hour, Measure, Shard};
    let shard = shard_of(&after.id);
    let rows = changes(before, &after.details).into_iter().map(|((hour, measure), amount)| {
        row::ActiveModel { hour: Set(hour), measure: Set(measure), shard: Set(shard), amount: Set(amount) }
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sum = Expr::col((row::Entity, Amount)).add(Expr::col(("excluded", Amount)));
    let added = OnConflict::columns([Hour, Measure, Shard]).value(Amount, sum).to_owned();
    row::Entity::insert_many(rows).on_conflict(added).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// The counts of the hours of a span, without those that have none.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    hours: std::ops::Range<i64>,
) -> Result<BTreeMap<i64, Counts>, Fault> {
    use row::Column::{Amount, Hour, Measure};
    let found: Vec<(i64, i16, i64)> = row::Entity::find()
        .select_only()
        .columns([Hour, Measure])
        // PostgreSQL sums integers as decimals.
        .column_as(Expr::col(Amount).sum().cast_as("BIGINT"), "amount")
        .filter(Hour.gte(hours.start))
        .filter(Hour.lt(hours.end))
        .group_by(Hour)
        .group_by(Measure)
        .into_tuple()
        .all(db)
        .await?;
    let mut counts: BTreeMap<i64, Counts> = BTreeMap::new();
    for (hour, measure, amount) in found.into_iter().filter(|(_, _, amount)| *amount != 0) {
        counts.entry(hour).or_default().add(measure, amount);
    }
    Ok(counts)
}

#[cfg(test)]
mod tests;
