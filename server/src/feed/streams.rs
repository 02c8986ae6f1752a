//! The limits on open streams: in all, and for one principal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::gauge;

use crate::platform::Fault;
use crate::platform::metrics::WATCH_STREAMS;

/// When a caller of a stream too many may retry.
const FULL_RETRY_AFTER: Duration = Duration::from_secs(5);

/// How many streams may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// In all.
    pub all_max: u32,
    /// Of one principal.
    pub of_principal_max: u32,
    /// How old what is known about the audience of an entry may be when the entry is sent. A stream whose entries have
    /// waited for longer reads them again.
    pub decision_age_max: Duration,
}

impl StreamLimits {
    /// How long a decision is good for, unless a test says otherwise.
    pub const DECISION_AGE_MAX: Duration = Duration::from_secs(5);
}

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_principal: HashMap<String, u32>,
}

/// The open streams of a server.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    open: Arc<Mutex<Open>>,
    pub(super) limits: StreamLimits,
}

/// The slot of an open stream, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    open: Arc<Mutex<Open>>,
    principal: String,
}

impl Streams {
    pub(super) fn new(limits: StreamLimits) -> Self {
        Self { open: Arc::default(), limits }
    }

    /// How many are open.
    pub(super) fn open_now(&self) -> u32 {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// Opens a stream of a principal.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the principal has too many, `OVERLOADED` if there are too many in all.
    pub(super) fn open(&self, principal: &str) -> Result<Slot, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_principal = open.by_principal.get(principal).copied().unwrap_or(0);
        let refused = |reason| Fault { retry_after: Some(FULL_RETRY_AFTER), ..Fault::new(reason) };
        if of_principal >= self.limits.of_principal_max {
            return Err(refused(ErrorReason::RateLimited));
        }
        if open.all >= self.limits.all_max {
            return Err(refused(ErrorReason::Overloaded));
        }
        open.all += 1;
        open.by_principal.insert(principal.to_owned(), of_principal + 1);
        gauge!(WATCH_STREAMS).set(open.all);
        drop(open);
        Ok(Slot { open: Arc::clone(&self.open), principal: principal.to_owned() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        gauge!(WATCH_STREAMS).set(open.all);
        let left = open.by_principal.get(&self.principal).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            open.by_principal.remove(&self.principal);
        } else {
            open.by_principal.insert(self.principal.clone(), left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_counts_until_it_is_dropped() {
        let decision_age_max = StreamLimits::DECISION_AGE_MAX;
        let streams = Streams::new(StreamLimits { all_max: 3, of_principal_max: 2, decision_age_max });
        let reason = |opened: Result<Slot, Fault>| opened.map(drop).map_err(|fault| fault.reason);
        let first = streams.open("clerk").expect("one");
        let second = streams.open("clerk").expect("two");
        assert_eq!(reason(streams.open("clerk")), Err(ErrorReason::RateLimited));
        let third = streams.open("other").expect("everybody has a share");
        assert_eq!(reason(streams.open("third")), Err(ErrorReason::Overloaded));
        drop(first);
        assert_eq!(reason(streams.open("clerk")), Ok(()));
        drop((second, third));
        let open = streams.open.lock().expect("nobody panicked");
        assert_eq!((open.all, open.by_principal.len()), (0, 0), "nobody is remembered");
    }
}
