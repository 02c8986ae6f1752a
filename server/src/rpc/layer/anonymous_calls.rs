//! Limits open calls without a credential. Streams that need none (watching health, reflection) hold memory while they
//! are open, and so does a health check whose answer is not read.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;

use crate::net::Connection;
use crate::platform::Fault;

/// Open calls without a credential on one connection.
const CALLS_PER_CONNECTION_MAX: u32 = 16;
/// When a refused caller may retry; the end of a stream cannot be predicted.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The one call without a global limit, so that one address with unread answers cannot block the health checks of
/// another.
const PROBE: &str = "/grpc.health.v1.Health/Check";

/// Separate counters, so that an address with many streams can still check health.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Probe,
    Stream,
}

impl Kind {
    fn of(path: &str) -> Self {
        if path == PROBE { Self::Probe } else { Self::Stream }
    }
}

#[derive(Debug, Default)]
struct Open {
    /// Streams of all addresses.
    streams: u32,
    by_peer: HashMap<(IpAddr, Kind), u32>,
}

/// Open calls without a credential, and their limits.
#[derive(Debug)]
pub struct AnonymousCalls {
    open: Arc<Mutex<Open>>,
    all_max: u32,
    of_peer_max: u32,
}

/// An open call; it counts until it is dropped.
pub(super) struct AnonymousCall {
    connection: Arc<Connection>,
    kind: Kind,
    /// `None` if only its connection has counted it so far.
    open: Option<Arc<Mutex<Open>>>,
}

fn refused() -> Fault {
    Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(ErrorReason::Overloaded) }
}

impl AnonymousCalls {
    /// This many streams in all, and this many streams and health checks from one address.
    #[must_use]
    pub fn new(all_max: u32, of_peer_max: u32) -> Self {
        Self { open: Arc::default(), all_max, of_peer_max }
    }

    /// Counts a call on a connection.
    ///
    /// # Errors
    /// `OVERLOADED` if there are too many.
    pub(super) fn begin(&self, connection: &Arc<Connection>, path: &str) -> Result<AnonymousCall, Fault> {
        let is_within = |count: u32| (count < CALLS_PER_CONNECTION_MAX).then_some(count + 1);
        let counted =
            connection.anonymous_calls().fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_within);
        counted.map_err(|_| refused())?;
        let kind = Kind::of(path);
        let mut call = AnonymousCall { connection: Arc::clone(connection), kind, open: None };
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_peer = open.by_peer.get(&(connection.peer(), kind)).copied().unwrap_or(0);
        let is_full = kind == Kind::Stream && open.streams >= self.all_max;
        if is_full || of_peer >= self.of_peer_max {
            return Err(refused());
        }
        open.streams += u32::from(kind == Kind::Stream);
        open.by_peer.insert((connection.peer(), kind), of_peer + 1);
        drop(open);
        call.open = Some(Arc::clone(&self.open));
        Ok(call)
    }
}

impl Drop for AnonymousCall {
    fn drop(&mut self) {
        self.connection.anonymous_calls().fetch_sub(1, Ordering::Relaxed);
        let Some(open) = &self.open else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (self.connection.peer(), self.kind);
        open.streams = open.streams.saturating_sub(u32::from(self.kind == Kind::Stream));
        let left = open.by_peer.get(&key).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            open.by_peer.remove(&key);
        } else {
            open.by_peer.insert(key, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCH: &str = "/grpc.health.v1.Health/Watch";

    fn connection(last: u8) -> Arc<Connection> {
        Arc::new(Connection::detached(IpAddr::from([192, 0, 2, last])))
    }

    #[test]
    fn streams_without_a_credential_are_bounded_and_probes_go_on() {
        let calls = AnonymousCalls::new(3, 2);
        let (one, other, third) = (connection(1), connection(2), connection(3));
        let begin = |connection, path| calls.begin(connection, path);
        let open = [begin(&one, WATCH), begin(&one, WATCH), begin(&other, WATCH)];
        assert!(open.iter().all(Result::is_ok));
        assert!(begin(&one, WATCH).is_err(), "its peer has all that it may have");
        assert!(begin(&third, WATCH).is_err(), "all are taken");
        assert!(begin(&one, PROBE).is_ok() && begin(&third, PROBE).is_ok(), "a probe is answered");
        drop(open);
        assert!(begin(&third, WATCH).is_ok(), "they have ended");
        assert_all_ended(&calls, &[one, other, third]);
    }

    #[test]
    fn probes_that_are_not_read_are_bounded_on_a_connection_and_for_an_address() {
        let calls = AnonymousCalls::new(1, CALLS_PER_CONNECTION_MAX + 1);
        let (one, again, other) = (connection(1), connection(1), connection(2));
        let probe = |connection| calls.begin(connection, PROBE);
        let open: Vec<_> = (0..CALLS_PER_CONNECTION_MAX).map(|_| probe(&one)).collect();
        assert!(open.iter().all(Result::is_ok));
        assert!(probe(&one).is_err(), "a connection has no more of them");
        let last = probe(&again);
        assert!(last.is_ok());
        assert!(probe(&again).is_err(), "an address has no more of them");
        assert!(probe(&other).is_ok(), "another address is answered");
        drop((open, last));
        assert_all_ended(&calls, &[one, again, other]);
    }

    fn assert_all_ended(calls: &AnonymousCalls, connections: &[Arc<Connection>]) {
        let left = calls.open.lock().expect("nobody panicked");
        assert_eq!((left.streams, left.by_peer.len()), (0, 0), "nobody is remembered");
        for connection in connections {
            assert_eq!(connection.anonymous_calls().load(Ordering::Relaxed), 0);
        }
    }
}
