//! Small values in answers: timestamps, counts, unit codes.

use crate::ticket::{Instant, UnitCode};

/// An instant in a message.
#[expect(clippy::cast_possible_wrap, reason = "nanoseconds of a second fit")]
pub(super) fn time(instant: Instant) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: instant.timestamp(), nanos: instant.timestamp_subsec_nanos() as i32 }
}

/// A duration of milliseconds in a message; negative ones are 0.
pub(super) fn duration_ms(milliseconds: i64) -> prost_types::Duration {
    let milliseconds = milliseconds.max(0);
    let nanos = i32::try_from(milliseconds % 1_000 * 1_000_000).unwrap_or_default();
    prost_types::Duration { seconds: milliseconds / 1_000, nanos }
}

/// An instant that a message may lack.
pub(super) fn optional_time(instant: Option<Instant>) -> Option<prost_types::Timestamp> {
    instant.map(time)
}

/// A count in a message.
pub(super) fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The codes of units.
pub(super) fn codes(units: &[UnitCode]) -> Vec<String> {
    units.iter().map(|unit| unit.0.clone()).collect()
}

/// The code of a unit; empty if there is none.
pub(super) fn code(unit: Option<&UnitCode>) -> String {
    unit.map(|unit| unit.0.clone()).unwrap_or_default()
}
