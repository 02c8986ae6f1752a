//! Ticket numbers and instants in columns of tables: integers, the same in both databases.

use chrono::{DateTime, Utc};

use super::{Instant, TicketNumber};
use crate::platform::Fault;

/// The ticket number in a column.
///
/// # Errors
/// If the column holds no ticket number.
pub(crate) fn number(number: i64) -> Result<TicketNumber, Fault> {
    TicketNumber::from_i64(number)
        .map_err(|error| Fault::internal(format!("a number in the tables: {error}")))
}

/// The instant in a column, which holds microseconds since 1970.
///
/// # Errors
/// If it is out of range.
pub(crate) fn instant(micros: i64) -> Result<Instant, Fault> {
    DateTime::<Utc>::from_timestamp_micros(micros).ok_or_else(|| Fault::internal("an instant out of range"))
}
