//! Numbers of versions in columns.

/// A number in a column.
pub(super) fn stored(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
