//! Bounds on open calls without a credential: streams that anybody may open (watching health, reflection) cost memory for
//! as long as they stay open.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;

use super::transport::Connection;
use crate::platform::Fault;

/// Open calls without a credential on one connection.
const CALLS_PER_CONNECTION_MAX: u32 = 16;
/// When a caller who was refused may come back; nobody knows when a stream ends.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The one call that is bounded on its connection only: it is answered at once, and probes depend on it.
const PROBE: &str = "/grpc.health.v1.Health/Check";

#[derive(Debug, Default)]
struct Open {
    all: u32,
    by_peer: HashMap<IpAddr, u32>,
}

/// Open calls without a credential, and their bounds.
#[derive(Debug)]
pub struct AnonymousCalls {
    open: Arc<Mutex<Open>>,
    all_max: u32,
    of_peer_max: u32,
}

/// An open call; it counts until it is dropped.
pub(super) struct AnonymousCall {
    connection: Arc<Connection>,
    /// None if only its connection counts it.
    open: Option<Arc<Mutex<Open>>>,
}

fn refused() -> Fault {
    Fault { retry_after: Some(RETRY_AFTER), ..Fault::new(ErrorReason::Overloaded) }
}

impl AnonymousCalls {
    /// So many in all, and from one address.
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
        let mut call = AnonymousCall { connection: Arc::clone(connection), open: None };
        if path != PROBE {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let of_peer = open.by_peer.get(&connection.peer()).copied().unwrap_or(0);
            if open.all >= self.all_max || of_peer >= self.of_peer_max {
                return Err(refused());
            }
            open.all += 1;
            open.by_peer.insert(connection.peer(), of_peer + 1);
            call.open = Some(Arc::clone(&self.open));
        }
        Ok(call)
    }
}

impl Drop for AnonymousCall {
    fn drop(&mut self) {
        self.connection.anonymous_calls().fetch_sub(1, Ordering::Relaxed);
        let Some(open) = &self.open else { return };
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        let peer = self.connection.peer();
        open.all = open.all.saturating_sub(1);
        let left = open.by_peer.get(&peer).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            open.by_peer.remove(&peer);
        } else {
            open.by_peer.insert(peer, left);
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
        assert!(begin(&third, PROBE).is_ok(), "a probe is answered");
        drop(open);
        assert!(begin(&third, WATCH).is_ok(), "they have ended");
        let left = calls.open.lock().expect("nobody panicked");
        assert_eq!((left.all, left.by_peer.len()), (0, 0), "nobody is remembered");
        drop(left);
        let probes: Vec<_> = (0..CALLS_PER_CONNECTION_MAX).map(|_| begin(&third, PROBE)).collect();
        assert!(begin(&third, PROBE).is_err(), "a connection has no more of them");
        drop(probes);
        assert_eq!(third.anonymous_calls().load(Ordering::Relaxed), 0);
    }
}
