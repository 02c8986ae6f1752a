//! The instant of every record of a ticket.

use chrono::{DateTime, Utc};

/// An instant in UTC, in microseconds, which is the resolution of the databases.
pub type Instant = DateTime<Utc>;
