//! The database's clock, for all servers on one PostgreSQL. All of them stamp, count and fire by the same clock, so the
//! clock of no machine can be wrong.
//!
//! Reading the time needs no round trip. The machine's monotonic clock continues from an offset, which is read at the
//! start and every few seconds. The time is never ahead of the database's at the moment of the query, and behind it by
//! at most the round trip. Jumps of the machine's wall clock have no effect. While the database does not answer, the
//! offset stays.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Fault, Store};

/// The interval between two reads of the offset.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
/// The slowest answer that a refresh accepts. A slower one cannot be distinguished from a clock that was put back.
const ROUND_TRIP_MAX: Duration = Duration::from_millis(900);
/// From this difference on, in microseconds, the database's clock was put back, and is followed. For a smaller one, the
/// time waits until the clock has caught up.
const JUMP: i64 = 1_000_000;
/// Answers read at the start; the fastest one counts.
const FIRST_ANSWERS: u32 = 3;
/// Of refreshes that fail in a row, one in this many is logged.
const FAILURES_BETWEEN_WARNINGS: u32 = 30;

/// The relation of the database's clock to the monotonic one, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Setting {
    /// The value to add to the monotonic clock.
    offset: i64,
    /// The latest time returned so far, so that jitter never makes the time go back.
    floor: i64,
}

impl Setting {
    const fn new(offset: i64) -> Self {
        Self { offset, floor: i64::MIN }
    }

    /// The time at a reading of the monotonic clock.
    fn at(self, elapsed: i64) -> i64 {
        elapsed.saturating_add(self.offset).max(self.floor)
    }

    /// The setting with another offset, from a reading of the monotonic clock on.
    fn adjusted(self, elapsed: i64, offset: i64) -> Self {
        let shown = self.at(elapsed);
        let back = shown.saturating_sub(elapsed.saturating_add(offset));
        if (1..JUMP).contains(&back) { Self { offset, floor: shown } } else { Self::new(offset) }
    }
}

/// The offset of an answer. The answer is treated as if the database had read its clock when it arrived. So the time is
/// late by the way back and never early.
const fn offset_of(answer: i64, elapsed_at_arrival: i64) -> i64 {
    // Readings are rounded down to microseconds, which must not make the time early.
    answer.saturating_sub(elapsed_at_arrival.saturating_add(1))
}

/// A clock that follows the database's.
#[derive(Debug)]
pub struct DatabaseClock {
    /// The zero point of the monotonic clock.
    base: Instant,
    setting: RwLock<Setting>,
}

fn micros_since(base: Instant) -> i64 {
    i64::try_from(base.elapsed().as_micros()).unwrap_or(i64::MAX)
}

/// Reads the database's clock once; returns the offset.
async fn ask(store: &Store, base: Instant) -> Result<i64, Fault> {
    let answer = store.clock_timestamp().await?;
    Ok(offset_of(answer, micros_since(base)))
}

impl DatabaseClock {
    /// Reads the database's clock for the first time.
    ///
    /// # Errors
    /// If it does not answer.
    pub(super) async fn open(store: &Store) -> Result<Self, Fault> {
        let base = Instant::now();
        let mut offset = i64::MIN;
        for _ in 0..FIRST_ANSWERS {
            offset = offset.max(ask(store, base).await?);
        }
        Ok(Self { base, setting: RwLock::new(Setting::new(offset)) })
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        // Read under the lock, so that no reading from before an adjustment is used with the setting after it.
        let setting = self.setting.read().unwrap_or_else(PoisonError::into_inner);
        let micros = setting.at(micros_since(self.base));
        DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Sets the offset; returns by how much the time moved.
    fn adjust(&self, offset: i64) -> TimeDelta {
        let mut setting = self.setting.write().unwrap_or_else(PoisonError::into_inner);
        let moved = offset.saturating_sub(setting.offset);
        *setting = setting.adjusted(micros_since(self.base), offset);
        TimeDelta::microseconds(moved)
    }

    async fn refresh(&self, store: &Store) -> Result<TimeDelta, Fault> {
        let asked = tokio::time::timeout(ROUND_TRIP_MAX, ask(store, self.base)).await;
        let offset = asked.map_err(|_| Fault::unavailable("the answer took too long"))??;
        Ok(self.adjust(offset))
    }

    /// Refreshes the offset until it is dropped.
    pub(super) async fn keep(&self, store: &Store) {
        let mut failures = 0_u32;
        loop {
            tokio::time::sleep(REFRESH_INTERVAL).await;
            match self.refresh(store).await {
                Ok(moved) => {
                    failures = 0;
                    if moved.abs() >= TimeDelta::microseconds(JUMP) {
                        tracing::warn!(moved_ms = moved.num_milliseconds(), "the database's clock jumped");
                    }
                }
                Err(fault) => {
                    if failures.is_multiple_of(FAILURES_BETWEEN_WARNINGS) {
                        tracing::warn!(
                            error = fault.detail,
                            "the database does not tell the time; counting on from its last answer"
                        );
                    }
                    failures = failures.saturating_add(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A monotonic clock that is far from its base.
    const NOW: i64 = 7_000_000;

    #[test]
    fn the_time_is_late_by_the_way_back_and_never_early() {
        // The database's clock is ahead of the monotonic one by an hour; the database reads it during the round trip.
        let ahead = 3_600_000_000;
        for (sent, read, arrived) in
            [(0, 0, 0), (0, 0, 900_000), (0, 450_000, 900_000), (0, 900_000, 900_000)]
        {
            let setting = Setting::new(offset_of(NOW + read + ahead, NOW + arrived));
            for later in [0, 1, 2_000_000] {
                let elapsed = NOW + arrived + later;
                let late = elapsed + ahead - setting.at(elapsed);
                assert!((1..=arrived - sent + 1).contains(&late), "{late}");
            }
        }
    }

    #[test]
    fn a_clock_that_is_ahead_is_followed_at_once() {
        for ahead in [0, 1, JUMP - 1, JUMP, 3_600_000_000] {
            let setting = Setting::new(100).adjusted(NOW, 100 + ahead);
            assert_eq!((setting.at(NOW), setting.at(NOW + 5)), (NOW + 100 + ahead, NOW + 105 + ahead));
        }
    }

    #[test]
    fn a_jitter_makes_the_time_wait_and_not_go_back() {
        for jitter in [1, 1_000, JUMP - 1] {
            let before = Setting::new(5_000_000);
            let after = before.adjusted(NOW, 5_000_000 - jitter);
            let shown = before.at(NOW);
            assert_eq!((after.at(NOW), after.at(NOW + jitter - 1)), (shown, shown), "it waits");
            assert_eq!(after.at(NOW + jitter), shown, "it has caught up");
            assert_eq!(after.at(NOW + jitter + 1), shown + 1, "it goes on");
            // Further jitter while it waits adds to the first, up to a jump.
            let again = after.adjusted(NOW, 5_000_000 - JUMP);
            assert_eq!(again.at(NOW), shown - JUMP, "together they are a jump");
        }
    }

    #[test]
    fn a_clock_that_was_put_back_is_followed_at_once() {
        for back in [JUMP, JUMP + 1, 3_600_000_000] {
            let setting = Setting::new(5_000_000).adjusted(NOW, 5_000_000 - back);
            assert_eq!(setting.at(NOW), NOW + 5_000_000 - back);
        }
    }

    #[test]
    fn the_ends_of_the_time_line_do_not_panic() {
        for offset in [i64::MIN, i64::MAX] {
            let setting =
                Setting::new(offset).adjusted(i64::MAX, offset).adjusted(0, -offset.saturating_add(1));
            let clock = DatabaseClock { base: Instant::now(), setting: RwLock::new(setting) };
            clock.now();
        }
    }

    #[test]
    fn the_time_does_not_go_back_while_it_is_adjusted() {
        let clock = DatabaseClock { base: Instant::now(), setting: RwLock::new(Setting::new(1_000_000_000)) };
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                let mut last = clock.now();
                for _ in 0..100_000 {
                    let now = clock.now();
                    assert!(now >= last, "{now} after {last}");
                    last = now;
                }
            });
            for jitter in (0..900).cycle() {
                clock.adjust(1_000_000_000 - jitter * 1_000);
                if reading.is_finished() {
                    break;
                }
            }
        });
    }
}
