//! Connection limits: in all, for each peer address, and new connections a second. A slot is released when its
//! connection ends.
//!
//! At a limit, the server evicts a connection that was never authenticated in favour of a new one. Authenticated
//! connections keep their slots, and a recently authenticated address gets a slot at once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics::{counter, gauge};
use tokio::time::Instant;

use crate::net::connection::{AuthenticatedPeers, Connection, lock};
use crate::net::penalty::PenaltyBudget;
use crate::platform::config::Limits;
use crate::platform::metrics::{CONNECTIONS_EVICTED, CONNECTIONS_OPEN, SLOW_READERS_ENDED};

/// Connections between two sweeps that forget inactive peers.
const CONNECTIONS_BETWEEN_SWEEPS: u64 = 4096;

/// Open connections, in all and by peer.
#[derive(Debug, Default)]
struct OpenConnections {
    /// By their serial number.
    all: HashMap<u64, Arc<Connection>>,
    by_peer: HashMap<IpAddr, usize>,
    /// Connections accepted so far.
    accepted: u64,
}

/// The limits of a listener.
#[derive(Debug)]
pub(super) struct ConnectionLimit {
    open: Arc<Mutex<OpenConnections>>,
    /// The rate of new connections by peer; the burst is the connection limit of a peer.
    accept_rate: DefaultKeyedRateLimiter<IpAddr>,
    /// The penalty budget for connections that the server had to close.
    offences: Arc<PenaltyBudget>,
    authenticated_peers: Arc<AuthenticatedPeers>,
    all_max: usize,
    of_peer_max: usize,
    first_call_grace: Duration,
    unread_timeout: Duration,
}

/// A slot among the open connections; released when it is dropped.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    open: Arc<Mutex<OpenConnections>>,
    offences: Arc<PenaltyBudget>,
    id: u64,
    connection: Arc<Connection>,
}

impl ConnectionSlot {
    /// Charges the peer for a connection that the server had to close.
    pub(super) fn record_offence(&self) {
        self.offences.add(self.connection.peer(), Instant::now());
    }

    pub(super) const fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

/// The peer of an address. With IPv6 one machine has a whole /64 network, so its addresses count as one.
#[must_use]
pub fn peer_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)))
        }
        other => other,
    }
}

impl OpenConnections {
    fn of_peer(&self, peer: IpAddr) -> usize {
        self.by_peer.get(&peer).copied().unwrap_or(0)
    }

    /// Releases the slot of a connection, unless that was done before.
    fn remove(&mut self, id: u64) -> Option<Arc<Connection>> {
        let connection = self.all.remove(&id)?;
        gauge!(CONNECTIONS_OPEN).decrement(1);
        let left = self.of_peer(connection.peer()).saturating_sub(1);
        if left == 0 {
            self.by_peer.remove(&connection.peer());
        } else {
            self.by_peer.insert(connection.peer(), left);
        }
        Some(connection)
    }

    /// Closes one of the connections that may be closed: the oldest one of the peer with the most connections.
    fn evict(&mut self, may_end: impl Fn(&Connection) -> bool) -> bool {
        let candidates =
            self.all.iter().filter(|(_, connection)| !connection.is_authenticated() && may_end(connection));
        let chosen = candidates
            .max_by_key(|(id, connection)| (self.of_peer(connection.peer()), std::cmp::Reverse(**id)))
            .map(|(id, _)| *id);
        let Some(evicted) = chosen.and_then(|id| self.remove(id)) else { return false };
        evicted.end();
        counter!(CONNECTIONS_EVICTED).increment(1);
        tracing::debug!(peer = %evicted.peer(), "connection evicted: connection limit reached, and it had no successful call");
        true
    }
}

impl ConnectionLimit {
    pub(super) fn new(limits: &Limits) -> Self {
        let per_second = NonZeroU32::new(limits.connections_per_second_per_peer).unwrap_or(NonZeroU32::MIN);
        let at_once = u32::try_from(limits.connections_per_peer_max).unwrap_or(u32::MAX);
        let quota = Quota::per_second(per_second).allow_burst(NonZeroU32::new(at_once).unwrap_or(per_second));
        Self {
            open: Arc::default(),
            accept_rate: RateLimiter::keyed(quota),
            offences: Arc::new(PenaltyBudget::of(limits.broken_connections_per_minute_per_peer)),
            authenticated_peers: Arc::default(),
            all_max: limits.connections_max,
            of_peer_max: limits.connections_per_peer_max,
            first_call_grace: Duration::from_millis(limits.first_call_grace_ms),
            unread_timeout: Duration::from_millis(limits.unread_timeout_ms),
        }
    }

    /// Whether connections from this address must wait for a slot: too many of them were closed for offences.
    pub(super) fn is_delayed(&self, address: IpAddr) -> bool {
        self.offences.wait(&peer_of(address), Instant::now()).is_some()
    }

    /// A slot for a connection from this address, if one is free or can be freed.
    pub(super) fn take(&self, address: IpAddr) -> Option<ConnectionSlot> {
        self.take_at(address, Instant::now())
    }

    fn take_at(&self, address: IpAddr, now: Instant) -> Option<ConnectionSlot> {
        let peer = peer_of(address);
        let mut open = lock(&self.open);
        open.accepted += 1;
        if open.accepted.is_multiple_of(CONNECTIONS_BETWEEN_SWEEPS) {
            self.accept_rate.retain_recent();
        }
        self.accept_rate.check_key(&peer).ok()?;
        let has_had_time =
            |other: &Connection| now.saturating_duration_since(other.opened_at()) >= self.first_call_grace;
        if open.of_peer(peer) >= self.of_peer_max
            && !open.evict(|other| other.peer() == peer && has_had_time(other))
        {
            return None;
        }
        let is_authenticated = self.authenticated_peers.contains(peer, now);
        let gives_way =
            |other: &Connection| is_authenticated && !self.authenticated_peers.contains(other.peer(), now);
        if open.all.len() >= self.all_max && !open.evict(|other| has_had_time(other) || gives_way(other)) {
            return None;
        }
        let (id, of_peer) = (open.accepted, open.of_peer(peer));
        let connection = Arc::new(Connection::new(peer, now, Arc::clone(&self.authenticated_peers)));
        open.all.insert(id, Arc::clone(&connection));
        gauge!(CONNECTIONS_OPEN).increment(1);
        open.by_peer.insert(peer, of_peer + 1);
        Some(ConnectionSlot {
            open: Arc::clone(&self.open),
            offences: Arc::clone(&self.offences),
            id,
            connection,
        })
    }

    /// Closes the connections whose peers do not read.
    pub(super) fn end_stalled(&self) {
        self.end_stalled_at(Instant::now());
    }

    fn end_stalled_at(&self, now: Instant) {
        let mut open = lock(&self.open);
        let is_stalled = |connection: &Connection| connection.is_stalled(now, self.unread_timeout);
        let stalled: Vec<u64> =
            open.all.iter().filter(|(_, one)| is_stalled(one)).map(|(id, _)| *id).collect();
        if stalled.is_empty() {
            return;
        }
        for connection in stalled.iter().filter_map(|id| open.remove(*id)) {
            connection.end();
        }
        let count = stalled.len();
        counter!(SLOW_READERS_ENDED).increment(count as u64);
        let timeout_ms = u64::try_from(self.unread_timeout.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(count, timeout_ms, "connections closed: peers do not read responses");
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        if self.connection.is_authenticated() {
            self.connection.remember_peer();
        }
        lock(&self.open).remove(self.id);
    }
}

#[cfg(test)]
mod tests;
