//! The clock, which is always a parameter: the machine's, the database's if servers share one, or a simulated one that
//! stands still until it is advanced.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::database_clock::DatabaseClock;
use super::{Fault, Store};

/// The skew between the machine's clock and the database's above which the log warns, in microseconds.
const SKEW_WARNING_MICROS: i64 = 1_000_000;

/// A clock, in UTC and microseconds.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    Real,
    /// The clock of the database that several servers share.
    Database(Arc<DatabaseClock>),
    /// A clock that stands still between [`Clock::advance_to`] calls; microseconds since 1970.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A simulated clock that stands at an instant.
    #[must_use]
    pub fn simulated(start: DateTime<Utc>) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// The clock of servers that share this database: the database's own on PostgreSQL. A SQLite file is served by one
    /// server only, so its clock is the machine's.
    ///
    /// # Errors
    /// If the database does not return the time.
    pub async fn shared(store: &Store) -> Result<Self, Fault> {
        if store.is_sqlite() {
            return Ok(Self::Real);
        }
        let clock = Self::Database(Arc::new(DatabaseClock::open(store).await?));
        let skew = Self::Real.now() - clock.now();
        if skew.abs() >= TimeDelta::microseconds(SKEW_WARNING_MICROS) {
            tracing::warn!(
                skew_ms = skew.num_milliseconds(),
                "clock skew to the database; the database clock is used"
            );
        }
        Ok(clock)
    }

    /// Follows the database's clock until it is dropped; other clocks need nothing.
    pub async fn keep(self, store: Store) {
        if let Self::Database(clock) = self {
            clock.keep(&store).await;
        }
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
            Self::Real => Utc::now().trunc_subsecs(6),
            Self::Database(clock) => clock.now(),
            Self::Simulated(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }

    /// Whether it is a simulated clock.
    #[must_use]
    pub const fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated(_))
    }

    /// Sets a simulated clock forward. A real clock, or an earlier instant, changes nothing.
    pub fn advance_to(&self, instant: DateTime<Utc>) {
        if let Self::Simulated(micros) = self {
            micros.fetch_max(instant.timestamp_micros(), Ordering::SeqCst);
        }
    }
}
