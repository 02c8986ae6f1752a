//! The instant of every record of a ticket.

use chrono::{DateTime, Utc};

/// An instant in UTC, to the microsecond, which is what the databases keep.
pub type Instant = DateTime<Utc>;
