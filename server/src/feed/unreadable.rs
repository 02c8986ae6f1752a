//! Entries of the feed that can't be read, because a row was damaged or written by hand. One such entry must not stop
//! the streams of everybody else: it is logged with its position, and a stream that would show it ends with a gap
//! behind it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use metrics::counter;

use crate::platform::Fault;
use crate::platform::metrics::UNREADABLE_ENTRIES;

/// Positions that are remembered, so that streams which read the same entry again do not fill the log.
const REMEMBERED_MAX: usize = 1_024;

/// The unreadable entries that this server has met.
#[derive(Debug, Default)]
pub(super) struct UnreadableEntries(Mutex<BTreeSet<i64>>);

impl UnreadableEntries {
    /// Counts an entry, and logs it if this server has not met it before.
    pub(super) fn note(&self, position: i64, fault: &Fault) {
        if self.is_new(position) {
            counter!(UNREADABLE_ENTRIES).increment(1);
            tracing::error!(
                position,
                error = fault.detail,
                "entry of the feed cannot be read; streams that would show it get a gap"
            );
        }
    }

    fn is_new(&self, position: i64) -> bool {
        let mut met = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        met.len() < REMEMBERED_MAX && met.insert(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_reported_once_and_not_without_end() {
        let entries = UnreadableEntries::default();
        assert!(entries.is_new(7) && !entries.is_new(7));
        let new = (8..10_000).filter(|position| entries.is_new(*position)).count();
        assert_eq!(new, REMEMBERED_MAX - 1);
    }
}
