//! An open connection as the server knows it: its peer, whether a valid credential was ever sent on it, and its unread
//! responses. The listener closes a connection through this.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// How long an address counts as known after its last authenticated connection.
const AUTHENTICATED_PEER_TTL: Duration = Duration::from_hours(1);
/// Known addresses that are remembered; the oldest entries are dropped first.
const AUTHENTICATED_PEERS_MAX: usize = 4096;

/// The mutex is still valid after a panic elsewhere, because its value is consistent after every statement.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Addresses that sent a valid credential recently.
#[derive(Debug, Default)]
pub(super) struct AuthenticatedPeers(Mutex<HashMap<IpAddr, Instant>>);

impl AuthenticatedPeers {
    pub(super) fn remember(&self, peer: IpAddr, now: Instant) {
        let mut seen = lock(&self.0);
        if seen.len() >= AUTHENTICATED_PEERS_MAX && !seen.contains_key(&peer) {
            seen.retain(|_, at| now.saturating_duration_since(*at) < AUTHENTICATED_PEER_TTL);
            let oldest = seen.iter().min_by_key(|(_, at)| **at).map(|(peer, _)| *peer);
            if let Some(oldest) = oldest.filter(|_| seen.len() >= AUTHENTICATED_PEERS_MAX) {
                seen.remove(&oldest);
            }
        }
        seen.insert(peer, now);
    }

    pub(super) fn contains(&self, peer: IpAddr, now: Instant) -> bool {
        lock(&self.0).get(&peer).is_some_and(|at| now.saturating_duration_since(*at) < AUTHENTICATED_PEER_TTL)
    }
}

/// The unread part of one response.
#[derive(Debug)]
struct Unread {
    bytes: usize,
    /// When the peer last took bytes, or when there were bytes to take again.
    moved_at: Instant,
}

#[derive(Debug, Default)]
struct Responses {
    next_id: u64,
    unread: HashMap<u64, Arc<Mutex<Unread>>>,
    bytes: usize,
}

/// An open connection, shared by its calls, its socket and the listener.
#[derive(Debug)]
pub struct Connection {
    peer: IpAddr,
    opened_at: Instant,
    is_authenticated: AtomicBool,
    authenticated_peers: Arc<AuthenticatedPeers>,
    is_ended: AtomicBool,
    /// The task that reads and writes the socket.
    task: AtomicWaker,
    /// Since when the socket has accepted no bytes.
    blocked_since: Mutex<Option<Instant>>,
    responses: Mutex<Responses>,
    anonymous_calls: AtomicU32,
}

impl Connection {
    pub(super) fn new(
        peer: IpAddr,
        opened_at: Instant,
        authenticated_peers: Arc<AuthenticatedPeers>,
    ) -> Self {
        Self {
            peer,
            opened_at,
            is_authenticated: AtomicBool::new(false),
            authenticated_peers,
            is_ended: AtomicBool::new(false),
            task: AtomicWaker::new(),
            blocked_since: Mutex::default(),
            responses: Mutex::default(),
            anonymous_calls: AtomicU32::new(0),
        }
    }

    /// A connection without a listener, for tests.
    #[cfg(test)]
    pub(crate) fn detached(peer: IpAddr) -> Self {
        Self::new(peer, Instant::now(), Arc::default())
    }

    /// The address that the connection is counted for.
    #[must_use]
    pub const fn peer(&self) -> IpAddr {
        self.peer
    }

    pub(super) const fn opened_at(&self) -> Instant {
        self.opened_at
    }

    /// Whether a valid credential was sent on this connection.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.is_authenticated.load(Ordering::Relaxed)
    }

    /// Records that a valid credential was sent on this connection. It then keeps its slot if slots run short.
    pub fn mark_authenticated(&self) {
        if !self.is_authenticated.swap(true, Ordering::Relaxed) {
            self.remember_peer();
        }
    }

    pub(super) fn remember_peer(&self) {
        self.authenticated_peers.remember(self.peer, Instant::now());
    }

    /// The number of calls without a credential that are open on this connection.
    #[must_use]
    pub const fn anonymous_calls(&self) -> &AtomicU32 {
        &self.anonymous_calls
    }

    /// Bytes of responses that wait to be sent on this connection.
    #[must_use]
    pub fn unsent_bytes(&self) -> usize {
        lock(&self.responses).bytes
    }

    /// Starts to track how a response is read.
    #[must_use]
    pub fn follow(self: &Arc<Self>) -> UnreadResponse {
        let unread = Arc::new(Mutex::new(Unread { bytes: 0, moved_at: Instant::now() }));
        let mut responses = lock(&self.responses);
        let id = responses.next_id;
        responses.next_id += 1;
        responses.unread.insert(id, Arc::clone(&unread));
        drop(responses);
        UnreadResponse { connection: Arc::clone(self), id, unread }
    }

    /// Closes the connection: its socket fails at the next read or write, which happens at once.
    pub(super) fn end(&self) {
        self.is_ended.store(true, Ordering::Release);
        self.task.wake();
    }

    /// Whether the connection was closed; otherwise wakes the task when it is.
    pub(super) fn poll_ended(&self, cx: &Context<'_>) -> Poll<()> {
        self.task.register(cx.waker());
        if self.is_ended.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Records whether the socket accepts written bytes.
    pub(super) fn note_write(&self, is_blocked: bool) {
        let mut since = lock(&self.blocked_since);
        match (is_blocked, *since) {
            (true, None) => *since = Some(Instant::now()),
            (false, Some(_)) => *since = None,
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Whether the peer has left a response, or everything, unread for this long.
    pub(super) fn is_stalled(&self, now: Instant, timeout: Duration) -> bool {
        let is_late = |since: Instant| now.saturating_duration_since(since) >= timeout;
        if lock(&self.blocked_since).is_some_and(is_late) {
            return true;
        }
        let responses = lock(&self.responses);
        responses.unread.values().any(|unread| {
            let unread = lock(unread);
            unread.bytes > 0 && is_late(unread.moved_at)
        })
    }
}

/// Tracks how one response is read, for as long as any of it is buffered.
#[derive(Debug)]
pub struct UnreadResponse {
    connection: Arc<Connection>,
    id: u64,
    unread: Arc<Mutex<Unread>>,
}

impl UnreadResponse {
    /// The connection that the response belongs to.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Counts bytes that wait to be sent.
    pub fn add(&self, bytes: usize) {
        lock(&self.connection.responses).bytes += bytes;
        let mut unread = lock(&self.unread);
        if unread.bytes == 0 {
            unread.moved_at = Instant::now();
        }
        unread.bytes += bytes;
    }

    /// Counts bytes that were sent, or never will be.
    pub fn take(&self, bytes: usize) {
        let mut responses = lock(&self.connection.responses);
        responses.bytes = responses.bytes.saturating_sub(bytes);
        drop(responses);
        let mut unread = lock(&self.unread);
        unread.bytes = unread.bytes.saturating_sub(bytes);
        unread.moved_at = Instant::now();
    }
}

impl Drop for UnreadResponse {
    fn drop(&mut self) {
        lock(&self.connection.responses).unread.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const TIMEOUT: Duration = Duration::from_secs(30);

    fn connection() -> Arc<Connection> {
        Arc::new(Connection::detached(PEER))
    }

    #[test]
    fn a_response_that_nobody_reads_stalls_its_connection() {
        let connection = connection();
        let (idle, slow) = (connection.follow(), connection.follow());
        slow.add(100);
        let late = Instant::now() + TIMEOUT;
        assert!(!connection.is_stalled(Instant::now(), TIMEOUT), "it still has time");
        assert!(connection.is_stalled(late, TIMEOUT));
        slow.take(1);
        assert!(!connection.is_stalled(late - TIMEOUT / 2, TIMEOUT), "some was read meanwhile");
        slow.take(99);
        assert!(!connection.is_stalled(late + TIMEOUT, TIMEOUT), "all was read");
        assert_eq!(connection.unsent_bytes(), 0);
        drop((slow, idle));
        assert!(lock(&connection.responses).unread.is_empty());
    }

    #[test]
    fn a_socket_that_takes_nothing_stalls_its_connection() {
        let connection = connection();
        connection.note_write(true);
        let late = Instant::now() + TIMEOUT;
        connection.note_write(true);
        assert!(connection.is_stalled(late, TIMEOUT), "the first failed write counts");
        connection.note_write(false);
        assert!(!connection.is_stalled(late, TIMEOUT));
    }

    #[test]
    fn a_peer_is_known_for_a_while_and_their_number_is_bounded() {
        let (known, mut now) = (AuthenticatedPeers::default(), Instant::now());
        known.remember(PEER, now);
        assert!(known.contains(PEER, now));
        now += AUTHENTICATED_PEER_TTL;
        assert!(!known.contains(PEER, now));
        for number in 0..=AUTHENTICATED_PEERS_MAX {
            let number = u32::try_from(number).expect("a small number");
            now += Duration::from_millis(1);
            known.remember(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        assert_eq!(lock(&known.0).len(), AUTHENTICATED_PEERS_MAX);
        assert!(!known.contains(IpAddr::V4(Ipv4Addr::from_bits(0)), now), "the oldest is gone");
    }
}
