//! The clock, passed in everywhere: the machine's, the database's where servers share one, or a simulated one that
//! stands still until it is advanced.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};

use super::database_clock::DatabaseClock;

/// Tells the time, in UTC and to the microsecond.
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

    /// Sets a simulated clock forward; a real one, and an earlier instant, leave everything as it is.
    pub fn advance_to(&self, instant: DateTime<Utc>) {
        if let Self::Simulated(micros) = self {
            micros.fetch_max(instant.timestamp_micros(), Ordering::SeqCst);
        }
    }
}
