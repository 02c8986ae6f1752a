//! What a committed unit of work has written, for the check that reads it back.

/// A row in the version that a unit of work has written. Once the commit is confirmed, every connection must read this
/// version or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcknowledgedWrite {
    /// The key of the row.
    pub key: i64,
    /// Its version.
    pub version: i64,
}
