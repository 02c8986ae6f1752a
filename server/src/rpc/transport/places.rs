//! Places among the open connections, in all and by peer, how often a peer may come for one, and who must wait for one. A
//! place is given back when its connection ends, however it ends.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use crate::platform::config::Limits;
use crate::rpc::debts::Debts;

/// Connections between two sweeps for peers who have been quiet.
const CONNECTIONS_BETWEEN_SWEEPS: u64 = 4096;

/// Connections that are open, in all and by peer.
#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
    /// Connections that ever came.
    came: u64,
}

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    open: Arc<Mutex<Open>>,
    /// New connections by peer; as many at once as a peer may have.
    visits: DefaultKeyedRateLimiter<IpAddr>,
    /// What peers owe for connections that had to be ended.
    offences: Arc<Debts>,
    all_max: usize,
    of_peer_max: usize,
}

/// A place among the open connections; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    open: Arc<Mutex<Open>>,
    offences: Arc<Debts>,
    peer: IpAddr,
}

impl Place {
    /// Has the peer owe for a connection that had to be ended for what it did.
    pub(super) fn blame(&self) {
        self.offences.add(self.peer, Instant::now());
    }
}

/// Whom an address stands for: with IPv6 one machine has a whole network of 64 bits, so that its addresses count as one.
#[must_use]
pub fn peer_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)))
        }
        other => other,
    }
}

impl Places {
    pub(super) fn new(limits: &Limits) -> Self {
        let per_second = NonZeroU32::new(limits.connections_per_second_per_peer).unwrap_or(NonZeroU32::MIN);
        let at_once = u32::try_from(limits.connections_per_peer_max).unwrap_or(u32::MAX);
        let quota = Quota::per_second(per_second).allow_burst(NonZeroU32::new(at_once).unwrap_or(per_second));
        Self {
            open: Arc::default(),
            visits: RateLimiter::keyed(quota),
            offences: Arc::new(Debts::of(limits.broken_connections_per_minute_per_peer)),
            all_max: limits.connections_max,
            of_peer_max: limits.connections_per_peer_max,
        }
    }

    /// Whether connections from this address wait before they are given a place: too many were ended for what was done on
    /// them.
    pub(super) fn must_wait(&self, address: IpAddr) -> bool {
        self.offences.wait(peer_of(address), Instant::now()).is_some()
    }

    /// A place for a connection from this address, if there is one.
    pub(super) fn take(&self, address: IpAddr) -> Option<Place> {
        let peer = peer_of(address);
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        counts.came += 1;
        if counts.came.is_multiple_of(CONNECTIONS_BETWEEN_SWEEPS) {
            self.visits.retain_recent();
        }
        self.visits.check_key(&peer).ok()?;
        let of_peer = counts.by_peer.get(&peer).copied().unwrap_or(0);
        if counts.all >= self.all_max || of_peer >= self.of_peer_max {
            return None;
        }
        counts.all += 1;
        counts.by_peer.insert(peer, of_peer + 1);
        Some(Place { open: Arc::clone(&self.open), offences: Arc::clone(&self.offences), peer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = counts.all.saturating_sub(1);
        let left = counts.by_peer.get(&self.peer).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.by_peer.remove(&self.peer);
        } else {
            counts.by_peer.insert(self.peer, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(all_max: usize, of_peer_max: usize, at_once: u32) -> Places {
        let at_once = NonZeroU32::new(at_once).expect("not 0");
        let visits = RateLimiter::keyed(Quota::per_hour(NonZeroU32::MIN).allow_burst(at_once));
        Places { open: Arc::default(), visits, offences: Arc::new(Debts::of(2)), all_max, of_peer_max }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_place_is_given_back_and_nothing_of_a_peer_stays() {
        let places = places(3, 2, 100);
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let first = places.take(one).expect("there is one");
        let second = places.take(one).expect("there is one");
        assert!(places.take(one).is_none(), "the peer has all that are his");
        let third = places.take(other).expect("there is one");
        assert!(places.take(address("192.0.2.3")).is_none(), "all are taken");
        drop(first);
        let again = places.take(one).expect("one was given back");
        drop((second, third, again));
        let open = places.open.lock().expect("nobody panicked");
        assert_eq!((open.all, open.by_peer.len()), (0, 0));
    }

    #[test]
    fn a_peer_that_comes_and_goes_is_kept_out_in_the_end() {
        let places = places(10, 10, 3);
        let one = address("192.0.2.1");
        for _ in 0..3 {
            drop(places.take(one).expect("it may come"));
        }
        assert!(places.take(one).is_none(), "it has come too often");
        assert!(places.take(address("192.0.2.2")).is_some(), "others come as they like");
    }

    #[test]
    fn who_is_blamed_too_often_must_wait() {
        let places = places(10, 10, 100);
        let one = address("192.0.2.1");
        for _ in 0..2 {
            assert!(!places.must_wait(one));
            places.take(one).expect("there is one").blame();
        }
        assert!(places.must_wait(one));
        assert!(places.take(one).is_some(), "it has waited");
        assert!(!places.must_wait(address("192.0.2.2")));
    }

    #[test]
    fn a_machine_with_many_addresses_is_one_peer() {
        for (one, other, is_same) in [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("::1", "::2", false),
        ] {
            assert_eq!(peer_of(address(one)) == peer_of(address(other)), is_same, "{one} and {other}");
        }
    }
}
