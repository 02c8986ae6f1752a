//! `seat_rollup`: what each seat did, by the hour. An interval is counted when it ends, in the decision that ends it,
//! and split at whole hours. Seats for training are not counted.
//!
//! A seat that rings counts as ready: its agent waits for a call.

use std::collections::BTreeMap;
use std::ops::Range;

use sea_orm::ActiveValue::Set;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};

use super::Seats;
use super::model::{Seat, SeatStatus};
use super::rows::{seat, seat_rollup};
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;
/// The longest interval that is counted, in hours. An agent whose program is silent is signed out long before.
const INTERVAL_HOURS_MAX: i64 = 48;

/// What is counted, by its number in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    Calls = 1,
    ReadyMs = 2,
    TalkMs = 3,
    WrapUpMs = 4,
    BreakMs = 5,
}

/// What seats did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the figures")]
pub struct SeatFigures {
    pub calls: i64,
    pub ready_ms: i64,
    pub talk_ms: i64,
    pub wrap_up_ms: i64,
    pub break_ms: i64,
}

impl std::ops::AddAssign for SeatFigures {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.ready_ms += other.ready_ms;
        self.talk_ms += other.talk_ms;
        self.wrap_up_ms += other.wrap_up_ms;
        self.break_ms += other.break_ms;
    }
}

impl SeatFigures {
    fn add(&mut self, measure: i16, amount: i64) {
        let figure = match measure {
            1 => &mut self.calls,
            2 => &mut self.ready_ms,
            3 => &mut self.talk_ms,
            4 => &mut self.wrap_up_ms,
            _ => &mut self.break_ms,
        };
        *figure += amount;
    }

    /// The percentage of the time without breaks in which the agent spoke or finished a call; `None` without such time.
    #[must_use]
    pub const fn occupancy_percent(&self) -> Option<i64> {
        let busy = self.talk_ms.saturating_add(self.wrap_up_ms);
        busy.saturating_mul(100).checked_div(busy.saturating_add(self.ready_ms))
    }
}

/// The measure of the time in a status; `None` for time that nobody counts.
const fn measure_of(status: SeatStatus) -> Option<Measure> {
    match status {
        SeatStatus::SignedOut => None,
        SeatStatus::Ready | SeatStatus::Offered => Some(Measure::ReadyMs),
        SeatStatus::Talking => Some(Measure::TalkMs),
        SeatStatus::WrapUp => Some(Measure::WrapUpMs),
        SeatStatus::Break => Some(Measure::BreakMs),
    }
}

/// The milliseconds of an interval by the hour since 1970. Pure.
fn by_hour(from: Instant, until: Instant) -> BTreeMap<i64, i64> {
    let (from, until) = (from.timestamp_millis(), until.timestamp_millis());
    let from = Ord::max(from, until - INTERVAL_HOURS_MAX * HOUR_MS);
    let mut hours = BTreeMap::new();
    let mut at = from;
    while at < until {
        let hour = at.div_euclid(HOUR_MS);
        let end = Ord::min(until, (hour + 1) * HOUR_MS);
        hours.insert(hour, end - at);
        at = end;
    }
    hours
}

/// What a change of a seat adds. Pure.
fn changes(before: &Seat, after: &Seat, now: Instant) -> BTreeMap<(i64, Measure), i64> {
    let mut changes = BTreeMap::new();
    if before.setup.is_training {
        return changes;
    }
    // A seat that rings has been ready since before, so its interval goes on.
    if before.since != after.since
        && let Some(measure) = measure_of(before.status)
    {
        let hours = by_hour(before.since, now).into_iter();
        changes.extend(hours.map(|(hour, amount)| ((hour, measure), amount)));
    }
    if before.status == SeatStatus::Offered && after.status == SeatStatus::Talking {
        changes.insert((now.timestamp_millis().div_euclid(HOUR_MS), Measure::Calls), 1);
    }
    changes
}

/// Counts a change of a seat, in the decision that makes it.
pub(super) async fn count(work: &Work, before: &Seat, after: &Seat, now: Instant) -> Result<(), Fault> {
    use seat_rollup::Column::{Amount, Hour, Measure, Seat as Code};
    let rows =
        changes(before, after, now).into_iter().map(|((hour, measure), amount)| seat_rollup::ActiveModel {
            hour: Set(hour),
            seat: Set(after.setup.code.clone()),
            measure: Set(measure as i16),
            amount: Set(amount),
        });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sum = Expr::col((seat_rollup::Entity, Amount)).add(Expr::col(("excluded", Amount)));
    let added = OnConflict::columns([Hour, Code, Measure]).value(Amount, sum).to_owned();
    seat_rollup::Entity::insert_many(rows).on_conflict(added).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// What the seats did in a span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanFigures {
    /// By the code of the seat.
    pub seats: BTreeMap<String, SeatFigures>,
    /// Of all seats, by the hour since 1970.
    pub hours: BTreeMap<i64, SeatFigures>,
}

impl Seats {
    /// What the seats did in some hours since 1970. Only sums leave the database.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn figures(&self, hours: Range<i64>) -> Result<SpanFigures, Fault> {
        use seat_rollup::Column::{Amount, Hour, Measure, Seat as Code};
        let of_span = || {
            seat_rollup::Entity::find()
                .select_only()
                .filter(Hour.gte(hours.start))
                .filter(Hour.lt(hours.end))
                .group_by(Measure)
        };
        // PostgreSQL sums integers as decimals.
        let sum = || Expr::col(Amount).sum().cast_as("BIGINT");
        let mut found = SpanFigures::default();
        let by_seat = of_span().columns([Code, Measure]).column_as(sum(), "amount").group_by(Code);
        let by_seat: Vec<(String, i16, i64)> = by_seat.into_tuple().all(self.store.lists()).await?;
        for (seat, measure, amount) in by_seat {
            found.seats.entry(seat).or_default().add(measure, amount);
        }
        let by_hour = of_span().columns([Hour, Measure]).column_as(sum(), "amount").group_by(Hour);
        let by_hour: Vec<(i64, i16, i64)> = by_hour.into_tuple().all(self.store.lists()).await?;
        for (hour, measure, amount) in by_hour {
            found.hours.entry(hour).or_default().add(measure, amount);
        }
        Ok(found)
    }
}

/// Reads the seat of a row before it changes.
pub(super) async fn before(db: &impl ConnectionTrait, code: &str) -> Result<Option<Seat>, Fault> {
    seat::Entity::find_by_id(code).one(db).await?.map(super::rows::seat_of).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::model::SeatSetup;
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn seat(status: SeatStatus, since: &str) -> Seat {
        let setup = SeatSetup {
            code: "1001".to_owned(),
            name: "企业专席".to_owned(),
            skills: vec!["enterprise".to_owned()],
            is_training: false,
            is_active: true,
            version: 1,
        };
        let (principal, since) = (Some("agent".to_owned()), at(since));
        Seat { setup, principal, status, break_reason: None, since, call: None, revision: 1 }
    }

    #[test]
    fn an_interval_is_split_at_whole_hours() {
        let hours = by_hour(at("2019-10-12T01:59:59Z"), at("2019-10-12T03:00:01.5Z"));
        let first = at("2019-10-12T01:00:00Z").timestamp() / 3_600;
        assert_eq!(hours, BTreeMap::from([(first, 1_000), (first + 1, HOUR_MS), (first + 2, 1_500)]));
        assert_eq!(by_hour(at("2019-10-12T02:00:00Z"), at("2019-10-12T01:00:00Z")), BTreeMap::new());
        assert_eq!(by_hour(at("2019-01-01T00:00:00Z"), at("2019-10-12T01:00:00Z")).len(), 48);
    }

    #[test]
    fn a_seat_that_rings_is_ready_and_its_answer_is_a_call() {
        let ready = seat(SeatStatus::Ready, "2019-10-12T01:00:00Z");
        let rings = Seat { status: SeatStatus::Offered, ..ready.clone() };
        assert_eq!(changes(&ready, &rings, at("2019-10-12T01:00:30Z")), BTreeMap::new());
        let talks = seat(SeatStatus::Talking, "2019-10-12T01:00:40Z");
        let hour = talks.since.timestamp() / 3_600;
        let expected = BTreeMap::from([((hour, Measure::Calls), 1), ((hour, Measure::ReadyMs), 40_000)]);
        assert_eq!(changes(&rings, &talks, talks.since), expected);
        let mut practice = rings;
        practice.setup.is_training = true;
        assert_eq!(changes(&practice, &talks, talks.since), BTreeMap::new());
    }

    #[test]
    fn occupancy_leaves_breaks_out() {
        let figures = SeatFigures { calls: 3, ready_ms: 40, talk_ms: 50, wrap_up_ms: 10, break_ms: 900 };
        assert_eq!(figures.occupancy_percent(), Some(60));
        assert_eq!(SeatFigures { break_ms: 5, ..SeatFigures::default() }.occupancy_percent(), None);
    }
}
