//! The rows that a committed unit of work has written, for the self-check that reads them back.

/// A row with the version that a unit of work has written. After the commit is confirmed, every connection must read
/// this version or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcknowledgedWrite {
    /// The key of the row.
    pub key: i64,
    /// Its version.
    pub version: i64,
}
